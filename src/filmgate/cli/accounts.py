"""`filmgate accounts`: the logins and keys that engines are used with."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from filmgate.cli.account_files import LISTS, rows_in
from filmgate.cli.desk import Desk, Fields, desk_of
from filmgate.cli.problem import Problem
from filmgate.domain.proxy import NO_PROXY

REFERENCES = ("env:", "file:")
NOTHING = "none"  #: takes away what an option gives
_ID = "account_…, as `accounts list` shows it"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = actions.add_parser("add", help="let an engine be used")
    made.add_argument("engine", help="the engine's name, such as openai_videos")
    _fields(made)
    many = actions.add_parser("import", help="add or change many accounts, or none of them")
    many.add_argument("file", help="a JSON list, or CSV with a header; -: standard input")
    actions.add_parser("list", help="every account, without its secret")
    checked = actions.add_parser("check", help="ask engines whether they let accounts in")
    checked.add_argument(
        "id", nargs="?", help="account_…; all that are not disabled if left out"
    )
    changed = actions.add_parser("change", help="change what is given; none takes it away")
    changed.add_argument("id", help=_ID)
    _fields(changed)
    for action, words in (
        ("disable", "give an account no new work until it is enabled"),
        ("enable", "give an account work again"),
        ("remove", "give an account no new work, ever"),
    ):
        actions.add_parser(action, help=words).add_argument("id", help=_ID)


def _fields(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", help="what you call it, such as whose it is")
    parser.add_argument("--url", help="where the engine is, such as http://gpu.lan:8000/v1")
    parser.add_argument("--seats", type=int, help="films that it makes at once")
    parser.add_argument("--still-seats", type=int, help="stills that it makes at once")
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
    parser.add_argument("--expires-at", help="when the secret runs out, such as 2026-12-31")
    parser.add_argument("--plan", help="what its owner has bought, such as pro")
    parser.add_argument(
        "--group", action="append", help="a word that jobs may ask for; repeatable"
    )
    parser.add_argument(
        "--model", action="append", help="a model of the engine that it may run; repeatable"
    )
    parser.add_argument(
        "--limit",
        action="append",
        metavar="SIZE=SECONDS",
        help="how long films of a size may be, such as 1280x720=20; repeatable",
    )
    parser.add_argument("--per-day", help="jobs that it may start in a day")
    parser.add_argument("--per-month", help="jobs that it may start in a month")
    parser.add_argument("--priority", type=int, help="-100 to 100: the highest is asked first")
    parser.add_argument("--weight", type=int, help="1 to 100: its share among its equals")
    parser.add_argument("--machine", help="the GPU that it shares with other accounts")
    parser.add_argument(
        "--machine-seats", type=int, help="films that the machine makes at once"
    )


def run(args: argparse.Namespace) -> int:
    fields = _given(args) if args.action in ("add", "change") else {}
    if args.action == "change" and not fields:
        message = "There is nothing to change. Give --label, --url, --seats or another option."
        raise Problem(message)
    rows = rows_in(args.file) if args.action == "import" else ()
    return asyncio.run(_run(args, fields, rows))


async def _run(args: argparse.Namespace, fields: Fields, rows: Sequence[Any]) -> int:
    async with desk_of(args) as desk:
        match args.action:
            case "add":
                made = await desk.add_account(args.engine, fields)
                _say(f"{made['id']} at {made['engine']}")
            case "import":
                done = await desk.import_accounts(rows)
                _say(f"{done['added']} added, {done['changed']} changed")
            case "change":
                _say(f"{(await desk.change_account(args.id, fields))['id']} is changed")
            case "disable" | "enable":
                off = args.action == "disable"
                changed = await desk.change_account(args.id, {"disabled": off})
                _say(f"{changed['id']} is {changed['state']}")
            case "remove":
                await desk.remove_account(args.id)
                _say(f"{args.id} gets no new work")
            case "check":
                return await _check(desk, args.id)
            case _:
                for account in await desk.accounts():
                    _say(row(account))
    return 0


async def _check(desk: Desk, account_id: str | None) -> int:
    """1 if one of them is not let in."""
    ids = [account_id]
    if account_id is None:
        ids = [one["id"] for one in await desk.accounts() if not one["disabled"]]
    bad = 0
    for one in filter(None, ids):
        found = await desk.check_account(one)
        if found["ok"]:
            models = "model" if found["models"] == 1 else "models"
            _say(f"{one}  {found['state']}: it may use {found['models']} {models}")
        else:
            bad = 1
            _say(f"{one}  {found['state']}: {found['code']}: {found['message']}")
    return bad


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


def _given(args: argparse.Namespace) -> Fields:
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
        "when_down": args.when_down,
        "secret": secret_of(args),
        "proxy": args.proxy,
        **{
            name: getattr(args, name)
            for name in ("seats", "still_seats", "priority", "weight", "machine_seats")
        },
    }
    given = {name: value for name, value in fields.items() if value is not None}
    for name in ("expires_at", "plan", "per_day", "per_month", "machine"):
        if (text := getattr(args, name)) is not None:
            given[name] = None if text == NOTHING else text
    for name, read in LISTS.items():
        if (words := getattr(args, name.removesuffix("s"))) is not None:
            given[name] = read([] if words == [NOTHING] else words)
    return given


def row(account: Fields) -> str:
    """An account on one line: how it is, and what matters of it."""
    secret = account["secret_reference"] or ("secret" if account["secret_set"] else "no secret")
    words = [account["id"], account["engine"], _state(account), _seats(account), secret]
    if account["when_down"] == "wait":
        words.append("waits when down")
    if account["base_url"]:
        words.append(account["base_url"])
    if proxy := account["proxy"]:
        words.append("no proxy" if proxy == NO_PROXY else f"through {proxy}")
    if account["plan"]:
        words.append(f"plan {account['plan']}")
    if account["groups"]:
        words.append(f"groups {','.join(account['groups'])}")
    if account["machine"]:
        words.append(f"on {account['machine']}")
    if account["priority"]:
        words.append(f"priority {account['priority']}")
    if account["expires_at"] and account["state"] != "expired":
        words.append(f"until {_day(account['expires_at'])}")
    return "  ".join([*words, account["label"]])


def _state(account: Fields) -> str:
    match account["state"]:
        case "resting":
            until = datetime.fromtimestamp(account["rests_until"], UTC)
            return f"rests until {until:%H:%M:%S} UTC: {account['rest_reason']}"
        case "rejected":
            return f"rejected since {_day(account['rejected_at'])}"
        case state:
            return str(state)


def _seats(account: Fields) -> str:
    seats, stills = account["seats"], account["still_seats"]
    words = f"{seats} {'seat' if seats == 1 else 'seats'}"
    return words if stills == 1 else f"{words}, {stills} for stills"


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
