"""Accounts and names: over HTTP to a running server, else in the data folder itself."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import quote

from filmgate.bootstrap import connection
from filmgate.bootstrap.accounts import account_change, shown_account
from filmgate.bootstrap.connecting import naming, shown_model, shown_name
from filmgate.bootstrap.folder import Opened
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.serve import settings_from
from filmgate.domain.errors import FilmgateError
from filmgate.gateway.names import Names

Fields = dict[str, Any]


class Desk(Protocol):
    """What the commands ask for. Answers look as the HTTP API's do."""

    async def accounts(self) -> Sequence[Fields]: ...
    async def add_account(self, engine: str, fields: Fields) -> Fields: ...
    async def change_account(self, account_id: str, fields: Fields) -> Fields: ...
    async def remove_account(self, account_id: str) -> None: ...
    async def discover(self, account_id: str) -> Sequence[Fields]: ...
    async def names(self) -> Sequence[Fields]: ...
    async def point(self, name: str, fields: Fields) -> Fields: ...
    async def remove_name(self, name: str) -> None: ...


@asynccontextmanager
async def desk_of(args: argparse.Namespace) -> AsyncIterator[Desk]:
    """`Problem`, with the gateway's own words, for what cannot be done."""
    found = connection()
    if found is None:
        async with naming(settings_from(args)) as (folder, names):
            try:
                yield InFolder(folder, names)
            except FilmgateError as error:
                raise Problem(error.message) from None
        return
    if args.data:
        message = "--data and FILMGATE_URL are both given. Which installation is meant?"
        raise Problem(message)
    yield OverHTTP(Client(*found))


class InFolder:
    """`Desk` with the rows in our hands."""

    def __init__(self, folder: Opened, names: Names) -> None:
        self._accounts = folder.accounts
        self._names = names

    async def accounts(self) -> Sequence[Fields]:
        return [shown_account(one) for one in await self._accounts.list()]

    async def add_account(self, engine: str, fields: Fields) -> Fields:
        return shown_account(await self._accounts.add(engine, account_change(fields)))

    async def change_account(self, account_id: str, fields: Fields) -> Fields:
        return shown_account(await self._accounts.change(account_id, account_change(fields)))

    async def remove_account(self, account_id: str) -> None:
        await self._accounts.remove(account_id)

    async def discover(self, account_id: str) -> Sequence[Fields]:
        return [shown_model(model) for model in await self._names.discover(account_id)]

    async def names(self) -> Sequence[Fields]:
        return [shown_name(one) for one in await self._names.list()]

    async def point(self, name: str, fields: Fields) -> Fields:
        return shown_name(await self._names.point(name, **{"settings": {}, **fields}))

    async def remove_name(self, name: str) -> None:
        await self._names.remove(name)


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
