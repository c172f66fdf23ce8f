"""A batch goes on wherever its process died, and nothing of it is made twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate.domain.batch import Batch, BatchStatus, LineState
from filmgate.domain.job import Status
from filmgate.storage.database.claims import ClaimRows
from unit.batch_office import Office, jsonl, line, opened

LINES = 40
ENDLESS = [line("a", prompt="endless"), line("b", prompt="endless"), line("c")]

#: A method of the rows, how often it is called, and what the process was about to do.
MOMENTS = [
    *[("add_lines", nth) for nth in (1, 3)],
    *[("move", nth) for nth in (1, 2, 3)],  # begin, finalize, end
    *[("start", nth) for nth in (1, 2, 20)],
    *[("made", nth) for nth in (1, 2, 20)],
    *[("settle", nth) for nth in (1, 2, 20)],
    *[("lines", nth) for nth in (1, 3)],
    *[("drop_lines", nth) for nth in (1, 2)],
]


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr("filmgate.gateway.batch_lines.GROUP_LINES", 10)
    monkeypatch.setattr("filmgate.gateway.batch_feed.GROUP", 10)
    async with opened(tmp_path, seats=8) as office:
        yield office


async def died(office: Office, when: str, name: str, nth: int, content: bytes) -> Batch:
    """A batch whose process died at that moment."""
    first = Office(office.house, office.folder, seats=8, dies=(when, name, nth))
    batch = await first.batch(content)
    await first.until(lambda: bool(first.desk.broken))
    await first.desk.leave()
    return batch


def next_process(office: Office) -> Office:
    nxt = Office(office.house, office.folder, seats=8)
    nxt.feeder.poke()  # as the dispatcher's first sweep does
    return nxt


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("name", "nth"), MOMENTS)
async def test_a_batch_goes_on(office: Office, when: str, name: str, nth: int) -> None:
    lines = [line(str(number)) for number in range(LINES)]
    lines[7] = line("7", seconds=5.0)
    lines[8] = line("8", prompt="forbidden")
    batch = await died(office, when, name, nth, jsonl(lines))

    nxt = next_process(office)
    ended = await nxt.reaches(batch)
    await nxt.turns()

    assert ended.status is BatchStatus.COMPLETED
    assert (ended.total, ended.completed, ended.failed) == (LINES, LINES - 2, 2)
    assert len(office.jobs()) == LINES - 1
    output = {one["custom_id"] for one in await nxt.output(ended)}
    errors = {one["custom_id"] for one in await nxt.errors(ended)}
    assert (len(output), errors) == (LINES - 1, {"7"})
    assert office.count("batch_lines") == 0


async def cancel(office: Office, batch: Batch) -> BatchStatus:
    await office.batching.cancel(batch.id, office.house.caller)
    return BatchStatus.CANCELLED


async def expire(office: Office, batch: Batch) -> BatchStatus:
    assert (await office.now(batch)).status is BatchStatus.IN_PROGRESS
    office.house.clock.move(timedelta(hours=24))
    return BatchStatus.EXPIRED


Stop = Callable[[Office, Batch], object]


@pytest.mark.parametrize("stop", [cancel, expire])
@pytest.mark.parametrize("moment", [("before", "start"), ("after", "start"),
                                    ("before", "made"), ("after", "made")])  # fmt: skip
async def test_a_batch_that_is_to_end_leaves_no_job_behind(
    office: Office, stop: Callable[..., object], moment: tuple[str, str]
) -> None:
    batch = await died(office, *moment, 1, jsonl(ENDLESS))
    end = await stop(office, batch)  # type: ignore[misc]

    nxt = next_process(office)
    ended = await nxt.reaches(batch)

    assert ended.status is end
    assert (ended.total, ended.completed + ended.failed) == (3, 3)
    assert len(office.jobs(Status.CANCELLED)) + ended.completed == len(office.jobs())
    assert len(await nxt.output(ended)) == ended.completed
    assert len(await nxt.errors(ended)) == ended.failed


@pytest.mark.parametrize("gate", ["submit", "made"])
async def test_a_batch_that_is_cancelled_while_a_job_is_made_cancels_that(
    office: Office, gate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job's line is started, but it has no id yet that could be cancelled."""
    first = Office(office.house, office.folder, seats=1)
    batch = await first.batch(jsonl([line("a", prompt="endless")]))
    opened, reached = asyncio.Event(), asyncio.Event()
    place: Any = office.house.gateway if gate == "submit" else first.rows
    through = getattr(place, gate)

    async def waiting(*args: object) -> object:
        reached.set()
        await opened.wait()
        return await through(*args)

    monkeypatch.setattr(place, gate, waiting)
    await first.until(reached.is_set)
    await first.batching.cancel(batch.id, office.house.caller)
    await first.turns()
    assert (await first.now(batch)).status is BatchStatus.CANCELLING
    # Nobody looks again and again until then.
    assert (len(first.desk.tasks), first.desk.kept) == (1, set())

    opened.set()
    ended = await first.reaches(batch)
    assert (ended.status, ended.failed) == (BatchStatus.CANCELLED, 1)
    assert len(office.jobs(Status.CANCELLED)) == 1


async def test_a_job_that_is_written_down_needs_no_claim(office: Office) -> None:
    batch = await died(office, "after", "made", 1, jsonl([line("a", prompt="endless")]))
    await ClaimRows(office.house.database).forget(before=office.house.clock.now())
    nxt = next_process(office)
    await nxt.until(lambda: bool(nxt.desk.tasks) and not nxt.desk.kept)
    await office.house.gateway.cancel(office.jobs()[0], office.house.caller)
    ended = await nxt.reaches(batch)
    assert (ended.failed, len(office.jobs())) == (1, 1)


async def test_many_started_lines_are_ended_in_groups(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.gateway.batch_feed.GROUP", 2)
    batch = await died(office, "before", "made", 1, jsonl(map(line, "abcdefgh")))
    for number in (5, 6, 7, 8):
        await office.rows.start(batch.id, number)
    assert len(await office.rows.numbers(batch.id, LineState.STARTED, limit=10)) > 4
    await cancel(office, batch)
    ended = await next_process(office).reaches(batch)
    assert (ended.status, ended.completed + ended.failed) == (BatchStatus.CANCELLED, 8)


async def test_a_job_that_is_deleted_before_its_batch_ends_is_no_hindrance(
    office: Office,
) -> None:
    batch = await died(office, "after", "made", 1, jsonl([line("a", prompt="endless")]))
    await office.house.gateway.delete(office.jobs()[0], office.house.caller)
    await cancel(office, batch)
    ended = await next_process(office).reaches(batch)
    assert (ended.status, ended.failed) == (BatchStatus.CANCELLED, 1)
