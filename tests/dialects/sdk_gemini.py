"""
Makes films and stills with Google's own SDK, as an answer of a chat: `sdk_gemini.py URL KEY`.

Prints one JSON object: the ids, the bytes of a still as SHA-256, and what was refused.
"""

import asyncio
import hashlib
import json
import sys
from typing import Any

from google import genai  # type: ignore[import-not-found]
from google.genai import errors, types  # type: ignore[import-not-found]

PROMPT = "a kite over the sea, 风筝"
CONFIG = {
    "image_config": {"aspect_ratio": "9:16"},
    "http_options": {"extra_body": {"generationConfig": {"seconds": "4"}}},
}


def film(answer: Any) -> str:
    """The id of a film."""
    (candidate,) = answer.candidates
    said, linked = candidate.content.parts
    assert candidate.finish_reason == types.FinishReason.STOP
    assert linked.file_data.mime_type == "video/mp4"
    assert linked.file_data.file_uri in said.text
    assert answer.usage_metadata.total_token_count == 0
    return str(answer.response_id)


def still(answer: Any) -> str:
    """The bytes of a still."""
    (part,) = answer.candidates[0].content.parts
    assert part.inline_data.mime_type == "image/png"
    return hashlib.sha256(part.inline_data.data).hexdigest()


def streamed(client: Any, model: str) -> Any:
    *before, last = client.models.generate_content_stream(model=model, contents=PROMPT)
    lines = [part.text for one in before for part in one.candidates[0].content.parts]
    assert lines[0] == "Queued.\n"
    assert all(part.thought for one in before for part in one.candidates[0].content.parts)
    return last


async def waited(client: Any) -> str:
    stream = await client.aio.models.generate_content_stream(model="sora-2", contents=PROMPT)
    *_, last = [one async for one in stream]
    film(last)
    return film(await client.aio.models.generate_content(model="sora-2", contents=PROMPT))


def refused(client: Any) -> list[str]:
    said = []
    for model, config in (
        ("sora-2", {"image_config": {"aspect_ratio": "1:1"}}),
        ("sora-2", {"response_mime_type": "text/plain"}),
        ("gemini", {}),
    ):
        try:
            client.models.generate_content(model=model, contents=PROMPT, config=config)
        except errors.ClientError as error:
            said.append(f"{error.code} {error.status} {error.message}")
    return said


def main(url: str, key: str) -> None:
    client = genai.Client(api_key=key, http_options={"base_url": url, "api_version": "v1beta"})
    made = [
        film(client.models.generate_content(model="sora-2", contents=PROMPT, config=CONFIG)),
        film(streamed(client, "sora-2")),
        asyncio.run(waited(client)),
    ]
    stills = [
        still(client.models.generate_content(model="gpt-image-2", contents=PROMPT)),
        still(streamed(client, "gpt-image-2")),
    ]
    names = [model.name for model in client.models.list(config={"page_size": 1})]
    assert client.models.get(model="sora-2").name == "models/sora-2"
    sys.stdout.write(
        json.dumps({"made": made, "stills": stills, "names": names, "refused": refused(client)})
    )


main(*sys.argv[1:])
