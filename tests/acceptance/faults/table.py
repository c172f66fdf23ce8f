"""A run in numbers."""

from __future__ import annotations

from acceptance.faults.evidence import Evidence
from acceptance.faults.verdict import Interrupted, Verdict, interrupted, most_open

LISTED = 20  #: of what broke a promise


def table(seen: Evidence, verdict: Verdict) -> str:
    """The table, both lists of interrupted jobs, and what broke each promise."""
    plan, hits = seen.plan, seen.hits()
    where = f"{plan.nodes} nodes, PostgreSQL" if plan.cluster else "one node, SQLite"
    done = sum(job["status"] == "completed" for job in seen.shown)
    doubles = len(seen.arrivals) - len({one.webhook_id for one in seen.arrivals})
    plain = interrupted(seen) if "plain" in plan.modes else None
    lines = [
        ("where", where),
        ("seed, seconds", f"{plan.seed}, {seen.seconds:.0f}"),
        ("jobs accepted, completed", f"{len(seen.accepted)}, {done}"),
        ("kills", f"{len(seen.kills)}: " + ", ".join(f"{v} {k}" for k, v in hits.items())),
        ("faults played", _counted(seen)),
        ("answers to callers", _answers(seen)),
        ("jobs lost", len(verdict.lost)),
        ("submitted twice", len(verdict.doubled)),
        ("films corrupt", f"{len(verdict.corrupt)} of {len(seen.films)}"),
        ("failed otherwise", len(verdict.failed)),
        ("webhooks lost", f"{len(verdict.webhooks_lost)} (doubles: {doubles})"),
        ("told of by two webhook-ids", len(verdict.webhooks_differ)),
        ("seats leaked", len(verdict.leaked)),
        *(
            (f"most open at {mode}, seats", f"{most_open(seen, mode)}, {plan.seats}")
            for mode in plan.modes
        ),
        ("interrupted at by_id", len(verdict.interrupted_by_id)),
    ]
    if plain:
        lines += [
            ("interrupted at plain", len(plain.ours)),
            ("received there, no ticket", len(plain.received)),
            ("refused there, nobody to read it", len(plain.refused & plain.ours)),
            ("not received, sent just before a kill", len(plain.shortly)),
            ("ticket kept after a pause", len(plain.late)),
        ]
    width = max(len(name) for name, _ in lines)
    text = "\n".join(f"| {name:{width}} | {value} |" for name, value in lines)
    return "\n".join([text, *_lists(plain), *_broken(verdict)]) + "\n"


def _answers(seen: Evidence) -> str:
    """By status and code."""
    return ", ".join(
        f"{times} {f'{status} {code}'.strip() if status else 'none'}"
        for (status, code), times in sorted(seen.answers.items())
    )


def _counted(seen: Evidence) -> str:
    counted: dict[str, int] = {}
    for ledger in seen.ledgers.values():
        for name, number in ledger.faults.items():
            kind = name.partition(":")[0]
            counted[kind] = counted.get(kind, 0) + number
    return ", ".join(f"{number} of {kind}" for kind, number in sorted(counted.items()))


def _lists(plain: Interrupted | None) -> list[str]:
    if plain is None:
        return []
    return [
        f"interrupted at plain: {' '.join(sorted(plain.ours)) or 'none'}",
        f"received, no ticket:  {' '.join(sorted(plain.received)) or 'none'}",
        f"refused, not read:    {' '.join(sorted(plain.refused & plain.ours)) or 'none'}",
        f"not received:         {' '.join(sorted(plain.shortly)) or 'none'}",
    ]


def _broken(verdict: Verdict) -> list[str]:
    return [
        f"BROKEN {name} ({len(found)}):\n  " + "\n  ".join(found[:LISTED])
        for name, found in verdict.broken.items()
    ]
