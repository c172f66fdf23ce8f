"""What every store promises webhooks: each event once per receiver, and nothing lost."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.claim import Claim
from filmgate.domain.errors import Conflict, InvalidRequest
from filmgate.domain.webhook import DeliveryState, Endpoint, EndpointChange, EventType
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.deliveries import announce
from post_office import DOWN, OK, Office, open_office

DAY = timedelta(days=1)


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> Office:
    return await open_office(tmp_path, database)


def claim(office: Office, fingerprint: str = "f") -> Claim:
    return Claim(caller_id=office.caller.id, path="/x", key="k", fingerprint=fingerprint)


async def added(office: Office, number: int = 1, **fields: object) -> str:
    endpoint = Endpoint(
        id=f"whe_{number:03d}",
        caller_id=office.caller.id,
        name="hook",
        url="https://example.com",
        event_types=(EventType.VIDEO_COMPLETED,),
        secret="sealed",
        created_at=office.clock.now(),
        updated_at=office.clock.now(),
    )
    key = fields.pop("claim", None)
    assert key is None or isinstance(key, Claim)
    return await office.endpoint_rows.add(
        replace(endpoint, **fields),  # type: ignore[arg-type]
        key,
    )


async def test_an_announcement_reaches_every_endpoint_that_wants_it_once(
    office: Office,
) -> None:
    wanted = await office.endpoint("video.completed", "video.failed")
    other = await office.endpoint("batch.completed")
    await office.announce("video_9", target="sealed")
    await office.announce("video_9", target="sealed")

    found = await office.rows.due(at=office.clock.now(), busy=[], limit=10)

    due = sorted(found, key=lambda delivery: delivery.id)
    assert [(d.endpoint_id, d.target) for d in due] == [(None, "sealed"), (wanted.id, None)]
    assert {d.event_id for d in due} == {"evt_9"}
    assert len({d.id for d in due}) == 2
    assert {d.receiver for d in due} == {wanted.id, office.caller.id}
    assert await office.log(other) == []
    now, delivered = office.clock.now(), DeliveryState.DELIVERED
    await office.rows.tried(due[1], OK, at=now, state=delivered, due=now)
    await office.announce("video_9")
    await office.rows.drop(due[1].id, at=now)
    assert [d.state for d in await office.log(wanted)] == [delivered]


async def test_an_announcement_is_undone_with_what_it_tells_of(office: Office) -> None:
    endpoint = await office.endpoint()

    def unit(connection: Connection) -> None:
        announce(
            connection,
            event_type="video.completed",
            subject_id="video_9",
            caller_id=office.caller.id,
            target=None,
            at=office.clock.now(),
        )
        message = "the job did not end after all"
        raise ValueError(message)

    with pytest.raises(ValueError, match="after all"):
        await office.database.write(unit)

    assert await office.log(endpoint) == []


async def test_other_callers_endpoints_hear_nothing(office: Office) -> None:
    bob = await CallerRows(office.database).ensure("caller_2", "bob", at=office.clock.now())
    await added(office, caller_id=bob.id)
    await office.announce("video_9")

    assert await office.rows.due(at=office.clock.now(), busy=[], limit=10) == []
    assert await office.endpoint_rows.get("whe_001", caller_id=office.caller.id) is None
    later = office.clock.now()
    assert not await office.endpoint_rows.delete(
        "whe_001", caller_id=office.caller.id, at=later
    )


async def test_a_deleted_and_a_disabled_endpoint_get_nothing_more(office: Office) -> None:
    deleted, disabled = await office.endpoint(), await office.endpoint()
    await office.announce("video_8")
    now = office.clock.now()
    assert await office.endpoint_rows.delete(deleted.id, caller_id=office.caller.id, at=now)
    await office.rows.disable(disabled.id, at=now)
    await office.announce("video_9")

    for endpoint in (deleted, disabled):
        (dropped,) = await office.log(endpoint)
        assert (dropped.state, dropped.ended_at) == (DeliveryState.DROPPED, now)
        assert await office.rows.endpoint(endpoint.id) is None
    assert await office.rows.due(at=now, busy=[], limit=10) == []
    assert not await office.endpoint_rows.delete(deleted.id, caller_id=office.caller.id, at=now)
    kept = await office.database.row(
        "SELECT secret, old_secret FROM webhook_endpoints WHERE id = :id", id=deleted.id
    )
    assert kept == ("", None)


async def test_due_leaves_out_busy_receivers_and_what_is_for_later(office: Office) -> None:
    first, second = await office.endpoint(), await office.endpoint()
    await office.announce("video_9")
    now = office.clock.now()
    (late,) = await office.log(first)
    await office.rows.tried(late, DOWN, at=now, state=DeliveryState.PENDING, due=now + DAY)

    soon = await office.rows.due(at=now, busy=[], limit=10)
    assert [d.endpoint_id for d in soon] == [second.id]
    assert await office.rows.due(at=now, busy=[first.id, second.id], limit=10) == []
    later = await office.rows.due(at=now + DAY, busy=[second.id], limit=10)
    assert [d.endpoint_id for d in later] == [first.id]
    both = await office.rows.due(at=now + DAY, busy=[], limit=10)
    assert [d.endpoint_id for d in both] == [second.id, first.id]
    assert len(await office.rows.due(at=now + DAY, busy=[], limit=1)) == 1


async def test_every_try_is_written_even_to_a_dropped_delivery(office: Office) -> None:
    endpoint = await office.endpoint()
    await office.announce("video_9")
    (delivery,) = await office.log(endpoint)
    now = office.clock.now()
    pending = DeliveryState.PENDING
    await office.rows.tried(delivery, DOWN, at=now, state=pending, due=now + DAY)
    await office.rows.drop(delivery.id, at=now)
    await office.rows.tried(delivery, OK, at=now + DAY, state=DeliveryState.DELIVERED, due=now)

    found = await office.rows.get(delivery.id)
    assert found is not None
    assert (found.state, found.tries, found.ended_at) == (DeliveryState.DROPPED, 2, now)
    tries = await office.rows.tries(delivery.id)
    assert [(t.number, t.at, t.status, t.error) for t in tries] == [
        (1, now, None, DOWN.error),
        (2, now + DAY, 200, None),
    ]


async def test_the_log_is_read_in_pages_newest_first(office: Office) -> None:
    endpoint, other = await office.endpoint(), await office.endpoint()
    for number in range(5):
        await office.announce(f"video_{number}")
        office.clock.move(timedelta(seconds=1))

    first, more = await office.rows.list(endpoint.id, after=None, limit=3)
    second, no_more = await office.rows.list(endpoint.id, after=first[-1].id, limit=3)

    assert [d.subject_id for d in [*first, *second]] == [f"video_{n}" for n in (4, 3, 2, 1, 0)]
    assert (more, no_more) == (True, False)
    strangers = await office.log(other)
    assert await office.rows.list(endpoint.id, after=strangers[0].id, limit=3) == ([], False)


async def test_endpoints_are_read_in_pages_newest_first(office: Office) -> None:
    for number in range(5):
        await added(office, number, created_at=office.clock.now())

    rows, caller_id = office.endpoint_rows, office.caller.id
    first, more = await rows.list(caller_id=caller_id, after=None, limit=3)
    await rows.delete(first[-1].id, caller_id=caller_id, at=office.clock.now())
    second, no_more = await rows.list(caller_id=caller_id, after=first[-1].id, limit=3)

    assert [e.id for e in [*first, *second]] == [f"whe_{n:03d}" for n in (4, 3, 2, 1, 0)]
    assert (more, no_more) == (True, False)
    assert await rows.list(caller_id=caller_id, after="whe_none", limit=3) == ([], False)


async def test_a_claim_makes_one_endpoint_and_a_full_house_claims_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.storage.database.webhooks.MOST_ENDPOINTS", 1)
    assert await added(office, 1, claim=claim(office)) == "whe_001"
    assert await added(office, 2, claim=claim(office)) == "whe_001"
    with pytest.raises(Conflict):
        await added(office, 3, claim=claim(office, "other"))
    another = replace(claim(office), key="another")
    with pytest.raises(InvalidRequest):
        await added(office, 4, claim=another)
    await office.endpoint_rows.delete(
        "whe_001", caller_id=office.caller.id, at=office.clock.now()
    )
    assert await added(office, 4, claim=another) == "whe_004"


async def test_what_changes_nothing_is_no_change(office: Office) -> None:
    await added(office)
    made = office.clock.now()

    async def changed(change: EndpointChange) -> Endpoint:
        office.clock.move(DAY)
        assert await office.endpoint_rows.change(
            "whe_001",
            change,
            caller_id=office.caller.id,
            claim=None,
            claimed_id="change_1",
            at=office.clock.now(),
        )
        found = await office.endpoint_rows.get("whe_001", caller_id=office.caller.id)
        assert found is not None
        return found

    same = EndpointChange(name="hook", event_types=(EventType.VIDEO_COMPLETED,))
    assert (await changed(EndpointChange())).updated_at == made
    assert (await changed(same)).updated_at == made
    for change in (
        EndpointChange(name="new"),
        EndpointChange(url="https://example.org"),
        EndpointChange(event_types=(EventType.VIDEO_FAILED,)),
    ):
        assert (await changed(change)).updated_at == office.clock.now()
    found = await changed(EndpointChange())
    assert (found.name, found.url) == ("new", "https://example.org")
    assert found.event_types == (EventType.VIDEO_FAILED,)
    await office.rows.disable("whe_001", at=office.clock.now())
    again = await changed(EndpointChange())
    assert (again.disabled_at, again.updated_at) == (None, office.clock.now())


async def test_a_rotation_keeps_the_old_secret_or_not_and_happens_once(office: Office) -> None:
    await added(office)
    until = office.clock.now() + DAY

    async def rotated(secret: str, rotation: str, **fields: object) -> tuple[object, ...]:
        assert await office.endpoint_rows.rotate(
            "whe_001",
            secret,
            caller_id=office.caller.id,
            old_until=until if fields.get("keep") else None,
            claim=claim(office) if fields.get("claimed") else None,
            claimed_id=rotation,
            at=office.clock.now(),
        )
        found = await office.endpoint_rows.get("whe_001", caller_id=office.caller.id)
        assert found is not None
        assert "secret" not in repr(found).replace("old_secret_until", "")
        return found.secret, found.old_secret, found.old_secret_until

    assert await rotated("s2", "r1", keep=True, claimed=True) == ("s2", "sealed", until)
    assert await rotated("s3", "r2", keep=True, claimed=True) == ("s2", "sealed", until)
    assert await rotated("s4", "r3") == ("s4", None, None)
    assert not await office.endpoint_rows.rotate(
        "whe_002",
        "s5",
        caller_id=office.caller.id,
        old_until=None,
        claim=None,
        claimed_id="r4",
        at=until,
    )


async def test_the_log_is_forgotten_in_time_but_nothing_that_is_under_way(
    office: Office,
) -> None:
    endpoint, other = await office.endpoint(), await office.endpoint()
    for number in range(3):
        await office.announce(f"video_{number}")
    now = office.clock.now()
    for delivery in (await office.log(endpoint))[:2]:
        await office.rows.tried(delivery, OK, at=now, state=DeliveryState.DELIVERED, due=now)
    await office.endpoint_rows.delete(other.id, caller_id=office.caller.id, at=now)

    assert await office.rows.forget(before=now - DAY, limit=10) == 0
    assert await office.rows.forget(before=now, limit=3) == 3
    assert await office.rows.forget(before=now, limit=3) == 2
    assert len(await office.log(endpoint)) == 1
    assert await office.database.rows("SELECT * FROM delivery_tries") == []
    left = await office.database.rows("SELECT id FROM webhook_endpoints")
    assert left == [(endpoint.id,)]


async def test_a_caller_without_endpoints_costs_one_indexed_question(tmp_path: Path) -> None:
    office = await open_office(tmp_path)
    asked: list[str] = []

    def unit(connection: Connection) -> list[tuple[object, ...]]:
        assert isinstance(connection, sqlite3.Connection)
        connection.set_trace_callback(asked.append)
        announce(
            connection,
            event_type="video.completed",
            subject_id="video_9",
            caller_id=office.caller.id,
            target=None,
            at=office.clock.now(),
        )
        connection.set_trace_callback(None)
        return connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()

    plan = await office.database.write(unit)
    await office.database.close()

    assert len(asked) == 1
    assert "USING INDEX endpoints_of_caller" in str(plan)
