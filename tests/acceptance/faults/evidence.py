"""What was seen of a run: by callers, upstream, by the receiver, and in the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from acceptance.faults.killing import Kill
from acceptance.faults.plan import Plan
from acceptance.faults.receiver import Arrival
from acceptance.faults.rows import Attempt, Row
from upstreams.ledger import Content, Create, Task

SHORTLY = 0.1  #: seconds before a kill in which a request may never have arrived
NOTICED = 0.3  #: seconds after a kill in which an upstream has seen that nobody listens


@dataclass(frozen=True)
class Ledger:
    """An upstream's, as it told it."""

    creates: Sequence[Create]
    tasks: Sequence[Task]
    contents: Sequence[Content]
    faults: Mapping[str, int]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Ledger:
        return cls(
            [Create(**one) for one in told["creates"]],
            [Task(**one) for one in told["tasks"]],
            [Content(**one) for one in told["contents"]],
            told["faults"],
        )


@dataclass(frozen=True)
class Evidence:
    plan: Plan
    accepted: Mapping[str, str]  #: prompt to job
    promised: Mapping[str, set[str]]  #: every job that a caller was told of, by prompt
    shown: Sequence[Mapping[str, Any]]  #: every job, as callers are shown it
    films: Mapping[str, str]  #: SHA-256 of what is served, by job
    ledgers: Mapping[str, Ledger]  #: by mode
    arrivals: Sequence[Arrival]
    kills: Sequence[Kill]
    attempts: Sequence[Attempt]
    rows: Sequence[Row]
    #: Ended jobs as callers were first shown them.
    ends: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    answers: Mapping[tuple[int, str], int] = field(default_factory=dict)
    sleeps: Sequence[float] = ()  #: when a node was stopped for a while
    seconds: float = 0

    @cached_property
    def by_id(self) -> dict[str, Mapping[str, Any]]:
        return {job["id"]: job for job in self.shown}

    @cached_property
    def tries(self) -> dict[str, list[Attempt]]:
        """Attempts by job."""
        found: dict[str, list[Attempt]] = {}
        for attempt in self.attempts:
            found.setdefault(attempt.job_id, []).append(attempt)
        return found

    def jobs_of(self, mode: str) -> dict[str, str]:
        """Accepted jobs by prompt."""
        plan = self.plan
        prompts = {plan.prompt(n) for n in range(plan.jobs) if plan.mode(n) == mode}
        return {prompt: job for prompt, job in self.accepted.items() if prompt in prompts}

    def interrupted(self, mode: str) -> set[str]:
        """Jobs that ended because whether the upstream has them is not known."""
        return {
            job
            for job in self.jobs_of(mode).values()
            if _code(self.by_id.get(job)) == "submission_interrupted"
        }

    def ends_badly(self, job: str) -> bool:
        """It neither has a film nor was interrupted."""
        shown = self.by_id.get(job)
        return (shown is None or shown["status"] != "completed") and _code(
            shown
        ) != "submission_interrupted"

    def creates_by_prompt(self, mode: str) -> dict[str, list[Create]]:
        found: dict[str, list[Create]] = {}
        for create in self.ledgers[mode].creates:
            found.setdefault(create.prompt, []).append(create)
        return found

    def hits(self) -> dict[str, int]:
        """Kills by what they hit: each counts once, as the first of these that it hit."""
        counted = {"submit": 0, "fetch": 0, "store": 0, "nothing": 0}
        for kill in self.kills:
            counted[self._hit(kill.at)] += 1
        return counted

    def _hit(self, at: float) -> str:
        ledgers = self.ledgers.values()
        if any(_cut_at(one, at) for ledger in ledgers for one in ledger.creates):
            return "submit"
        if any(_cut_at(one, at) for ledger in ledgers for one in ledger.contents):
            return "fetch"
        # Read well to its end before the kill, and read again after it.
        for ledger in ledgers:
            whole = {
                one.task
                for one in ledger.contents
                if one.fault in (None, "slow") and not one.hung_up
                if at - 2 < (one.until or at) <= at
            }
            if any(one.task in whole and one.at > at for one in ledger.contents):
                return "store"
        return "nothing"


def _cut_at(one: Create | Content, at: float) -> bool:
    """Its asker went away at that moment, before it had been answered."""
    return one.hung_up and one.at <= at <= (one.until or at) <= at + NOTICED


def _code(shown: Mapping[str, Any] | None) -> str | None:
    error = (shown or {}).get("error") or {}
    code: str | None = error.get("code")
    return code
