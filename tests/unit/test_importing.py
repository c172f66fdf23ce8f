"""Films that were made elsewhere: kept under their old ids, and used like any other."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from fakes import A_KITE, HD, KITE, Scripted, Shelf
from filmgate.domain.asset import Variant
from filmgate.domain.caller import ApiKey, Caller
from filmgate.domain.errors import Conflict, FilmgateError, InvalidRequest, NotFound
from filmgate.domain.events import EventKind
from filmgate.domain.imported import IMPORTED, check_old_id, not_here
from filmgate.domain.job import Job, Status
from filmgate.domain.request import GenerationRequest, Operation, Role
from filmgate.gateway.importing import Importing, Old, owner
from filmgate.gateway.keys import Keys
from filmgate.gateway.retention import Retention
from filmgate.gateway.room import Room
from filmgate.gateway.submission import Given
from filmgate.ports import Stored
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.imports import ImportRows
from filmgate.storage.database.ledger import LedgerRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from house import House

OLD = "s_" + "0123456789abcdef" * 2
YEARS = timedelta(days=4000)


class Weighed(Shelf):
    """Knows what it keeps by its content."""

    async def put(
        self, key: str, source: Path | BinaryIO, *, media_type: str | None = None
    ) -> Stored:
        stored = await super().put(key, source, media_type=media_type)
        return Stored(size=stored.size, sha256=sha256(self.blobs[key]).hexdigest())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    prepare(tmp_path / "test.db")
    work = tmp_path / "work"
    work.mkdir()
    numbers = count(1)
    house = House(
        SQLite(tmp_path / "test.db"),
        Scripted(),
        work,
        shelf=Weighed(),
        new_id=lambda prefix: f"{prefix}{next(numbers):08d}",
    )
    await house.open()
    yield house
    await house.worker.drain(0)
    await house.database.close()


def importing(house: House) -> Importing:
    keys = Keys(
        CallerRows(house.database), clock=house.clock, new_id=house.new_id, new_secret=str
    )
    return Importing(
        imports=ImportRows(house.database),
        jobs=house.jobs,
        keys=keys,
        routes=house.routes,
        blobs=house.shelf,
        inspector=house.eye,
        room=Room(lambda: house.left, least=1000),
        folder=house.folder,
        clock=house.clock,
        new_id=house.new_id,
    )


async def brought(
    house: House,
    film: bytes = b"a film",
    *,
    film_id: str = OLD,
    caller: str | None = None,
    model: str = KITE.name,
    prompt: str = "",
) -> Job:
    old = Old(id=film_id, caller=caller, model=model, prompt=prompt)
    job, _ = await importing(house).keep(io.BytesIO(film), old)
    return job


def of(operation: Operation) -> GenerationRequest:
    seconds = 4.0 if operation is Operation.EXTEND else None
    return GenerationRequest(
        model=KITE.name,
        media=A_KITE.media,
        prompt="at night",
        operation=operation,
        seconds=seconds,
    )


def the(job: Job) -> Given:
    return Given(role=Role.SOURCE, param="video.id", job_id=job.id)


async def test_it_is_a_completed_job_that_nobody_made_and_nobody_pays(house: House) -> None:
    made = await brought(house, prompt="a kite")
    job = await house.gateway.get(OLD, house.caller)

    assert job == made
    assert (job.status, job.percent, job.take.engine) == (Status.COMPLETED, 100, IMPORTED)
    assert (job.request.prompt, job.take.request.size, job.take.request.seconds) == (
        "a kite", HD, 4.0,
    )  # fmt: skip
    assert [one.kind async for one in house.gateway.watch(OLD, house.caller)] == [
        EventKind.CREATED, EventKind.COMPLETED,
    ]  # fmt: skip
    assert (await house.page())[0] == [job]
    assert await house.states(job) == []
    rows = LedgerRows(house.database)
    assert await rows.usage(caller=None, since=None, until=None) == []
    assert await house.database.row("SELECT count(*) FROM deliveries") == (0,)
    assert {key.rpartition("/")[2] for key in house.shelf.blobs} == set(
        await house.jobs.outputs(OLD)
    )


async def test_it_stays_until_it_is_deleted(house: House) -> None:
    job = await brought(house)
    house.clock.move(YEARS)
    retention = Retention(
        jobs=house.jobs, claims=ClaimRows(house.database), blobs=house.shelf,
        clock=house.clock, others=(),
    )  # fmt: skip
    await retention.sweep()
    await house.sweep()

    assert "/films/s_" in str(house.gateway.link(job))
    _, asset = await house.gateway.output(OLD, Variant.VIDEO, house.caller)
    assert house.shelf.blobs[asset.key] == b"a film"

    await house.gateway.delete(OLD, house.caller)
    with pytest.raises(Conflict, match="being removed"):
        await brought(house)
    await house.sweep()
    assert not any(key.startswith(OLD) for key in house.shelf.blobs)
    await brought(house, b"another")  # its id is free again


async def test_the_same_again_changes_nothing(house: House) -> None:
    first = await brought(house)
    before = dict(house.shelf.blobs)
    house.clock.move(YEARS)

    assert await brought(house) == first
    assert {key for key in house.shelf.blobs if key.startswith(OLD)} == set(before)


@pytest.mark.parametrize(
    ("taken", "says"),
    [("film", "it is another one"), ("caller", "of another caller"), ("ours", "another one")],
)
async def test_an_id_that_is_taken_is_a_conflict(house: House, taken: str, says: str) -> None:
    await house.new_caller("bob")
    job = await (house.finished() if taken == "ours" else brought(house, caller="alice"))
    kept = set(house.shelf.blobs)
    film = b"another" if taken == "film" else b"a film"
    caller = "bob" if taken == "caller" else "alice"
    with pytest.raises(Conflict, match=says) as refused:
        await brought(house, film, film_id=job.id, caller=caller)
    assert refused.value.param == "id"
    assert {key for key in house.shelf.blobs if key.startswith(job.id)} <= kept


async def test_the_slower_of_two_that_bring_the_same_finds_the_others(house: House) -> None:
    class Late(ImportRows):
        """Looks before the other has come."""

        looks = 0

        async def find(self, job_id: str) -> Job | None:
            self.looks += 1
            return await super().find(job_id) if self.looks > 1 else None

    first = await brought(house)
    slower = importing(house)
    slower._imports = Late(house.database)
    kept = {key for key in house.shelf.blobs if key.startswith(OLD)}
    job, _ = await slower.keep(io.BytesIO(b"a film"), Old(id=OLD, model=KITE.name))
    assert job == first
    assert {key for key in house.shelf.blobs if key.startswith(OLD)} == kept


@pytest.mark.parametrize("operation", [Operation.REMIX, Operation.EDIT, Operation.EXTEND])
async def test_it_is_remixed_edited_and_extended_as_what_others_made(
    house: House, operation: Operation
) -> None:
    source = await brought(house, prompt="a kite")
    made = await house.finished(of(operation), given=[the(source)])

    assert made.status is Status.COMPLETED
    assert (made.take.account_id, made.take.source_ticket) == (None, None)
    start = made.take.request.source
    assert start is not None
    assert (start.job_id, start.size, start.seconds) == (OLD, HD, 4.0)
    assert start.history == ()  # what its prompt was is not how it was drawn
    again = await house.submitted(of(Operation.REMIX), given=[the(made)])
    assert again.take.request.source is not None
    assert again.take.request.source.history == ()


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"film_id": "s_1"}, "id"),
        ({"model": "nothing-1"}, "model"),
        ({"model": "kite-still"}, "model"),
        ({"prompt": "a\0"}, "prompt"),
        ({"caller": "nobody"}, "caller"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_its_name(
    house: House, more: dict[str, Any], param: str
) -> None:
    with pytest.raises(FilmgateError) as refused:
        await brought(house, **more)
    assert refused.value.param == param
    assert house.shelf.blobs == {}


async def test_a_full_disk_takes_no_film(house: House) -> None:
    house.left = 999
    with pytest.raises(FilmgateError) as refused:
        await brought(house)
    assert refused.value.code == "storage_full"


def a_key(caller: str, key_id: str, *, revoked: bool = False) -> ApiKey:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return ApiKey(
        id=key_id,
        caller=Caller(id=f"caller_{caller}", name=caller, admin=False),
        hint="",
        created_at=at,
        revoked_at=at if revoked else None,
    )


ADA, BOB, EVE = (
    a_key("ada", "key_1"),
    a_key("bob", "key_2"),
    a_key("eve", "key_3", revoked=True),
)


@pytest.mark.parametrize(
    ("keys", "named", "name"),
    [
        ([ADA, EVE], None, "ada"),
        ([ADA, a_key("ada", "key_4")], None, "ada"),
        ([ADA, BOB], "bob", "bob"),
        ([ADA, BOB], "key_2", "bob"),
    ],
)
def test_whose_film_it_is(keys: list[ApiKey], named: str | None, name: str) -> None:
    assert owner(keys, named).name == name


@pytest.mark.parametrize(
    ("keys", "named", "says"),
    [
        ([], None, "filmgate keys create"),
        ([EVE], "eve", "filmgate keys create"),
        ([ADA, BOB], None, "'ada', 'bob'. Name one"),
        ([ADA, EVE], "eve", "no caller 'eve'"),
    ],
)
def test_whose_film_it_is_must_be_known(
    keys: list[ApiKey], named: str | None, says: str
) -> None:
    with pytest.raises(FilmgateError, match=says) as refused:
        owner(keys, named)
    assert refused.value.param == "caller"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (OLD, True),
        ("video_abc12345", True),
        ("video_" + "A-_9" * 20, True),
        ("gen_01jqxyz0123456789abcdefghi", True),
        (OLD[:-1], False),
        (OLD.upper(), False),
        (f"{OLD}\n", False),
        ("video_abc1234", False),
        ("video_" + "a" * 81, False),
        ("video_../../secret", False),
        ("task_0123456789", False),
        ("", False),
    ],
)
def test_ids_that_a_film_can_have_had(text: str, *, good: bool) -> None:
    if good:
        check_old_id(text, param="id")
        return
    with pytest.raises(InvalidRequest, match="32 hex digits"):
        check_old_id(text, param="id")


@pytest.mark.parametrize("film_id", [OLD, "gen_" + "0" * 200])
def test_an_id_of_sora_that_is_not_here_names_the_way_to_bring_its_film(film_id: str) -> None:
    error = not_here(film_id, param="video_id")
    assert isinstance(error, NotFound)
    assert error.message.endswith(f"filmgate films import FILE --as {film_id[:80]}")
    assert "import" not in not_here("video_1", param="video_id").message
