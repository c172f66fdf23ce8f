"""The intake: the requests and answers of the token report server, and what it lacked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from fakes import MovedClock, ids
from filmgate.dialects.intake import HANDLERS, Intake, render
from filmgate.domain.errors import AccountExhausted, AccountRejected, FilmgateError
from filmgate.gateway.accounts import Accounts
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import FernetCipher
from filmgate.web.edge import Edge

KEY = "the-key-of-the-intake"
SECRET = "eyJhbGciOi.the-secret-of-ada.s1gn"
#: What the browser's script reports, field by field.
REPORT: dict[str, Any] = {
    "accessToken": SECRET,
    "user": {"id": "user-1", "name": "Ada", "email": "ada@example.com"},
    "account": {"id": "account-1", "planType": "plus"},
    "expires": "2026-12-21T00:00:00.000Z",
    "status": "active",
    "timestamp": "2026-11-21T00:00:00.000Z",
    "transport": "http",
}
RECEIVED = {"status": "success", "message": "Token received successfully"}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def accounts(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Accounts]:
    prepare(tmp_path / "test.db")
    database = SQLite(tmp_path / "test.db")
    yield Accounts(
        AccountRows(database),
        engines=("kiln", "loom"),
        embedded=(),
        cipher=FernetCipher("the gateway's own"),
        recall={"env:KEY": "elsewhere"}.__getitem__,
        clock=clock,
        new_id=ids(),
    )
    await database.close()


@pytest.fixture
async def client(accounts: Accounts, clock: MovedClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(accounts, clock) as client:
        yield client


def client_of(accounts: Accounts, clock: MovedClock) -> httpx.AsyncClient:
    dialect = Intake(accounts, engine="kiln", key=KEY, port=5103, clock=clock)
    starlette = Starlette(routes=dialect.routes(), exception_handlers=HANDLERS)
    app = Edge(starlette, largest_body=1 << 20, render=render)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://intake",
        headers={"x-intake-key": KEY},
    )


async def reported(client: httpx.AsyncClient, **fields: Any) -> None:
    answer = await client.post("/api/token", json=REPORT | fields)
    assert answer.status_code == 200, answer.text


async def test_the_answers_have_their_shapes(
    client: httpx.AsyncClient, clock: MovedClock
) -> None:
    now = clock.now().isoformat()
    answer = await client.post("/api/token", json=REPORT)
    assert (answer.status_code, answer.json()) == (200, RECEIVED | {"timestamp": now})

    listed = await client.get("/api/tokens")
    (token,) = listed.json()["tokens"]
    updated = token.pop("last_updated")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(updated)) < timedelta(minutes=5)
    assert listed.json() | {"tokens": [token]} == {
        "status": "success",
        "count": 1,
        "tokens": [
            {
                "user_name": "ada@example.com",
                "user_email": "ada@example.com",
                "status": "active",
                "transport": "http",
                "token_preview": "...",
            }
        ],
        "timestamp": now,
    }
    assert (await client.get("/health")).json() == {
        "status": "healthy",
        "server": "TokenHttpServer",
        "timestamp": now,
        "tokens_count": 1,
        "is_running": True,
    }
    assert (await client.get("/api/stats")).json() == {
        "status": "success",
        "stats": {
            "tokens_count": 1,
            "server_running": True,
            "port": 5103,
            "supports_http": True,
        },
        "timestamp": now,
    }


async def test_a_report_makes_an_account_and_the_next_one_changes_it(
    client: httpx.AsyncClient, accounts: Accounts
) -> None:
    await reported(client)
    (made,) = await accounts.active("kiln")
    assert (made.label, made.seats, made.secret) == ("ada@example.com", 3, SECRET)
    assert (made.plan, made.expires_at) == ("plus", datetime(2026, 12, 21, tzinfo=UTC))

    await accounts.change(made.id, {"seats": 5, "label": "ada@example.com"})
    await reported(client, accessToken="another")
    await reported(client, user={"name": "Bob"}, accessToken="of-bob")
    changed, second = await accounts.active("kiln")
    assert (changed.id, changed.seats, changed.secret) == (made.id, 5, "another")
    assert (second.label, second.secret) == ("Bob", "of-bob")

    await reported(client, account={"planType": ""}, expires=None)
    (changed, _) = await accounts.active("kiln")
    assert (changed.plan, changed.expires_at) == (made.plan, made.expires_at)


async def test_a_report_of_the_same_secret_leaves_a_rest(
    client: httpx.AsyncClient, accounts: Accounts
) -> None:
    await reported(client)
    (account,) = await accounts.active("kiln")
    await accounts.blame(account, AccountRejected("wrong key"))
    await reported(client)
    (listed,) = (await client.get("/api/tokens")).json()["tokens"]
    assert listed["status"] == "account_rejected"

    await reported(client, accessToken="another")
    (listed,) = (await client.get("/api/tokens")).json()["tokens"]
    assert listed["status"] == "active"


async def test_the_status_is_active_or_why_it_gets_no_work(
    client: httpx.AsyncClient, accounts: Accounts, clock: MovedClock
) -> None:
    async def status() -> str:
        (listed,) = (await client.get("/api/tokens")).json()["tokens"]
        return str(listed["status"])

    await reported(client)
    (account,) = await accounts.active("kiln")
    await accounts.blame(account, AccountExhausted("slow down"))
    assert await status() == "account_exhausted"
    clock.move(timedelta(hours=1))
    assert await status() == "active"
    await accounts.change(account.id, {"expires_at": clock.now()})
    assert await status() == "expired"
    await accounts.change(account.id, {"disabled": True})
    assert await status() == "disabled"


@pytest.mark.parametrize(
    ("user", "label"),
    [
        ({"id": "user-1", "name": "Ada", "email": " "}, "Ada"),
        ({"id": 7, "name": None}, "7"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
async def test_the_label_is_the_best_name_that_is_told(
    client: httpx.AsyncClient, user: Any, label: str
) -> None:
    await reported(client, user=user)
    (listed,) = (await client.get("/api/tokens")).json()["tokens"]
    assert (listed["user_name"], listed["user_email"]) == (label, "unknown")


async def test_accounts_that_nobody_reported_are_shown_too(
    client: httpx.AsyncClient, accounts: Accounts
) -> None:
    await accounts.add("kiln", {"label": "bare"})
    await accounts.add("kiln", {"label": "elsewhere", "secret": "env:KEY"})
    await accounts.add("loom", {"secret": SECRET})
    listed = (await client.get("/api/tokens")).json()["tokens"]
    shown = [(one["user_name"], one["last_updated"], one["token_preview"]) for one in listed]
    assert shown == [("bare", None, ""), ("elsewhere", None, "...")]


async def test_no_answer_has_a_secret_in_it(client: httpx.AsyncClient) -> None:
    answers = [
        await client.post("/api/token", json=REPORT),
        await client.post("/api/token", json=REPORT | {"user": {"name": 1}}),
        await client.post("/api/token", json=REPORT | {"accessToken": f"{SECRET}\n"}),
        *[await client.get(path) for path in ("/api/tokens", "/api/stats", "/health")],
    ]
    for answer in answers:
        assert "eyJh" not in answer.text
        assert "s1gn" not in answer.text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "Invalid JSON format"),
        (b"", "Invalid JSON format"),
        (b'{"accessToken": "\xff"}', "Invalid JSON format"),
        (b"[" * 100_000, "Invalid JSON format"),
        (b"{}", "Missing accessToken field"),
        (b'{"accessToken": ""}', "Missing accessToken field"),
        (b'{"accessToken": null}', "Missing accessToken field"),
        (b'{"accessToken": 1}', "Invalid type for 'accessToken'"),
        (b"[]", "Invalid type for the body"),
        (b'{"accessToken": "env:KEY"}', "not where it lies"),
        (b'{"accessToken": "file:/etc/passwd"}', "not where it lies"),
        (b'{"accessToken": "a\\u0000b"}', "printable characters"),
        (b'{"accessToken": "a", "expires": "' + b"9" * 5000 + b'"}', "'expires' is a time"),
        (b'{"accessToken": "a", "expires": "soon"}', "'expires' is a time like 2026-12-31"),
        (b'{"accessToken": "a", "account": {"planType": "a|b"}}', "'plan' is a word"),
    ],
)
async def test_what_cannot_be_read_is_told(
    client: httpx.AsyncClient, body: bytes, says: str
) -> None:
    answer = await client.post("/api/token", content=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert list(answer.json()) == ["status", "message"]
    assert says in answer.json()["message"]
    assert (await client.get("/api/tokens")).json()["tokens"] == []


async def test_a_report_is_not_endless(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/token", content=b" " * (2 << 20))
    assert (answer.status_code, answer.json()["status"]) == (413, "error")


@pytest.mark.parametrize(
    "headers",
    [
        {"x-intake-key": ""},
        {"x-intake-key": KEY[:-1]},
        {"x-intake-key": "kéy".encode()},
        {"authorization": "Bearer wrong"},
        {"x-intake-key": "", "authorization": f"Basic {KEY}"},
    ],
    ids=str,
)
async def test_only_who_has_the_key_is_let_in(
    client: httpx.AsyncClient, headers: dict[str, Any]
) -> None:
    for method, path in (("POST", "/api/token"), ("GET", "/api/tokens"), ("GET", "/api/stats")):
        answer = await client.request(method, path, headers=headers, json=REPORT)
        assert (answer.status_code, list(answer.json())) == (401, ["status", "message"])
        assert KEY not in answer.text
    health = await client.get("/health", headers=headers)
    assert (health.status_code, health.json()["tokens_count"]) == (200, 0)


async def test_the_key_may_come_as_a_bearer(client: httpx.AsyncClient) -> None:
    headers = {"x-intake-key": "", "authorization": f"Bearer {KEY}"}
    assert (await client.get("/api/stats", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/token", 405), ("POST", "/health", 405), ("GET", "/v1/videos", 404)],
)
async def test_nothing_else_is_there(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, "error")


class StoppedClock(MovedClock):
    """It cannot say the time."""

    def now(self) -> datetime:
        raise RuntimeError(SECRET)


async def test_a_mistake_of_ours_shows_nothing(accounts: Accounts) -> None:
    async with client_of(accounts, StoppedClock()) as client:
        answer = await client.post("/api/token", json=REPORT)
    assert answer.status_code == 500
    assert answer.json() == {"status": "error", "message": "Internal server error"}


async def test_a_report_that_breaks_off_is_no_mistake_of_ours(accounts: Accounts) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    dialect = Intake(accounts, engine="kiln", key=KEY, port=5103, clock=MovedClock())
    app = Starlette(routes=dialect.routes(), exception_handlers=HANDLERS)
    headers = [(b"x-intake-key", KEY.encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/token",
        "headers": headers,
        "query_string": b"",
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert "broke off" in json.loads(sent[1]["body"])["message"]


@pytest.mark.parametrize("kind", [FilmgateError, HTTPException])
def test_a_handler_of_errors_wants_its_own(kind: type[Exception]) -> None:
    handler: Any = HANDLERS[kind]
    with pytest.raises(TypeError):
        handler(Request({"type": "http"}), ValueError())
