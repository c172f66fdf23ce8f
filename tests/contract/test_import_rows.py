"""What every store promises of films that were made elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from filmgate import Media, Size
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.imported import IMPORTED
from filmgate.domain.job import Job, Plan, Status, Take
from filmgate.domain.request import GenerationRequest
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.imports import ImportRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.unattended import UnattendedRows

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
REQUEST = GenerationRequest(
    model="sora-2", media=Media.VIDEO, prompt="", size=Size(64, 64), seconds=1.5
)
JOB = Job(
    id="s_0123456789abcdef0123456789abcdef",
    caller_id="caller_ann",
    status=Status.COMPLETED,
    request=REQUEST,
    plan=Plan(takes=(Take(engine=IMPORTED, model="sora-2", request=REQUEST),)),
    percent=100,
    created_at=NOON,
    finished_at=NOON,
    used=True,
)
FILM = Asset(
    id="asset_1", job_id=JOB.id, variant=Variant.VIDEO, media_type="video/mp4", key="k",
    size=3, sha256="0" * 64,
)  # fmt: skip


async def test_a_film_is_kept_once_and_goes_whole(database: Database) -> None:
    await CallerRows(database).ensure(JOB.caller_id, "ann", at=NOON)
    rows, jobs, unattended = ImportRows(database), JobRows(database), UnattendedRows(database)
    assert await rows.find(JOB.id) is None
    assert await rows.add(JOB, [FILM])
    assert not await rows.add(replace(JOB, percent=1), [replace(FILM, id="asset_2")])

    assert await rows.find(JOB.id) == await jobs.get(JOB.id, caller_id=JOB.caller_id) == JOB
    assert await jobs.outputs(JOB.id) == {Variant.VIDEO: FILM}
    assert (await jobs.attempts(JOB.id), await jobs.made_by(JOB.id)) == ([], None)
    assert [one.kind for one in await jobs.events(JOB.id)] == ["created", "completed"]
    assert await jobs.waiting(IMPORTED) == await jobs.unfinished(IMPORTED) == 0

    assert await jobs.delete(JOB.id, caller_id=JOB.caller_id, at=NOON)
    found = await rows.find(JOB.id)
    assert found is not None
    assert found.deleted_at == NOON
    assert await unattended.leftovers(limit=9) == [(JOB.id, ["k"])]
    await unattended.forget(JOB.id)
    assert await rows.find(JOB.id) is None
