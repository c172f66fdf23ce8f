"""`/admin/accounts`: added, listed, changed, checked, removed, and never with a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialects.account_desk import GPU, PROXY, SECRET, Desk, open_desk
from fakes import MovedClock
from filmgate.domain.errors import AccountExhausted, AccountRejected, EngineUnreachable
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


async def test_an_account_is_shown_without_its_secret(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    made = await desk.added()
    listed = await client.get("/admin/accounts")

    assert listed.json() == {"data": [made]}
    assert made == {
        "id": made["id"],
        "engine": "kiln",
        "label": "gpu",
        "state": "active",
        "seats": 2,
        "still_seats": 1,
        "base_url": "http://gpu.lan:8000/v1",
        "secret_set": True,
        "secret_reference": None,
        "expires_at": None,
        "proxy": None,
        "when_down": "wait",
        "plan": None,
        "groups": [],
        "models": [],
        "limits": {},
        "per_day": None,
        "per_month": None,
        "priority": 0,
        "weight": 1,
        "machine": None,
        "machine_seats": None,
        "disabled": False,
        "errors": 0,
        "rests_until": None,
        "rest_reason": None,
        "rejected_at": None,
        "checked_at": None,
    }
    assert SECRET not in listed.text


SAID: dict[str, Any] = {
    "seats": 8,
    "still_seats": 0,
    "plan": "pro",
    "groups": ["pro", "east"],
    "models": ["kiln-1"],
    "limits": {"1280x720": 20, "1920x1080": 7.5},
    "per_day": 40,
    "per_month": 900,
    "priority": -3,
    "weight": 2,
    "machine": "gpu1",
    "machine_seats": 2,
    "disabled": True,
}
TAKEN_AWAY: dict[str, Any] = {
    "plan": None,
    "groups": [],
    "models": [],
    "limits": {},
    "per_day": None,
    "per_month": None,
    "machine": None,
    "expires_at": None,
    "disabled": False,
}


async def test_everything_that_is_said_is_shown(desk: Desk, client: httpx.AsyncClient) -> None:
    made = await desk.added(**SAID)
    assert {name: made[name] for name in SAID} == SAID
    assert made["state"] == "disabled"

    path = f"/admin/accounts/{made['id']}"
    bare = (await client.patch(path, json=TAKEN_AWAY)).json()
    assert bare == made | TAKEN_AWAY | {"state": "active", "machine_seats": None}
    again = (await client.patch(path, json=SAID)).json()
    assert again == made


async def test_a_form_is_taken_as_well(client: httpx.AsyncClient) -> None:
    fields = {
        "engine": "kiln", "seats": "3", "when_down": "wait", "groups[]": ["a", "b"],
        "limits[1280x720]": "20", "per_day": "7", "disabled": "True",
        "expires_at": "2026-12-31",
    }  # fmt: skip
    made = (await client.post("/admin/accounts", data=fields)).json()
    assert (made["seats"], made["when_down"], made["groups"]) == (3, "wait", ["a", "b"])
    assert (made["limits"], made["per_day"]) == ({"1280x720": 20}, 7)
    assert (made["disabled"], made["expires_at"]) == (True, 1798675200)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (1798675200, 1798675200),
        ("1798675200", 1798675200),
        ("2026-12-31", 1798675200),
        ("2026-12-31T00:00:00.000Z", 1798675200),
        ("2026-12-31T08:00:00+08:00", 1798675200),
        ("2026-12-31T00:00:01.9", 1798675201),
        (None, None),
    ],
)
async def test_a_time_is_written_as_one_likes(
    desk: Desk, given: object, seconds: int | None
) -> None:
    assert (await desk.added(expires_at=given))["expires_at"] == seconds


async def test_an_account_whose_time_is_over_has_expired(desk: Desk) -> None:
    made = await desk.added(expires_at="2026-11-20")
    assert made["state"] == "expired"


async def test_an_engine_is_all_that_must_be_said(client: httpx.AsyncClient) -> None:
    made = (await client.post("/admin/accounts", json={"engine": "kiln"})).json()
    said = (made["label"], made["seats"], made["base_url"], made["secret_set"])
    assert (*said, made["when_down"]) == ("default", 3, None, False, "fail")


async def test_a_reference_is_shown_as_it_was_written(desk: Desk) -> None:
    made = await desk.added(secret="env:KEY")
    assert (made["secret_set"], made["secret_reference"]) == (True, "env:KEY")


async def test_a_proxy_is_shown_without_its_password(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    made = await desk.added(proxy=PROXY)
    assert made["proxy"] == "http://proxy.lan:3128"
    for proxy, shown in (
        ("env:PROXY", "env:PROXY"),
        ("none", "none"),
        ("socks5://[::1]", "socks5://[::1]:1080"),
        (None, None),
    ):
        answer = await client.patch(f"/admin/accounts/{made['id']}", json={"proxy": proxy})
        assert answer.json() == made | {"proxy": shown}


async def test_only_what_is_sent_is_changed(desk: Desk, client: httpx.AsyncClient) -> None:
    made = await desk.added()
    path = f"/admin/accounts/{made['id']}"

    more = (await client.patch(path, json={"seats": 4, "when_down": "fail"})).json()
    assert more == made | {"seats": 4, "when_down": "fail"}
    bare = (await client.patch(path, json={"secret": None, "base_url": None})).json()
    assert bare == more | {"secret_set": False, "base_url": None}
    assert (await client.patch(path, json={})).json() == bare


async def test_a_removed_account_is_gone(desk: Desk, client: httpx.AsyncClient) -> None:
    path = f"/admin/accounts/{(await desk.added())['id']}"
    removed = await client.delete(path)

    assert removed.json()["deleted"] is True
    assert (await client.get("/admin/accounts")).json() == {"data": []}
    for again in (await client.delete(path), await client.patch(path, json={})):
        assert (again.status_code, again.json()["error"]["param"]) == (404, "account_id")


async def test_how_an_account_fares_is_shown(
    desk: Desk, client: httpx.AsyncClient, accounts: Accounts
) -> None:
    made = await desk.added()
    account, now = await accounts.get(made["id"]), int(MovedClock().now().timestamp())

    async def shown() -> dict[str, Any]:
        (one,) = (await client.get("/admin/accounts")).json()["data"]
        return dict(one)

    for _ in range(2):
        await accounts.blame(account, EngineUnreachable("down"))
    assert await shown() == made | {"errors": 2}
    await accounts.blame(account, AccountExhausted("slow down"))
    rests = {"state": "resting", "rests_until": now + 60, "rest_reason": "account_exhausted"}
    assert await shown() == made | rests | {"errors": 2}
    await accounts.blame(account, AccountRejected("wrong key"))
    rejected = {"state": "rejected", "rejected_at": now, "checked_at": now}
    assert (await shown()).items() >= (rejected | {"rest_reason": "account_rejected"}).items()


async def test_an_account_is_checked(desk: Desk, client: httpx.AsyncClient) -> None:
    made, other = await desk.added(), await desk.added(label="stranger")
    answer = await client.post(f"/admin/accounts/{made['id']}/check")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "account_id": made["id"],
            "ok": True,
            "state": "active",
            "models": 2,
            "code": None,
            "message": None,
        },
    )
    answer = await client.post(f"/admin/accounts/{other['id']}/check")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "account_id": other["id"],
            "ok": False,
            "state": "rejected",
            "models": None,
            "code": "account_rejected",
            "message": "kiln answered 401: who are you?",
        },
    )
    assert SECRET not in answer.text
    answer = await client.post("/admin/accounts/account_none/check")
    assert (answer.status_code, answer.json()["error"]["param"]) == (404, "account_id")


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
        ({"still_seats": -1}, 400, "invalid_value", "still_seats", "from 0 to 100000"),
        ({"machine_seats": 2}, 400, "invalid_value", "machine_seats", "which machine"),
        ({"plan": "a b"}, 400, "invalid_value", "plan", "'a b'. 'plan' is a word"),
        ({"plan": 1}, 400, "invalid_type", "plan", "a string"),
        ({"groups": "pro"}, 400, "invalid_type", "groups", "an array"),
        ({"groups": ["a", "b,c"]}, 400, "invalid_value", "groups", "'b,c'"),
        ({"models": [7]}, 400, "invalid_type", "models[0]", "a string"),
        ({"limits": ["1280x720"]}, 400, "invalid_type", "limits", "an object"),
        ({"limits": {"720p": 20}}, 400, "invalid_value", "limits", "like 1280x720"),
        ({"limits": {"640x360": "x"}}, 400, "invalid_value", "limits.640x360", "seconds"),
        ({"limits": {"640x360": 0}}, 400, "invalid_value", "limits.640x360", "more than 0"),
        ({"per_day": 0}, 400, "invalid_value", "per_day", "from 1 to 1000000000"),
        ({"priority": 500}, 400, "invalid_value", "priority", "from -100 to 100"),
        ({"weight": "two"}, 400, "invalid_value", "weight", "from 1 to 100"),
        ({"disabled": "perhaps"}, 400, "invalid_value", "disabled", "true or false"),
        ({"expires_at": "soon"}, 400, "invalid_value", "expires_at", "like 2026-12-31 or"),
        ({"expires_at": 1798675200000}, 400, "invalid_value", "expires_at", "since 1970"),
        ({"colour": "red"}, 400, "unknown_parameter", "colour", "Unknown parameter"),
        ({"label": "taken"}, 409, "conflict", "label", "'taken' already"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    desk: Desk,
    client: httpx.AsyncClient,
    *,
    fields: dict[str, Any],
    status: int,
    code: str,
    param: str,
    says: str,
) -> None:
    await desk.added(label="taken")
    made = await desk.added(label="free")
    answers = [await client.post("/admin/accounts", json=GPU | fields)]
    if "engine" not in fields:
        answers.append(await client.patch(f"/admin/accounts/{made['id']}", json=fields))
    for answer in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
        assert says in error["message"]
        assert SECRET not in answer.text
        assert "hush" not in answer.text


@pytest.mark.parametrize("key", ["a-plain-key", "nobodys-key"])
async def test_only_an_admin_key_manages_accounts(client: httpx.AsyncClient, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    for method, path in (
        ("GET", "/admin/accounts"),
        ("POST", "/admin/accounts"),
        ("POST", "/admin/accounts/import"),
        ("PATCH", "/admin/accounts/account_1"),
        ("DELETE", "/admin/accounts/account_1"),
        ("POST", "/admin/accounts/account_1/check"),
    ):
        answer = await client.request(method, path, headers=headers, json={"engine": "kiln"})
        assert answer.status_code == (403 if key == "a-plain-key" else 401)
