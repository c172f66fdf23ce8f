"""filmgate's own endpoints, for whoever runs it: accounts at engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.admin_accounts.objects import (
    AccountCreate,
    AccountObject,
    AccountRow,
    AccountUpdate,
    change_of,
    shown_account,
)
from filmgate.domain.account import AccountState
from filmgate.domain.errors import InvalidRequest
from filmgate.gateway.account_fields import DEFAULT_LABEL, AccountFields
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.checking import Checked, Checks
from filmgate.web.answers import Deleted
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import says
from filmgate.web.reading import read, shaped

MOST_ROWS = 1000  #: of an import
MOST_TOLD = 5  #: of those that are wrong


class AccountImport(msgspec.Struct, forbid_unknown_fields=True):
    accounts: Annotated[Sequence[AccountRow], says(maxItems=MOST_ROWS)]


class GivenRows(msgspec.Struct, forbid_unknown_fields=True):
    """The same, where each row is still to be read."""

    accounts: Sequence[Any]


class AccountList(msgspec.Struct):
    data: Sequence[AccountObject]


class AccountsImported(msgspec.Struct, kw_only=True):
    """The accounts in the order of the rows."""

    data: Sequence[AccountObject]
    added: int
    changed: int


class CheckObject(msgspec.Struct, kw_only=True):
    """Whether an account's engine lets it in; if not, what it says."""

    account_id: str
    ok: bool
    state: AccountState  # afterwards
    models: int | None  # that it may use
    code: str | None
    message: str | None


class AdminAccounts:
    """`/admin/accounts`, for admin keys only. The CLI's `filmgate accounts` speaks it."""

    def __init__(self, accounts: Accounts, checks: Checks, door: Door) -> None:
        self._accounts = accounts
        self._checks = checks
        self._door = door

    def routes(self) -> list[Route]:
        one = "/admin/accounts/{account_id}"
        return [
            Route("/admin/accounts", self.accounts, methods=["GET"]),
            Route("/admin/accounts", self.add_account, methods=["POST"]),
            Route("/admin/accounts/import", self.import_accounts, methods=["POST"]),
            Route(one, self.change_account, methods=["PATCH"]),
            Route(one, self.remove_account, methods=["DELETE"]),
            Route(f"{one}/check", self.check_account, methods=["POST"]),
        ]

    @endpoint(
        "List the accounts, without their secrets",
        answer=AccountList,
        errors=(403,),
        ours=True,
    )
    async def accounts(self, request: Request) -> Response:
        await self._door.admin(request)
        return _json({"data": [shown_account(one) for one in await self._accounts.list()]})

    @endpoint(
        "Add an account at an engine",
        body=AccountCreate,
        answer=AccountObject,
        errors=(403, 409),
        makes="account_id",
        ours=True,
        keyed=False,
    )
    async def add_account(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, AccountCreate) as body:
            made = await self._accounts.add(body.engine, change_of(body))
        return _json(shown_account(made))

    @endpoint(
        "Add many accounts, and change those whose engine and label are there: all, or none",
        body=AccountImport,
        answer=AccountsImported,
        errors=(403,),
        ours=True,
        keyed=False,
    )
    async def import_accounts(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, GivenRows) as body:
            return _json(await imported(self._accounts, body.accounts))

    @endpoint(
        "Change an account",
        body=AccountUpdate,
        answer=AccountObject,
        errors=(403, 409),
        ours=True,
    )
    async def change_account(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, AccountUpdate) as body:
            changed = await self._accounts.change(_id(request), change_of(body))
        return _json(shown_account(changed))

    @endpoint("Remove an account", answer=Deleted, errors=(400, 403), ours=True)
    async def remove_account(self, request: Request) -> Response:
        await self._door.admin(request)
        await self._accounts.remove(_id(request))
        return _json(Deleted(id=_id(request), object="account.deleted"))

    @endpoint(
        "Ask an account's engine, without paying, whether it lets it in",
        answer=CheckObject,
        errors=(403, 404),
        ours=True,
        keyed=False,
    )
    async def check_account(self, request: Request) -> Response:
        await self._door.admin(request)
        return _json(shown_check(await self._checks.check(_id(request))))


async def imported(accounts: Accounts, rows: Sequence[object]) -> dict[str, object]:
    """
    The accounts that *rows* describe, each made or changed, and how many of each.

    `InvalidRequest` tells what is wrong by row, from 1, and field; then nothing is kept.
    """
    if len(rows) > MOST_ROWS:
        message = f"There are {len(rows)} rows; the most is {MOST_ROWS}. Send them in parts."
        raise InvalidRequest(message, param="accounts")
    given: list[tuple[str, AccountFields]] = []
    wrong: list[InvalidRequest] = []
    stands: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, 1):
        try:
            given.append(await _row(accounts, row, number, stands))
        except InvalidRequest as error:
            message = f"Row {number}, {error.param or 'as a whole'}: {error.message}"
            place = ".".join(filter(None, (f"accounts[{number - 1}]", error.param)))
            wrong.append(InvalidRequest(message, param=place))
    if wrong:
        lines = ["Nothing is imported.", *(error.message for error in wrong[:MOST_TOLD])]
        if len(wrong) > MOST_TOLD:
            lines.append(f"And {len(wrong) - MOST_TOLD} more.")
        raise InvalidRequest("\n".join(lines), param=wrong[0].param)
    shown, added = await accounts.keep(given)
    return {
        "data": [shown_account(one) for one in shown],
        "added": added,
        "changed": len(shown) - added,
    }


async def _row(
    accounts: Accounts, row: object, number: int, stands: dict[tuple[str, str], int]
) -> tuple[str, AccountFields]:
    """What one row says; *stands* has the row of each engine and label so far."""
    if not isinstance(row, dict):
        raise InvalidRequest("An account is an object: its fields and their values.")
    body = shaped(row, AccountRow)
    await accounts.check_engine(body.engine)
    change = change_of(body)
    accounts.check_fields(change)
    label = change.get("label", DEFAULT_LABEL).strip()
    if (earlier := stands.setdefault((body.engine, label), number)) != number:
        message = f"Row {earlier} has the same engine and label."
        raise InvalidRequest(message, param="label")
    return body.engine, change


def shown_check(found: Checked) -> dict[str, object]:
    """What a check found, as the answer and the command line show it."""
    error = found.error
    made = CheckObject(
        account_id=found.account.id,
        ok=found.ok,
        state=found.state,
        models=found.models,
        code=error.code if error else None,
        message=error.message if error else None,
    )
    return cast("dict[str, object]", msgspec.to_builtins(made))


def _id(request: Request) -> str:
    return str(request.path_params["account_id"])


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
