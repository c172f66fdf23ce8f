"""Accounts: a login at an engine, and how much it takes at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class WhenDown(StrEnum):
    """What becomes of a job when nothing answers at the account's address."""

    FAIL = "fail"  #: it is tried a few times, then it fails
    WAIT = "wait"  #: it stays queued until the machine is on again, and no attempt counts


@dataclass(frozen=True, kw_only=True)
class Account:
    """One login or key at an engine."""

    id: str
    engine: str
    label: str
    seats: int  #: attempts that may be open at once
    base_url: str | None = None  #: where the engine is; None: its only place
    secret: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    #: ^ that its requests go through; None: the gateway's, if it has one; "none": none
    when_down: WhenDown = WhenDown.FAIL
    per_node: bool = False  #: the seats are each node's own: the engine runs inside it
    rests_until: datetime | None = None  #: gets no new work before
    rest_reason: str | None = None  #: a code
