"""Batches, from a file of requests to the files that say what became of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate.domain.batch import BatchStatus, LineState
from filmgate.domain.claim import Claim
from filmgate.domain.errors import Conflict, InvalidRequest, NotFound, ShuttingDown
from filmgate.domain.job import Status
from filmgate.gateway import batch_files
from filmgate.gateway.batches import NewBatch
from unit.batch_office import VIDEOS, Office, ids, jsonl, line, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


async def test_a_batch_is_made_line_by_line(office: Office) -> None:
    lines = [line(f"shot-{number}", model="kite-1") for number in range(10)]
    batch = await office.batch(jsonl(lines), kept=timedelta(days=2), metadata={"a": "b"})
    assert batch.status is BatchStatus.VALIDATING
    office.house.clock.move(timedelta(minutes=1))

    ended = await office.reaches(batch)
    await office.turns()

    assert ended.status is BatchStatus.COMPLETED
    assert (ended.total, ended.completed, ended.failed) == (10, 10, 0)
    assert (ended.model, ended.metadata, ended.error_file_id) == ("kite-1", {"a": "b"}, None)
    assert set(ended.reached) == {
        BatchStatus.IN_PROGRESS,
        BatchStatus.FINALIZING,
        BatchStatus.COMPLETED,
    }
    output = await office.output(ended)
    assert ids(output) == ids(lines)
    assert {one["response"]["body"]["id"] for one in output} == set(office.jobs())
    file = await office.files.get(ended.output_file_id or "", office.house.caller)
    now = office.house.clock.now()
    assert (file.purpose, file.expires_at) == ("batch_output", now + timedelta(days=2))
    # Nothing else is left of it.
    assert (office.count("batch_lines"), list(office.work.iterdir())) == (0, [])


async def test_who_waits_for_a_film_goes_before_a_batch(office: Office) -> None:
    await office.reaches(await office.batch(jsonl([line("a")])))
    assert await office.house.database.rows("SELECT priority FROM jobs") == [(-1,)]


async def test_each_request_fails_for_itself(office: Office) -> None:
    lines = [
        line("good"),
        {**line("unreadable"), "body": {"model": "kite-1"}},
        line("too long", seconds=5.0),
        line("no such model", model="kite-9"),
        line("rejected", prompt="forbidden"),
    ]
    ended = await office.reaches(await office.batch(jsonl(lines)))

    assert ended.status is BatchStatus.COMPLETED
    assert (ended.total, ended.completed, ended.failed) == (5, 1, 4)
    assert ended.model is None
    output = {one["custom_id"]: one["response"] for one in await office.output(ended)}
    assert {name: it["body"]["status"] for name, it in output.items()} == {
        "good": "completed",
        "rejected": "failed",
    }
    errors = {one["custom_id"]: one["response"] for one in await office.errors(ended)}
    assert {name: it["status_code"] for name, it in errors.items()} == {
        "unreadable": 400,
        "too long": 400,
        "no such model": 404,
    }
    assert errors["unreadable"]["body"] == {
        "error": {
            "message": "Missing required parameter: 'prompt'.",
            "type": "invalid_request_error",
            "param": "prompt",
            "code": "missing_required_parameter",
        }
    }
    assert len(office.jobs()) == 2


async def test_of_2000_lines_20_bad_ones_are_counted_exactly(office: Office) -> None:
    lines = [line(str(n), seconds=5.0 if n % 100 == 7 else 4.0) for n in range(2000)]
    ended = await office.reaches(await office.batch(jsonl(lines)))
    assert (ended.status, ended.total) == (BatchStatus.COMPLETED, 2000)
    assert (ended.completed, ended.failed, len(office.jobs())) == (1980, 20, 1980)
    assert ids(await office.errors(ended)) == {str(n) for n in range(7, 2000, 100)}
    assert len(ids(await office.output(ended))) == 1980


async def test_a_request_for_several_films_completes_with_the_last(office: Office) -> None:
    ended = await office.reaches(await office.batch(jsonl([line("a", n=3)])))
    assert (ended.total, ended.completed, len(office.jobs())) == (1, 1, 3)


async def test_a_batch_never_has_more_unfinished_jobs_than_seats(office: Office) -> None:
    lines = [line(str(number), prompt="endless") for number in range(9)]
    for _ in range(2):
        await office.reaches(await office.batch(jsonl(lines)), BatchStatus.IN_PROGRESS)
    await office.until(lambda: len(office.jobs()) == office.seats)
    await office.turns()
    assert len(office.jobs()) == office.seats
    assert len(office.jobs(Status.IN_PROGRESS)) == office.seats  # the house has two more


async def test_batches_take_turns(office: Office) -> None:
    batches = [
        await office.reaches(
            await office.batch(jsonl(line(str(number)) for number in range(40))),
            BatchStatus.IN_PROGRESS,
        )
        for _ in range(2)
    ]
    await office.reaches(batches[1])
    first = await office.now(batches[0])
    # It began a little earlier, so it is done, or nearly so, by then, and no more.
    assert 36 <= first.completed <= 40


async def test_every_batch_gets_its_turn_however_many_there_are(office: Office) -> None:
    batches = [await office.batch(jsonl(map(line, "abcdefgh"))) for _ in range(12)]
    last = batches[-1]
    while not (await office.now(last)).completed:
        await office.turn()
    assert (await office.now(batches[0])).completed < 8
    assert not (await office.now(batches[0])).status.ended


async def test_a_small_batch_does_not_wait_for_a_large_one(office: Office) -> None:
    large = await office.batch(jsonl(line(str(number)) for number in range(300)))
    await office.reaches(large, BatchStatus.IN_PROGRESS)
    await office.reaches(await office.batch(jsonl([line("a"), line("b")])))
    assert (await office.now(large)).completed < 50


async def test_a_deleted_film_is_told_as_an_error(office: Office) -> None:
    gateway, caller = office.house.gateway, office.house.caller
    batch = await office.batch(jsonl([line("a"), line("b", prompt="endless")]))
    await office.until(lambda: len(office.jobs(Status.COMPLETED)) == 1)
    await office.until(lambda: len(office.jobs(Status.IN_PROGRESS)) == 1)
    await office.turns()
    assert (await office.now(batch)).completed == 1

    for job_id in office.jobs():
        await gateway.delete(job_id, caller)
    ended = await office.reaches(batch)

    assert ended.status is BatchStatus.COMPLETED
    assert (ended.total, ended.completed, ended.failed) == (2, 0, 2)
    assert (ended.output_file_id, len(await office.errors(ended))) == (None, 2)
    for one in await office.errors(ended):
        assert one["response"]["status_code"] == 404


async def test_what_its_endpoint_cannot_tell_any_more_is_an_error(office: Office) -> None:
    batch = await office.batch(jsonl([line("a"), line("b", prompt="expired")]))
    ended = await office.reaches(batch)
    assert (ended.completed, ended.failed) == (1, 1)
    assert ids(await office.output(ended)) == {"a"}
    (error,) = await office.errors(ended)
    assert (error["custom_id"], error["response"]["status_code"]) == ("b", 404)


async def test_large_answers_are_written_as_they_come(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_files, "GROUP_BYTES", 100)
    monkeypatch.setattr(batch_files, "GROUP_LINES", 3)
    batch = await office.batch(jsonl(line(str(number)) for number in range(10)))
    output = await office.output(await office.reaches(batch))
    assert sorted(ids(output)) == [str(number) for number in range(10)]


async def test_one_key_makes_one_batch(office: Office) -> None:
    caller = office.house.caller
    file = await office.file(jsonl([line("a")]))
    new = NewBatch(input_file_id=file.id, endpoint=VIDEOS)
    claim = Claim(caller_id=caller.id, path="/v1/batches", key="k", fingerprint="f")
    first = await office.batching.create(new, caller, claim)
    assert (await office.batching.create(new, caller, claim)).id == first.id
    # Two at once: the rows decide.
    assert await office.rows.add(replace(first, id="batch_2"), claim) == first.id
    other = Claim(caller_id=caller.id, path="/v1/batches", key="k", fingerprint="g")
    with pytest.raises(Conflict):
        await office.batching.create(new, caller, other)
    assert office.count("batches") == 1


@pytest.mark.parametrize(
    ("param", "fields"),
    [
        ("endpoint", {"endpoint": "/v1/embeddings"}),
        ("input_file_id", {"input_file_id": "file-none"}),
        ("output_expires_after.seconds", {"kept": timedelta(seconds=3599)}),
        ("output_expires_after.seconds", {"kept": timedelta(days=30, seconds=1)}),
        ("metadata.x", {"metadata": {"x": "y" * 513}}),
    ],
)
async def test_a_batch_that_cannot_be_is_refused_at_once(
    office: Office, param: str, fields: dict[str, Any]
) -> None:
    file = await office.file(jsonl([line("a")]))
    new = NewBatch(**{"input_file_id": file.id, "endpoint": VIDEOS} | fields)
    with pytest.raises((InvalidRequest, NotFound)) as refused:
        await office.batching.create(new, office.house.caller, None)
    assert refused.value.param == param
    assert office.count("batches") == 0


async def test_nobody_sees_or_stops_anybody_elses_batch(office: Office) -> None:
    batch = await office.batch(jsonl([line("a", prompt="endless")]))
    other = await office.house.new_caller("bob")
    with pytest.raises(NotFound):
        await office.batching.get(batch.id, other)
    with pytest.raises(NotFound):
        await office.batching.cancel(batch.id, other)
    new = NewBatch(input_file_id=batch.input_file_id, endpoint=VIDEOS)
    with pytest.raises(NotFound):
        await office.batching.create(new, other, None)
    assert await office.batching.list(other, after=None, limit=10) == ([], False)
    assert (await office.now(batch)).status is BatchStatus.VALIDATING


async def test_a_line_that_breaks_is_not_tried_again_at_once(office: Office) -> None:
    lines = [line("bad"), line("good")]
    lines[0]["body"]["prompt"] = None  # which this reader does not expect
    batch = await office.batch(jsonl(lines))
    await office.until(lambda: bool(office.desk.broken))
    await office.until(lambda: len(office.jobs(Status.COMPLETED)) == 1)
    await office.turns()
    assert len(office.desk.broken) < 5
    assert (await office.now(batch)).completed == 1


async def test_a_gateway_that_stops_leaves_a_batch_as_it_is(office: Office) -> None:
    lines = [line("a", prompt="endless"), line("b", prompt="endless"), line("c")]
    batch = await office.batch(jsonl(lines))
    await office.until(lambda: len(office.jobs(Status.IN_PROGRESS)) == 2)
    before = await office.now(batch)

    office.house.gateway.close()
    await office.until(lambda: not office.desk.tasks)
    office.feeder.poke()
    office.desk.poke(batch.id)
    await office.turns()
    assert (await office.now(batch), office.desk.broken) == (before, [])

    office.house.submitting.closed = False
    nxt = Office(office.house, office.folder)
    nxt.feeder.poke()
    await nxt.until(lambda: len(nxt.desk.tasks) == 2)
    for job_id in office.jobs(Status.IN_PROGRESS):
        await office.house.gateway.cancel(job_id, office.house.caller)
    ended = await nxt.reaches(batch)
    assert (ended.completed, ended.failed, len(office.jobs())) == (1, 2, 3)


async def test_a_look_at_nothing_does_nothing(office: Office) -> None:
    batch = await office.batch(jsonl([line("a")]))
    ended = await office.reaches(batch)
    for key in ("batch_none", f"{batch.id}", f"{batch.id}/1", f"{batch.id}/9"):
        await office.feeder.look(key)
    assert await office.now(batch) == ended


async def test_a_look_that_comes_late_finds_the_line_ended(office: Office) -> None:
    batch = await office.batch(jsonl([line("a"), line("b", prompt="endless")]))
    await office.until(lambda: len(office.jobs(Status.COMPLETED)) == 1)
    await office.turns()
    await office.feeder.look(f"{batch.id}/1")
    await office.feeder.look(f"{batch.id}/2")  # under way
    await office.feeder.look(f"{batch.id}/9")
    assert len(office.jobs()) == 2


async def test_a_line_is_not_made_when_its_batch_was_cancelled_before(office: Office) -> None:
    batch = await office.batch(jsonl([line("a")]))
    batch = await office.reaches(batch, BatchStatus.IN_PROGRESS)
    one = await office.rows.line(batch.id, 1)
    assert one is not None
    await office.rows.stop_waiting(batch.id, LineState.CANCELLED, limit=10)
    await office.line_jobs.drive(batch, one)
    assert office.jobs() == []


async def test_a_line_that_cannot_be_made_now_is_made_by_the_next_process(
    office: Office,
) -> None:
    batch = await office.batch(jsonl([line("a")]))
    batch = await office.reaches(batch, BatchStatus.IN_PROGRESS)
    one = await office.rows.line(batch.id, 1)
    assert one is not None
    office.house.gateway.close()
    with pytest.raises(ShuttingDown):
        await office.line_jobs.drive(batch, one)

    office.house.submitting.closed = False
    nxt = Office(office.house, office.folder)
    nxt.feeder.poke()
    ended = await nxt.reaches(batch)
    assert (ended.completed, len(office.jobs())) == (1, 1)
