"""`/v1/webhook_endpoints/{id}`: its secret rotated, tested, and the log of what was sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialects.webhook_wire import BODY, Wire, open_wire
from filmgate.ports import Receipt
from post_office import DOWN


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    async with open_wire(tmp_path) as wire:
        yield wire


async def test_a_rotation_replaces_the_secret_and_may_keep_the_old_for_a_day(
    wire: Wire,
) -> None:
    made = await wire.ok("POST", "", BODY)
    path, first = f"/{made['id']}", made["signing_secret"]

    async def signers() -> tuple[str, ...]:
        await wire.ok("POST", f"{path}/test", {"event_type": "video.completed"})
        return wire.secrets()

    async def rotated(body: object = None) -> str:
        answer = await wire.ok("POST", f"{path}/rotate_secret", body)
        assert answer["signing_secret_hint"] == answer["signing_secret"][-4:]
        return str(answer["signing_secret"])

    assert await signers() == (first,)
    second = await rotated({"keep_old_secret_active_for_24_hours": True})
    assert await signers() == (second, first)
    wire.office.clock.move(timedelta(hours=24))
    assert await signers() == (second,)
    third = await rotated({"keep_old_secret_active_for_24_hours": "true"})
    assert await signers() == (third, second)
    fourth = await rotated({})
    assert await signers() == (fourth,)
    fifth = await rotated()
    assert await signers() == (fifth,)
    sixth = await rotated({"keep_old_secret_active_for_24_hours": False})
    assert await signers() == (sixth,)
    assert len({first, second, third, fourth, fifth, sixth}) == 6
    error = await wire.error(
        400, "POST", f"{path}/rotate_secret", {"keep_old_secret_active_for_24_hours": "maybe"}
    )
    assert error["param"] == "keep_old_secret_active_for_24_hours"


async def test_a_body_in_chunks_is_read_by_a_rotation(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"keep_old_secret_active'
        yield b'_for_24_hours": true}'

    await wire.client.post(
        f"/v1/webhook_endpoints/{made['id']}/rotate_secret",
        content=chunks(),
        headers={"authorization": f"Bearer {wire.key}", "content-type": "application/json"},
    )
    await wire.ok("POST", f"/{made['id']}/test", {"event_type": "video.completed"})
    assert wire.secrets()[1] == made["signing_secret"]


async def test_the_same_rotation_sent_twice_makes_one_secret(wire: Wire) -> None:
    path = f"/{(await wire.ok('POST', '', BODY))['id']}/rotate_secret"
    first = await wire.ok("POST", path, {}, idempotency_key="k")
    assert await wire.ok("POST", path, {}, idempotency_key="k") == first
    body = {"keep_old_secret_active_for_24_hours": True}
    await wire.error(409, "POST", path, body, idempotency_key="k")
    other = await wire.ok("POST", path, {}, idempotency_key="k2")
    assert other["signing_secret"] != first["signing_secret"]


async def test_a_test_tells_what_the_receiver_answered(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)
    wire.office.postman.answers = [Receipt(status=503)]
    answer = await wire.ok("POST", f"/{made['id']}/test", {"event_type": "batch.completed"})
    assert answer == {
        "object": "webhook_endpoint.test",
        "event_type": "batch.completed",
        "status_code": 503,
        "success": True,
        "webhook_endpoint_id": made["id"],
    }
    event = json.loads(wire.office.postman.letters[0].body)
    assert (event["object"], event["type"]) == ("event", "batch.completed")
    assert event["data"]["id"].startswith("batch_")
    error = await wire.error(400, "POST", f"/{made['id']}/test", {"event_type": "x"})
    assert error["param"] == "event_type"


async def test_a_test_that_nobody_answers_says_why(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)
    wire.office.postman.answers = [DOWN]
    body = {"event_type": "video.failed"}
    error = await wire.error(400, "POST", f"/{made['id']}/test", body)
    assert (error["code"], error["param"]) == ("webhook_unreachable", "url")
    assert "example.com refused the connection." in error["message"]


async def test_the_same_test_sent_twice_is_posted_once(wire: Wire) -> None:
    path = f"/{(await wire.ok('POST', '', BODY))['id']}/test"
    body = {"event_type": "video.failed"}
    wire.office.postman.answers = [Receipt(status=418), DOWN]
    first = await wire.ok("POST", path, body, idempotency_key="k")
    assert await wire.ok("POST", path, body, idempotency_key="k") == first
    unreachable = await wire.error(400, "POST", path, body, idempotency_key="k2")
    assert await wire.error(400, "POST", path, body, idempotency_key="k2") == unreachable
    assert len(wire.office.postman.posted) == 2

    await wire.office.database.write(
        lambda connection: connection.execute("DELETE FROM delivery_tries").rowcount
    )
    error = await wire.error(409, "POST", path, body, idempotency_key="k")
    assert error["code"] == "test_under_way"


async def test_the_log_shows_every_try(wire: Wire) -> None:
    made = await wire.ok("POST", "", BODY)
    now = int(wire.office.clock.now().timestamp())
    wire.office.postman.answers = [DOWN, Receipt(status=500)]
    await wire.office.announce("video_1")
    await wire.office.work()
    (pending,) = (await wire.ok("GET", f"/{made['id']}/deliveries"))["data"]
    assert pending == {
        "id": pending["id"],
        "object": "webhook_endpoint.delivery",
        "webhook_endpoint_id": made["id"],
        "event_id": "evt_1",
        "event_type": "video.completed",
        "subject_id": "video_1",
        "state": "pending",
        "created_at": now,
        "next_try_at": now + 5,
        "ended_at": None,
        "tries": [{"at": now, "status": None, "error": DOWN.error}],
    }
    assert pending["id"].startswith("wh_")

    await wire.office.until_sent(3)
    await wire.office.announce("video_2", event_type="video.failed")
    page = await wire.ok("GET", f"/{made['id']}/deliveries?limit=1")
    assert (page["data"][0]["event_type"], page["has_more"]) == ("video.failed", True)
    page = await wire.ok("GET", f"/{made['id']}/deliveries?limit=1&after={page['last_id']}")
    (delivered,) = page["data"]
    assert (delivered["state"], delivered["next_try_at"]) == ("delivered", None)
    assert [one["status"] for one in delivered["tries"]] == [None, 500, 200]
    assert delivered["ended_at"] == delivered["tries"][-1]["at"]
