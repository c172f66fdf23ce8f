"""Accounts at engines as bodies have them, and as answers show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from filmgate.domain.account import AccountState, Limit, WhenDown
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.request import Size
from filmgate.gateway.account_fields import (
    DEFAULT_LABEL,
    LONGEST_FILM,
    LONGEST_LABEL,
    LONGEST_MODEL,
    LONGEST_SECRET,
    LONGEST_URL,
    LONGEST_WORD,
    MOST_LISTED,
    NUMBERS,
    USUAL_SEATS,
    AccountFields,
)
from filmgate.gateway.accounts import ShownAccount
from filmgate.web.extras import EARLIEST, LATEST, read_bool, read_int, read_time
from filmgate.web.field_types import FLAG, one_of, says, whole

Number = int | str  # text in a form

_LABEL = says(minLength=1, maxLength=LONGEST_LABEL)
_SEATS = whole(*NUMBERS["seats"])
_STILL_SEATS = whole(*NUMBERS["still_seats"])
_MACHINE_SEATS = whole(*NUMBERS["machine_seats"])
_STARTED = whole(*NUMBERS["per_day"])
_PRIORITY = whole(*NUMBERS["priority"])
_WEIGHT = whole(*NUMBERS["weight"])
_URL = says(format="uri", maxLength=LONGEST_URL)
_SECRET = says(minLength=1, maxLength=LONGEST_SECRET)
_PROXY = says(minLength=1, maxLength=LONGEST_URL)
_WHEN_DOWN = one_of(*WhenDown)
_WORD = says(minLength=1, maxLength=LONGEST_WORD, pattern=r"^[^ ,;\[\]|]+$")
_MODELS = says(
    maxItems=MOST_LISTED,
    items={"type": "string", "minLength": 1, "maxLength": LONGEST_MODEL},
)
_GROUPS = says(
    maxItems=MOST_LISTED,
    items={
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_WORD,
        "pattern": r"^[^ ,;\[\]|]+$",
    },
)
_LIMITS = says(
    maxProperties=MOST_LISTED,
    propertyNames={"pattern": "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$"},
)
_SECONDS = says(
    exclusiveMinimum=0, maximum=LONGEST_FILM, pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?$"
)
_EXPIRES = says(minimum=EARLIEST, maximum=LATEST, pattern="^[0-9]{4}-?[0-9]{2}")


Seconds = Annotated[int | float | str, _SECONDS]


class AccountUpdate(msgspec.Struct, forbid_unknown_fields=True):
    label: Annotated[str, _LABEL] | UnsetType = UNSET
    seats: Annotated[Number, _SEATS] | UnsetType = UNSET
    still_seats: Annotated[Number, _STILL_SEATS] | UnsetType = UNSET
    base_url: Annotated[str | None, _URL] | UnsetType = UNSET
    secret: Annotated[str | None, _SECRET] | UnsetType = UNSET
    expires_at: Annotated[int | str | None, _EXPIRES] | UnsetType = UNSET
    proxy: Annotated[str | None, _PROXY] | UnsetType = UNSET
    when_down: Annotated[str, _WHEN_DOWN] | UnsetType = UNSET
    plan: Annotated[str | None, _WORD] | UnsetType = UNSET
    groups: Annotated[list[str], _GROUPS] | UnsetType = UNSET
    models: Annotated[list[str], _MODELS] | UnsetType = UNSET
    limits: Annotated[dict[str, Seconds], _LIMITS] | UnsetType = UNSET
    per_day: Annotated[Number | None, _STARTED] | UnsetType = UNSET
    per_month: Annotated[Number | None, _STARTED] | UnsetType = UNSET
    priority: Annotated[Number, _PRIORITY] | UnsetType = UNSET
    weight: Annotated[Number, _WEIGHT] | UnsetType = UNSET
    machine: Annotated[str | None, _WORD] | UnsetType = UNSET
    machine_seats: Annotated[Number, _MACHINE_SEATS] | UnsetType = UNSET
    disabled: Annotated[bool | str, FLAG] | UnsetType = UNSET


class AccountRow(AccountUpdate, kw_only=True, forbid_unknown_fields=True):
    """One of many: what is left out stays, or is as a new account has it."""

    engine: Annotated[str, says(minLength=1)]


class AccountCreate(AccountRow, kw_only=True, forbid_unknown_fields=True):
    label: Annotated[str, _LABEL] = DEFAULT_LABEL
    seats: Annotated[Number, _SEATS] = USUAL_SEATS
    when_down: Annotated[str, _WHEN_DOWN] = WhenDown.FAIL


class AccountObject(msgspec.Struct, kw_only=True):
    """An account as it is shown: never with its secret, or what its proxy asks for."""

    id: str
    engine: str
    label: str
    state: AccountState
    seats: int
    still_seats: int
    base_url: str | None
    secret_set: bool
    secret_reference: str | None
    expires_at: int | None  # seconds since 1970, as every time here
    proxy: str | None
    when_down: WhenDown
    plan: str | None
    groups: Sequence[str]
    models: Sequence[str]
    limits: Mapping[str, float]
    per_day: int | None
    per_month: int | None
    priority: int
    weight: int
    machine: str | None
    machine_seats: int | None
    disabled: bool
    errors: int
    rests_until: int | None
    rest_reason: str | None
    rejected_at: int | None
    checked_at: int | None


def change_of(body: AccountUpdate) -> AccountFields:
    """What a body gives an account; what is missing stays."""
    given = {name: getattr(body, name) for name in body.__struct_fields__ if name != "engine"}
    return account_change({name: v for name, v in given.items() if v is not UNSET})


def account_change(fields: Mapping[str, Any]) -> AccountFields:
    """*fields* of an account, as JSON, a form or a shell has them; what is missing stays."""
    read = {
        name: _READERS[name](value, name) if name in _READERS and value is not None else value
        for name, value in fields.items()
    }
    return cast("AccountFields", read)


def shown_account(shown: ShownAccount) -> dict[str, object]:
    """An account as the answers and the command line show it."""
    account = shown.account
    made = AccountObject(
        id=account.id,
        engine=account.engine,
        label=account.label,
        state=shown.state,
        seats=account.seats,
        still_seats=account.still_seats,
        base_url=account.base_url,
        secret_set=shown.secret_set,
        secret_reference=shown.reference,
        expires_at=_seconds_of(account.expires_at),
        proxy=shown.proxy,
        when_down=account.when_down,
        plan=account.plan,
        groups=account.groups,
        models=account.models,
        limits={str(one.size): one.seconds for one in account.limits},
        per_day=account.per_day,
        per_month=account.per_month,
        priority=account.priority,
        weight=account.weight,
        machine=account.machine,
        machine_seats=shown.machine_seats,
        disabled=account.disabled,
        errors=account.errors,
        rests_until=_seconds_of(account.rests_until),
        rest_reason=account.rest_reason,
        rejected_at=_seconds_of(account.rejected_at),
        checked_at=_seconds_of(account.checked_at),
    )
    return cast("dict[str, object]", msgspec.to_builtins(made))


def _seconds_of(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _number(value: int | str, param: str) -> int:
    least, most = NUMBERS[param]
    return read_int(value, param=param, least=least, most=most)


def _when_down(value: str, param: str) -> WhenDown:
    if value not in list(WhenDown):
        message = f"Invalid value: '{value[:80]}'. Supported values are: 'fail', and 'wait'."
        raise InvalidRequest(message, param=param)
    return WhenDown(value)


def _names(value: Sequence[str], param: str) -> tuple[str, ...]:
    del param
    return tuple(dict.fromkeys(value))


def _limits(value: Mapping[str, int | float | str], param: str) -> tuple[Limit, ...]:
    return tuple(_limit(*item, param) for item in value.items())


def _limit(text: str, given: float | str, param: str) -> Limit:
    size = Size.read(text)
    if size is None:
        message = (
            f"Invalid value: '{text[:80]}'. A limit is of a size like 1280x720, and says how "
            "many seconds it may last."
        )
        raise InvalidRequest(message, param=param)
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", str(given)):
        message = f"Invalid value: '{str(given)[:80]}'. It is a number of seconds, like 20."
        raise InvalidRequest(message, param=f"{param}.{text}")
    return Limit(size, float(given))


def _expiry(value: int | str, param: str) -> datetime:
    """A time that has passed is one, too: the account has expired."""
    return read_time(value, param=param)


def _flag(value: bool | str, param: str) -> bool:  # noqa: FBT001 (what a form may have)
    return read_bool(value, param=param)


_READERS: Mapping[str, Callable[[Any, str], object]] = {
    **dict.fromkeys(NUMBERS, _number),
    "when_down": _when_down,
    "models": _names,
    "groups": _names,
    "limits": _limits,
    "expires_at": _expiry,
    "disabled": _flag,
}
