"""Accounts and names in the data folder, with nobody in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from filmgate.bootstrap.accounts import account_change, imported, shown_account, shown_check
from filmgate.bootstrap.connecting import asking, shown_model, shown_name
from filmgate.bootstrap.folder import Opened, opened
from filmgate.bootstrap.settings import Settings
from filmgate.cli.desk import Fields
from filmgate.cli.problem import Problem
from filmgate.domain.errors import FilmgateError
from filmgate.gateway.checking import Checks
from filmgate.gateway.names import Names


@asynccontextmanager
async def in_folder(settings: Settings) -> AsyncIterator[InFolder]:
    """`Problem`, with the gateway's own words, for what cannot be done."""
    async with opened(settings) as folder, AsyncExitStack() as stack:
        try:
            yield InFolder(settings, folder, stack)
        except FilmgateError as error:
            raise Problem(error.message) from None


class InFolder:
    """`Desk` with the rows in our hands. Engines are loaded when one is asked."""

    def __init__(self, settings: Settings, folder: Opened, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._folder = folder
        self._accounts = folder.accounts
        self._stack = stack
        self._asking: tuple[Names, Checks] | None = None

    async def accounts(self) -> Sequence[Fields]:
        return [shown_account(one) for one in await self._accounts.list()]

    async def add_account(self, engine: str, fields: Fields) -> Fields:
        return shown_account(await self._accounts.add(engine, account_change(fields)))

    async def change_account(self, account_id: str, fields: Fields) -> Fields:
        return shown_account(await self._accounts.change(account_id, account_change(fields)))

    async def remove_account(self, account_id: str) -> None:
        await self._accounts.remove(account_id)

    async def import_accounts(self, rows: Sequence[Any]) -> Fields:
        return await imported(self._accounts, rows)

    async def check_account(self, account_id: str) -> Fields:
        _, checks = await self._ready()
        return shown_check(await checks.check(account_id))

    async def discover(self, account_id: str) -> Sequence[Fields]:
        names, _ = await self._ready()
        return [shown_model(model) for model in await names.discover(account_id)]

    async def names(self) -> Sequence[Fields]:
        names, _ = await self._ready()
        return [shown_name(one) for one in await names.list()]

    async def point(self, name: str, fields: Fields) -> Fields:
        names, _ = await self._ready()
        return shown_name(await names.point(name, **{"settings": {}, **fields}))

    async def remove_name(self, name: str) -> None:
        names, _ = await self._ready()
        await names.remove(name)

    async def _ready(self) -> tuple[Names, Checks]:
        if self._asking is None:
            found = asking(self._settings, self._folder)
            self._asking = await self._stack.enter_async_context(found)
        return self._asking
