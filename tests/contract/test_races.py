"""Two nodes that do the same at the same time, on one PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import Scripted
from filmgate.domain.batch import Batch, BatchLine, BatchStatus, LineState
from filmgate.domain.errors import InvalidRequest, OwnershipLost
from filmgate.domain.events import EventKind
from filmgate.domain.file import File, UploadInParts, UploadPart, UploadStatus
from filmgate.domain.job import Job, Owned
from filmgate.domain.webhook import MOST_ENDPOINTS, DeliveryState, Endpoint, EventType
from filmgate.ports import NewJob
from filmgate.storage.database.batches import BatchRows
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.deliveries import DeliveryRows
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.leases import LeaseRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.uploads import UploadRows
from filmgate.storage.database.webhooks import EndpointRows
from house import House, open_house
from post_office import DOWN, OK, open_office

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROUNDS = 10
Nodes = tuple[PostgreSQL, PostgreSQL]


@pytest.fixture
async def nodes(postgres_url: str) -> AsyncIterator[Nodes]:
    both = PostgreSQL(postgres_url, size=8), PostgreSQL(postgres_url, size=8)
    yield both
    for node in both:
        await node.close()


@pytest.fixture
async def house(nodes: Nodes, tmp_path: Path) -> House:
    return await open_house(tmp_path, Scripted(), seats=3, database=nodes[0])


async def both(
    nodes: Nodes, step: Callable[[PostgreSQL], Awaitable[Any]], times: int = 4
) -> Any:
    """What *step* answers, or raises, on each node and *times* at once on each."""
    steps = (step(node) for _ in range(times) for node in nodes)
    return await asyncio.gather(*steps, return_exceptions=True)


async def new(house: House, number: str) -> NewJob:
    job = await house.submitted()
    return NewJob(job=replace(job, id=f"video_{number}"), fingerprint="f")


async def test_one_key_makes_one_job(nodes: Nodes, house: House) -> None:
    template = await new(house, "x")
    for number in range(ROUNDS):
        claim = house.claim(key=f"k{number}")
        names = iter("abcdefgh")

        async def add(node: PostgreSQL) -> str:
            job = replace(template.job, id=f"video_{number}{next(names)}")  # noqa: B023
            return await JobRows(node).add([replace(template, job=job)], claim)  # noqa: B023

        answers = await both(nodes, add)
        assert len(set(answers)) == 1
        made = await nodes[0].rows(f"SELECT id FROM jobs WHERE id LIKE 'video_{number}_'")
        assert [(answers[0],)] == made


async def test_a_key_of_yesterday_is_taken_over_by_one(nodes: Nodes, house: House) -> None:
    template = await new(house, "x")
    names = itertools.count()

    async def add(node: PostgreSQL, *, at: datetime) -> str:
        job = replace(template.job, id=f"video_{next(names)}", created_at=at)
        return await JobRows(node).add([replace(template, job=job)], house.claim())

    first = await add(nodes[0], at=NOON)
    answers = await both(nodes, lambda node: add(node, at=NOON + 2 * timedelta(days=1)))
    assert len(set(answers)) == 1
    assert answers[0] != first


async def test_every_retry_adopts_a_job_of_its_own(nodes: Nodes, house: House) -> None:
    template = await new(house, "x")
    for number in range(5):
        job = replace(template.job, id=f"video_{number}")
        await JobRows(nodes[0]).add([replace(template, job=job)], None)
    since = template.job.created_at - HOUR

    async def adopt(node: PostgreSQL) -> str | None:
        rows = JobRows(node)
        return await rows.adopt("f", caller_id=house.caller.id, retry=1, since=since)

    answers = await both(nodes, adopt)
    assert Counter(answers) == {f"video_{n}": 1 for n in range(5)} | {None: 3}


async def own(house: House, node: PostgreSQL, job: Job, worker: str) -> object:
    return await OwnershipRows(node).own(
        job.id,
        worker=worker,
        accounts=[house.account],
        attempt_id=house.new_id("attempt_"),
        at=house.clock.now(),
    )


async def test_seats_are_never_given_twice(nodes: Nodes, house: House) -> None:
    now = house.clock.now()
    for name in ("w1", "w2"):
        await LeaseRows(nodes[0]).take(f"node/{name}", name, at=now, until=now + HOUR)
    jobs = [await house.submitted() for _ in range(20)]
    answers = await asyncio.gather(
        *(own(house, node, job, f"w{n}") for job in jobs for n, node in enumerate(nodes, 1))
    )
    owned = [answer for answer in answers if isinstance(answer, Owned)]
    assert len(owned) == len({one.job.id for one in owned}) == 3
    assert await nodes[0].row("SELECT count(*) FROM attempts") == (3,)


async def test_a_job_is_cancelled_or_started_never_both(nodes: Nodes, house: House) -> None:
    for _ in range(ROUNDS):
        job = await house.submitted()
        at = house.clock.now()
        owned, cancelled = await asyncio.gather(
            own(house, nodes[0], job, "w1"),
            JobRows(nodes[1]).cancel(job.id, caller_id=house.caller.id, at=at),
        )
        assert cancelled
        kinds = [event.kind for event in await house.jobs.events(job.id)]
        if isinstance(owned, Owned):
            assert kinds == [EventKind.CREATED, EventKind.STARTED]
            await house.rows.cancelled(owned, at=at)
        else:
            assert kinds == [EventKind.CREATED, EventKind.CANCELLED]
        assert (await house.now(job)).status == "cancelled"


async def test_events_are_numbered_without_a_gap(nodes: Nodes, house: House) -> None:
    job = await house.submitted()
    owned = await own(house, nodes[0], job, "w1")
    assert isinstance(owned, Owned)
    now = house.clock.now()

    async def step(node: PostgreSQL) -> None:
        await OwnershipRows(node).keep_percent(owned, 50, at=now)

    assert set(await both(nodes, step)) == {None}

    async def end(node: PostgreSQL) -> None:
        await JobRows(node).expire(job.id, at=now)

    await both(nodes, end)
    events = await house.jobs.events(job.id)
    assert [event.number for event in events] == list(range(1, 12))
    assert Counter(event.kind for event in events)[EventKind.EXPIRED] == 1


async def test_a_job_ends_once(nodes: Nodes, house: House) -> None:
    job = await house.submitted()
    owned = await own(house, nodes[0], job, "w1")
    assert isinstance(owned, Owned)
    now = house.clock.now()

    async def end(node: PostgreSQL) -> bool:
        return await OwnershipRows(node).complete(owned, [], at=now, expires=now)

    answers = await both(nodes, end)
    assert answers.count(True) == 1
    assert {type(answer) for answer in answers} == {bool, OwnershipLost}


async def batched(node: PostgreSQL, lines: int) -> str:
    await CallerRows(node).ensure("caller_1", "alice", at=NOON)
    rows = BatchRows(node)
    batch = Batch(
        id="batch_1",
        caller_id="caller_1",
        endpoint="/v1/videos",
        input_file_id="file_1",
        status=BatchStatus.VALIDATING,
        created_at=NOON,
        expires_at=NOON + HOUR,
        metadata={},
        kept=HOUR,
    )
    await rows.add(batch, None)
    made = [BatchLine(number=n, custom_id=str(n), body="{}") for n in range(1, lines + 1)]
    assert await rows.add_lines(batch.id, made)
    await rows.move(batch.id, BatchStatus.IN_PROGRESS, at=NOON)
    return batch.id


async def test_a_line_starts_and_ends_once_and_counts_are_exact(nodes: Nodes) -> None:
    batch = await batched(nodes[0], 20)
    for number in range(1, 11):
        started = await both(nodes, lambda n: BatchRows(n).start(batch, number))  # noqa: B023
        ended = await both(
            nodes,
            lambda n: BatchRows(n).settle(batch, number, LineState.COMPLETED),  # noqa: B023
        )
        assert (started.count(True), ended.count(True)) == (1, 1)
    stopped = await both(
        nodes, lambda n: BatchRows(n).stop_waiting(batch, LineState.CANCELLED, limit=4)
    )
    assert sum(stopped) == 10
    found = await BatchRows(nodes[0]).anybodys(batch)
    assert found is not None
    assert (found.completed, found.failed) == (10, 10)


async def test_who_cancels_a_batch_finds_every_job_or_is_found(nodes: Nodes) -> None:
    batch = await batched(nodes[0], 1)
    await BatchRows(nodes[0]).start(batch, 1)
    status, _ = await asyncio.gather(
        BatchRows(nodes[0]).made(batch, 1, ["video_1"]),
        BatchRows(nodes[1]).move(batch, BatchStatus.CANCELLING, at=NOON),
    )
    line = await BatchRows(nodes[1]).line(batch, 1)
    assert line is not None
    assert status is BatchStatus.CANCELLING or line.job_ids == ("video_1",)


async def test_a_batch_moves_once(nodes: Nodes) -> None:
    batch = await batched(nodes[0], 1)
    ends = iter([BatchStatus.FINALIZING, BatchStatus.CANCELLING] * 4)
    moved = await both(nodes, lambda n: BatchRows(n).move(batch, next(ends), at=NOON))
    assert 1 <= moved.count(True) <= 2  # what is finalizing may still be cancelled
    assert {True, False} == set(moved)


async def test_an_upload_ends_once_and_takes_no_part_then(nodes: Nodes) -> None:
    await CallerRows(nodes[0]).ensure("caller_1", "alice", at=NOON)
    for number in range(ROUNDS):
        upload = UploadInParts(
            id=f"upload_{number}",
            caller_id="caller_1",
            filename="a",
            purpose="vision",
            media_type="video/mp4",
            size=3,
            status=UploadStatus.PENDING,
            created_at=NOON,
            expires_at=NOON + HOUR,
            kept=None,
        )
        part = UploadPart(
            id=f"part_{number}", upload_id=upload.id, key="k", size=3, created_at=NOON
        )
        file = File(
            id=f"file_{number}",
            caller_id="caller_1",
            filename="a",
            purpose="vision",
            key="k",
            size=3,
            sha256="",
            created_at=NOON,
            expires_at=None,
        )
        one, two = UploadRows(nodes[0]), UploadRows(nodes[1])
        await one.add(upload, None)
        await one.reserve_part(part)
        await FileRows(nodes[0]).reserve(file, until=NOON + HOUR)
        added, completed, cancelled = await asyncio.gather(
            one.add_part(part, None, at=NOON),
            two.complete(upload.id, file, None, at=NOON),
            one.cancel(upload.id, None, at=NOON),
        )
        assert completed is not cancelled
        kept = await one.parts(upload.id)
        assert [p.id for p in kept] == ([part.id] if added else [])


async def test_one_caller_of_a_name_and_never_too_many_endpoints(nodes: Nodes) -> None:
    names = itertools.count()
    callers = await both(
        nodes, lambda n: CallerRows(n).ensure(f"caller_{next(names)}", "alice", at=NOON)
    )
    assert len({caller.id for caller in callers}) == 1

    async def add(node: PostgreSQL) -> str:
        endpoint = Endpoint(
            id=f"whe_{next(names)}",
            caller_id=callers[0].id,
            name="hook",
            url="https://example.com",
            event_types=(EventType.VIDEO_COMPLETED,),
            secret="sealed",
            created_at=NOON,
            updated_at=NOON,
        )
        return await EndpointRows(node).add(endpoint, None)

    answers = await both(nodes, add, MOST_ENDPOINTS)
    kept = [answer for answer in answers if isinstance(answer, str)]
    assert len(kept) == MOST_ENDPOINTS
    assert {type(answer) for answer in answers} == {str, InvalidRequest}


async def test_a_delivery_is_held_by_one_node(nodes: Nodes, tmp_path: Path) -> None:
    office = await open_office(tmp_path, nodes[0])
    endpoint = await office.endpoint()
    await office.announce("video_9")
    (delivery,) = await office.log(endpoint)
    now, pending = office.clock.now(), DeliveryState.PENDING

    async def hold(node: PostgreSQL) -> bool:
        return await DeliveryRows(node).hold(delivery.id, at=now, until=now + HOUR)

    assert (await both(nodes, hold)).count(True) == 1
    assert await office.rows.due(at=now, busy=[], limit=10) == []
    assert await office.rows.due(at=now + HOUR, busy=[], limit=10) != []

    async def tried(node: PostgreSQL) -> None:
        rows = DeliveryRows(node)
        await rows.tried(delivery, DOWN, at=now, state=pending, due=now)

    assert set(await both(nodes, tried)) == {None}
    tries = await office.rows.tries(delivery.id)
    assert [one.number for one in tries] == list(range(1, 9))
    assert await hold(nodes[1])  # whoever tried lets go
    delivered = DeliveryState.DELIVERED
    await office.rows.tried(delivery, OK, at=now, state=delivered, due=now)
    await tried(nodes[1])  # a double that failed
    assert [d.state for d in await office.log(endpoint)] == [delivered]
    assert not await hold(nodes[0])
