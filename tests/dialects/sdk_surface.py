"""
Every method of the official SDK that filmgate answers: `URL KEY FILM [FORM…]`.

Run by `test_sdk_surface.py` with each SDK that we promise to serve, against a real server
whose `sora-2` is instant and whose `sora-2-pro` never ends. The same exchange is had up to
six times: by the blocking client and the other, each with plain, raw and streaming answers,
or with those of these that are named. With all of them the other client has plain answers
alone: what it sends is the same. It prints what the SDK offers and what was called.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI

from dialects.sdk_ways import FORMS, Ways, everything, offered, png, ready, sound
from dialects.sdk_webhooks import webhooks

PROMPT = "a kite over the sea"
SOON = 50  #: milliseconds between polls
SIDE = 256
SMALL = f"{SIDE}x{SIDE}"
STILL = {"prompt": PROMPT, "size": SMALL}
KINDS = {"png": b"\x89PNG", "webp": b"RIFF", "jpeg": b"\xff\xd8\xff"}


async def main() -> None:
    url, key, film, *forms = sys.argv[1:]
    summary: dict[str, Any] = {"sdk": openai.__version__, "ways": {}}
    for kind in (OpenAI, AsyncOpenAI):
        usual = FORMS if kind is OpenAI else FORMS[:1]
        for form in forms or usual:
            client = kind(base_url=f"{url}/v1", api_key=key, max_retries=0)
            ways, begun = Ways(client, form), time.monotonic()
            await exchange(ways, Path(film).read_bytes())
            await ready(client.close())
            summary["ways"][f"{kind.__name__}, {form}"] = {
                "not called": sorted(offered(client) - ways.called),
                "called": sorted(ways.called),
                "seconds": round(time.monotonic() - begun, 1),
            }
    sys.stdout.write(json.dumps(summary))


async def exchange(ways: Ways, film: bytes) -> None:
    await videos(ways)
    await derived_videos(ways, film)
    await files(ways)
    await uploads(ways)
    await batches(ways)
    await images(ways)
    await streamed_images(ways)
    await models(ways)
    await moderations(ways)
    await webhooks(ways)


async def videos(ways: Ways) -> None:
    made = await ways("videos.create", prompt=PROMPT, size="1280x720", seconds="8")
    assert (made.model, made.size, made.seconds) == ("sora-2", "1280x720", "8")
    assert (made.object, made.prompt) == ("video", PROMPT)
    done = await ways("videos.poll", made.id, poll_interval_ms=SOON)
    assert (done.id, done.status, done.progress) == (made.id, "completed", 100)
    again = await ways("videos.retrieve", made.id)
    assert (again.status, again.completed_at) == ("completed", done.completed_at)
    still = ("first.png", png(720, 1280), "image/png")
    polled = await ways(
        "videos.create_and_poll", prompt=PROMPT, input_reference=still, poll_interval_ms=SOON
    )
    assert (polled.status, polled.error) == ("completed", None)

    assert (await ways.content("videos.download_content", made.id))[4:8] == b"ftyp"
    for variant, start in (("thumbnail", b"RIFF"), ("spritesheet", KINDS["jpeg"])):
        content = await ways.content("videos.download_content", made.id, variant=variant)
        assert content.startswith(start), variant

    more = [(await ways("videos.create", prompt=PROMPT)).id for _ in range(3)]
    every = [made.id, polled.id, *more]
    listed = await ways.all("videos.list", limit=2, order="asc")
    assert [video.id for video in listed if video.id in every] == every
    newest = await ways.all("videos.list", limit=2)
    assert [video.id for video in newest] == [video.id for video in listed][::-1]

    for video_id in more:
        gone = await ways("videos.delete", video_id)
        assert (gone.id, gone.object, gone.deleted) == (video_id, "video.deleted", True)
    await ways.refused(openai.NotFoundError, "videos.retrieve", more[0])


async def derived_videos(ways: Ways, film: bytes) -> None:
    """In this SDK an object in place of a file goes through `extra_body`."""
    source = await ways(
        "videos.create_and_poll",
        prompt=PROMPT,
        size="1280x720",
        seconds="8",
        poll_interval_ms=SOON,
    )
    by_id: dict[str, Any] = {"video": openai.omit, "extra_body": {"video": {"id": source.id}}}
    sent: dict[str, Any] = {
        "video": ("film.mp4", film, "video/mp4"),
        "extra_body": {"model": "sora-2"},
    }

    remix = await ways("videos.remix", source.id, prompt="the same at night")
    assert (remix.remixed_from_video_id, remix.prompt) == (source.id, "the same at night")
    edit = await ways("videos.edit", prompt="in the rain", **by_id)
    for derived in (remix, edit):
        assert (derived.model, derived.size, derived.seconds) == ("sora-2", "1280x720", "8")
    longer = await ways("videos.extend", prompt="it flies on", seconds="4", **by_id)
    assert (longer.model, longer.seconds) == ("sora-2", "12")
    sent_edit = await ways("videos.edit", prompt="in the snow", **sent)
    sent_longer = await ways("videos.extend", prompt="it lands", seconds="4", **sent)

    ada = await ways("videos.create_character", name="Ada", video=sent["video"])
    assert ada.id.startswith("char_")
    found = await ways("videos.get_character", ada.id)
    assert (found.id, found.name, found.created_at) == (ada.id, "Ada", ada.created_at)
    with_ada = await ways(
        "videos.create",
        prompt="Ada flies a kite",
        extra_body={"characters": [{"id": ada.id}]},
    )
    for made in (remix, edit, longer, sent_edit, sent_longer, with_ada):
        done = await ways("videos.poll", made.id, poll_interval_ms=SOON)
        assert (done.id, done.status, done.error) == (made.id, "completed", None)


async def files(ways: Ways) -> None:
    made = []
    for number in range(5):
        content = b"line\n" * (number + 1)
        file = await ways(
            "files.create",
            file=(f"{number}.txt", content),
            purpose="user_data",
            expires_after={"anchor": "created_at", "seconds": 3600},
        )
        assert (file.object, file.filename, file.bytes) == (
            "file",
            f"{number}.txt",
            len(content),
        )
        assert (file.purpose, file.expires_at) == ("user_data", file.created_at + 3600)
        made.append(file.id)
    other = await ways("files.create", file=b"{}", purpose="batch")

    ended = await ways(
        "files.wait_for_processing", made[0], poll_interval=0.05, max_wait_seconds=5
    )
    assert ended.status == "processed"
    assert (await ways("files.retrieve", made[1])).filename == "1.txt"
    assert await ways.content("files.content", made[1]) == b"line\n" * 2
    # Deprecated, and for JSON and text alone; but it is there.
    assert await ways("files.retrieve_content", made[1]) == "line\n" * 2

    listed = [
        file.id
        for file in await ways.all("files.list", limit=2, order="asc", purpose="user_data")
    ]
    assert [file_id for file_id in listed if file_id in made] == made
    assert other.id not in listed
    for file_id in (*made, other.id):
        gone = await ways("files.delete", file_id)
        assert (gone.id, gone.object, gone.deleted) == (file_id, "file", True)
    await ways.refused(openai.NotFoundError, "files.retrieve", other.id)


async def uploads(ways: Ways) -> None:
    about: dict[str, Any] = {"mime_type": "text/plain", "purpose": "user_data"}
    upload = await ways("uploads.create", bytes=6, filename="parts.txt", **about)
    assert (upload.object, upload.status, upload.bytes) == ("upload", "pending", 6)
    assert upload.expires_at > upload.created_at
    parts = [
        await ways("uploads.parts.create", upload.id, data=data) for data in (b"two", b"one")
    ]
    assert [part.upload_id for part in parts] == [upload.id] * 2
    whole = await ways(
        "uploads.complete", upload.id, part_ids=[part.id for part in parts[::-1]]
    )
    assert (whole.status, whole.file.filename, whole.file.bytes) == (
        "completed",
        "parts.txt",
        6,
    )
    assert await ways.content("files.content", whole.file.id) == b"onetwo"

    given_up = await ways("uploads.create", bytes=6, filename="parts.txt", **about)
    assert (await ways("uploads.cancel", given_up.id)).status == "cancelled"

    content = bytes(range(256)) * 10
    chunked = await ways(
        "uploads.upload_file_chunked",
        file=content,
        filename="chunks.bin",
        bytes=len(content),
        part_size=1000,
        **about,
    )
    assert await ways.content("files.content", chunked.file.id) == content
    for file in (whole.file, chunked.file):
        await ways("files.delete", file.id)


async def batches(ways: Ways) -> None:
    bodies = [{"prompt": PROMPT}, {"prompt": PROMPT, "seconds": "8"}, {"seconds": "8"}]
    batch = await new_batch(ways, bodies, metadata={"film": "one"})
    assert (batch.object, batch.endpoint) == ("batch", "/v1/videos")
    assert (batch.completion_window, batch.metadata) == ("24h", {"film": "one"})
    done = await ended(ways, batch.id)
    counts = done.request_counts
    assert done.status == "completed"
    assert (counts.total, counts.completed, counts.failed) == (3, 2, 1)
    lines = await json_lines(ways, done.output_file_id)
    assert {line["custom_id"] for line in lines} == {"shot-0", "shot-1"}
    for line in lines:
        assert line["response"]["status_code"] == 200
        assert line["response"]["body"]["status"] == "completed"
    (wrong,) = await json_lines(ways, done.error_file_id)
    assert wrong["custom_id"] == "shot-2"
    assert "prompt" in json.dumps(wrong)

    endless = await new_batch(ways, [{"prompt": PROMPT, "model": "sora-2-pro"}])
    stopped = await ways("batches.cancel", endless.id)
    assert stopped.status in ("cancelling", "cancelled")
    assert (await ended(ways, endless.id)).status == "cancelled"

    listed = [batch.id for batch in await ways.all("batches.list", limit=1)]
    assert listed[:2] == [endless.id, batch.id]


async def new_batch(ways: Ways, bodies: list[dict[str, str]], **more: Any) -> Any:
    text = "\n".join(
        json.dumps(
            {"custom_id": f"shot-{n}", "method": "POST", "url": "/v1/videos", "body": body}
        )
        for n, body in enumerate(bodies)
    )
    file = await ways("files.create", file=("shots.jsonl", text.encode()), purpose="batch")
    return await ways(
        "batches.create",
        input_file_id=file.id,
        endpoint="/v1/videos",
        completion_window="24h",
        **more,
    )


async def ended(ways: Ways, batch_id: str) -> Any:
    for _ in range(600):
        batch = await ways("batches.retrieve", batch_id)
        if batch.status in ("completed", "failed", "expired", "cancelled"):
            return batch
        await asyncio.sleep(SOON / 1000)
    message = f"the batch is {batch.status} for ever"
    raise AssertionError(message)


async def json_lines(ways: Ways, file_id: str) -> list[Any]:
    content = await ways.content("files.content", file_id)
    return [json.loads(line) for line in content.splitlines()]


async def images(ways: Ways) -> None:
    generate: dict[str, Any] = STILL | {"response_format": "b64_json"}
    two = await ways("images.generate", n=2, **generate)
    assert two.created > 0
    assert [kind_of(image) for image in two.data] == ["png", "png"]
    for kind in ("webp", "jpeg"):
        made = await ways("images.generate", output_format=kind, **generate)
        assert [kind_of(image) for image in made.data] == [kind]
    linked = await ways("images.generate", **generate | {"response_format": "url"})
    assert without_key(linked.data[0].url).startswith(KINDS["png"])

    picture, mask = ("a.png", png(SIDE, SIDE)), ("mask.png", png(SIDE, SIDE, alpha=True))
    edit = generate | {"prompt": "in the rain"}
    masked = await ways("images.edit", image=picture, mask=mask, **edit)
    joined = await ways("images.edit", image=[picture, ("b.png", png(SIDE, 64))], **edit)
    vary = {name: value for name, value in generate.items() if name != "prompt"}
    varied = await ways("images.create_variation", image=picture, **vary)
    for made in (masked, joined, varied):
        assert [kind_of(image) for image in made.data] == ["png"]
        assert base64.b64decode(made.data[0].b64_json) != picture[1]


def without_key(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["content-type"] == "image/png"
        return bytes(answer.read())


async def streamed_images(ways: Ways) -> None:
    # Of an engine that shows what it has on the way.
    asked: dict[str, Any] = STILL | {"model": "previs-still", "stream": True}
    drawn = await ways("images.generate", partial_images=2, take=everything, **asked)
    changed = await ways(
        "images.edit",
        image=("a.png", png(SIDE, SIDE)),
        partial_images=1,
        take=everything,
        **asked,
    )
    for events, name, most in ((drawn, "image_generation", 2), (changed, "image_edit", 1)):
        *partial, last = [sound(event) for event in events]
        assert last.type == f"{name}.completed"
        assert 1 <= len(partial) <= most
        assert [event.partial_image_index for event in partial] == list(range(len(partial)))
        assert {event.type for event in partial} == {f"{name}.partial_image"}
        assert {event.size for event in events} == {SMALL}
        assert {kind_of(event) for event in events} == {"png"}


def kind_of(image: Any) -> str:
    content = base64.b64decode(image.b64_json)
    return next(kind for kind, start in KINDS.items() if content.startswith(start))


async def models(ways: Ways) -> None:
    listed = await ways("models.list", take=everything)
    assert {"sora-2", "sora-2-pro"} <= {model.id for model in listed}
    model = await ways("models.retrieve", "sora-2")
    assert (model.id, model.object) == ("sora-2", "model")
    refusal = await ways.refused(openai.APIStatusError, "models.delete", "sora-2")
    assert 400 <= refusal.status_code < 500
    assert await ways("models.retrieve", "sora-2") == model


async def moderations(ways: Ways) -> None:
    one = await ways("moderations.create", input=PROMPT)
    assert one.id.startswith("modr-")
    assert [result.flagged for result in one.results] == [False]
    several = await ways("moderations.create", input=["pornography", PROMPT], model=one.model)
    assert [result.flagged for result in several.results] == [True, False]
    assert [result.categories.sexual for result in several.results] == [True, False]
    parts = [
        {"type": "text", "text": PROMPT},
        {"type": "image_url", "image_url": {"url": data_url(png(8, 8))}},
    ]
    assert len((await ways("moderations.create", input=parts)).results) == 1


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


if __name__ == "__main__":
    asyncio.run(main())
