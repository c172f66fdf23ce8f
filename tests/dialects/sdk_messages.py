"""
Makes films and stills with Anthropic's own SDK: `sdk_messages.py URL KEY`.

Prints one JSON object: the structured field of each, and what was refused.
"""

import asyncio
import json
import sys
from typing import Any

import anthropic  # type: ignore[import-not-found]

FILM: dict[str, Any] = {
    "model": "sora-2",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "a kite over the sea, 风筝"}],
    "extra_body": {"seconds": "4", "size": "720x1280"},
}
STILL: dict[str, Any] = {
    "model": "gpt-image-2",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "a kite"}]}],
}


def checked(message: Any, model: str) -> Any:
    """The structured field of a whole message."""
    assert (message.type, message.role, message.model) == ("message", "assistant", model)
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 0)
    assert message._request_id.startswith("req_")
    block = message.content[-1]
    assert block.filmgate["url"] in block.text
    return block.filmgate


def streamed(client: Any, asked: dict[str, Any]) -> Any:
    """The same of a stream, by the SDK's own way of putting its events together."""
    with client.messages.stream(**asked) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_message()
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert {"content_block_start", "thinking", "text", "message_delta"} <= set(kinds)
    thought, said = message.content
    assert "Queued." in thought.thinking
    assert said.filmgate["url"] in said.text
    assert message.stop_reason == "end_turn"
    return said.filmgate


async def waited(url: str, key: str) -> Any:
    async with anthropic.AsyncAnthropic(base_url=url, auth_token=key) as client:
        async with client.messages.stream(**STILL) as stream:
            text = "".join([piece async for piece in stream.text_stream])
        assert text.startswith("![image_")
        return checked(await client.messages.create(**FILM), "sora-2")


def refused(url: str, key: str) -> list[str]:
    client = anthropic.Anthropic(base_url=url, api_key=key)
    said = []
    for kind, asked in (
        (anthropic.BadRequestError, FILM | {"extra_body": {"seconds": "5"}}),
        (anthropic.BadRequestError, FILM | {"tools": [{"name": "a", "input_schema": {}}]}),
        (anthropic.NotFoundError, FILM | {"model": "claude"}),
    ):
        try:
            client.messages.create(**asked)
        except kind as error:
            said.append(error.body["error"]["message"])
    stranger = anthropic.Anthropic(base_url=url, api_key="fg-nobody-has-this")
    try:
        stranger.messages.create(**FILM)
    except anthropic.AuthenticationError as error:
        said.append(error.body["error"]["type"])
    return said


def main(url: str, key: str) -> None:
    client = anthropic.Anthropic(base_url=url, api_key=key)
    made = [
        checked(client.messages.create(**FILM), "sora-2"),
        checked(client.messages.create(**STILL), "gpt-image-2"),
        streamed(client, FILM),
        streamed(client, STILL),
        asyncio.run(waited(url, key)),
    ]
    sys.stdout.write(json.dumps({"made": made, "refused": refused(url, key)}))


main(*sys.argv[1:])
