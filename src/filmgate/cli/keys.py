"""`filmgate keys`: over HTTP to a running server, else in the data folder itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from filmgate.bootstrap.folder import Opened, opened
from filmgate.bootstrap.settings import connection
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.settings import settings_from
from filmgate.dialects.admin import shown_key
from filmgate.domain.errors import FilmgateError


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and show it once")
    create.add_argument("name", help="whose key it is; a caller may have several")
    create.add_argument("--value", help="bring a key along that clients already use")
    create.add_argument("--admin", action="store_true", help="it may manage keys")
    actions.add_parser("list", help="every key, without its value")
    revoke = actions.add_parser("revoke", help="refuse a key from now on")
    revoke.add_argument("id", help="key_…, as `keys list` shows it")


def run(args: argparse.Namespace) -> int:
    if found := connection():
        if args.data:
            message = "--data and FILMGATE_URL are both given. Which keys are meant?"
            raise Problem(message)
        answer = _over_http(Client(*found), args)
    else:
        answer = asyncio.run(_in_folder(args))
    for line in _lines(args.action, answer):
        sys.stdout.write(line + "\n")
    return 0


def _over_http(client: Client, args: argparse.Namespace) -> Any:
    match args.action:
        case "create":
            body = {"name": args.name, "admin": args.admin}
            if args.value:
                body["value"] = args.value
            return client.call("POST", "/admin/keys", body)
        case "revoke":
            return client.call("DELETE", f"/admin/keys/{args.id}")
        case _:
            return client.call("GET", "/admin/keys")["data"]


async def _in_folder(args: argparse.Namespace) -> Any:
    async def act(folder: Opened) -> Any:
        keys = folder.keys
        match args.action:
            case "create":
                made, key = await keys.create(args.name, value=args.value, admin=args.admin)
                return shown_key(made, key)
            case "revoke":
                await keys.revoke(args.id)
                return {"id": args.id}
            case _:
                return [shown_key(key) for key in await keys.list()]

    return await _with_folder(args, act)


async def _with_folder(
    args: argparse.Namespace, act: Callable[[Opened], Awaitable[Any]]
) -> Any:
    async with opened(settings_from(args)) as folder:
        try:
            return await act(folder)
        except FilmgateError as error:
            raise Problem(error.message) from None


def _lines(action: str, answer: Any) -> list[str]:
    match action:
        case "create":
            return [
                f"{answer['id']} for {answer['name']}",
                f"API key, shown only now: {answer['key']}",
            ]
        case "revoke":
            return [f"{answer['id']} is refused from now on"]
        case _:
            return [_row(key) for key in answer]


def _row(key: dict[str, Any]) -> str:
    made = datetime.fromtimestamp(key["created_at"], UTC)
    state = "revoked" if key.get("revoked_at") else "admin" if key["admin"] else "active"
    return f"{key['id']}  {key['hint']}  {state:8}{made:%Y-%m-%d}  {key['name']}"
