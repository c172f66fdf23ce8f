"""Batches on real rows and a real disk: an engine that does as it is told, no server."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fakes import DONE, KITE, Scripted
from filmgate import Account, Inputs, Progress, Sending, Take
from filmgate.dialects.openai.batches import JSONLines
from filmgate.domain.batch import Answer, Batch, BatchStatus
from filmgate.domain.errors import ContentRejected, InvalidRequest, NotFound
from filmgate.domain.file import File
from filmgate.domain.job import Job, Status
from filmgate.domain.request import GenerationRequest, Media
from filmgate.gateway.batch_feed import Feeder
from filmgate.gateway.batch_files import Results
from filmgate.gateway.batch_jobs import LineJobs
from filmgate.gateway.batch_lines import Validation
from filmgate.gateway.batch_wire import Reader, Wire
from filmgate.gateway.batches import Batching, NewBatch
from filmgate.gateway.files import Files
from filmgate.gateway.submission import Submission, Upload
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.database.batches import BatchRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.sqlite import SQLite
from house import House, open_house

VIDEOS = "/v1/videos"
PATIENCE = 120.0  #: seconds


class Kites(Scripted):
    """What the prompt says becomes of a film: it is made, `forbidden`, or `endless`."""

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del account, inputs, sending
        self.submissions.append(attempt_id)
        if "forbidden" in take.request.prompt:
            raise ContentRejected("We do not film that.")
        if "endless" in take.request.prompt:
            return Progress(ticket=attempt_id, percent=1)
        return Progress(ticket=attempt_id, percent=100, outputs=DONE)

    async def poll(self, ticket: str, account: Account) -> Progress:
        del account
        await asyncio.sleep(0.001)
        return Progress(ticket=ticket, percent=1)


class KiteReader:
    """`gateway.batch_wire.Reader` for films."""

    def read(self, body: str) -> Submission:
        asked = json.loads(body)
        if "prompt" not in asked:
            message = "Missing required parameter: 'prompt'."
            raise InvalidRequest(message, param="prompt", code="missing_required_parameter")
        request = GenerationRequest(
            model=asked.get("model", KITE.name),
            media=Media.VIDEO,
            prompt=asked["prompt"],
            seconds=asked.get("seconds"),
        )
        return Submission(request=request, count=asked.get("n", 1))

    async def render(self, jobs: Sequence[Job], body: str) -> Answer:
        if "expired" in body:
            raise NotFound("Its film has expired.", code="video_expired")
        first = jobs[0]
        video = {"id": first.id, "object": "video", "status": first.status}
        return Answer(status=200, body=json.dumps(video))


class Died(BaseException):
    """The process is gone."""


class Mortal:
    """Rows of a process that dies before or after its nth call of one method."""

    def __init__(self, rows: BatchRows, dies: tuple[str, str, int] | None) -> None:
        self._rows = rows
        self._when, self._name, self._left = dies or ("", "", 0)
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._rows, name)

        async def call(*args: object, **more: object) -> object:
            if self.dead:
                raise Died
            self._left -= name == self._name
            self.dead = name == self._name and self._left == 0
            if self.dead and self._when == "before":
                raise Died
            answer = await method(*args, **more)
            if self.dead:
                raise Died
            return answer

        return call


@dataclass
class Desk:
    """`ports.Dispatcher` that tells what broke."""

    look: Callable[[str], Any] | None = None
    kept: set[str] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    broken: list[BaseException] = field(default_factory=list)

    def poke(self, job_id: str, *, at: object = None) -> None:
        del at
        self.kept.add(job_id)

    def begin(self) -> None:
        for key in sorted(self.kept):
            task = asyncio.create_task(self._guarded(key))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        self.kept.clear()

    async def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _guarded(self, key: str) -> None:
        assert self.look is not None
        looking = asyncio.ensure_future(self.look(key))
        try:
            await asyncio.wait({looking})
        finally:
            looking.cancel()
        if error := looking.exception():
            self.broken.append(error)


@dataclass
class Office:
    """One process that looks after batches; several may follow each other."""

    house: House
    folder: Path
    seats: int = 2
    dies: tuple[str, str, int] | None = None
    told: list[datetime] = field(default_factory=list)  #: when a batch had ended
    readers: Mapping[str, Reader] = field(default_factory=lambda: {VIDEOS: KiteReader()})

    def __post_init__(self) -> None:
        house, database = self.house, self.house.database
        self.rows = BatchRows(database)
        self.mortal: Any = Mortal(self.rows, self.dies)
        self.blobs = LocalBlobs(self.folder / "films")
        self.work = self.folder / "work"
        self.work.mkdir(exist_ok=True)
        self.desk = Desk()
        self.claims = ClaimRows(database)
        self.files = Files(
            FileRows(database),
            claims=self.claims,
            blobs=self.blobs,
            clock=house.clock,
            new_id=house.new_id,
        )
        self.feeder = self._feeder(JSONLines())
        self.desk.look = self.feeder.look
        self.batching = Batching(
            self.rows,
            files=self.files,
            claims=self.claims,
            endpoints=list(self.readers),
            poke=self.feeder.poke,
            clock=house.clock,
            new_id=house.new_id,
        )

    def _feeder(self, wire: Wire) -> Feeder:
        house = self.house
        self.line_jobs = LineJobs(
            rows=self.mortal,
            jobs=house.jobs,
            gateway=house.gateway,
            claims=self.claims,
            readers=self.readers,
            wire=wire,
        )
        validation = Validation(
            rows=self.mortal,
            files=self.files,
            blobs=self.blobs,
            wire=wire,
            folder=self.work,
            clock=house.clock,
        )
        results = Results(
            rows=self.mortal,
            jobs=house.jobs,
            files=self.files,
            blobs=self.blobs,
            readers=self.readers,
            wire=wire,
            folder=self.work,
            clock=house.clock,
        )
        return Feeder(
            rows=self.mortal,
            validation=validation,
            line_jobs=self.line_jobs,
            results=results,
            gateway=house.gateway,
            dispatcher=self.desk,
            clock=house.clock,
            ended=lambda: self.told.append(house.clock.now()),
            seats=self.seats,
        )

    async def file(self, content: bytes, purpose: str = "batch") -> File:
        upload = Upload(param="file", file=io.BytesIO(content), filename="in.jsonl")
        return await self.files.add(self.house.caller, upload, purpose=purpose)

    async def batch(self, content: bytes, **more: Any) -> Batch:
        file = await self.file(content)
        new = NewBatch(input_file_id=file.id, endpoint=VIDEOS, **more)
        return await self.batching.create(new, self.house.caller, None)

    async def now(self, batch: Batch) -> Batch:
        found = await self.rows.anybodys(batch.id)
        assert found is not None
        return found

    async def turn(self) -> None:
        """Let happen what can, for a moment."""
        self.desk.begin()
        await self.house.pokes.deliver(self.house.worker.look)
        await asyncio.sleep(0.001)

    async def turns(self, number: int = 30) -> None:
        for _ in range(number):
            await self.turn()

    async def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "it took too long"
            await self.turn()

    async def reaches(self, batch: Batch, *statuses: BatchStatus) -> Batch:
        """Work until the batch is in one of *statuses*; at its end if none is given."""
        end = time.monotonic() + PATIENCE
        while True:
            found = await self.now(batch)
            if found.status in statuses or (not statuses and found.status.ended):
                return found
            assert time.monotonic() < end, f"it is still {found}; {self.desk.broken}"
            assert not self.desk.broken, self.desk.broken
            await self.turn()

    async def output(self, batch: Batch, kind: str = "output") -> list[dict[str, Any]]:
        """The lines of a file of the batch; none if it has none."""
        file_id = batch.output_file_id if kind == "output" else batch.error_file_id
        if file_id is None:
            return []
        file = await self.files.get(file_id, self.house.caller)
        content = await self.blobs.read(file.key)
        return [json.loads(line) for line in content.splitlines()]

    async def errors(self, batch: Batch) -> list[dict[str, Any]]:
        return await self.output(batch, "error")

    def count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def jobs(self, *statuses: Status) -> list[str]:
        words = ", ".join(f"'{status}'" for status in statuses or Status)
        found = self._rows(f"SELECT id FROM jobs WHERE status IN ({words})")
        return [row[0] for row in found]

    def _rows(self, sql: str) -> list[Any]:
        """At once, so that a condition to wait for can ask."""
        database = self.house.database
        assert isinstance(database, SQLite)
        return database._reader.execute(sql).fetchall()


def line(custom_id: object, **body: Any) -> dict[str, Any]:
    """A good line, unless *body* says otherwise."""
    asked = {"prompt": "a kite"} | body
    return {"custom_id": custom_id, "method": "POST", "url": VIDEOS, "body": asked}


def ids(lines: Iterable[dict[str, Any]]) -> set[str]:
    """The custom_ids of an output file."""
    return {one["custom_id"] for one in lines}


def jsonl(lines: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)


@asynccontextmanager
async def opened(
    folder: Path, *, seats: int = 4, database: Database | None = None
) -> AsyncIterator[Office]:
    house = await open_house(folder, Kites(), seats=seats, database=database)
    office = Office(house, folder)
    yield office
    await office.desk.leave()
    await house.worker.drain(3600)
    await house.database.close()
