"""`POST /admin/accounts/import`: many accounts, or none of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialects.account_desk import GPU, PROXY, SECRET, Desk, open_desk
from filmgate.domain.errors import AccountRejected
from filmgate.gateway.accounts import Accounts


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def client(desk: Desk) -> httpx.AsyncClient:
    return desk.client


@pytest.fixture
def accounts(desk: Desk) -> Accounts:
    return desk.accounts


async def test_many_are_added_and_changed_at_once(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    made = await desk.added(proxy=PROXY)
    account = await client.post(
        "/admin/accounts/import",
        json={
            "accounts": [
                {"engine": "kiln", "label": " gpu ", "seats": "5", "proxy": PROXY},
                {"engine": "kiln", "secret": "env:KEY"},
            ]
        },
    )
    first, second = account.json()["data"]
    assert (account.json()["added"], account.json()["changed"]) == (1, 1)
    assert first == made | {"seats": 5}
    assert (second["label"], second["seats"]) == ("default", 3)
    assert (second["secret_reference"], second["when_down"]) == ("env:KEY", "fail")
    assert (await client.get("/admin/accounts")).json()["data"] == [first, second]


async def test_what_an_account_has_already_does_not_end_its_rest(
    desk: Desk, client: httpx.AsyncClient, accounts: Accounts
) -> None:
    made = await desk.added(proxy=PROXY)
    same = {name: GPU[name] for name in ("engine", "label", "base_url", "secret")}

    async def rests(**fields: Any) -> bool:
        await accounts.blame(await accounts.get(made["id"]), AccountRejected("wrong key"))
        body = {"accounts": [same | {"proxy": PROXY} | fields]}
        answer = await client.post("/admin/accounts/import", json=body)
        return bool(answer.json()["data"][0]["state"] == "rejected")

    assert await rests()
    for change in (
        {"secret": "another"},
        {"secret": "env:KEY"},
        {"secret": None},
        {"secret": "again"},
        {"base_url": None},
        {"proxy": "none"},
        {"proxy": "socks5://x:1"},
    ):
        assert not await rests(**change), change


async def test_all_rows_are_checked_before_one_is_kept(client: httpx.AsyncClient) -> None:
    rows = [
        GPU,
        GPU | {"label": "two", "seats": 0},
        GPU | {"label": "three", "base_url": "gpu"},
        GPU,
        GPU | {"engine": "oven"},
        {"label": "six"},
        "seven",
    ]
    answer = await client.post("/admin/accounts/import", json={"accounts": rows})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "accounts[1].seats")
    lines = error["message"].splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "Nothing is imported.",
        "Row 2, seats",
        "Row 3, base_url",
        "Row 4, label",
        "Row 5, engine",
        "Row 6, engine",
        "And 1 more.",
    ]
    assert "Row 1 has the same engine and label" in error["message"]
    assert SECRET not in answer.text
    assert (await client.get("/admin/accounts")).json() == {"data": []}

    answer = await client.post("/admin/accounts/import", json={"accounts": [GPU, 7]})
    error = answer.json()["error"]
    assert error["param"] == "accounts[1]"
    assert "Row 2, as a whole: An account is an object" in error["message"]


async def test_an_import_has_an_end(client: httpx.AsyncClient) -> None:
    answer = await client.post("/admin/accounts/import", json={"accounts": [GPU] * 1001})
    assert answer.json()["error"]["param"] == "accounts"
    answer = await client.post("/admin/accounts/import", json={"accounts": []})
    assert answer.json() == {"data": [], "added": 0, "changed": 0}
