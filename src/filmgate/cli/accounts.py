"""`filmgate accounts`: over HTTP to a running server, else in the data folder itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

from filmgate.bootstrap import connection, opened
from filmgate.bootstrap.accounts import account_change, imported, shown_account
from filmgate.cli.account_files import rows_in
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.serve import settings_from
from filmgate.domain.errors import FilmgateError
from filmgate.domain.proxy import NO_PROXY

REFERENCES = ("env:", "file:")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = actions.add_parser("add", help="let an engine be used")
    made.add_argument("engine", help="the engine's name, such as openai_videos")
    _fields(made)
    many = actions.add_parser("import", help="add or change many accounts, or none of them")
    many.add_argument("file", help="a JSON list, or CSV with a header; -: standard input")
    actions.add_parser("list", help="every account, without its secret")
    changed = actions.add_parser("change", help="change what is given")
    changed.add_argument("id", help="account_…, as `accounts list` shows it")
    _fields(changed)
    removed = actions.add_parser("remove", help="give an account no new work")
    removed.add_argument("id", help="account_…, as `accounts list` shows it")


def _fields(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", help="what you call it, such as whose it is")
    parser.add_argument("--url", help="where the engine is, such as http://gpu.lan:8000/v1")
    parser.add_argument("--seats", type=int, help="films that it makes at once")
    parser.add_argument("--when-down", help="fail, or wait until the machine is on again")
    parser.add_argument(
        "--proxy",
        help="what its requests go through, such as socks5://host:port; none; or where "
        "that is written: env:NAME or file:PATH",
    )
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--secret", help="where its secret is: env:NAME or file:PATH")
    secret.add_argument(
        "--secret-stdin", action="store_true", help="read its secret from standard input"
    )


def run(args: argparse.Namespace) -> int:
    fields = _fields_of(args)
    if args.action == "change" and not fields:
        message = "There is nothing to change. Give --label, --url, --seats or another option."
        raise Problem(message)
    if found := connection():
        if args.data:
            message = "--data and FILMGATE_URL are both given. Which accounts are meant?"
            raise Problem(message)
        answer = _over_http(Client(*found), args, fields)
    else:
        answer = asyncio.run(_in_folder(args, fields))
    for line in _lines(args.action, answer):
        sys.stdout.write(line + "\n")
    return 0


def _fields_of(args: argparse.Namespace) -> dict[str, Any]:
    """What the action is done with, as the API takes it."""
    match args.action:
        case "add" | "change":
            return _given(args)
        case "import":
            return {"accounts": rows_in(args.file)}
        case _:
            return {}


def secret_of(args: argparse.Namespace) -> str | None:
    """What --secret or --secret-stdin gives; never the secret itself from the command line."""
    if args.secret_stdin:
        return sys.stdin.read().strip()
    secret: str | None = args.secret
    if secret is not None and not secret.startswith(REFERENCES):
        message = (
            "A secret on the command line stays in the shell's history. Pipe it into "
            "--secret-stdin, or say where it is: --secret env:NAME or --secret file:PATH."
        )
        raise Problem(message)
    return secret


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The account's fields that stand on the command line, by their names in the API."""
    if args.proxy and "@" in args.proxy and not args.proxy.startswith(REFERENCES):
        message = (
            "A password on the command line stays in the shell's history. Say where the "
            "proxy is written: --proxy env:NAME or --proxy file:PATH."
        )
        raise Problem(message)
    fields = {
        "label": args.label,
        "base_url": args.url,
        "seats": args.seats,
        "when_down": args.when_down,
        "secret": secret_of(args),
        "proxy": args.proxy,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _over_http(client: Client, args: argparse.Namespace, fields: dict[str, Any]) -> Any:
    match args.action:
        case "add":
            return client.call("POST", "/admin/accounts", {"engine": args.engine, **fields})
        case "import":
            return client.call("POST", "/admin/accounts/import", fields)
        case "change":
            return client.call("PATCH", f"/admin/accounts/{args.id}", fields)
        case "remove":
            return client.call("DELETE", f"/admin/accounts/{args.id}")
        case _:
            return client.call("GET", "/admin/accounts")["data"]


async def _in_folder(args: argparse.Namespace, fields: dict[str, Any]) -> Any:
    async with opened(settings_from(args)) as folder:
        accounts = folder.accounts
        try:
            match args.action:
                case "add":
                    change = account_change(fields)
                    return shown_account(await accounts.add(args.engine, change))
                case "import":
                    return await imported(accounts, fields["accounts"])
                case "change":
                    change = account_change(fields)
                    return shown_account(await accounts.change(args.id, change))
                case "remove":
                    await accounts.remove(args.id)
                    return {"id": args.id}
                case _:
                    return [shown_account(one) for one in await accounts.list()]
        except FilmgateError as error:
            raise Problem(error.message) from None


def _lines(action: str, answer: Any) -> list[str]:
    match action:
        case "add":
            return [f"{answer['id']} at {answer['engine']}"]
        case "import":
            return [f"{answer['added']} added, {answer['changed']} changed"]
        case "change":
            return [f"{answer['id']} is changed"]
        case "remove":
            return [f"{answer['id']} gets no new work"]
        case _:
            return [_row(account) for account in answer]


def _row(account: dict[str, Any]) -> str:
    secret = account["secret_reference"] or ("secret" if account["secret_set"] else "no secret")
    seats = f"{account['seats']} {'seat' if account['seats'] == 1 else 'seats'}"
    words = [account["id"], account["engine"], seats, account["when_down"], secret]
    if account["base_url"]:
        words.append(account["base_url"])
    if proxy := account["proxy"]:
        words.append("no proxy" if proxy == NO_PROXY else f"through {proxy}")
    words.append(account["label"])
    until = account["rests_until"]
    if until and (at := datetime.fromtimestamp(until, UTC)) > datetime.now(UTC):
        words.append(f"rests until {at:%H:%M:%S} UTC: {account['rest_reason']}")
    return "  ".join(words)
