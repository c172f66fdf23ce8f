"""`/v1/messages`: what can be said, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import Place
from dialects.talks import (
    MESSAGES,
    check_transcript,
    film_of,
    job,
    made,
    messages,
    post,
    still_of,
    until,
)
from fakes import Step, busy, done
from filmgate import ContentRejected, Media, Operation, Role
from filmgate.dialects.anthropic import envelope
from filmgate.domain.errors import Conflict, OutputExpired, TooManyRequests
from filmgate.web import streaming

HD = base64.b64encode(b"1280x720").decode()  # the inspector of the house reads sizes


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with messages(tmp_path) as here:
        yield here


def said(content: object = "a kite", model: str = "sora", **more: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": content}]
    return {"model": model, "max_tokens": 1024, "messages": turns, **more}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def image(data: str = HD, **source: Any) -> dict[str, Any]:
    given = {"type": "base64", "media_type": "image/png", "data": data}
    return {"type": "image", "source": source or given}


SCENES: dict[str, tuple[dict[str, Any], tuple[Step, ...]]] = {
    "message-film": (said("a kite over the sea, 风筝", seconds="8"), film_of()),
    "message-still": (said("a kite", "gpt-image-2"), still_of()),
    "message-film-stream": (said("a kite", stream=True), film_of(busy(10))),
    "message-still-stream": (said("a kite", "gpt-image-2", stream=True), still_of()),
    "message-failure": (said("a kite"), (ContentRejected("No kites, please."),)),
    "message-failure-stream": (
        said("a kite", stream=True),
        (ContentRejected("No kites, please."),),
    ),
    "message-refused": (said("a kite", seconds="5"), ()),
}


@pytest.mark.parametrize("name", SCENES)
async def test_what_is_said_is_what_was_agreed_on(place: Place, name: str) -> None:
    body, steps = SCENES[name]
    answer = await post(place, MESSAGES, body, *steps)
    check_transcript(name, MESSAGES, body, answer)


async def test_whoever_asked_last_says_what_to_film(place: Place) -> None:
    turns = [
        {"role": "user", "content": "a dog"},
        {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "", "signature": ""}],
        },
        {"role": "user", "content": [text("a kite"), text("over the sea")]},
        {"role": "assistant", "content": "Here"},
    ]
    await made(place, MESSAGES, said() | {"messages": turns}, *film_of())

    assert (await job(place)).request.prompt == "a kite\nover the sea"


async def test_what_every_create_takes_reaches_the_engine(place: Place) -> None:
    asked: dict[str, Any] = {
        "size": "1280x720",
        "seconds": 4.5,
        "seed": 7,
        "audio": False,
        "n": 1,
    }
    more: dict[str, Any] = {"negative_prompt": "rain", "metadata": {"user_id": "ann"}}
    await made(place, MESSAGES, said(**asked, **more), *film_of())

    film = await job(place)
    request = film.take.request
    assert (str(request.size), request.seconds, request.seed) == ("1280x720", 4.5, 7)
    assert (request.audio, request.negative_prompt) == (False, "rain")
    assert film.metadata == {"user_id": "ann"}


async def test_what_means_nothing_to_a_film_is_passed_over(place: Place) -> None:
    passed: dict[str, Any] = {
        "system": [text("You are kind.")],
        "temperature": 1.0,
        "top_p": 0.9,
        "top_k": 5,
        "stop_sequences": ["."],
        "thinking": {"type": "adaptive"},
        "service_tier": "auto",
        "tools": [],
    }
    await made(place, MESSAGES, said(**passed), *film_of())

    assert (await job(place)).request.prompt == "a kite"


async def test_a_film_begins_with_the_first_image(place: Place) -> None:
    await made(place, MESSAGES, said([image(), text("a kite"), image()]), *film_of())

    roles = [one.role for one in (await job(place)).request.references]
    assert roles == [Role.FIRST_FRAME, Role.SUBJECT]


async def test_a_still_with_an_image_is_an_edit(place: Place) -> None:
    square = base64.b64encode(b"64x64").decode()
    content = [image(square), text("red")]
    await made(place, MESSAGES, said(content, "gpt-image-2"), *still_of())

    request = (await job(place, Media.IMAGE)).request
    assert request.operation is Operation.EDIT
    assert [one.role for one in request.references] == [Role.SOURCE]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (said(messages=[]), "messages"),
        (said(messages=[{"role": "assistant", "content": "a"}]), "messages"),
        (said(messages=[{"role": "robot", "content": "a"}]), "messages[0].role"),
        (said(""), "prompt"),
        (said([image()]), "prompt"),
        (said([{"type": "document"}]), "messages[0].content[0].type"),
        (said(["a"]), "messages[0].content[0].type"),
        (said([{"type": "text"}]), "messages[0].content[0].text"),
        (said([text("a") | {"tone": "b"}]), "messages[0].content[0].tone"),
        (said([text("a")] * 101), "messages[0].content"),
        (said([image("?")]), "messages[0].content[0].source.data"),
        (said([image(type="url", url="ftp://a")]), "messages[0].content[0].source.url"),
        (said([image(type="url", data=HD)]), "messages[0].content[0].source"),
        (said([image(type="base64")]), "messages[0].content[0].source"),
        (said([text("a"), image(type="url", url="https://a.example/a.png")]),
         "messages[0].content[1].source.url"),
        (said(tools=[{"name": "a"}]), "tools"),
        (said(tool_choice={"type": "auto"}), "tool_choice"),
        (said(mcp_servers=[{}]), "mcp_servers"),
        (said(container="a"), "container"),
        (said(n=2), "n"),
        (said(n="many"), "n"),
        (said(size="large"), "size"),
        (said(size="1x1"), "size"),
        (said(seconds="long"), "seconds"),
        (said(stream="perhaps"), "stream"),
        (said(max_tokens="all"), "max_tokens"),
        (said(betas=["a"]), "betas"),
        (said(webhook_secret="a"), "webhook_secret"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_by_name(
    place: Place, body: Any, param: str
) -> None:
    answer = await post(place, MESSAGES, body)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["param"] == param
    assert answer.headers["request-id"] == answer.json()["request_id"]
    assert place.house.engine.submissions == []


@pytest.mark.parametrize(
    "body",
    [said(model="claude"), said([text("a"), image(type="file", file_id="file-x")])],
    ids=["model", "file"],
)
async def test_what_is_not_there_is_not_found(place: Place, body: Any) -> None:
    answer = await post(place, MESSAGES, body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")


async def test_a_message_that_failed_is_not_tried_again(place: Place) -> None:
    answer = await post(place, MESSAGES, said(), busy(10), OutputExpired("It is gone."))

    assert (answer.status_code, answer.json()["error"]["type"]) == (502, "api_error")
    assert answer.headers["x-should-retry"] == "false"


async def test_a_stream_tells_how_far_it_is(place: Place) -> None:
    asked = asyncio.create_task(place.client.post(MESSAGES, json=said(stream=True)))
    place.house.engine.release(busy(40))

    async def seen() -> bool:
        return bool(place.house.engine.waiting) and (await job(place)).percent == 40

    await until(lambda: _when_asked(place, seen))
    await asyncio.sleep(0.05)
    place.house.engine.release(done())
    answer = await asked
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line[:5] == "data:"]
    thought = "".join(
        one["delta"]["thinking"]
        for one in events
        if one["type"] == "content_block_delta" and "thinking" in one["delta"]
    )
    assert thought == "Queued.\nStarted.\n40 %\n"


async def _when_asked(place: Place, seen: Any) -> bool:
    found, _ = await place.house.page(limit=1, newest_first=True)
    return bool(found) and await seen()


async def test_a_stream_is_kept_open_by_pings(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.01)
    asked = asyncio.create_task(place.client.post(MESSAGES, json=said(stream=True)))
    await asyncio.sleep(0.1)
    place.house.engine.release(done())

    assert (await asked).text.count('event: ping\ndata: {"type":"ping"}\n\n') > 2


async def test_a_client_that_leaves_does_not_stop_the_film(place: Place) -> None:
    asked = asyncio.create_task(place.client.post(MESSAGES, json=said(stream=True)))

    async def waits() -> bool:
        return bool(place.house.engine.waiting)

    await until(waits)
    asked.cancel()
    place.house.engine.release(done())

    async def ended() -> bool:
        return (await job(place)).status.ended

    await until(ended)
    film = await job(place)
    found = await place.house.gateway.get(film.id, place.house.caller)
    assert place.house.gateway.link(found) is not None


async def test_what_is_too_large_is_refused_before_it_is_read(place: Place) -> None:
    answer = await place.client.post(MESSAGES, headers={"content-length": str(1 << 30)})
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")


async def test_a_film_whose_file_is_gone_has_expired(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: str) -> dict[str, object]:
        return {}

    monkeypatch.setattr(place.house.gateway, "outputs", nothing)
    answer = await post(place, MESSAGES, said(), *film_of())
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "video_expired")


async def test_who_waits_too_long_can_wait_on(tmp_path: Path) -> None:
    async with messages(tmp_path, patience=0.05) as place:
        answer = await post(place, MESSAGES, said(), idempotency_key="a")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "still_running")
        assert answer.headers["retry-after"] == "1"
        place.house.engine.release(done())

        async def again() -> bool:
            answer = await post(place, MESSAGES, said(), idempotency_key="a")
            return answer.status_code == 200

        await until(again)
        assert len(place.house.engine.submissions) == 1


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (Conflict("No."), 409, ("x-should-retry", "false")),
        (TooManyRequests("Wait."), 429, None),
        (ContentRejected("x" * 2000), 400, None),
    ],
)
async def test_an_error_is_told_in_anthropics_words(
    error: Any, status: int, header: tuple[str, str] | None
) -> None:
    response = envelope.filmgate_error(_Asked(), error)  # type: ignore[arg-type]

    assert response.status_code == status
    assert len(json.loads(bytes(response.body))["error"]["message"]) <= 1001
    if header:
        assert response.headers[header[0]] == header[1]


def test_a_bug_shows_an_id_alone() -> None:
    response = envelope.bug(_Asked(), ValueError("secret"))  # type: ignore[arg-type]

    assert response.status_code == 500
    assert json.loads(bytes(response.body))["error"]["type"] == "api_error"
    assert b"secret" not in response.body


def test_the_envelope_takes_no_other_errors() -> None:
    for handler in (envelope.filmgate_error, envelope.http_error):
        with pytest.raises(TypeError):
            handler(_Asked(), ValueError())  # type: ignore[arg-type]


class _Asked:
    """All that an envelope wants of a request."""

    class state:  # noqa: N801
        request_id = "req_1"
