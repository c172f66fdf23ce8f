"""What callers pay, beside what engines took: both in whole micro-dollars, never mixed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from filmgate.domain.job import Status

MICROS = 1_000_000  #: of a dollar


class ChargeKind(StrEnum):
    RESERVE = "reserve"  #: the price, when the job is made
    SETTLE = "settle"  #: what is charged of it, when the job has ended
    REFUND = "refund"  #: the rest


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One row of the ledger. A job has at most one of each kind."""

    job_id: str
    kind: ChargeKind
    caller: str  #: by name
    amount: int  #: micro-dollars, never 0
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.job_id}.{self.kind}"


@dataclass(kw_only=True)
class Usage:
    """Of one caller in some time: what was charged, and what engines took, in micro-dollars."""

    caller: str  #: by name
    jobs: int = 0  #: that were made, and have a price
    reserved: int = 0
    settled: int = 0
    refunded: int = 0
    cost: int = 0  #: of jobs that have ended, as far as is known


def due(status: Status, *, price: int, cost: int | None) -> int:
    """
    What the caller of an ended job pays, of the *price* that was reserved.

    Of a cancelled one, what its attempts *cost* until then: without a ticket that is nothing.
    """
    if status is Status.COMPLETED:
        return price
    if status is Status.CANCELLED:
        return min(price, cost or 0)
    return 0
