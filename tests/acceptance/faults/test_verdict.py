"""The harness sees each promise that is broken: a run that finds nothing means something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from acceptance.faults.evidence import Evidence, Ledger
from acceptance.faults.killing import Kill
from acceptance.faults.plan import Plan
from acceptance.faults.receiver import Arrival
from acceptance.faults.rows import Attempt, Row
from acceptance.faults.table import table
from acceptance.faults.verdict import judge
from upstreams.ledger import Content, Create, Task

PLAN = Plan(jobs=2, kills=1, seats=1)
PLAIN, BY_ID = PLAN.prompt(0), PLAN.prompt(1)


def create(prompt: str, at: float, **more: Any) -> Create:
    made = Create(
        at=at, key="k", idempotency_key=f"a-{prompt}", prompt=prompt, fault=None,
        task=f"task of {prompt}", status=200, until=at + 0.1,
    )  # fmt: skip
    return replace(made, **more)


def task(prompt: str, at: float, name: str = "") -> Task:
    return Task(
        id=name or f"task of {prompt}", key="k", prompt=prompt, model="sora-2", size="",
        seconds="4", idempotency_key=f"a-{prompt}", at=at, ready_at=at + 1,
        sha256=f"sha of {prompt}",
    )  # fmt: skip


def ledger(prompt: str, at: float) -> Ledger:
    return Ledger([create(prompt, at)], [task(prompt, at)], [], {})


def shown(job: str, prompt: str, status: str = "completed", code: str = "") -> dict[str, Any]:
    error = {"code": code} if code else None
    return {"id": job, "prompt": prompt, "status": status, "error": error}


INTERRUPTED = shown("job0", PLAIN, "failed", "submission_interrupted")


def attempt(job: str, prompt: str, **more: Any) -> Attempt:
    made = Attempt(f"a-{prompt}", job, 1, "succeeded", f"task of {prompt}", 10.0, None)
    return replace(made, **more)


#: Two jobs, one at each upstream, and a kill: all as it should be.
SOUND = Evidence(
    plan=PLAN,
    accepted={PLAIN: "job0", BY_ID: "job1"},
    promised={PLAIN: {"job0"}, BY_ID: {"job1"}},
    shown=[shown("job0", PLAIN), shown("job1", BY_ID)],
    films={"job0": f"sha of {PLAIN}", "job1": f"sha of {BY_ID}"},
    ledgers={"plain": ledger(PLAIN, 10), "by_id": ledger(BY_ID, 10)},
    arrivals=[
        Arrival("wh_0", "video.completed", "job0", 200),
        Arrival("wh_1", "video.completed", "job1", 500),
        Arrival("wh_1", "video.completed", "job1", 200),
    ],
    kills=[Kill(20, 0)],
    attempts=[attempt("job0", PLAIN), attempt("job1", BY_ID)],
    rows=[Row("job0", "completed", None, None), Row("job1", "completed", None, None)],
)


def with_plain(**more: Any) -> dict[str, Ledger]:
    return {**SOUND.ledgers, "plain": replace(SOUND.ledgers["plain"], **more)}


def without_ticket(**more: Any) -> list[Attempt]:
    lost = attempt("job0", PLAIN, state="interrupted", ticket=None)
    return [replace(lost, **more), SOUND.attempts[1]]


TOLD_OF_FAILURE = [Arrival("wh_0", "video.failed", "job0", 200), *SOUND.arrivals[1:]]
LOST_TICKET: dict[str, Any] = {
    "shown": [INTERRUPTED, SOUND.shown[1]],
    "films": {"job1": f"sha of {BY_ID}"},
    "arrivals": TOLD_OF_FAILURE,
    "attempts": without_ticket(),
}


def test_nothing_is_wrong_with_a_sound_run() -> None:
    verdict = judge(SOUND)
    assert verdict.broken == {}
    assert "BROKEN" not in table(SOUND, verdict)


BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "a job is not there": ("lost", {"shown": [SOUND.shown[0]]}),
    "a job has not ended": (
        "lost",
        {"shown": [SOUND.shown[0], shown("job1", BY_ID, "in_progress")]},
    ),
    "a caller was told of two": (
        "lost",
        {"promised": {**SOUND.promised, PLAIN: {"job0", "job2"}}},
    ),
    "a job is there twice": ("lost", {"shown": [*SOUND.shown, shown("job2", PLAIN)]}),
    "two creates, plain": (
        "doubled",
        {"ledgers": with_plain(creates=[create(PLAIN, 10, status=None), create(PLAIN, 12)])},
    ),
    "a refusal that nobody read, then another": (
        "doubled",
        {
            "ledgers": with_plain(
                creates=[
                    create(PLAIN, 10, fault="refuse_503", task=None, hung_up=True),
                    create(PLAIN, 12),
                ]
            )
        },
    ),
    "two tasks by id": (
        "doubled",
        {
            "ledgers": {
                **SOUND.ledgers,
                "by_id": Ledger([], [task(BY_ID, 10), task(BY_ID, 12, "other")], [], {}),
            }
        },
    ),
    "other bytes": ("corrupt", {"films": {**SOUND.films, "job0": "sha of nothing"}}),
    "completed and not served": ("corrupt", {"films": {"job0": f"sha of {PLAIN}"}}),
    "somebody else's film": (
        "corrupt",
        {
            "attempts": [
                attempt("job0", PLAIN, ticket=f"task of {BY_ID}"),
                SOUND.attempts[1],
            ]
        },
    ),
    "failed for another reason": (
        "failed",
        {"shown": [shown("job0", PLAIN, "failed", "engine_misbehaved"), SOUND.shown[1]]},
    ),
    "it ended, and ended otherwise": (
        "changed",
        {"ends": {"job0": ("cancelled", None, "null")}},
    ),
    "a webhook that was never taken": ("webhooks_lost", {"arrivals": SOUND.arrivals[:2]}),
    "two webhooks of one end": (
        "webhooks_differ",
        {"arrivals": [*SOUND.arrivals, Arrival("wh_9", "video.completed", "job0", 200)]},
    ),
    "an open attempt": (
        "leaked",
        {"attempts": [*SOUND.attempts, attempt("job0", PLAIN, number=2, state="open")]},
    ),
    "more tasks open than seats": (
        "over_seats",
        {
            "ledgers": with_plain(tasks=[task(PLAIN, 10), task("another", 10.5)]),
            "attempts": [*SOUND.attempts, attempt("job2", "another")],
        },
    ),
    "a ticket that was told and not kept": (
        "tickets_lost",
        {"attempts": without_ticket()},
    ),
    "interrupted though it could be asked": (
        "interrupted_by_id",
        {"shown": [SOUND.shown[0], shown("job1", BY_ID, "failed", "submission_interrupted")]},
    ),
    "received, no ticket, and yet not interrupted": (
        "interrupted_untold",
        {"attempts": without_ticket()},
    ),
    "interrupted though it was refused": (
        "interrupted_without_cause",
        {
            **LOST_TICKET,
            "ledgers": with_plain(
                creates=[create(PLAIN, 10, fault="refuse_503", task=None, status=503)], tasks=[]
            ),
        },
    ),
    "interrupted, never received, and no kill near": (
        "interrupted_without_cause",
        {**LOST_TICKET, "ledgers": with_plain(creates=[], tasks=[])},
    ),
}


@pytest.mark.parametrize(("promise", "change"), BROKEN.values(), ids=BROKEN)
def test_a_broken_promise_is_seen(promise: str, change: dict[str, Any]) -> None:
    seen = replace(SOUND, **change)
    verdict = judge(seen)
    assert promise in verdict.broken
    assert f"BROKEN {promise}" in table(seen, verdict)


EXCUSED: dict[str, dict[str, Any]] = {
    "received, and no ticket": {
        "ledgers": with_plain(creates=[create(PLAIN, 10, fault="accept_cut", status=None)])
    },
    "refused, and nobody was left to read it": {
        "ledgers": with_plain(
            creates=[create(PLAIN, 10, fault="refuse_503", task=None, hung_up=True)], tasks=[]
        )
    },
    "intent committed just before a kill": {
        "ledgers": with_plain(creates=[], tasks=[]),
        "attempts": without_ticket(sending_at=19.95),
    },
    "its ticket came after the node had slept": {
        "sleeps": [10.05],
        "attempts": without_ticket(ticket=f"task of {PLAIN}"),
    },
}


@pytest.mark.parametrize("change", EXCUSED.values(), ids=EXCUSED)
def test_an_interruption_with_a_cause_breaks_no_promise(change: dict[str, Any]) -> None:
    assert judge(replace(SOUND, **(LOST_TICKET | change))).broken == {}


def test_kills_are_counted_by_what_they_hit() -> None:
    def content(at: float, until: float, **more: Any) -> Content:
        return Content(at=at, task="t", first=0, fault=None, until=until, **more)

    cases: dict[str, dict[str, Any]] = {
        "submit": {"creates": [create(PLAIN, 19.9, hung_up=True, until=20.1)]},
        "fetch": {"contents": [content(19.9, 20.1, hung_up=True)]},
        "store": {"contents": [content(19, 19.5), content(21, 21.5)]},
        "nothing": {"contents": [content(19, 19.5)]},
    }
    for hit, change in cases.items():
        hits = replace(SOUND, ledgers=with_plain(**change)).hits()
        assert [name for name, count in hits.items() if count] == [hit]
