"""`/v1/chat/completions`: what is made of what is said."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dialects.conversation import (
    CHAT,
    CLIP,
    IMAGE,
    a_film,
    answered,
    content,
    jobs,
    parts,
    pieces,
    refused,
    said,
    soon,
    talking,
    told,
)
from dialects.in_process import Place
from fakes import A_KITE, Step, busy, done
from filmgate import ContentRejected, Media, Operation, Role, Size
from filmgate.dialects.chat.answers import Head
from filmgate.dialects.chat.stream import Told, film
from filmgate.domain.job import Status
from filmgate.domain.request import Shot
from filmgate.gateway.submission import Submission


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with talking(tmp_path) as place:
        yield place


TRANSCRIPTS = Path(__file__).with_name("chat_transcripts")
BOARD = "A fair. [5s]a kite rises 【５.０秒】it falls\n[10.0s]a boat passes {comic}"
FIRST_ID = "video_" + f"{4:032x}"
SCENES: dict[str, tuple[dict[str, Any], tuple[Step, ...]]] = {
    "film": (said("a kite over the sea"), (busy(10), busy(12), busy(60), done())),
    "storyboard": (said(BOARD), ()),
    "still": (said("a kite", "gpt-image-landscape"), ()),
    "prompt": (said("a kite over the sea", "prompt-enhance-short-10s"), ()),
    "character": (said(parts(CLIP)), ()),
    "character-and-film": (said(parts(CLIP, "she flies a kite")), ()),
    "failure": (said("a kite"), (busy(30), ContentRejected("No kites, please."))),
    "usage": (said("a kite", "avatar-create", video=CLIP), ()),
}


def masked(stream: str) -> str:
    """*stream* without what depends on how fast everybody is."""
    queued = re.compile(r'data: [^\n]*"reasoning_content":"Queued: place 1[^\n]*\n\n')
    links = re.compile(r"expires=\d+&signature=\w+")
    times = re.compile(r'"expires_at":\d+')
    pictures = re.compile(r"image/webp;base64,[\w+/]+=*")
    stream = links.sub("expires=…&signature=…", queued.sub("", stream))
    return pictures.sub("image/webp;base64,…", times.sub('"expires_at":…', stream))


@pytest.mark.parametrize("name", SCENES)
async def test_a_stream_reads_as_it_did(place: Place, name: str) -> None:
    """What is new is written down once, and has to be looked at."""
    body, steps = SCENES[name]
    usage = {"stream_options": {"include_usage": True}} if name == "usage" else {}
    stream = masked(await told(place, body | usage, *steps))
    transcript = TRANSCRIPTS / f"{name}.txt"
    if not transcript.exists():
        transcript.write_text(stream, encoding="utf-8")
        pytest.fail(f"{transcript} is new: read it.")
    assert stream == transcript.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({*SCENES} - {"failure", "usage"}))
async def test_the_whole_answer_says_the_same(
    place: Place, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    body, steps = SCENES[name]
    whole = await answered(place, body, *steps)
    async with talking(tmp_path_factory.mktemp("other")) as other:
        stream = await told(other, body, *steps)

    [choice] = whole["choices"]
    assert choice["message"]["content"] == content(stream)
    assert choice["finish_reason"] == "stop"
    assert (whole["object"], whole["model"]) == ("chat.completion", body["model"])
    assert whole["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    *_, last, stop, end = pieces(stream)
    assert stop["choices"] == [{"delta": {}, "index": 0, "finish_reason": "stop"}]
    assert end == "[DONE]"
    structured = last.get("filmgate") or pieces(stream)[0]["filmgate"]
    assert masked(json.dumps(whole["filmgate"])) == masked(json.dumps(structured))
    ids = {piece["id"] for piece in pieces(stream)[:-1]}
    assert len(ids) == 1


async def test_the_film_is_a_video_like_any_other(place: Place) -> None:
    whole = await answered(place, said("a kite", metadata={"scene": "12"}, seed=7))
    job = await place.house.gateway.get(whole["filmgate"]["id"], place.house.caller)
    assert job.status is Status.COMPLETED
    assert (job.request.model, job.metadata, job.take.request.seed) == (
        "sora-2", {"scene": "12"}, 7,
    )  # fmt: skip
    assert whole["filmgate"]["url"] == place.house.gateway.link(job)
    assert whole["filmgate"]["url"] in whole["choices"][0]["message"]["content"]


async def test_a_storyboard_says_how_long_the_film_is(place: Place) -> None:
    job = await a_film(place, BOARD)
    request = job.take.request
    assert request.seconds == 20
    assert request.storyboard == (
        Shot(seconds=5, prompt="a kite rises"),
        Shot(seconds=5, prompt="it falls"),
        Shot(seconds=10, prompt="a boat passes"),
    )
    assert request.prompt.startswith("A fair. Comic book style")


async def test_the_last_message_of_the_user_counts(place: Place) -> None:
    body = said("")
    body["messages"] = [
        {"role": "system", "content": "You are kind."},
        {"role": "user", "content": "a dog"},
        {"role": "assistant", "content": "…", "reasoning_content": "hm"},
        {"role": "user", "content": [{"type": "text", "text": "a kite"}, *parts("at sea")]},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    await answered(place, body)
    [job] = await jobs(place)
    assert job.request.prompt == "a kite\nat sea"


async def test_images_are_where_it_begins_and_what_is_seen(place: Place) -> None:
    await answered(place, said(parts("a kite", IMAGE, IMAGE)))
    bare = IMAGE.partition(",")[2]
    await answered(place, said("a kite", image=bare))
    first, second = await jobs(place)
    assert [one.role for one in first.request.references] == [Role.FIRST_FRAME, Role.SUBJECT]
    assert [one.role for one in second.request.references] == [Role.FIRST_FRAME]
    assert second.request.references[0].size == Size(1280, 720)


async def test_a_still_is_made_of_an_image(place: Place) -> None:
    await answered(place, said(parts("as an oil painting", IMAGE), "gpt-image"))
    [job] = await jobs(place, Media.IMAGE)
    assert job.request.operation is Operation.EDIT
    assert [one.role for one in job.request.references] == [Role.SOURCE]
    assert job.take.request.size == Size(360, 360)


async def test_links_are_fetched(place: Place) -> None:
    _, error = await refused(place, said(parts("a kite", "https://example.com/a.png")))
    assert (error["code"], error["param"]) == (
        "unreachable_url",
        "messages[0].content[1].image_url",
    )


async def test_a_character_can_be_in_later_films(place: Place) -> None:
    whole = await answered(place, said("Ada", "avatar-create", video=CLIP))
    character = whole["filmgate"]["character"]
    assert character["name"] == "Ada"
    await answered(place, said(f"[5s]@{character['id']} runs [5s]a kite"))
    [job] = await jobs(place)
    assert [one.role for one in job.request.references] == [Role.CHARACTER]
    assert job.request.storyboard[0].prompt == "Ada runs"
    assert job.request.prompt == "[5s]Ada runs\n[5s]a kite"


async def test_a_names_parameters_say_what_is_made(place: Place) -> None:
    await answered(place, said("a kite. it falls", "sora_video2-storyboard-15s-landscape"))
    [job] = await jobs(place)
    assert (job.take.request.size, job.take.request.seconds) == (Size(1280, 720), 15)
    assert sum(shot.seconds for shot in job.request.storyboard) == 15
    assert len(job.request.storyboard) > 1
    await answered(place, said("[5s]a [5s]b", "sora_video2-storyboard"))
    assert len((await jobs(place))[-1].request.storyboard) == 2


async def test_a_character_is_made_of_a_film_of_ours(place: Place) -> None:
    job = await a_film(place)
    whole = await answered(place, said(f"{job.id} Ada", "avatar-create"))
    assert whole["filmgate"]["character"]["name"] == "Ada"


async def test_a_character_comes_with_its_film_once(place: Place) -> None:
    body = said(parts(CLIP, "dances"))
    first = await answered(place, body, idempotency_key="k")
    again = await answered(place, body, idempotency_key="k")
    assert first["filmgate"] == again["filmgate"]
    [job] = await jobs(place)
    [reference] = job.request.references
    assert (reference.role, reference.name) == (
        Role.CHARACTER,
        first["filmgate"]["character"]["name"],
    )


@pytest.mark.parametrize("way", ["id", "link", "field", "both", "gen"])
async def test_a_film_is_remixed_by_its_id_or_its_link(place: Place, way: str) -> None:
    job = await a_film(place, model="sora2-portrait-15s")
    link = place.house.gateway.link(job)
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "id": (f"{job.id} in the rain", {}),
        "link": (f"{link} in the rain", {}),
        "field": ("in the rain", {"remix_target_id": job.id}),
        "both": (f"in the {job.id} rain", {"remix_target_id": link}),
        "gen": (f"in the rain {job.id.replace('video_', 'gen_')}", {}),
    }
    text, field = ways[way]
    stream = await told(place, said(text, **field))
    assert "A remix has the size and the length of its film" in stream
    _, remix = await jobs(place)
    request = remix.take.request
    assert (request.operation, request.prompt) == (Operation.REMIX, "in the rain")
    assert (request.size, request.source and request.source.job_id) == (
        Size(720, 1280),
        job.id,
    )


async def test_a_film_goes_on(place: Place) -> None:
    job = await a_film(place, model="sora-2-pro", seconds="4")
    await answered(place, said(f"{job.id} it lands", "sora2-extension-10s"))
    await answered(place, said(parts("it lands", CLIP), "sora2-extension-15s"))
    _, of_ours, of_theirs = await jobs(place)
    assert of_ours.request.operation is Operation.EXTEND
    assert (of_ours.request.model, of_ours.take.request.seconds) == ("sora-2-pro", 10)
    assert (of_theirs.request.model, of_theirs.take.request.seconds) == ("sora-2", 15)


async def test_a_name_that_says_less_takes_size_and_seconds(place: Place) -> None:
    job = await a_film(place, model="kite-1", size="640x360", seconds=6)
    assert (job.take.request.size, job.take.request.seconds) == (Size(640, 360), 6)


async def test_a_failed_film_is_an_error_that_nobody_repeats(place: Place) -> None:
    place.house.engine.steps = [ContentRejected("No.")]
    answer = await place.client.post(CHAT, json=said("a kite"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "moderation_blocked")
    assert error["type"] == "invalid_request_error"
    assert answer.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("what", ["cancel", "delete", "close"])
async def test_a_stream_ends_whatever_becomes_of_its_film(place: Place, what: str) -> None:
    house = place.house
    house.engine.steps = [busy(10)]
    going = asyncio.create_task(place.client.post(CHAT, json=said("a kite", stream=True)))
    await soon(lambda: bool(house.engine.waiting))
    [job] = await jobs(place)
    if what == "close":
        house.gateway.close()
    else:
        await getattr(house.gateway, what)(job.id, house.caller)
    *_, error, end = pieces((await going).text)
    assert end == "[DONE]"
    assert error["error"]["code"] == {
        "cancel": "cancelled", "delete": "not_found", "close": "shutting_down",
    }[what]  # fmt: skip


async def test_whoever_leaves_stops_no_film(place: Place) -> None:
    house = place.house
    house.engine.steps = [busy(10)]
    job = await house.gateway.submit(Submission(request=A_KITE), house.caller)
    head = Head(id="chatcmpl-1", created=1, model="kite-1")
    stream = film(house.gateway, Told(head=head, job=job), house.caller)
    await anext(stream)
    await anext(stream)
    await stream.aclose()
    await soon(lambda: bool(house.engine.waiting))
    house.engine.release(done())
    assert (await house.gateway.ended(job.id, house.caller)).status is Status.COMPLETED


async def test_whoever_waits_is_told_where_they_stand(place: Place) -> None:
    house = place.house
    await house.gateway.submit(Submission(request=A_KITE), house.caller)
    await soon(lambda: bool(house.engine.waiting))
    job = await house.gateway.submit(Submission(request=A_KITE), house.caller)
    head = Head(id="chatcmpl-1", created=1, model="kite-1")
    stream = film(house.gateway, Told(head=head, job=job), house.caller)
    text = b"".join([await anext(stream) for _ in range(3)]).decode()
    assert "Queued: place 1." in text
    await stream.aclose()


async def test_a_request_that_waits_too_long_says_where_its_film_is(tmp_path: Path) -> None:
    async with talking(tmp_path, patience=0.05) as place:
        place.house.engine.steps = [busy(10)]
        answer = await place.client.post(CHAT, json=said("a kite"))
        error = answer.json()["error"]
        [job] = await jobs(place)
        assert (answer.status_code, error["code"]) == (503, "still_running")
        assert job.id in error["message"]
        assert answer.headers["retry-after"] == "1"


async def test_an_old_film_is_not_there_any_more(place: Place) -> None:
    await answered(place, said("a kite"), idempotency_key="k")
    place.house.clock.move(timedelta(days=31))
    place.house.clock.move(timedelta(days=-30, hours=-12))
    assert await answered(place, said("a kite"), idempotency_key="k")
    [job] = await jobs(place)
    place.house.clock.move(timedelta(days=40))
    head = Head(id="chatcmpl-1", created=1, model="kite-1")
    stream = film(place.house.gateway, Told(head=head, job=job), place.house.caller)
    text = b"".join([piece async for piece in stream]).decode()
    assert pieces(text)[-2]["error"]["code"] == "video_expired"
