"""`/v1/webhook_endpoints`: made, listed, changed and deleted, by whose they are."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialects.webhook_wire import BODY, Wire, open_wire
from post_office import DOWN, HOOK

SIX = [
    *("video.completed", "video.failed", "batch.completed"),
    *("batch.failed", "batch.expired", "batch.cancelled"),
]


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    async with open_wire(tmp_path) as wire:
        yield wire


async def test_an_endpoint_shows_its_secret_once(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)
    now = int(wire.office.clock.now().timestamp())
    assert made == {
        "id": made["id"],
        "object": "webhook_endpoint",
        "created_at": now,
        "updated_at": now,
        **BODY,
        "signing_secret_hint": made["signing_secret"][-4:],
        "disabled_at": None,
        "signing_secret": made["signing_secret"],
    }
    assert made["id"].startswith("whe_")
    assert made["signing_secret"].startswith("whsec_")
    shown = {name: value for name, value in made.items() if name != "signing_secret"}
    assert await wire.ok("GET", f"/{made['id']}") == shown
    listed = await wire.ok("GET")
    assert listed == {
        "object": "list",
        "data": [shown],
        "first_id": made["id"],
        "last_id": made["id"],
        "has_more": False,
    }


async def test_endpoints_are_listed_in_pages_newest_first(wire: Wire) -> None:
    made = [(await wire.ok("POST", "", BODY))["id"] for _ in range(3)]
    first = await wire.ok("GET", "?limit=2")
    second = await wire.ok("GET", f"?limit=2&after={first['last_id']}")
    ids = [one["id"] for one in [*first["data"], *second["data"]]]
    assert ids == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert (await wire.error(400, "GET", "?limit=x"))["param"] == "limit"


async def test_an_update_changes_what_it_names_and_enables_again(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)
    await wire.office.rows.disable(made["id"], at=wire.office.clock.now())
    disabled = await wire.ok("GET", f"/{made['id']}")
    assert disabled["disabled_at"] == made["created_at"]
    wire.office.clock.move(timedelta(seconds=9))

    changed = await wire.ok("POST", f"/{made['id']}", {"name": "new"})

    assert (changed["name"], changed["url"]) == ("new", HOOK)
    assert (changed["disabled_at"], changed["updated_at"]) == (None, made["created_at"] + 9)
    wire.office.clock.move(timedelta(seconds=9))
    more = {"url": "http://127.0.0.1:9/x?y=z", "event_types": ["batch.failed"] * 2}
    changed = await wire.ok("POST", f"/{made['id']}", more)
    assert (changed["url"], changed["event_types"]) == (more["url"], ["batch.failed"])
    unchanged = await wire.ok("POST", f"/{made['id']}", {})
    assert unchanged == changed


async def test_a_deleted_endpoint_is_gone(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)
    assert await wire.ok("DELETE", f"/{made['id']}") == {
        "id": made["id"],
        "object": "webhook_endpoint.deleted",
        "deleted": True,
    }
    assert (await wire.ok("GET"))["data"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"name": "x"}),
        ("DELETE", "", None),
        ("POST", "/rotate_secret", {}),
        ("POST", "/test", {"event_type": "video.completed"}),
        ("GET", "/deliveries", None),
    ],
)
async def test_nobody_reaches_a_strangers_endpoint(
    wire: Wire, method: str, path: str, body: object
) -> None:
    made = await wire.ok("POST", "", BODY)
    strangers = await wire.error(404, method, f"/{made['id']}{path}", body, key=wire.other_key)
    unknown = await wire.error(404, method, f"/whe_none{path}", body)
    assert strangers["message"].replace(made["id"], "whe_none") == unknown["message"]
    assert unknown["param"] == "webhook_endpoint_id"
    assert (await wire.ok("GET"))["data"][0]["name"] == "hook"
    assert wire.office.postman.posted == []
    for key in ("wrong", wire.other_key):
        listed = await wire.call("GET", key=key)
        assert listed.status_code == 401 or listed.json()["data"] == []


@pytest.mark.parametrize(
    ("change", "param", "says"),
    [
        ({"url": "ftp://example.com"}, "url", "http or https"),
        ({"url": "example.com/hook"}, "url", "http or https"),
        ({"url": "https:///hook"}, "url", "http or https"),
        ({"url": "https://example.com:0/"}, "url", "http or https"),
        ({"url": "https://example.com:99999/"}, "url", "not a URL"),
        ({"url": "https://[::1/"}, "url", "not a URL"),
        ({"url": "https://me:s3cret@example.com/"}, "url", "credentials"),
        ({"url": "https://example.com/a b"}, "url", "a space"),
        ({"url": "https://example.com/\n"}, "url", "a space"),
        ({"url": f"https://example.com/{'x' * 2048}"}, "url", "the most is 2048"),
        ({"name": ""}, "name", "1 to 200"),
        ({"name": "  "}, "name", "1 to 200"),
        ({"name": "a\0b"}, "name", "1 to 200"),
        ({"name": "x" * 201}, "name", "1 to 200"),
        ({"event_types": []}, "event_types", "is empty"),
        ({"event_types": ["response.completed"]}, "event_types", "'video.completed', "),
        ({"event_types": "video.completed"}, "event_types", "an array"),
        ({"enabled": True}, "enabled", "Unknown parameter"),
    ],
)
async def test_bad_fields_are_refused_by_name(
    wire: Wire, change: dict[str, object], param: str, says: str
) -> None:
    error = await wire.error(400, "POST", "", BODY | change)
    assert error["param"] == param
    assert says in error["message"]
    assert "s3cret" not in error["message"]
    made = await wire.ok("POST", "", BODY)
    assert await wire.error(400, "POST", f"/{made['id']}", change) == error


async def test_fifty_endpoints_are_enough(wire: Wire) -> None:
    for _ in range(50):
        await wire.ok("POST", "", BODY)
    error = await wire.error(400, "POST", "", BODY)
    assert error["code"] == "too_many_webhook_endpoints"
    assert "50" in error["message"]
    await wire.ok("POST", "", BODY, key=wire.other_key)


async def test_the_same_create_sent_twice_makes_one_endpoint(wire: Wire) -> None:
    first = await wire.ok("POST", "", BODY, idempotency_key="k")
    again = await wire.ok("POST", "", BODY, idempotency_key="k")
    assert again == first
    assert len((await wire.ok("GET"))["data"]) == 1
    other = BODY | {"name": "other"}
    error = await wire.error(409, "POST", "", other, idempotency_key="k")
    assert error["code"] == "idempotency_key_reused"


async def test_the_same_update_sent_twice_does_not_undo_a_later_one(wire: Wire) -> None:
    path = f"/{(await wire.ok('POST', '', BODY))['id']}"
    await wire.ok("POST", path, {"name": "first"}, idempotency_key="k")
    await wire.ok("POST", path, {"name": "second"})
    again = await wire.ok("POST", path, {"name": "first"}, idempotency_key="k")
    assert again["name"] == "second"


async def test_an_endpoint_whose_secret_cannot_be_read_can_still_be_looked_after(
    wire: Wire,
) -> None:
    made = await wire.ok("POST", "", BODY)
    wire.office.cipher.key = "another"
    assert (await wire.ok("GET", f"/{made['id']}"))["signing_secret_hint"] is None
    rotated = await wire.ok("POST", f"/{made['id']}/rotate_secret", {})
    assert rotated["signing_secret_hint"] == rotated["signing_secret"][-4:]


async def test_the_event_types_are_those_that_are_sent(wire: Wire) -> None:
    answer = await wire.client.get(
        "/v1/webhook_event_types", headers={"authorization": f"Bearer {wire.key}"}
    )
    assert answer.json() == {"object": "list", "data": SIX}


async def test_only_an_admin_key_hears_of_accounts(wire: Wire) -> None:
    body = BODY | {"event_types": ["account.expiring", "account.rejected"]}
    refused = await wire.error(400, "POST", "", body)
    assert refused["param"] == "event_types"
    assert "account.rejected" not in refused["message"]
    made = await wire.ok("POST", "", body, key=wire.admin_key)
    assert made["event_types"] == body["event_types"]
    path = f"/{made['id']}"
    test = {"event_type": "account.expiring"}
    await wire.ok("POST", f"{path}/test", test, key=wire.admin_key)
    sent = json.loads(wire.office.postman.letters[-1].body)
    assert sent["type"] == "account.expiring"
    assert sent["data"]["id"].startswith("account_")
    await wire.ok("POST", path, {"event_types": ["account.rejected"]}, key=wire.admin_key)

    answer = await wire.client.get(
        "/v1/webhook_event_types", headers={"authorization": f"Bearer {wire.admin_key}"}
    )
    assert answer.json()["data"] == [*SIX, "account.expiring", "account.rejected"]


@pytest.mark.parametrize("path", ["/v1/webhook_event_types", "/v1/webhook_endpoints"])
async def test_nothing_is_told_without_a_key(wire: Wire, path: str) -> None:
    assert (await wire.client.get(path)).status_code == 401


async def test_no_answer_log_or_row_holds_a_secret(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    made = await wire.ok("POST", "", BODY)
    wire.office.postman.answers = [DOWN]
    await wire.office.announce("video_1")
    await wire.office.work()
    secret = made["signing_secret"]
    for path in ("", f"/{made['id']}", f"/{made['id']}/deliveries"):
        assert secret not in (await wire.call("GET", path)).text
    assert "webhook.tried" in caplog.text
    assert secret not in caplog.text
    rows = await wire.office.database.rows("SELECT * FROM webhook_endpoints")
    assert secret not in str(rows)
