"""
The outside, as the gateway sees it: one Protocol per kind of thing.

An engine's author needs `Engine`, and the types that it names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Protocol

from filmgate.domain.account import Account
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import ApiKey, Caller
from filmgate.domain.events import Event
from filmgate.domain.job import Attempt, Failure, Job, Owned, Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Reference, Size


class AfterLoss(Enum):
    """What an attempt that died without a known end means."""

    RERUN = "rerun"  #: free, or in this process: it is simply run again
    ASK = "ask"  #: the engine can find a submission by our attempt's id
    NEVER = "never"  #: it may have been paid for: the job fails


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What an engine is built with."""

    folder: Path  #: the engine's own scratch space, empty at start
    cores: int  #: of this machine


class Inputs(Protocol):
    """The bytes of a take's references."""

    async def read(self, reference: Reference) -> bytes:
        """The whole file."""
        ...


class Engine(Protocol):
    """
    Something that generates. One adapter per upstream API.

    On purpose, a method raises nothing but a `FilmgateError`, chosen by who is
    to blame. Retrying, choosing accounts, storing and billing are the caller's.

    An engine in its own process's hands (`AfterLoss.RERUN`) uses the attempt's
    id as the ticket, and `poll` of a ticket that this process is not running
    raises `TicketLost`, which means: run it again.
    """

    name: str
    after_loss: AfterLoss

    def models(self) -> Iterable[Model]:
        """What is known now, without asking anyone."""
        ...

    async def submit(
        self, take: Take, account: Account, *, attempt_id: str, inputs: Inputs
    ) -> Progress:
        """Start a task. Called once per attempt."""
        ...

    async def poll(self, ticket: str, account: Account) -> Progress:
        """Ask how a task is doing. Raise `TicketLost` if the engine forgot it."""
        ...

    def fetch(self, output: Output, account: Account) -> AsyncIterator[bytes]:
        """Read one finished file that `Output.url` names."""
        ...

    async def cancel(self, ticket: str, account: Account) -> None:
        """Stop a task if the engine can. Succeeds on a finished or unknown one."""
        ...


class Refusal(Enum):
    """Why a worker did not get a job."""

    ENDED = "ended"  #: or unknown
    OWNED = "owned"  #: this worker looks after it already
    NOT_DUE = "not_due"  #: it waits out a backoff
    NO_SEAT = "no_seat"


class Jobs(Protocol):
    """
    The rows of jobs, their takes, attempts, outputs and events.

    Whatever follows from a change is written in the change's own transaction.
    """

    async def add(self, job: Job, inputs: Sequence[Asset]) -> None:
        """Keep a new job; once this returns, it survives a power cut."""
        ...

    async def get(self, job_id: str, *, caller_id: str) -> Job | None:
        """The caller's job, if it has one of that id that is not deleted."""
        ...

    async def list(
        self, *, caller_id: str, after: str | None, limit: int, newest_first: bool
    ) -> tuple[Sequence[Job], bool]:
        """A page of the caller's jobs, and whether more follow. Unknown *after*: none."""
        ...

    async def outputs(self, job_id: str) -> Mapping[Variant, Asset]:
        """What a completed job made."""
        ...

    async def attempts(self, job_id: str) -> Sequence[Attempt]:
        """Every try, oldest first."""
        ...

    async def events(self, job_id: str) -> Sequence[Event]:
        """What happened, oldest first."""
        ...

    async def delete(self, job_id: str, *, caller_id: str, at: datetime) -> bool:
        """Hide a job and ask for its cancellation; False if there is none."""
        ...


class Ownership(Protocol):
    """
    The same rows, as workers change them.

    A change of the job names its owner and epoch and raises `OwnershipLost` when
    they are stale; a fact about an attempt is written whoever owns the job.
    """

    async def peek(self, job_id: str) -> Job | None:
        """Any caller's job, deleted or not."""
        ...

    async def own(
        self,
        job_id: str,
        *,
        worker: str,
        account: Account,
        attempt_id: str,
        at: datetime,
    ) -> Owned | Refusal:
        """
        Make *worker* the job's owner, with a new epoch, and seat it at *account*.

        In one transaction: ownership, seat and intent. An attempt that an earlier
        owner left open is handed on, with its seat; else *attempt_id* is opened.
        Safe to call from many processes: one of them gets the job.
        """
        ...

    async def keep_ticket(self, attempt_id: str, ticket: str) -> None:
        """Write down the engine's id for an attempt; the first one stays."""
        ...

    async def keep_percent(self, owned: Owned, percent: int) -> None:
        """Write down the progress. It may be lost in a power cut."""
        ...

    async def complete(
        self, owned: Owned, outputs: Sequence[Asset], *, at: datetime, expires: datetime
    ) -> None:
        """The attempt succeeded and its job is done."""
        ...

    async def fail(self, owned: Owned, failure: Failure, *, at: datetime) -> None:
        """The attempt and its job failed."""
        ...

    async def retry(
        self, owned: Owned, failure: Failure, *, at: datetime, due: datetime
    ) -> None:
        """The attempt failed; the job is queued for another, not before *due*."""
        ...

    async def interrupt(self, owned: Owned, *, at: datetime, counts: bool) -> None:
        """The attempt died; the job is queued again. *counts* towards the limit."""
        ...

    async def release(self, owned: Owned) -> None:
        """Leave job and attempt as they are, for whoever comes next."""
        ...

    async def cancelled(self, owned: Owned, *, at: datetime) -> None:
        """The engine has stopped; so have the attempt and its job."""
        ...

    async def orphans(self, worker: str, *, limit: int) -> Sequence[str]:
        """Started jobs that *worker* does not own."""
        ...

    async def waiting(self, engine: str, *, at: datetime, limit: int) -> Sequence[str]:
        """The next queued jobs of an engine that are due."""
        ...

    async def leftovers(self, *, limit: int) -> Sequence[tuple[str, Sequence[str]]]:
        """Deleted jobs that have ended, with the keys of their files."""
        ...

    async def forget(self, job_id: str) -> None:
        """The job's files are gone; drop all that we know of it."""
        ...


class Callers(Protocol):
    """The rows of callers and their API keys, found by the key's hash."""

    async def by_key(self, key_hash: str) -> Caller | None:
        """Who presents this key, unless it is unknown or revoked."""
        ...

    async def ensure(self, caller_id: str, name: str, *, at: datetime) -> Caller:
        """The caller of that name, made if new; no admin."""
        ...

    async def add_key(  # noqa: PLR0913 (the columns)
        self,
        key_id: str,
        name: str,
        *,
        key_hash: str,
        hint: str,
        admin: bool,
        at: datetime,
    ) -> ApiKey | None:
        """A new key for the caller of that name, made if new; None if the key exists."""
        ...

    async def keys(self) -> Sequence[ApiKey]:
        """Every key, oldest first."""
        ...

    async def revoke(self, key_id: str, *, at: datetime) -> bool:
        """Refuse a key from now on; False if there is none."""
        ...


class Accounts(Protocol):
    """The rows of accounts."""

    async def ensure(self, account: Account, *, at: datetime) -> Account:
        """The account of that engine and label, made or with its seats brought up to date."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a blob turned out to be."""

    size: int  #: bytes
    sha256: str  #: hex


class Blobs(Protocol):
    """Bytes by key."""

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        """Write what comes in to a file of this machine that is not a blob yet."""
        ...

    async def put(self, key: str, source: Path | BinaryIO) -> Stored:
        """Store a file whole, safe from a power cut on return. A path is gone then."""
        ...

    async def read(self, key: str) -> bytes:
        """The whole blob."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs; those that are not there are fine."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies on this machine, if it does."""
        ...


@dataclass(frozen=True, kw_only=True)
class Film:
    """What an inspector found in a video file, and the stills it drew from it."""

    size: Size
    seconds: float
    fps: float
    codecs: tuple[str, ...]  #: of the picture and, if there is any, of the sound
    thumbnail: Path  #: webp
    spritesheet: Path  #: jpeg


@dataclass(frozen=True, kw_only=True)
class Image:
    """What an inspector found in an image file. It can be decoded whole."""

    media_type: str
    size: Size


class Inspector(Protocol):
    """Looks into media files."""

    async def film(self, path: Path, folder: Path) -> Film:
        """Probe a film and draw its stills into *folder*; `EngineMisbehaved` if it is none."""
        ...

    async def image(self, file: BinaryIO, *, param: str) -> Image:
        """Probe an image by its bytes; `InvalidRequest` if it is none that we take."""
        ...


class Dispatcher(Protocol):
    """Tells a worker which job to look at."""

    def poke(self, job_id: str, *, at: datetime | None = None) -> None:
        """See that a worker looks at the job, soon or at a time. May be lost or doubled."""
        ...


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> datetime:
        """Now, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
