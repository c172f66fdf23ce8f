"""`/admin/models`: what accounts may use, and what names mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from fakes import KITE, KITE_STILL, MovedClock, Scripted, ids
from filmgate import Engine
from filmgate.dialects.admin_models import AdminModels, shown_model
from filmgate.dialects.openai import envelope
from filmgate.domain.account import Account
from filmgate.domain.errors import AccountRejected, CannotStart, FilmgateError
from filmgate.domain.model import Model
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.keys import Keys
from filmgate.gateway.names import Names
from filmgate.gateway.routing import Routes
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.names import NameRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import FernetCipher
from filmgate.web.auth import Door
from filmgate.web.edge import Edge

ONE = {"model": "kite-1", "engine": "scripted"}
ACCOUNT = Account(id="account_1", engine="scripted", label="x", seats=1)


class Choosy(Scripted):
    """Refuses every account but one."""

    async def discover(self, account: Account) -> Sequence[Model]:
        if account.id != ACCOUNT.id:
            message = "Who is that?"
            raise AccountRejected(message)
        return list(self.models())


async def nothing_to_load(name: str) -> Engine:
    message = f"No engine {name!r} is installed."
    raise CannotStart(message)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    prepare(tmp_path / "test.db")
    database, clock = SQLite(tmp_path / "test.db"), MovedClock()
    rows = AccountRows(database)
    for account_id in ("account_1", "account_2"):
        account = Account(id=account_id, engine="scripted", label=account_id, seats=1)
        await rows.ensure(account, at=clock.now())
    accounts = Accounts(
        rows,
        engines=("scripted",),
        embedded=(),
        cipher=FernetCipher("the gateway's own"),
        recall=str,
        clock=clock,
        new_id=ids(),
    )
    names = Names(
        NameRows(database),
        accounts=accounts,
        routes=Routes([Choosy()], []),
        load=nothing_to_load,
        clock=clock,
    )
    keys = Keys(
        CallerRows(database), clock=clock, new_id=ids(), new_secret=lambda: "long-enough"
    )
    await keys.create("admin", value="the-admin-key", admin=True)
    await keys.create("plain", value="a-plain-key")
    starlette = Starlette(
        routes=AdminModels(names, Door(keys, clock=clock)).routes(),
        exception_handlers={FilmgateError: envelope.filmgate_error},
    )
    app = Edge(starlette, largest_body=1 << 20, render=envelope.render)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://filmgate",
        headers={"authorization": "Bearer the-admin-key"},
    ) as client:
        yield client
    await database.close()


async def test_a_name_is_pointed_listed_and_removed(client: httpx.AsyncClient) -> None:
    found = await client.get("/admin/accounts/account_1/models")
    assert found.json() == {"data": [shown_model(KITE), shown_model(KITE_STILL)]}
    body = {"model": "kite-1", "account_id": "account_1", "settings": {"steps": 4}}
    made = await client.put("/admin/models/wan/fast", json=body)
    candidate = {
        "engine": "scripted",
        "model": shown_model(KITE),
        "settings": {"steps": 4},
        "weight": 1,
        "plans": [],
    }
    pointed = {"name": "wan/fast", "pick": "first", "candidates": [candidate]}
    assert made.json() == pointed
    assert (await client.get("/admin/models")).json() == {"data": [pointed]}
    gone = await client.delete("/admin/models/wan/fast")
    assert gone.json() == {"id": "wan/fast", "object": "model_name.deleted", "deleted": True}
    assert (await client.get("/admin/models")).json() == {"data": []}


async def test_a_name_means_several_models(client: httpx.AsyncClient) -> None:
    first = {"model": "kite-1", "engine": "scripted"}
    await client.put("/admin/models/x", json=first)
    more = {"also": True, "weight": 9, "plans": ["pro"], "pick": "cheapest"}
    body = {**first, **more, "settings": {"steps": 4}}
    made = (await client.put("/admin/models/x", json=body)).json()
    assert made["pick"] == "cheapest"
    assert [(one["weight"], one["plans"]) for one in made["candidates"]] == [
        (1, []),
        (9, ["pro"]),
    ]
    assert (await client.get("/admin/models")).json() == {"data": [made]}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "param"),
    [
        ("GET", "/admin/accounts/account_2/models", None, 503, None),
        ("GET", "/admin/accounts/account_3/models", None, 404, "account_id"),
        ("PUT", "/admin/models/x", {"model": "y", "engine": "scripted"}, 400, "model"),
        ("PUT", "/admin/models/x", {"model": "y", "engine": "loom"}, 400, "engine"),
        ("PUT", "/admin/models/x", {"engine": "scripted"}, 400, "model"),
        ("PUT", "/admin/models/x", {**ONE, "weight": 101}, 400, "weight"),
        ("PUT", "/admin/models/x", {**ONE, "weight": "9"}, 400, "weight"),
        ("PUT", "/admin/models/x", {**ONE, "plans": [""]}, 400, "plans"),
        ("PUT", "/admin/models/x", {**ONE, "plans": [9]}, 400, "plans[0]"),
        ("PUT", "/admin/models/x", {**ONE, "pick": "dearest"}, 400, "pick"),
        ("PUT", "/admin/models/x", {**ONE, "also": True}, 400, "also"),
        ("DELETE", "/admin/models/x", None, 404, "name"),
    ],
)
async def test_what_cannot_be_done_says_why(  # noqa: PLR0917 (a case's columns)
    client: httpx.AsyncClient, method: str, path: str, body: object, status: int, param: str
) -> None:
    answer = await client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


async def test_only_admins_may(client: httpx.AsyncClient) -> None:
    plain = {"authorization": "Bearer a-plain-key"}
    for method, path in (
        ("GET", "/admin/accounts/account_1/models"),
        ("GET", "/admin/models"),
        ("PUT", "/admin/models/x"),
        ("DELETE", "/admin/models/x"),
    ):
        assert (await client.request(method, path, headers=plain)).status_code == 403
