"""Accounts and names: over HTTP to a running server, else in the data folder itself."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol
from urllib.parse import quote

from filmgate.bootstrap import Settings, connection, opened
from filmgate.bootstrap.accounts import account_change, imported, shown_account, shown_check
from filmgate.bootstrap.connecting import asking, shown_model, shown_name
from filmgate.bootstrap.folder import Opened
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.serve import settings_from
from filmgate.domain.errors import FilmgateError
from filmgate.gateway.checking import Checks
from filmgate.gateway.names import Names

Fields = dict[str, Any]


class Desk(Protocol):
    """What the commands ask for. Answers look as the HTTP API's do."""

    async def accounts(self) -> Sequence[Fields]: ...
    async def add_account(self, engine: str, fields: Fields) -> Fields: ...
    async def change_account(self, account_id: str, fields: Fields) -> Fields: ...
    async def remove_account(self, account_id: str) -> None: ...
    async def import_accounts(self, rows: Sequence[Any]) -> Fields: ...
    async def check_account(self, account_id: str) -> Fields: ...
    async def discover(self, account_id: str) -> Sequence[Fields]: ...
    async def names(self) -> Sequence[Fields]: ...
    async def point(self, name: str, fields: Fields) -> Fields: ...
    async def remove_name(self, name: str) -> None: ...


@asynccontextmanager
async def desk_of(args: argparse.Namespace) -> AsyncIterator[Desk]:
    """`Problem`, with the gateway's own words, for what cannot be done."""
    found = connection()
    if found is None:
        settings = settings_from(args)
        async with opened(settings) as folder, AsyncExitStack() as stack:
            try:
                yield InFolder(settings, folder, stack)
            except FilmgateError as error:
                raise Problem(error.message) from None
        return
    if args.data:
        message = "--data and FILMGATE_URL are both given. Which installation is meant?"
        raise Problem(message)
    yield OverHTTP(Client(*found))


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


class OverHTTP:
    """`Desk` at a running server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def accounts(self) -> Sequence[Fields]:
        return self._data("/admin/accounts")

    async def add_account(self, engine: str, fields: Fields) -> Fields:
        body = {"engine": engine, **fields}
        return dict(self._client.call("POST", "/admin/accounts", body))

    async def change_account(self, account_id: str, fields: Fields) -> Fields:
        return dict(self._client.call("PATCH", f"/admin/accounts/{account_id}", fields))

    async def remove_account(self, account_id: str) -> None:
        self._client.call("DELETE", f"/admin/accounts/{account_id}")

    async def import_accounts(self, rows: Sequence[Any]) -> Fields:
        return dict(self._client.call("POST", "/admin/accounts/import", {"accounts": rows}))

    async def check_account(self, account_id: str) -> Fields:
        return dict(self._client.call("POST", f"/admin/accounts/{account_id}/check"))

    async def discover(self, account_id: str) -> Sequence[Fields]:
        return self._data(f"/admin/accounts/{account_id}/models")

    async def names(self) -> Sequence[Fields]:
        return self._data("/admin/models")

    async def point(self, name: str, fields: Fields) -> Fields:
        return dict(self._client.call("PUT", f"/admin/models/{quote(name)}", fields))

    async def remove_name(self, name: str) -> None:
        self._client.call("DELETE", f"/admin/models/{quote(name)}")

    def _data(self, path: str) -> Sequence[Fields]:
        return list(self._client.call("GET", path)["data"])
