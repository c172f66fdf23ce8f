"""Accounts: a login at an engine, how much it takes at once, and how it fares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from filmgate.domain.job import Take
from filmgate.domain.request import Media, Size


class WhenDown(StrEnum):
    """What becomes of a job when nothing answers at the account's address."""

    FAIL = "fail"  #: it is tried a few times, then it fails
    WAIT = "wait"  #: it stays queued until the machine is on again, and no attempt counts


class AccountState(StrEnum):
    """Whether it gets new work. What it has begun it finishes in every state."""

    ACTIVE = "active"
    RESTING = "resting"  #: until a time: its rate or quota is used up, or it kept failing
    REJECTED = "rejected"  #: the engine does not let it in; it is checked again and again
    DISABLED = "disabled"  #: by hand
    EXPIRED = "expired"


#: States that pass without the operator: a job waits for them.
PASSING = frozenset({AccountState.ACTIVE, AccountState.RESTING, AccountState.REJECTED})


@dataclass(frozen=True)
class Limit:
    """Films of at most so many pixels may be so long."""

    size: Size
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Account:
    """One login or key at an engine."""

    id: str
    engine: str
    label: str
    seats: int  #: attempts at films that may be open at once
    still_seats: int = 1  #: the same for stills, beside them
    base_url: str | None = None  #: where the engine is; None: its only place
    secret: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    #: ^ that its requests go through; None: the gateway's, if it has one; "none": none
    when_down: WhenDown = WhenDown.FAIL
    per_node: bool = False  #: the seats are each node's own: the engine runs inside it
    plan: str | None = None  #: what its owner has bought, such as pro
    models: tuple[str, ...] = ()  #: the engine's, that it may run; none: all of them
    groups: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()  #: none: whatever its engine can
    per_day: int | None = None  #: attempts that may cost something, by UTC
    per_month: int | None = None
    priority: int = 0  #: higher ones are asked first
    weight: int = 1  #: its share of the work among those of its priority
    machine: str | None = None  #: what it shares with accounts of the same machine
    disabled: bool = False
    errors: int = 0  #: attempts in a row that it has failed
    rests_until: datetime | None = None  #: gets no new work before
    rest_reason: str | None = None  #: a code: why it rests, or is rejected
    rejected_at: datetime | None = None
    checked_at: datetime | None = None  #: when that was asked about last
    expires_at: datetime | None = None  #: its secret, if somebody knows
    warned_at: datetime | None = None  #: its operator, that it expires

    def state(self, at: datetime) -> AccountState:
        if self.disabled:
            return AccountState.DISABLED
        if self.expires_at is not None and self.expires_at <= at:
            return AccountState.EXPIRED
        if self.rejected_at is not None:
            return AccountState.REJECTED
        if self.rests_until is not None and self.rests_until > at:
            return AccountState.RESTING
        return AccountState.ACTIVE

    def lacks(self, take: Take) -> str | None:
        """What it would need for *take*, which no waiting brings; None if it has all."""
        if take.account_id not in (None, self.id):
            return "It has not made the film that this starts from."
        if take.request.media is Media.IMAGE and not (self.still_seats or self.per_node):
            return "It makes no stills."
        if take.groups and not set(take.groups) & set(self.groups):
            return f"It is in none of the groups {', '.join(take.groups)}."
        if take.plans and self.plan not in take.plans:
            return f"Its plan is {self.plan or 'not known'}, not {' or '.join(take.plans)}."
        if self.models and take.model not in self.models:
            return f"It may not run {take.model}."
        return self._exceeded(take)

    def seats_for(self, media: Media) -> int:
        """Its seats now: one that has failed gets less at once, until it makes something."""
        # Inside a node films and stills are made by the same cores.
        still = media is Media.IMAGE and not self.per_node
        seats = self.still_seats if still else self.seats
        return max(min(1, seats), seats - self.errors)

    def _exceeded(self, take: Take) -> str | None:
        size, seconds = take.request.size, take.request.seconds
        if not self.limits or size is None or seconds is None:
            return None
        pixels = size.width * size.height
        longest = max(
            (one.seconds for one in self.limits if one.size.width * one.size.height >= pixels),
            default=None,
        )
        if longest is None:
            return f"It makes nothing as large as {size}."
        if seconds > longest:
            return f"It makes at most {longest:g} s of {size}."
        return None
