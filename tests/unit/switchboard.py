"""Engines beside the house's own, with an account each, and names that mean several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fakes import A_KITE, KITE, Scripted
from filmgate.domain.account import Account
from filmgate.domain.model import Alias, Model, Pick
from filmgate.domain.request import GenerationRequest
from filmgate.storage.database.accounts import AccountRows
from house import House

NAME = "kite"  #: what callers say
ASKED = replace(A_KITE, model=NAME)


class Priced(Scripted):
    """Its model costs that many micro-dollars a second."""

    price = 0

    def models(self) -> Sequence[Model]:
        return (replace(KITE, price=self.price),)


async def join(house: House, name: str, *, price: int = 0, **account: Any) -> Scripted:
    """One more engine, with an account `NAME_1`."""
    engine = Priced(name=name)
    engine.price = price
    house.routes.add(engine)
    await seat(house, name, **account)
    return engine


async def seat(house: House, engine: str, number: int = 1, **fields: Any) -> Account:
    """One more account of *engine*."""
    given = {"label": f"{number}", "seats": 1, **fields}
    account = Account(id=f"{engine}_{number}", engine=engine, **given)
    await AccountRows(house.database).add(account, at=house.clock.now())
    house.accounts._forget()
    return account


def means(
    house: House,
    *engines: str,
    pick: Pick = Pick.FIRST,
    weights: Sequence[int] = (),
    plans: Sequence[Sequence[str]] = (),
) -> None:
    """Let the name mean these engines' models, in that order."""
    aliases = [
        Alias(
            promise=replace(model, name=NAME),
            engine=engine,
            model=model,
            weight=weights[number] if weights else 1,
            plans=tuple(plans[number]) if plans else (),
        )
        for number, engine in enumerate(engines)
        if (model := house.routes.known(engine, KITE.name))
    ]
    house.routes.point(aliases, {NAME: pick})


async def chosen(
    house: House, request: GenerationRequest = ASKED, *, trial: bool = False
) -> list[str]:
    """The engines of a request, in the order in which they are tried."""
    choice = await house.chooser.choose(request, trial=trial)
    return [way.route.engine.name for way in choice.ways]
