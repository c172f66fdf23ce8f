"""Whatever happens, no account has more open than it has seats, and no seat is lost."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes import A_KITE, A_STILL, Scripted, busy, done, still_done
from filmgate import (
    Account,
    AccountExhausted,
    AccountRejected,
    AfterLoss,
    ContentRejected,
    EngineUnavailable,
    EngineUnreachable,
    GenerationFailed,
    Inputs,
    Media,
    Progress,
    Sending,
    Take,
    TicketLost,
)
from filmgate.storage.database.accounts import AccountRows
from house import House, open_house

FILMS = {"account_1": 1, "account_2": 2, "account_3": 3}
STILLS = {"account_1": 1, "account_2": 0, "account_3": 2}
ON_ONE_MACHINE = ("account_2", "account_3")
OUTCOMES = (
    "made", "made", "made", "late", "late", "fails", "rejected", "exhausted", "unreachable",
    "cut", "blocked", "forgotten",
)  # fmt: skip
DEEDS = ("film", "film", "film", "still", "run", "run", "sweep", "kill", "drain", "cancel",
         "wait", "let in")  # fmt: skip


@dataclass
class Fickle(Scripted):
    """Does as it likes, from a list without an end."""

    outcomes: Sequence[str] = ()
    media: dict[str, Media] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._next_outcome = cycle(self.outcomes)

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del account, inputs
        outcome = next(self._next_outcome)
        if outcome == "unreachable":
            raise EngineUnreachable("closed")
        if self.after_loss is not AfterLoss.RERUN:
            await sending()
        self.media[attempt_id] = take.request.media
        match outcome:
            case "rejected":
                raise AccountRejected("who?")
            case "exhausted":
                raise AccountExhausted("slower")
            case "blocked":
                raise ContentRejected("no")
            case "cut":
                raise EngineUnavailable("cut", unanswered=True)
        return busy(ticket=attempt_id)

    async def poll(self, ticket: str, account: Account) -> Progress:
        del account
        await asyncio.sleep(0)
        match next(self._next_outcome):
            case "fails":
                raise GenerationFailed("no")
            case "forgotten":
                raise TicketLost("what?")
            case "late" | "cut" | "exhausted":
                return busy(ticket=ticket)
        return still_done() if self.media[ticket] is Media.IMAGE else done(ticket)


async def check(house: House) -> None:
    """What is open now, against what may be."""
    opened = await house.database.rows(
        "SELECT account_id, media, count(*) FROM attempts WHERE state = 'open' "
        "GROUP BY account_id, media"
    )
    for account_id, media, count in opened:
        assert count <= (FILMS if media == "video" else STILLS)[account_id]
    assert sum(count for one, _, count in opened if one in ON_ONE_MACHINE) <= 2
    strays = await house.database.rows(
        "SELECT attempts.id FROM attempts JOIN jobs ON jobs.id = job_id "
        "WHERE state = 'open' AND jobs.finished_at IS NOT NULL"
    )
    assert strays == []


async def furnished(folder: Path, engine: Fickle) -> House:
    house = await open_house(folder, engine)
    rows = AccountRows(house.database)
    for account_id in ON_ONE_MACHINE:
        account = Account(
            id=account_id, engine="scripted", label=account_id, seats=FILMS[account_id],
            still_seats=STILLS[account_id], machine="gpu",
        )  # fmt: skip
        await rows.add(account, at=house.clock.now())
    await rows.machine("gpu", seats=2)
    return house


async def submit(house: House, deed: str) -> None:
    await house.submitted(A_KITE if deed == "film" else A_STILL)


async def run(house: House) -> None:
    await house.pokes.deliver(house.worker.look)
    for _ in range(20):
        await asyncio.sleep(0)


async def kill(house: House) -> None:
    """Nothing is written down."""
    for task in list(house.worker._tasks):
        task.cancel()
    await asyncio.gather(*house.worker._tasks, return_exceptions=True)


async def cancel(house: House) -> None:
    jobs, _ = await house.page(limit=1)
    for job in jobs:
        await house.gateway.cancel(job.id, house.caller)


async def do(house: House, deed: str, names: list[str]) -> None:
    match deed:
        case "film" | "still":
            await submit(house, deed)
        case "run":
            await run(house)
        case "sweep":
            await house.sweep(names[-1])
        case "cancel":
            await cancel(house)
        case "wait":
            house.clock.move(timedelta(minutes=6))
        case "let in":
            await let_in(house)
        case "kill" | "drain":
            await (kill(house) if deed == "kill" else house.worker.drain(3600))
            names.append(f"w{len(names) + 1}")
            house.worker = house.new_worker(names[-1])


async def let_in(house: House) -> None:
    rows = AccountRows(house.database)
    for account_id in FILMS:
        await rows.check(account_id, at=house.clock.now(), accepted=True)


async def lived(deeds: Sequence[str], outcomes: Sequence[str], after_loss: AfterLoss) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = Fickle(outcomes=outcomes, after_loss=after_loss)
        house, names = await furnished(Path(folder), engine), ["w1"]
        try:
            for deed in deeds:
                await do(house, deed, names)
                await check(house)
            engine.outcomes = ["made"]
            engine.__post_init__()
            for _ in range(60):
                await let_in(house)
                house.clock.move(timedelta(minutes=6))
                await house.sweep(names[-1])
                await house.work()
                await check(house)
                left = await house.database.rows("SELECT 1 FROM jobs WHERE finished_at IS NULL")
                if not left:
                    break
            # Everything has ended, and so every seat is free again.
            assert left == []
            assert (
                await house.database.rows("SELECT 1 FROM attempts WHERE state = 'open'") == []
            )
        finally:
            await house.worker.drain(3600)
            await house.database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    deeds=st.lists(st.sampled_from(DEEDS), min_size=5, max_size=40),
    outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=3, max_size=20),
    after_loss=st.sampled_from(AfterLoss),
)
def test_no_account_exceeds_its_seats_and_no_seat_leaks(
    deeds: Sequence[str], outcomes: Sequence[str], after_loss: AfterLoss
) -> None:
    asyncio.run(lived(deeds, outcomes, after_loss))
