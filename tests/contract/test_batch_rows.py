"""What every store promises batches: steps in order, and counts that are exact."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from filmgate.domain.batch import (
    BATCH_STEPS,
    LINE_STEPS,
    Answer,
    Batch,
    BatchLine,
    BatchStatus,
    Fault,
    LineState,
)
from filmgate.ports import Batches
from filmgate.storage.database.batches import BatchRows
from filmgate.storage.database.connection import Database
from unit.batch_office import VIDEOS, Office, opened

DAY = timedelta(days=1)
WAYS = {
    BatchStatus.VALIDATING: (),
    BatchStatus.IN_PROGRESS: (BatchStatus.IN_PROGRESS,),
    BatchStatus.FINALIZING: (BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING),
    BatchStatus.COMPLETED: (
        BatchStatus.IN_PROGRESS,
        BatchStatus.FINALIZING,
        BatchStatus.COMPLETED,
    ),
    BatchStatus.FAILED: (BatchStatus.FAILED,),
    BatchStatus.EXPIRED: (BatchStatus.EXPIRED,),
    BatchStatus.CANCELLING: (BatchStatus.CANCELLING,),
    BatchStatus.CANCELLED: (BatchStatus.CANCELLING, BatchStatus.CANCELLED),
}


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> AsyncIterator[Office]:
    async with opened(tmp_path, database=database) as office:
        yield office


def test_the_rows_are_what_the_gateway_needs() -> None:
    rows: type[Batches] = BatchRows
    assert rows


async def added(
    office: Office, status: BatchStatus = BatchStatus.VALIDATING, **more: Any
) -> Batch:
    now = office.house.clock.now()
    batch = Batch(
        id=office.house.new_id("batch_"),
        caller_id=office.house.caller.id,
        endpoint=VIDEOS,
        input_file_id="file-1",
        status=BatchStatus.VALIDATING,
        created_at=now,
        expires_at=now + DAY,
        **more,
    )
    assert await office.rows.add(batch, None) == batch.id
    for step in WAYS[status]:
        assert await office.rows.move(batch.id, step, at=now)
    return await office.now(batch)


async def lined(office: Office, count: int = 1) -> Batch:
    batch = await added(office)
    assert await office.rows.add_lines(batch.id, lines(count))
    return batch


def lines(count: int) -> list[BatchLine]:
    return [BatchLine(number=n, custom_id=f"c{n}", body="{}") for n in range(1, count + 1)]


async def test_a_batch_is_kept_as_it_was_made(office: Office) -> None:
    kept = timedelta(hours=5)
    batch = await added(office, metadata={"a": "ü"}, kept=kept)
    assert (batch.metadata, batch.kept, batch.reached, batch.faults) == (
        {"a": "ü"},
        kept,
        {},
        (),
    )
    assert await office.rows.get(batch.id, caller_id=office.house.caller.id) == batch
    assert await office.rows.get(batch.id, caller_id="caller_other") is None
    assert await office.rows.anybodys("batch_none") is None


@pytest.mark.parametrize(("status", "to"), list(product(BatchStatus, repeat=2)))
async def test_a_batch_only_takes_steps_that_follow(
    office: Office, status: BatchStatus, to: BatchStatus
) -> None:
    batch = await added(office, status)
    if to is BatchStatus.VALIDATING:
        return
    at = office.house.clock.now() + timedelta(seconds=1.5)
    moved = await office.rows.move(batch.id, to, at=at)
    after = await office.now(batch)
    assert moved is (to in BATCH_STEPS[status])
    if moved:
        assert (after.status, after.reached[to]) == (to, at)
    else:
        assert after == batch


async def test_a_step_brings_what_was_found_out(office: Office) -> None:
    now = office.house.clock.now()
    batch = await added(office)
    begin = BatchStatus.IN_PROGRESS
    assert await office.rows.move(batch.id, begin, at=now, model="m", total=7)
    assert await office.rows.move(batch.id, BatchStatus.FINALIZING, at=now)
    end = BatchStatus.COMPLETED
    assert await office.rows.move(
        batch.id, end, at=now, output_file_id="file-2", error_file_id="file-3"
    )
    after = await office.now(batch)
    assert (after.model, after.total) == ("m", 7)
    assert (after.output_file_id, after.error_file_id) == ("file-2", "file-3")

    faults = (Fault(code="a", message="ü"), Fault(code="b", message="b", param="p", line=3))
    batch = await added(office)
    assert await office.rows.move(batch.id, BatchStatus.FAILED, at=now, faults=faults)
    assert (await office.now(batch)).faults == faults


async def test_a_list_is_the_callers_newest_first(office: Office) -> None:
    batches = []
    for _ in range(3):
        batches.append((await added(office)).id)
        office.house.clock.move(timedelta(seconds=1))

    async def page(after: str | None, caller_id: str = "") -> tuple[list[str], bool]:
        caller_id = caller_id or office.house.caller.id
        found, more = await office.rows.list(caller_id=caller_id, after=after, limit=2)
        return [batch.id for batch in found], more

    assert await page(None) == (batches[:0:-1], True)
    assert await page(batches[1]) == ([batches[0]], False)
    assert await page("batch_none") == ([], False)
    assert await page(None, "caller_other") == ([], False)
    assert await page(batches[1], "caller_other") == ([], False)


async def test_batches_are_found_by_what_they_are_doing(office: Office) -> None:
    ids = {status: (await added(office, status)).id for status in BatchStatus}
    second = await added(office)
    validating = ids[BatchStatus.VALIDATING]

    async def having(*statuses: BatchStatus, after: str = "", limit: int = 9) -> list[str]:
        return list(await office.rows.having(statuses, after=after, limit=limit))

    assert await having(BatchStatus.VALIDATING) == [validating, second.id]
    assert await having(BatchStatus.VALIDATING, limit=1) == [validating]
    assert await having(BatchStatus.VALIDATING, after=validating) == [second.id]
    assert await having(BatchStatus.CANCELLING, BatchStatus.FAILED) == sorted(
        [ids[BatchStatus.CANCELLING], ids[BatchStatus.FAILED]]
    )


async def test_only_what_has_begun_nothing_final_is_overdue(office: Office) -> None:
    ids = {status: (await added(office, status)).id for status in BatchStatus}
    at = office.house.clock.now() + DAY
    early = await office.rows.overdue(at=at - timedelta(microseconds=1), limit=9)
    late = await office.rows.overdue(at=at, limit=9)
    assert early == []
    assert {batch.id for batch in late} == {
        ids[BatchStatus.VALIDATING],
        ids[BatchStatus.IN_PROGRESS],
    }
    assert len(await office.rows.overdue(at=at, limit=1)) == 1


async def test_lines_are_kept_once_and_only_while_they_are_read(office: Office) -> None:
    batch = await lined(office, 3)
    again = [BatchLine(number=3, custom_id="other", body="[]"), *lines(4)[3:]]
    assert await office.rows.add_lines(batch.id, again)
    found = await office.rows.lines(batch.id, LineState.WAITING, after=0, limit=9)
    assert found == lines(4)
    assert await office.rows.line(batch.id, 3) == lines(3)[2]
    assert await office.rows.line(batch.id, 9) is None

    await office.rows.move(batch.id, BatchStatus.IN_PROGRESS, at=office.house.clock.now())
    assert not await office.rows.add_lines(batch.id, lines(6))
    assert not await office.rows.add_lines("batch_none", lines(1))
    (kept,) = await office.house.database.row("SELECT count(*) FROM batch_lines")
    assert kept == 4


WAYS_OF_LINES: dict[LineState, tuple[LineState, ...]] = {
    LineState.WAITING: (),
    LineState.STARTED: (LineState.STARTED,),
    **{
        state: (LineState.STARTED, state)
        for state in LineState
        if state not in (LineState.WAITING, LineState.STARTED)
    },
}


def counted(state: LineState) -> tuple[int, int]:
    if state in (LineState.WAITING, LineState.STARTED):
        return 0, 0
    return (1, 0) if state is LineState.COMPLETED else (0, 1)


@pytest.mark.parametrize(("state", "to"), list(product(LineState, repeat=2)))
async def test_a_line_only_takes_steps_that_follow_and_counts_once(
    office: Office, state: LineState, to: LineState
) -> None:
    batch = await lined(office)
    for step in WAYS_OF_LINES[state]:
        assert await office.rows.settle(batch.id, 1, step)
    answer = Answer(status=400, body='{"error": "a b"}')
    moved = await office.rows.settle(batch.id, 1, to, answer)

    assert moved is (to in LINE_STEPS[state])
    found = await office.rows.line(batch.id, 1)
    assert found is not None
    now = to if moved else state
    assert (found.state, found.answer) == (now, answer if moved else None)
    after = await office.now(batch)
    assert (after.completed, after.failed) == counted(now)


async def test_a_line_that_is_not_there_takes_no_step(office: Office) -> None:
    batch = await lined(office)
    assert not await office.rows.settle(batch.id, 2, LineState.COMPLETED)
    assert not await office.rows.start(batch.id, 2)
    assert await office.rows.made("batch_none", 1, ["video_1"]) is None
    assert (await office.now(batch)).completed == 0


async def test_a_line_is_started_by_one(office: Office) -> None:
    batch = await lined(office)
    both = await asyncio.gather(*(office.rows.start(batch.id, 1) for _ in range(2)))
    assert sorted(both) == [False, True]


async def test_jobs_are_written_down_while_their_line_is_started(office: Office) -> None:
    batch = await lined(office, 2)
    assert await office.rows.made(batch.id, 1, ["video_1"]) is BatchStatus.VALIDATING
    await office.rows.start(batch.id, 2)
    await office.rows.made(batch.id, 2, ["video_1", "video_2"])
    found = [await office.rows.line(batch.id, number) for number in (1, 2)]
    assert [one and one.job_ids for one in found] == [(), ("video_1", "video_2")]


async def test_lines_are_found_by_state_in_order(office: Office) -> None:
    batch = await lined(office, 6)
    for number in (2, 4, 5):
        await office.rows.start(batch.id, number)
    waiting, started = LineState.WAITING, LineState.STARTED
    assert await office.rows.numbers(batch.id, waiting, limit=2) == [1, 3]
    assert await office.rows.numbers(batch.id, started, limit=9) == [2, 4, 5]
    found = await office.rows.lines(batch.id, started, after=2, limit=1)
    assert [one.number for one in found] == [4]


async def test_waiting_lines_are_stopped_in_groups(office: Office) -> None:
    batch = await lined(office, 6)
    await office.rows.start(batch.id, 2)
    stopped = [
        await office.rows.stop_waiting(batch.id, LineState.EXPIRED, limit=3) for _ in range(3)
    ]
    assert stopped == [3, 2, 0]
    assert (await office.now(batch)).failed == 5
    assert await office.rows.numbers(batch.id, LineState.STARTED, limit=9) == [2]


async def test_lines_of_ended_batches_are_left_over_until_they_are_dropped(
    office: Office,
) -> None:
    batch, going, empty = await lined(office, 5), await lined(office), await added(office)
    for one in (batch, empty):
        await office.rows.move(one.id, BatchStatus.FAILED, at=office.house.clock.now())
    assert await office.rows.leftovers() == [batch.id]
    dropped = [await office.rows.drop_lines(batch.id, limit=3) for _ in range(3)]
    assert dropped == [3, 2, 0]
    assert await office.rows.leftovers() == []
    assert await office.rows.numbers(going.id, LineState.WAITING, limit=9) == [1]


async def test_what_tells_of_an_end_is_synced(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    write = office.house.database.write

    async def noted(unit: Any, *, durable: bool = True) -> Any:
        synced.append(durable)
        return await write(unit, durable=durable)

    monkeypatch.setattr(office.house.database, "write", noted)
    await added(office, BatchStatus.COMPLETED)
    assert synced == [True] * 4
