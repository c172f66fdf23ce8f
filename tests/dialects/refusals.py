"""What every refusal has in common, and the rows of the tables of bad input."""

from __future__ import annotations

from typing import Any

import pytest

from dialects.wire import Sent
from servers import Answer, Server

TYPES = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "permission_error",
    404: "invalid_request_error",
    405: "invalid_request_error",
    409: "invalid_request_error",
    413: "invalid_request_error",
}


def refusal(server: Server, answer: Answer) -> dict[str, Any]:
    """The error in *answer*: OpenAI's envelope, in a sentence, and nothing of our insides."""
    error: dict[str, Any] = answer.json()["error"]
    assert answer.json().keys() == {"error"}
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == TYPES[answer.status]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    said = answer.body.decode()
    for inside in ("Traceback", ".py", "site-packages", "msgspec", str(server.data), "0x7f"):
        assert inside not in said
    assert error["message"][-1] in ".…"
    assert len(error["message"]) <= 1001
    return error


def bad(
    name: str,
    sent: Sent,
    code: str,
    param: str | None = None,
    says: str = "",
    *,
    status: int = 400,
) -> Any:
    """A row of a table; *says* stands in the message: the value, or the way out."""
    return pytest.param(sent, (status, code, param), says, id=name[:40])
