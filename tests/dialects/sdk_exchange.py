"""
What people do with the official SDK, against a real server: `URL KEY IMAGE`.

Run by `test_openai_sdk.py` with each SDK that we promise to serve, so it uses
nothing but the SDK and the standard library. Only base URL and key are ours.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI

PROMPT = "a kite over the sea"
FILMS = 60  #: in the list that is read page by page
SOON = 50  #: milliseconds between polls
KEYS: dict[str, tuple[type | None, ...]] = {
    "id": (str,),
    "object": (str,),
    "model": (str,),
    "status": (str,),
    "progress": (int,),
    "created_at": (int,),
    "completed_at": (int, None),
    "expires_at": (int, None),
    "prompt": (str,),
    "size": (str,),
    "seconds": (str,),
    "remixed_from_video_id": (None,),
    "error": (None,),
    "engine": (str,),
    "url": (str, None),
    "metadata": (dict,),
    "filmgate": (dict,),
}


def main() -> None:
    url, key, image = sys.argv[1:4]
    client = OpenAI(base_url=f"{url}/v1", api_key=key)
    film = polling(client)
    the_object(client, film)
    creating_in_every_way(client, Path(image))
    downloading(client, film)
    models(client)
    mistakes(client)
    wrong_key(url)
    asyncio.run(the_same_without_blocking(AsyncOpenAI(base_url=f"{url}/v1", api_key=key)))
    deleting(client, film)
    paging(client)


def creating_in_every_way(client: OpenAI, image: Path) -> None:
    create, data = client.videos.create, image.read_bytes()
    plain = create(prompt=PROMPT)
    assert (plain.model, plain.size, plain.seconds) == ("sora-2", "720x1280", "4")
    assert plain.status in ("queued", "in_progress")
    assert plain.prompt == PROMPT

    shaped = create(prompt=PROMPT, size="1280x720", seconds="8")
    assert (shaped.size, shaped.seconds) == ("1280x720", "8")

    with image.open("rb") as file:
        opened = create(prompt=PROMPT, input_reference=file)
    link = "data:image/png;base64," + base64.b64encode(data).decode()
    nested = {"input_reference": {"image_url": link}}
    as_json = {"content-type": "application/json"}
    made = (
        plain,
        shaped,
        opened,
        create(prompt=PROMPT, input_reference=("first.png", data, "image/png")),
        create(prompt=PROMPT, input_reference=data),
        create(prompt=PROMPT, extra_body=nested),
        create(prompt=PROMPT, extra_body=nested, extra_headers=as_json),
    )
    for video in made:
        client.videos.delete(video.id)


def polling(client: OpenAI) -> str:
    video = client.videos.create_and_poll(prompt=PROMPT, poll_interval_ms=SOON)
    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    assert client.videos.retrieve(video.id) == video
    return video.id


def the_object(client: OpenAI, film: str) -> None:
    raw = client.videos.with_raw_response
    begun = raw.create(prompt=PROMPT, model="sora-2-pro")
    finished = raw.retrieve(film)
    client.videos.delete(begun.parse().id)

    for answer in (begun, finished):
        video: dict[str, Any] = json.loads(answer.text)
        assert video.keys() == KEYS.keys()
        for name, kinds in KEYS.items():
            value = video[name]
            assert (None if value is None else type(value)) in kinds, (name, value)
        assert video["object"] == "video"
        assert answer.headers["x-request-id"].startswith("req_")
    assert int(begun.headers["openai-poll-after-ms"]) >= 100
    done = json.loads(finished.text)
    assert done["created_at"] <= done["completed_at"] < done["expires_at"]


def downloading(client: OpenAI, film: str) -> None:
    whole = client.videos.download_content(film).read()
    assert whole[4:8] == b"ftyp"
    thumbnail = client.videos.download_content(film, variant="thumbnail")
    assert thumbnail.content[:4] == b"RIFF"
    assert thumbnail.content[8:12] == b"WEBP"
    sheet = b"".join(client.videos.download_content(film, variant="spritesheet").iter_bytes())
    assert sheet[:3] == b"\xff\xd8\xff"
    with client.videos.with_streaming_response.download_content(film) as answer:
        assert answer.headers["content-type"] == "video/mp4"
        assert b"".join(answer.iter_bytes(1 << 14)) == whole


def models(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert {"sora-2", "sora-2-pro", "previs-1"} <= set(names)
    own = names[: names.index("gpt-image")]  # sora2api's come after them
    assert own == sorted(own)
    model = client.models.retrieve("sora-2")
    assert (model.id, model.object, model.owned_by) == ("sora-2", "model", "standin")
    error = refused(openai.NotFoundError, lambda: client.models.retrieve("dall-e-9"))
    assert (error.param, error.code) == ("model", "model_not_found")


def mistakes(client: OpenAI) -> None:
    create, retrieve = client.videos.create, client.videos.retrieve
    bad: Any = "5"
    error = refused(openai.BadRequestError, lambda: create(prompt=PROMPT, seconds=bad))
    assert (error.param, error.code) == ("seconds", "invalid_value")
    assert error.type == "invalid_request_error"
    assert "'4', '8', '12', '16', and '20'" in error.message
    error = refused(openai.BadRequestError, lambda: create(prompt=" "))
    assert error.param == "prompt"
    error = refused(openai.BadRequestError, lambda: create(prompt=PROMPT, input_reference=b"x"))
    assert (error.param, error.code) == ("input_reference", "invalid_image")
    error = refused(openai.NotFoundError, lambda: create(prompt=PROMPT, model="no-such"))
    assert (error.param, error.code) == ("model", "model_not_found")
    refused(openai.NotFoundError, lambda: retrieve("video_none"))
    refused(openai.NotFoundError, lambda: client.videos.download_content("video_none"))


def wrong_key(url: str) -> None:
    stranger = OpenAI(base_url=f"{url}/v1", api_key="sk-nobody")
    error = refused(openai.AuthenticationError, lambda: stranger.videos.create(prompt=PROMPT))
    assert (error.param, error.code) == (None, "invalid_api_key")


async def the_same_without_blocking(client: AsyncOpenAI) -> None:
    async with client:
        made = await client.videos.create(prompt=PROMPT, seconds="12")
        assert made.seconds == "12"
        video = await client.videos.poll(made.id)  # as often as the server says
        assert video.status == "completed"
        assert (await client.videos.retrieve(made.id)).id == made.id
        content = await client.videos.download_content(made.id)
        assert (await content.aread())[4:8] == b"ftyp"
        assert made.id in [video.id async for video in client.videos.list(limit=3)]


def deleting(client: OpenAI, film: str) -> None:
    answer = client.videos.delete(film)
    assert (answer.id, answer.object, answer.deleted) == (film, "video.deleted", True)
    for call in (client.videos.retrieve, client.videos.delete, client.videos.download_content):
        refused(openai.NotFoundError, lambda call=call: call(film))
    for video in client.videos.list(limit=100):
        client.videos.delete(video.id)
    assert client.videos.list().data == []


def paging(client: OpenAI) -> None:
    """Of films that never end, so that sixty need not be made."""
    made = [client.videos.create(prompt=PROMPT, model="sora-2-pro").id for _ in range(FILMS)]

    oldest = [video.id for video in client.videos.list(limit=7, order="asc")]
    newest = [video.id for video in client.videos.list(limit=7)]

    assert oldest == made
    assert newest == made[::-1]
    page = client.videos.list(limit=7)
    assert (len(page.data), page.has_more) == (7, True)
    assert page.last_id == page.data[-1].id
    last = client.videos.list(limit=7, order="asc", after=made[-8])
    assert ([video.id for video in last.data], last.has_more) == (made[-7:], False)
    assert client.videos.list(after="video_none").data == []
    assert client.videos.list(limit=0).data == []
    for video_id in made:
        client.videos.delete(video_id)


def refused(kind: type[openai.APIStatusError], call: Any) -> Any:
    """The error of that kind that *call* raises, at its first try."""
    found = None
    try:
        call()
    except kind as error:
        found = error
    assert found is not None, f"{kind.__name__} was not raised"
    assert found.request_id is not None
    assert found.request_id.startswith("req_")
    assert found.response.request.headers["x-stainless-retry-count"] == "0"
    return found


if __name__ == "__main__":
    main()
