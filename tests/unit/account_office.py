"""Accounts on real rows, for the tests of what they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from fakes import MovedClock, ids
from filmgate.domain.account import Account
from filmgate.gateway.account_fields import AccountFields
from filmgate.gateway.accounts import Accounts
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import FernetCipher

SECRET = "sk-the-operators-own-secret"


class SlowRows(AccountRows):
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self, database: SQLite) -> None:
        super().__init__(database)
        self.asked = 0
        self.answering = asyncio.Event()
        self.answering.set()

    async def of(self, engine: str) -> Sequence[Account]:
        self.asked += 1
        found = await super().of(engine)
        await asyncio.sleep(0)
        await self.answering.wait()
        return found


@dataclass
class Office:
    """Accounts on real rows, and a second process that manages the same ones."""

    database: SQLite
    clock: MovedClock = field(default_factory=MovedClock)
    elsewhere: dict[str, str] = field(default_factory=lambda: {"env:KEY": SECRET})

    def __post_init__(self) -> None:
        self.rows = SlowRows(self.database)
        self.new_id = ids()
        self.accounts, self.others = self.process(), self.process()

    def process(self, key: str = "the gateway's own", *, most_errors: int = 3) -> Accounts:
        return Accounts(
            self.rows,
            engines=("kiln", "loom", "hearth"),
            embedded=("hearth",),
            cipher=FernetCipher(key),
            recall=self.recall,
            clock=self.clock,
            most_errors=most_errors,
            new_id=self.new_id,
        )

    def recall(self, reference: str) -> str:
        if reference not in self.elsewhere:
            raise LookupError(f"{reference} is not there.")
        return self.elsewhere[reference]

    async def add(self, label: str = "a", **fields: Any) -> str:
        change = cast("AccountFields", {"label": label, **fields})
        return (await self.accounts.add("kiln", change)).account.id

    async def candidates(self, accounts: Accounts | None = None) -> list[str]:
        found = await (accounts or self.accounts).active("kiln")
        return [account.label for account in found]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Office]:
    prepare(folder / "test.db")
    database = SQLite(folder / "test.db")
    yield Office(database)
    await database.close()
