"""What an engine's author needs: `Engine`, and the types that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from filmgate.domain.account import Account
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Reference
from filmgate.ports.calls import Sending, Upstreams


class AfterLoss(Enum):
    """What an attempt that died without a known end means."""

    RERUN = "rerun"  #: free, or in this process: it is simply run again
    ASK = "ask"  #: the engine knows our attempt's id: `submit` is called again with it
    NEVER = "never"  #: it may have been paid for: the job fails


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What an engine is built with."""

    folder: Path  #: the engine's own scratch space, empty at start
    cores: int  #: of this machine
    outbound: Upstreams  #: the only way out


class Inputs(Protocol):
    """The bytes of a take's references."""

    async def read(self, reference: Reference) -> bytes:
        """The whole file."""
        ...

    async def save(self, reference: Reference, path: Path) -> None:
        """Write the whole file to *path*: for films, which are large."""
        ...


class Engine(Protocol):
    """
    Something that generates. One adapter per upstream API.

    On purpose, a method raises nothing but a `FilmgateError`, chosen by who is
    to blame. Retrying, choosing accounts, storing and billing are the caller's.

    An engine in its own process's hands (`AfterLoss.RERUN`) uses the attempt's
    id as the ticket, and `poll` of a ticket that this process is not running
    raises `TicketLost`, which means: run it again.

    One that says `AfterLoss.ASK` answers a second `submit` with the same attempt's id
    with the task that it has, or takes it now if the first never arrived.
    """

    name: str
    after_loss: AfterLoss

    def models(self) -> Iterable[Model]:
        """What is known now, without asking anyone."""
        ...

    async def discover(self, account: Account) -> Sequence[Model]:
        """
        The models that *account* may use, asked of the engine without paying.

        What it raises says why the account is of no use. An engine that tells nobody what
        it has answers with `models()`, once it has let the account in.
        """
        ...

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """
        Start a task. Called once per attempt, but for `AfterLoss.ASK`.

        *sending* is awaited right before the request that may cost something leaves
        us: `outbound.ask` does that. What the gateway does after a crash rests on it.
        """
        ...

    async def poll(self, ticket: str, account: Account) -> Progress:
        """Ask how a task is doing. Raise `TicketLost` if the engine forgot it."""
        ...

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        """
        Write the finished file that `Output.url` names to *path*.

        What an earlier call left there is the file's beginning. `OutputExpired` if the
        engine does not have it any more.
        """
        ...

    async def cancel(self, ticket: str, account: Account) -> None:
        """Stop a task if the engine can. Succeeds on a finished or unknown one."""
        ...


@runtime_checkable
class Describes(Protocol):
    """An engine whose models are an operator's own: a name's settings say what they are."""

    def model_of(self, model: str, settings: Mapping[str, Any]) -> Model:
        """What *settings* make, as *model*; `InvalidRequest` if they are not to be used."""
        ...

    async def missing(self, settings: Mapping[str, Any], account: Account) -> Sequence[str]:
        """What *settings* need and *account* does not have, asked without paying."""
        ...


def is_free(engine: Engine) -> bool:
    """Whether *engine* runs on the operator's own machines: what it loses has cost nothing."""
    return bool(getattr(engine, "free_of_charge", False))


def seats_of(engine: Engine, otherwise: int) -> int:
    """How many films an engine inside a node makes at once there, unless it is told."""
    return int(getattr(engine, "seats", otherwise))


@runtime_checkable
class Frees(Protocol):
    """An engine whose models stay in a GPU's memory until it is told to let go of them."""

    async def free(self, account: Account) -> None:
        """Let another engine have the memory of *account*'s machine. Costs nothing."""
        ...


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What an account has from now on."""

    secret: str | None = field(default=None, repr=False)  #: None: the same
    expires_at: datetime | None = None  #: the secret; None: nobody knows


@runtime_checkable
class Refreshes(Protocol):
    """An engine whose secrets run out, and can be exchanged for new ones by itself."""

    async def refresh(self, account: Account) -> Refreshed | None:
        """A new secret for *account*, or its own for longer; None if it cannot be had."""
        ...


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """What a file may mean as a name's settings."""

    settings: Mapping[str, Any]
    found: Sequence[str]  #: sentences about what is in the file
    open: Sequence[str]  #: questions that only an operator can answer


@runtime_checkable
class Imports(Protocol):
    """An engine's class, if its users have files that say how films are made."""

    def propose(self, content: bytes, said: Mapping[str, Any]) -> Proposed:
        """
        Settings from a file's *content*, and what an operator has *said* of them.

        Asks nobody. `InvalidRequest` for a file that is another's.
        """
        ...
