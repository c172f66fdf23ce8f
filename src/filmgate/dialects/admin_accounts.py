"""filmgate's own endpoints, for whoever runs it: accounts at engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.account import WhenDown
from filmgate.domain.errors import InvalidRequest
from filmgate.gateway.account_fields import (
    DEFAULT_LABEL,
    LONGEST_LABEL,
    LONGEST_SECRET,
    LONGEST_URL,
    MOST_SEATS,
)
from filmgate.gateway.accounts import Accounts, ShownAccount
from filmgate.ports import AccountChange
from filmgate.web.answers import Deleted
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.extras import read_int
from filmgate.web.field_types import one_of, says, whole
from filmgate.web.reading import read, shaped

MOST_ROWS = 1000  #: of an import
MOST_TOLD = 5  #: of those that are wrong

_LABEL = says(minLength=1, maxLength=LONGEST_LABEL)
_SEATS = whole(1, MOST_SEATS)
_URL = says(format="uri", maxLength=LONGEST_URL)
_SECRET = says(minLength=1, maxLength=LONGEST_SECRET)
_PROXY = says(minLength=1, maxLength=LONGEST_URL)
_WHEN_DOWN = one_of(*WhenDown)


class AccountCreate(msgspec.Struct, forbid_unknown_fields=True):
    engine: Annotated[str, says(minLength=1)]
    label: Annotated[str, _LABEL] = DEFAULT_LABEL
    seats: Annotated[int | str, _SEATS] = 1  # text in a form
    base_url: Annotated[str | None, _URL] = None
    secret: Annotated[str | None, _SECRET] = None
    proxy: Annotated[str | None, _PROXY] = None
    when_down: Annotated[str, _WHEN_DOWN] = WhenDown.FAIL


class AccountUpdate(msgspec.Struct, forbid_unknown_fields=True):
    label: Annotated[str, _LABEL] | UnsetType = UNSET
    seats: Annotated[int | str, _SEATS] | UnsetType = UNSET
    base_url: Annotated[str | None, _URL] | UnsetType = UNSET
    secret: Annotated[str | None, _SECRET] | UnsetType = UNSET
    proxy: Annotated[str | None, _PROXY] | UnsetType = UNSET
    when_down: Annotated[str, _WHEN_DOWN] | UnsetType = UNSET


class AccountRow(AccountUpdate, kw_only=True, forbid_unknown_fields=True):
    """One of many: what is left out stays, or is as a new account has it."""

    engine: Annotated[str, says(minLength=1)]


class AccountImport(msgspec.Struct, forbid_unknown_fields=True):
    accounts: Annotated[Sequence[AccountRow], says(maxItems=MOST_ROWS)]


class GivenRows(msgspec.Struct, forbid_unknown_fields=True):
    """The same, where each row is still to be read."""

    accounts: Sequence[Any]


class AccountObject(msgspec.Struct, kw_only=True):
    """An account as it is shown: never with its secret, or what its proxy asks for."""

    id: str
    engine: str
    label: str
    seats: int
    base_url: str | None
    secret_set: bool
    secret_reference: str | None
    proxy: str | None
    when_down: WhenDown
    rests_until: int | None  # seconds since 1970
    rest_reason: str | None


class AccountList(msgspec.Struct):
    data: Sequence[AccountObject]


class AccountsImported(msgspec.Struct, kw_only=True):
    """The accounts in the order of the rows."""

    data: Sequence[AccountObject]
    added: int
    changed: int


class AdminAccounts:
    """`/admin/accounts`, for admin keys only. The CLI's `filmgate accounts` speaks it."""

    def __init__(self, accounts: Accounts, door: Door) -> None:
        self._accounts = accounts
        self._door = door

    def routes(self) -> list[Route]:
        one = "/admin/accounts/{account_id}"
        return [
            Route("/admin/accounts", self.accounts, methods=["GET"]),
            Route("/admin/accounts", self.add_account, methods=["POST"]),
            Route("/admin/accounts/import", self.import_accounts, methods=["POST"]),
            Route(one, self.change_account, methods=["PATCH"]),
            Route(one, self.remove_account, methods=["DELETE"]),
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
            made = await self._accounts.add(body.engine, _change(body))
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
            changed = await self._accounts.change(_id(request), _change(body))
        return _json(shown_account(changed))

    @endpoint("Remove an account", answer=Deleted, errors=(400, 403), ours=True)
    async def remove_account(self, request: Request) -> Response:
        await self._door.admin(request)
        await self._accounts.remove(_id(request))
        return _json(Deleted(id=_id(request), object="account.deleted"))


async def imported(accounts: Accounts, rows: Sequence[object]) -> dict[str, object]:
    """
    The accounts that *rows* describe, each made or changed, and how many of each.

    `InvalidRequest` tells what is wrong by row, from 1, and field; then nothing is kept.
    """
    if len(rows) > MOST_ROWS:
        message = f"There are {len(rows)} rows; the most is {MOST_ROWS}. Send them in parts."
        raise InvalidRequest(message, param="accounts")
    given: list[tuple[str, AccountChange]] = []
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
) -> tuple[str, AccountChange]:
    """What one row says; *stands* has the row of each engine and label so far."""
    if not isinstance(row, dict):
        raise InvalidRequest("An account is an object: its fields and their values.")
    body = shaped(row, AccountRow)
    await accounts.check_engine(body.engine)
    change = _change(body)
    accounts.check_fields(change)
    label = change.get("label", DEFAULT_LABEL).strip()
    if (earlier := stands.setdefault((body.engine, label), number)) != number:
        message = f"Row {earlier} has the same engine and label."
        raise InvalidRequest(message, param="label")
    return body.engine, change


def account_change(fields: dict[str, Any]) -> AccountChange:
    """*fields* of an account, as JSON, a form or a shell has them; what is missing stays."""
    change = dict(fields)
    if "seats" in change:
        change["seats"] = read_int(change["seats"], param="seats", least=1, most=MOST_SEATS)
    if "when_down" in change:
        text = change["when_down"]
        if text not in list(WhenDown):
            message = f"Invalid value: '{text[:80]}'. Supported values are: 'fail', and 'wait'."
            raise InvalidRequest(message, param="when_down")
        change["when_down"] = WhenDown(text)
    return cast("AccountChange", change)


def shown_account(shown: ShownAccount) -> dict[str, object]:
    """An account as the answers and the command line show it."""
    account = shown.account
    rests = account.rests_until
    made = AccountObject(
        id=account.id,
        engine=account.engine,
        label=account.label,
        seats=account.seats,
        base_url=account.base_url,
        secret_set=shown.secret_set,
        secret_reference=shown.reference,
        proxy=shown.proxy,
        when_down=account.when_down,
        rests_until=None if rests is None else int(rests.timestamp()),
        rest_reason=account.rest_reason,
    )
    return cast("dict[str, object]", msgspec.to_builtins(made))


def _change(body: AccountCreate | AccountUpdate | AccountRow) -> AccountChange:
    given = {name: getattr(body, name) for name in body.__struct_fields__ if name != "engine"}
    return account_change({name: v for name, v in given.items() if v is not UNSET})


def _id(request: Request) -> str:
    return str(request.path_params["account_id"])


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
