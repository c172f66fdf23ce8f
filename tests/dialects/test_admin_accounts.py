"""`/admin/accounts`: added, listed, changed, removed, and never with a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from fakes import MovedClock, ids
from filmgate.dialects.admin_accounts import AdminAccounts
from filmgate.dialects.openai import envelope
from filmgate.domain.errors import AccountRejected, FilmgateError
from filmgate.gateway.accounts import Accounts
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


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    prepare(tmp_path / "test.db")
    database = SQLite(tmp_path / "test.db")
    yield database
    await database.close()


@pytest.fixture
def accounts(database: SQLite) -> Accounts:
    return Accounts(
        AccountRows(database),
        engines=("kiln", "hearth"),
        embedded=("hearth",),
        cipher=FernetCipher("the gateway's own"),
        recall={"env:KEY": SECRET, "env:PROXY": PROXY}.__getitem__,
        clock=MovedClock(),
        new_id=ids(),
    )


@pytest.fixture
async def client(database: SQLite, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    clock = MovedClock()
    keys = Keys(
        CallerRows(database), clock=clock, new_id=ids(), new_secret=lambda: "long-enough"
    )
    await keys.create("admin", value="the-admin-key", admin=True)
    await keys.create("plain", value="a-plain-key")
    starlette = Starlette(
        routes=AdminAccounts(accounts, Door(keys, clock=clock)).routes(),
        exception_handlers={FilmgateError: envelope.filmgate_error},
    )
    app = Edge(starlette, largest_body=1 << 20, render=envelope.render)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://filmgate",
        headers={"authorization": "Bearer the-admin-key"},
    ) as client:
        yield client


async def added(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/admin/accounts", json=GPU | fields)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_an_account_is_shown_without_its_secret(client: httpx.AsyncClient) -> None:
    made = await added(client)
    listed = await client.get("/admin/accounts")

    assert listed.json() == {"data": [made]}
    assert made == {
        "id": made["id"],
        "engine": "kiln",
        "label": "gpu",
        "seats": 2,
        "base_url": "http://gpu.lan:8000/v1",
        "secret_set": True,
        "secret_reference": None,
        "proxy": None,
        "when_down": "wait",
        "rests_until": None,
        "rest_reason": None,
    }
    assert SECRET not in listed.text


async def test_a_form_is_taken_as_well(client: httpx.AsyncClient) -> None:
    fields = {"engine": "kiln", "seats": "3", "when_down": "wait"}
    made = (await client.post("/admin/accounts", data=fields)).json()
    assert (made["seats"], made["when_down"]) == (3, "wait")


async def test_an_engine_is_all_that_must_be_said(client: httpx.AsyncClient) -> None:
    made = (await client.post("/admin/accounts", json={"engine": "kiln"})).json()
    said = (made["label"], made["seats"], made["base_url"], made["secret_set"])
    assert (*said, made["when_down"]) == ("default", 1, None, False, "fail")


async def test_a_reference_is_shown_as_it_was_written(client: httpx.AsyncClient) -> None:
    made = await added(client, secret="env:KEY")
    assert (made["secret_set"], made["secret_reference"]) == (True, "env:KEY")


async def test_a_proxy_is_shown_without_its_password(client: httpx.AsyncClient) -> None:
    made = await added(client, proxy=PROXY)
    assert made["proxy"] == "http://proxy.lan:3128"
    for proxy, shown in (
        ("env:PROXY", "env:PROXY"),
        ("none", "none"),
        ("socks5://[::1]", "socks5://[::1]:1080"),
        (None, None),
    ):
        answer = await client.patch(f"/admin/accounts/{made['id']}", json={"proxy": proxy})
        assert answer.json() == made | {"proxy": shown}


async def test_only_what_is_sent_is_changed(client: httpx.AsyncClient) -> None:
    made = await added(client)
    path = f"/admin/accounts/{made['id']}"

    more = (await client.patch(path, json={"seats": 4, "when_down": "fail"})).json()
    assert more == made | {"seats": 4, "when_down": "fail"}
    bare = (await client.patch(path, json={"secret": None, "base_url": None})).json()
    assert bare == more | {"secret_set": False, "base_url": None}
    assert (await client.patch(path, json={})).json() == bare


async def test_a_removed_account_is_gone(client: httpx.AsyncClient) -> None:
    path = f"/admin/accounts/{(await added(client))['id']}"
    removed = await client.delete(path)

    assert removed.json()["deleted"] is True
    assert (await client.get("/admin/accounts")).json() == {"data": []}
    for again in (await client.delete(path), await client.patch(path, json={})):
        assert (again.status_code, again.json()["error"]["param"]) == (404, "account_id")


async def test_a_rest_is_shown_with_its_reason(
    client: httpx.AsyncClient, accounts: Accounts
) -> None:
    made = await added(client)
    account = await accounts.get(made["id"])
    await accounts.rest(account, AccountRejected("wrong key"))

    (shown,) = (await client.get("/admin/accounts")).json()["data"]
    rest = int(MovedClock().now().timestamp()) + 300
    assert (shown["rests_until"], shown["rest_reason"]) == (rest, "account_rejected")


@pytest.mark.parametrize(
    ("fields", "status", "code", "param", "says"),
    [
        ({"engine": "oven"}, 400, "invalid_value", "engine", "There is: hearth, kiln"),
        ({"engine": "hearth"}, 400, "invalid_value", "engine", "FILMGATE_SEATS"),
        ({"label": ""}, 400, "invalid_value", "label", "1 to 200"),
        ({"seats": 0}, 400, "invalid_value", "seats", "from 1 to 1000"),
        ({"seats": "two"}, 400, "invalid_value", "seats", "a whole number"),
        ({"seats": None}, 400, "invalid_type", "seats", "an integer"),
        ({"base_url": "gpu"}, 400, "invalid_value", "base_url", "http://"),
        ({"when_down": "hope"}, 400, "invalid_value", "when_down", "'fail', and 'wait'"),
        ({"when_down": None}, 400, "invalid_type", "when_down", "a string"),
        ({"secret": "env:NONE"}, 400, "invalid_value", "secret", "cannot be read"),
        ({"proxy": "env:NONE"}, 400, "invalid_value", "proxy", "cannot be read"),
        ({"proxy": "socks4://a:hush@x"}, 400, "invalid_value", "proxy", "socks5h:// and a"),
        ({"proxy": 1080}, 400, "invalid_type", "proxy", "a string"),
        ({"colour": "red"}, 400, "unknown_parameter", "colour", "Unknown parameter"),
        ({"label": "taken"}, 409, "conflict", "label", "'taken' already"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient,
    *,
    fields: dict[str, Any],
    status: int,
    code: str,
    param: str,
    says: str,
) -> None:
    await added(client, label="taken")
    made = await added(client, label="free")
    answers = [await client.post("/admin/accounts", json=GPU | fields)]
    if "engine" not in fields:
        answers.append(await client.patch(f"/admin/accounts/{made['id']}", json=fields))
    for answer in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
        assert says in error["message"]
        assert SECRET not in answer.text
        assert "hush" not in answer.text


async def test_many_are_added_and_changed_at_once(client: httpx.AsyncClient) -> None:
    made = await added(client, proxy=PROXY)
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
    assert (second["label"], second["seats"]) == ("default", 1)
    assert (second["secret_reference"], second["when_down"]) == ("env:KEY", "fail")
    assert (await client.get("/admin/accounts")).json()["data"] == [first, second]


async def test_what_an_account_has_already_does_not_end_its_rest(
    client: httpx.AsyncClient, accounts: Accounts
) -> None:
    made = await added(client, proxy=PROXY)
    same = {name: GPU[name] for name in ("engine", "label", "base_url", "secret")}

    async def rests(**fields: Any) -> bool:
        await accounts.rest(await accounts.get(made["id"]), AccountRejected("wrong key"))
        body = {"accounts": [same | {"proxy": PROXY} | fields]}
        answer = await client.post("/admin/accounts/import", json=body)
        return answer.json()["data"][0]["rests_until"] is not None

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


@pytest.mark.parametrize("key", ["a-plain-key", "nobodys-key"])
async def test_only_an_admin_key_manages_accounts(client: httpx.AsyncClient, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    for method, path in (
        ("GET", "/admin/accounts"),
        ("POST", "/admin/accounts"),
        ("POST", "/admin/accounts/import"),
        ("PATCH", "/admin/accounts/account_1"),
        ("DELETE", "/admin/accounts/account_1"),
    ):
        answer = await client.request(method, path, headers=headers, json={"engine": "kiln"})
        assert answer.status_code == (403 if key == "a-plain-key" else 401)
