"""The promises, each compared with what was seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from acceptance.faults.evidence import SHORTLY, Evidence
from acceptance.faults.traffic import end_of
from upstreams.ledger import Create, Task

WRITTEN = 2.0  #: seconds within which an answer is a row on any machine
ENDED = ("completed", "failed", "cancelled")
#: With these answers nothing was made, and it may be asked again.
REFUSED = ("refuse_503", "refuse_429")


@dataclass(frozen=True)
class Verdict:
    """What broke each promise: empty lists are kept promises."""

    lost: list[str]
    doubled: list[str]
    corrupt: list[str]
    failed: list[str]  #: neither completed nor interrupted
    changed: list[str]  #: after they had ended
    webhooks_lost: list[str]
    webhooks_differ: list[str]  #: told of twice, by two `webhook-id`s
    leaked: list[str]  #: attempts that are still open
    over_seats: list[str]
    tickets_lost: list[str]  #: answered to a node that lived on, and not in the rows
    interrupted_by_id: list[str]
    interrupted_untold: list[str]  #: received, no ticket, and yet not interrupted
    interrupted_without_cause: list[str]  #: … and never received, with no kill near

    @property
    def broken(self) -> dict[str, list[str]]:
        return {name: found for name, found in vars(self).items() if found}


@dataclass(frozen=True)
class Interrupted:
    """Jobs at the plain upstream, in two lists that must be one, and what may differ."""

    ours: set[str]  #: that we ended so
    received: set[str]  #: received upstream, and we committed no ticket
    refused: set[str]  #: whose refusal nobody was left to read
    shortly: set[str]  #: never received: intent committed just before a kill or a sleep
    late: set[str]  #: whose ticket came after a pause, and was kept


def judge(seen: Evidence) -> Verdict:
    plain = interrupted(seen) if "plain" in seen.plan.modes else Interrupted(*[set()] * 5)
    excused = plain.received | plain.refused | plain.shortly | plain.late
    return Verdict(
        lost=lost(seen),
        doubled=doubled(seen),
        corrupt=corrupt(seen),
        failed=[
            f"{job}: {seen.by_id[job]['status']} {seen.by_id[job].get('error')}"
            for job in seen.accepted.values()
            if job in seen.by_id and seen.ends_badly(job)
        ],
        changed=[
            f"{job}: {end}, now {end_of(seen.by_id[job])}"
            for job, end in seen.ends.items()
            if job in seen.by_id and end_of(seen.by_id[job]) != end
        ],
        webhooks_lost=webhooks_lost(seen),
        webhooks_differ=webhooks_differ(seen),
        leaked=[f"{one.id} of {one.job_id}" for one in seen.attempts if one.state == "open"],
        over_seats=[
            f"{mode}: {most} open at once, {seen.plan.seats} seats"
            for mode in seen.plan.modes
            if (most := most_open(seen, mode)) > seen.plan.seats
        ],
        tickets_lost=tickets_lost(seen),
        interrupted_by_id=sorted(seen.interrupted("by_id")),
        interrupted_untold=sorted(plain.received - plain.ours),
        interrupted_without_cause=sorted(plain.ours - excused),
    )


def lost(seen: Evidence) -> list[str]:
    """Jobs that were accepted and are not there, have not ended, or are there twice."""
    found = [
        f"{prompt!r} as {job}: {shown['status'] if shown else 'not there'}"
        for prompt, job in seen.accepted.items()
        if (shown := seen.by_id.get(job)) is None or shown["status"] not in ENDED
    ]
    found += [
        f"{prompt!r} was promised as {sorted(jobs)}"
        for prompt, jobs in seen.promised.items()
        if len(jobs) > 1
    ]
    times = Counter(str(job.get("prompt")) for job in seen.shown)
    return found + [f"{prompt!r} is there {n} times" for prompt, n in times.items() if n > 1]


def doubled(seen: Evidence) -> list[str]:
    """Prompts that an upstream was asked to make twice."""
    found = []
    for mode in seen.plan.modes:
        made = Counter(task.prompt for task in seen.ledgers[mode].tasks)
        found += [f"{prompt!r}: {n} tasks {mode}" for prompt, n in made.items() if n > 1]
        if mode == "by_id":
            continue
        for prompt, creates in seen.creates_by_prompt(mode).items():
            if not all(_surely_refused(create) for create in creates[:-1]):
                kinds = [create.fault or "answered" for create in creates]
                found.append(f"{prompt!r} was sent {len(creates)} times: {kinds}")
    return found


def corrupt(seen: Evidence) -> list[str]:
    """Films that are not the bytes of the task whose ticket the job has."""
    tasks = {task.id: task for ledger in seen.ledgers.values() for task in ledger.tasks}
    prompts = {job: prompt for prompt, job in seen.accepted.items()}
    found = []
    for job, digest in seen.films.items():
        tickets = [one.ticket for one in seen.tries.get(job, ()) if one.state == "succeeded"]
        task = tasks.get(tickets[0] or "") if len(tickets) == 1 else None
        if task is None:
            found.append(f"{job}: its tickets are {tickets}")
        elif (task.sha256, task.prompt) != (digest, prompts.get(job)):
            reads = [
                read.fault or "well"
                for ledger in seen.ledgers.values()
                for read in ledger.contents
                if read.task == task.id
            ]
            found.append(f"{job}: not the film of {task.id}, read {', '.join(reads)}")
    without = {
        job["id"]
        for job in seen.shown
        if job["status"] == "completed" and job["id"] not in seen.films
    }
    return found + [f"{job}: completed, and not served" for job in sorted(without)]


def webhooks_lost(seen: Evidence) -> list[str]:
    told = {(one.subject, one.type) for one in seen.arrivals if one.answered == 200}
    return [
        f"{job['id']}: {job['status']}"
        for job in seen.shown
        if job["status"] in ENDED and (job["id"], _event(job["status"])) not in told
    ]


def webhooks_differ(seen: Evidence) -> list[str]:
    ids: dict[str, set[str]] = {}
    for one in seen.arrivals:
        ids.setdefault(one.subject, set()).add(f"{one.webhook_id} {one.type}")
    return [f"{job}: {sorted(found)}" for job, found in ids.items() if len(found) > 1]


def tickets_lost(seen: Evidence) -> list[str]:
    """Tasks that a node was told of, and no attempt has."""
    tickets = {attempt.ticket for attempt in seen.attempts}
    return [
        f"{create.task} of {create.prompt!r}"
        for mode in seen.plan.modes
        for create in seen.ledgers[mode].creates
        if create.fault is None and create.status == 200 and not create.hung_up
        if create.task not in tickets and _was_lived(seen, create)
    ]


def _was_lived(seen: Evidence, create: Create) -> bool:
    """No node was killed before it can have written the answer down."""
    until = (create.until or create.at) + WRITTEN
    return not any(create.at <= kill.at <= until for kill in seen.kills)


def most_open(seen: Evidence, mode: str) -> int:
    """
    Tasks open at once upstream, at most.

    One that the upstream took and whose ticket we never got is not counted at the plain
    one: nobody can know how long it is open.
    """
    tickets = {attempt.ticket for attempt in seen.attempts}
    tasks: list[Task] = [
        task for task in seen.ledgers[mode].tasks if mode == "by_id" or task.id in tickets
    ]
    changes = [(task.at, 1) for task in tasks] + [(task.closes_at, -1) for task in tasks]
    open_now = most = 0
    for _, change in sorted(changes):
        open_now += change
        most = max(most, open_now)
    return most


def interrupted(seen: Evidence) -> Interrupted:
    jobs = seen.jobs_of("plain")
    creates = seen.creates_by_prompt("plain")
    ours = seen.interrupted("plain")
    received, refused, shortly, late = set[str](), set[str](), set[str](), set[str]()
    for prompt, job in jobs.items():
        tries = seen.tries.get(job, [])
        if any(attempt.ticket for attempt in tries):
            if seen.sleeps and job in ours:
                late.add(job)
            continue
        asked = creates.get(prompt, [])
        if any(create.fault not in REFUSED for create in asked):
            received.add(job)
        elif asked and not (_surely_refused(asked[-1]) and _was_read(seen, asked[-1])):
            refused.add(job)
        elif job in ours and tries and _just_before_a_kill(seen, tries[-1].sending_at):
            shortly.add(job)
    return Interrupted(ours, received, refused, shortly, late)


def _surely_refused(create: Create) -> bool:
    return create.fault in REFUSED and create.status is not None and not create.hung_up


def _was_read(seen: Evidence, create: Create) -> bool:
    """No node fell asleep between the request and its answer."""
    until = (create.until or create.at) + SHORTLY
    return not any(create.at <= at <= until for at in seen.sleeps)


def _just_before_a_kill(seen: Evidence, at: float | None) -> bool:
    ends = [kill.at for kill in seen.kills] + list(seen.sleeps)
    return at is not None and any(0 <= end - at < SHORTLY for end in ends)


def _event(status: str) -> str:
    return "video.completed" if status == "completed" else "video.failed"
