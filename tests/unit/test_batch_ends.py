"""How batches end before all of their lines are made, and who hears of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.batch import BATCH_STEPS, BatchStatus
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.job import Status
from unit.batch_office import Office, ids, jsonl, line, opened

DAY = timedelta(days=1)
ENDS = [status for status in BATCH_STEPS if status.ended]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


async def test_a_cancelled_batch_keeps_what_is_done(office: Office) -> None:
    lines = [line("done"), line("runs", prompt="endless"), *map(line, "abc")]
    lines[2]["body"]["prompt"] = "endless"
    batch = await office.batch(jsonl(lines))
    await office.until(lambda: len(office.jobs(Status.COMPLETED)) == 1)
    await office.until(lambda: len(office.jobs(Status.IN_PROGRESS)) == 2)

    cancelling = await office.batching.cancel(batch.id, office.house.caller)
    assert cancelling.status is BatchStatus.CANCELLING
    again = await office.batching.cancel(batch.id, office.house.caller)
    assert again.status is BatchStatus.CANCELLING
    ended = await office.reaches(batch)

    assert ended.status is BatchStatus.CANCELLED
    assert (ended.total, ended.completed, ended.failed) == (5, 1, 4)
    assert len(office.jobs(Status.CANCELLED)) == 2
    assert len(office.jobs()) == 3
    assert ids(await office.output(ended)) == {"done"}
    assert {
        (one["custom_id"], one["response"], one["error"]["code"])
        for one in await office.errors(ended)
    } == {(name, None, "batch_cancelled") for name in ("runs", "a", "b", "c")}
    assert (await office.batching.cancel(batch.id, office.house.caller)) == ended


async def test_a_job_that_its_caller_cancels_has_failed(office: Office) -> None:
    batch = await office.batch(jsonl([line("a", prompt="endless")]))
    await office.until(lambda: len(office.jobs(Status.IN_PROGRESS)) == 1)
    await office.house.gateway.cancel(office.jobs()[0], office.house.caller)
    ended = await office.reaches(batch)
    assert (ended.status, ended.failed) == (BatchStatus.COMPLETED, 1)
    assert len(await office.output(ended)) == 1


async def test_a_batch_is_cancelled_while_its_file_is_read(office: Office) -> None:
    batch = await office.batch(jsonl(line(str(number)) for number in range(5000)))
    await office.until(lambda: office.count("batch_lines") > 0)
    await office.batching.cancel(batch.id, office.house.caller)
    ended = await office.reaches(batch)
    await office.turns()
    assert ended.status is BatchStatus.CANCELLED
    assert (ended.total, ended.completed, ended.failed) == (0, 0, 0)
    assert (ended.output_file_id, ended.error_file_id) == (None, None)
    assert (office.count("batch_lines"), office.jobs()) == (0, [])
    assert list(office.work.iterdir()) == []


@pytest.mark.parametrize("status", ENDS)
async def test_what_has_ended_cannot_be_cancelled(office: Office, status: BatchStatus) -> None:
    batch = await office.batch(jsonl([line("a")]))
    way = {
        BatchStatus.COMPLETED: ["in_progress", "finalizing", "completed"],
        BatchStatus.EXPIRED: ["expired"],
        BatchStatus.FAILED: ["failed"],
        BatchStatus.CANCELLED: ["cancelling", "cancelled"],
    }[status]
    for step in way:
        at = office.house.clock.now()
        assert await office.rows.move(batch.id, BatchStatus(step), at=at)
    if status is BatchStatus.CANCELLED:
        same = await office.batching.cancel(batch.id, office.house.caller)
        assert same.status is status
        return
    with pytest.raises(InvalidRequest, match=f"is {status}: there is nothing left") as refused:
        await office.batching.cancel(batch.id, office.house.caller)
    assert refused.value.code == "batch_ended"


async def test_a_batch_ends_a_day_later_whatever_is_left(office: Office) -> None:
    lines = [line("done"), *(line(name, prompt="endless") for name in "abc")]
    batch = await office.batch(jsonl(lines))
    await office.until(lambda: len(office.jobs(Status.COMPLETED)) == 1)
    await office.until(lambda: len(office.jobs(Status.IN_PROGRESS)) == 2)
    office.house.clock.move(DAY - timedelta(minutes=1))
    office.feeder.poke()
    await office.turns()
    assert (await office.now(batch)).status is BatchStatus.IN_PROGRESS

    office.house.clock.move(timedelta(minutes=1))
    office.feeder.poke()
    ended = await office.reaches(batch)

    assert ended.status is BatchStatus.EXPIRED
    assert (ended.total, ended.completed, ended.failed) == (4, 1, 3)
    assert ids(await office.output(ended)) == {"done"}
    errors = await office.errors(ended)
    assert {one["error"]["code"] for one in errors} == {"batch_expired"}
    assert ids(errors) == {"a", "b", "c"}
    assert len(office.jobs(Status.CANCELLED)) == 2


async def test_a_batch_whose_file_was_never_read_expires_too(office: Office) -> None:
    batch = await office.batch(jsonl([line("a")]))
    office.desk.kept.clear()
    office.house.clock.move(DAY)
    office.feeder.poke()
    ended = await office.reaches(batch)
    assert (ended.status, ended.total, len(office.told)) == (BatchStatus.EXPIRED, 0, 1)


async def listen(office: Office) -> None:
    """The caller wants to hear of every end."""
    caller, types = office.house.caller.id, json.dumps([f"batch.{end}" for end in ENDS])
    await office.house.database.write(
        lambda connection: connection.execute(
            "INSERT INTO webhook_endpoints (id, caller_id, name, url, event_types, secret, "
            "created_at) VALUES ('whe_1', :caller, 'hook', 'https://example.com', :types, "
            "'sealed', 0)",
            {"caller": caller, "types": types},
        )
    )


async def test_every_end_is_announced_once(office: Office) -> None:
    await listen(office)
    ends = {
        BatchStatus.COMPLETED: jsonl([line("a")]),
        BatchStatus.FAILED: b"nothing\n",
        BatchStatus.CANCELLED: jsonl([line("a", prompt="endless")]),
        BatchStatus.EXPIRED: jsonl([line("a", prompt="endless")]),
    }
    expected = set()
    for end, content in ends.items():
        batch = await office.batch(content)
        await office.reaches(batch, BatchStatus.IN_PROGRESS, BatchStatus.FAILED)
        if end is BatchStatus.CANCELLED:
            await office.batching.cancel(batch.id, office.house.caller)
        if end is BatchStatus.EXPIRED:
            office.house.clock.move(DAY)
            office.feeder.poke()
        assert (await office.reaches(batch)).status is end
        expected.add((batch.id, f"batch.{end}"))

    await office.until(lambda: len(office.told) == len(ends))
    told = await office.house.database.rows(
        "SELECT subject_id, event_type FROM deliveries WHERE event_type LIKE 'batch.%'"
    )
    assert Counter(told) == Counter(expected)
