"""`/admin/accounts` on real rows, with an engine that knows one stranger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from fakes import MovedClock, ids
from filmgate.dialects.admin_accounts import AdminAccounts
from filmgate.dialects.openai import envelope
from filmgate.domain.account import Account
from filmgate.domain.errors import AccountRejected, FilmgateError
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.checking import Checks
from filmgate.gateway.keys import Keys
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import FernetCipher
from filmgate.web.auth import Door
from filmgate.web.edge import Edge

SECRET = "sk-the-operators-own-secret"
PROXY = "http://someone:hush@proxy.lan:3128"
GPU = {
    "engine": "kiln",
    "label": "gpu",
    "seats": 2,
    "base_url": "http://gpu.lan:8000/v1",
    "secret": SECRET,
    "when_down": "wait",
}


@dataclass(frozen=True)
class Desk:
    client: httpx.AsyncClient
    accounts: Accounts

    async def added(self, **fields: Any) -> dict[str, Any]:
        answer = await self.client.post("/admin/accounts", json=GPU | fields)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    prepare(folder / "test.db")
    database, clock = SQLite(folder / "test.db"), MovedClock()
    rows = AccountRows(database)
    accounts = Accounts(
        rows,
        engines=("kiln", "hearth"),
        embedded=("hearth",),
        cipher=FernetCipher("the gateway's own"),
        recall={"env:KEY": SECRET, "env:PROXY": PROXY}.__getitem__,
        clock=clock,
        new_id=ids(),
    )
    keys = Keys(
        CallerRows(database), clock=clock, new_id=ids(), new_secret=lambda: "long-enough"
    )
    await keys.create("admin", value="the-admin-key", admin=True)
    await keys.create("plain", value="a-plain-key")
    checks = Checks(rows, accounts=accounts, ask=_ask, engines={}, clock=clock)
    starlette = Starlette(
        routes=AdminAccounts(accounts, checks, Door(keys, clock=clock)).routes(),
        exception_handlers={FilmgateError: envelope.filmgate_error},
    )
    app = Edge(starlette, largest_body=1 << 20, render=envelope.render)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://filmgate",
        headers={"authorization": "Bearer the-admin-key"},
    ) as client:
        yield Desk(client, accounts)
    await database.close()


async def _ask(account: Account) -> int:
    if account.label == "stranger":
        raise AccountRejected("kiln answered 401: who are you?")
    return 2
