"""What every answer carries, whatever went wrong."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from filmgate.dialects.openai import envelope
from filmgate.domain.errors import FilmgateError, InvalidRequest, ShuttingDown
from filmgate.web.edge import Edge

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/v1/videos", "headers": []}


async def asked(app: ASGIApp, scope: Scope = SCOPE) -> list[Message]:
    """What *app* sends, behind the edge, to a request without a body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    await Edge(app, largest_body=1 << 20, render=envelope.render)(scope, receive, send)
    return sent


def error_in(response: Response) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(bytes(response.body))["error"]
    return error


async def test_a_bug_is_a_plain_500_that_can_be_found_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: Request) -> Response:
        raise ZeroDivisionError

    app = Starlette(
        routes=[Route("/v1/videos", broken)], exception_handlers={Exception: envelope.bug}
    )
    with caplog.at_level(logging.ERROR):
        start, body = await asked(app)

    headers = dict(start["headers"])
    request_id = headers[b"x-request-id"].decode()
    error = json.loads(body["body"])["error"]
    assert start["status"] == 500
    assert (error["type"], error["code"]) == ("server_error", "internal_error")
    assert "x-request-id" in error["message"]
    assert "ZeroDivision" not in body["body"].decode()
    (record,) = caplog.records
    assert request_id in record.message
    assert record.exc_info is not None


async def test_a_bug_in_the_middle_of_an_answer_breaks_it_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asked(broken)

    assert len(caplog.records) == 1


async def test_what_is_not_http_is_not_ours() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope)

    assert await asked(app, {"type": "lifespan"}) == []
    assert seen == [{"type": "lifespan"}]


@pytest.mark.parametrize(("wait", "header"), [(0.2, "1"), (1.5, "2"), (90, "90")])
def test_a_wait_is_told_in_whole_seconds(wait: float, header: str) -> None:
    error = ShuttingDown("Not now.", retry_after=timedelta(seconds=wait))

    response = envelope.render(error)

    assert (response.status_code, response.headers["retry-after"]) == (503, header)
    assert error_in(response)["type"] == "server_error"


def test_an_error_is_not_as_long_as_what_it_quotes() -> None:
    message = error_in(envelope.render(InvalidRequest("x" * 50_000)))["message"]

    assert message == "x" * envelope.LONGEST_MESSAGE + "…"


def test_other_errors_of_the_framework_have_the_envelope_too() -> None:
    response = envelope.http_error(Request(SCOPE), HTTPException(400, "Bad luck"))

    assert error_in(response) == {
        "message": "Bad luck.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@pytest.mark.parametrize("handler", [envelope.filmgate_error, envelope.http_error])
def test_a_handler_takes_only_its_own_errors(handler: Any) -> None:
    with pytest.raises(TypeError):
        handler(Request(SCOPE), ZeroDivisionError())


def test_every_error_has_a_status_and_a_code() -> None:
    response = envelope.filmgate_error(Request(SCOPE), FilmgateError("Oh."))

    assert response.status_code == 500
    assert error_in(response)["code"] == "internal_error"
