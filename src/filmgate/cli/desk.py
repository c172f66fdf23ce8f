"""Accounts and names: over HTTP to a running server, else in the data folder itself."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import quote

from filmgate.bootstrap.settings import connection
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.settings import settings_from

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
        # Imported here, because who asks a server needs none of the gateway.
        from filmgate.cli.folder import in_folder  # noqa: PLC0415

        async with in_folder(settings_from(args)) as desk:
            yield desk
        return
    if args.data:
        message = "--data and FILMGATE_URL are both given. Which installation is meant?"
        raise Problem(message)
    yield OverHTTP(Client(*found))


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
