"""`/admin/charges` and `/admin/usage`: pages, sums, and who may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from dialects.in_process import OpenDoor
from fakes import Scripted
from filmgate.dialects.admin_usage import AdminUsage
from filmgate.dialects.openai import envelope
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError
from house import open_house
from servers import Server
from till import Till

NOON = 1795219200  #: when the clock stands still, in seconds since 1970


class AdminDoor(OpenDoor):
    """Everybody may manage."""

    async def admin(self, request: Request) -> Caller:
        return await self.caller(request)


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    """With two jobs, of two callers and an hour apart."""
    till = Till(await open_house(tmp_path, Scripted(), seats=9))
    await till.add(name="a")
    await till.own(ticket=True)
    await till.cancel()
    await till.stop()
    till.house.clock.move(timedelta(hours=1))
    till.house.caller = await till.house.new_caller("bob")
    await till.add(name="b")
    yield till
    await till.house.database.close()


@pytest.fixture
async def client(till: Till) -> AsyncIterator[httpx.AsyncClient]:
    usage = AdminUsage(till.ledger, AdminDoor(till.house.caller))
    app = Starlette(
        routes=usage.routes(), exception_handlers={FilmgateError: envelope.filmgate_error}
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        yield client


def row(job: str, kind: str, caller: str, amount: float, at: int) -> dict[str, Any]:
    return {
        "id": f"video_{job}.{kind}", "job_id": f"video_{job}", "kind": kind, "caller": caller,
        "amount_usd": amount, "at": at,
    }  # fmt: skip


REFUND = row("a", "refund", "alice", 0.1, NOON)
RESERVE = row("a", "reserve", "alice", 0.4, NOON)
SETTLE = row("a", "settle", "alice", 0.3, NOON)
OF_BOB = row("b", "reserve", "bob", 0.4, NOON + 3600)


@pytest.mark.parametrize(
    ("query", "rows", "more"),
    [
        ({}, [REFUND, RESERVE, SETTLE, OF_BOB], False),
        ({"limit": "2"}, [REFUND, RESERVE], True),
        ({"limit": "2", "after": "video_a.reserve"}, [SETTLE, OF_BOB], False),
        ({"caller": "bob"}, [OF_BOB], False),
        ({"since": str(NOON + 1)}, [OF_BOB], False),
        ({"until": str(NOON + 1), "limit": "1000"}, [REFUND, RESERVE, SETTLE], False),
        ({"caller": "bob", "until": str(NOON)}, [], False),
        ({"after": "anything"}, [], False),
    ],
)
async def test_a_page_of_charges(
    client: httpx.AsyncClient, query: dict[str, str], rows: list[dict[str, Any]], more: bool
) -> None:
    answer = await client.get("/admin/charges", params=query)
    assert answer.json() == {
        "object": "list",
        "data": rows,
        "first_id": rows[0]["id"] if rows else None,
        "last_id": rows[-1]["id"] if rows else None,
        "has_more": more,
    }


def sums(caller: str, **usd: float) -> dict[str, Any]:
    nothing = dict.fromkeys(("reserved_usd", "settled_usd", "refunded_usd", "cost_usd"), 0.0)
    return {"caller": caller, "jobs": 1, **nothing, **usd}


OF_ALICE = sums("alice", reserved_usd=0.4, settled_usd=0.3, refunded_usd=0.1, cost_usd=0.3)
BOBS = sums("bob", reserved_usd=0.4)


@pytest.mark.parametrize(
    ("query", "callers"),
    [
        ({}, [OF_ALICE, BOBS]),
        ({"caller": "alice"}, [OF_ALICE]),
        ({"until": str(NOON + 1)}, [OF_ALICE]),
        ({"since": str(NOON + 1)}, [BOBS]),
        ({"caller": "nobody"}, []),
        ({"caller": ""}, []),
    ],
)
async def test_the_sums(
    client: httpx.AsyncClient, query: dict[str, str], callers: list[dict[str, Any]]
) -> None:
    assert (await client.get("/admin/usage", params=query)).json() == {"data": callers}


@pytest.mark.parametrize("path", ["/admin/charges", "/admin/usage"])
@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("value", ["", "-1", "yesterday", "1" * 11])
async def test_a_time_is_in_seconds(
    client: httpx.AsyncClient, path: str, name: str, value: str
) -> None:
    answer = await client.get(path, params={name: value})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, name)


async def test_no_page_is_larger_than_a_thousand(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin/charges", params={"limit": "1001"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "limit")


@pytest.mark.parametrize("path", ["/admin/charges", "/admin/usage"])
def test_only_admin_keys_see_them(server: Server, path: str) -> None:
    made = server.call("POST", "/admin/keys", {"name": "no admin"}).json()
    assert server.call("GET", path).status == 200
    assert server.call("GET", path, key=made["key"]).status == 403
