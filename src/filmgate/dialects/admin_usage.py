"""filmgate's own endpoints, for whoever runs it: what was charged, and what engines took."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.money import MICROS, Charge, ChargeKind, Usage
from filmgate.ports import Ledger
from filmgate.web.answers import Page
from filmgate.web.auth import Door
from filmgate.web.endpoint import AFTER, Parameter, endpoint
from filmgate.web.paging import limit_of, page

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000

_TIME = {"type": "integer", "minimum": 0, "maximum": 9_999_999_999}
CALLER = Parameter(name="caller", schema={"type": "string"})
SINCE = Parameter(name="since", schema=_TIME)
UNTIL = Parameter(name="until", schema=_TIME)
LIMIT = Parameter(
    name="limit",
    schema={"type": "integer", "minimum": 0, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE},
)


class ChargeObject(msgspec.Struct, kw_only=True):
    """One row of the ledger."""

    id: str
    job_id: str
    kind: ChargeKind
    caller: str
    amount_usd: float
    at: int  # seconds since 1970


class UsageObject(msgspec.Struct, kw_only=True):
    """Of one caller: sums of the ledger, and what engines took for it."""

    caller: str
    jobs: int
    reserved_usd: float
    settled_usd: float
    refunded_usd: float
    cost_usd: float


class UsageList(msgspec.Struct):
    data: Sequence[UsageObject]


class AdminUsage:
    """`/admin/charges` and `/admin/usage`, for admin keys only. `filmgate usage` speaks it."""

    def __init__(self, ledger: Ledger, door: Door) -> None:
        self._ledger = ledger
        self._door = door

    def routes(self) -> list[Route]:
        return [
            Route("/admin/charges", self.charges, methods=["GET"]),
            Route("/admin/usage", self.usage, methods=["GET"]),
        ]

    @endpoint(
        "List what was reserved, settled and refunded, oldest first",
        answer=Page[ChargeObject],
        query=(LIMIT, AFTER, CALLER, SINCE, UNTIL),
        errors=(403,),
        ours=True,
    )
    async def charges(self, request: Request) -> Response:
        await self._door.admin(request)
        query = request.query_params
        found, more = await self._ledger.charges(
            caller=query.get("caller"),
            since=_moment(query, "since"),
            until=_moment(query, "until"),
            after=query.get("after"),
            limit=limit_of(query, default=DEFAULT_PAGE, most=LARGEST_PAGE),
        )
        return _json(page(found, more=more, render=_charge, id_of=lambda charge: charge.id))

    @endpoint(
        "Sum up what callers were charged, and what engines took",
        answer=UsageList,
        query=(CALLER, SINCE, UNTIL),
        errors=(403,),
        ours=True,
    )
    async def usage(self, request: Request) -> Response:
        await self._door.admin(request)
        query = request.query_params
        found = await self._ledger.usage(
            caller=query.get("caller"),
            since=_moment(query, "since"),
            until=_moment(query, "until"),
        )
        return _json({"data": [shown_usage(one) for one in found]})


def shown_usage(usage: Usage) -> dict[str, Any]:
    """Sums as the answers and the command line show them."""
    shown = UsageObject(
        caller=usage.caller,
        jobs=usage.jobs,
        reserved_usd=usage.reserved / MICROS,
        settled_usd=usage.settled / MICROS,
        refunded_usd=usage.refunded / MICROS,
        cost_usd=usage.cost / MICROS,
    )
    return cast("dict[str, Any]", msgspec.to_builtins(shown))


def _charge(charge: Charge) -> ChargeObject:
    return ChargeObject(
        id=charge.id,
        job_id=charge.job_id,
        kind=charge.kind,
        caller=charge.caller,
        amount_usd=charge.amount / MICROS,
        at=int(charge.at.timestamp()),
    )


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,10}", text):
        message = f"Invalid value: '{text[:80]}'. '{name}' is in seconds since 1970."
        raise InvalidRequest(message, param=name)
    return datetime.fromtimestamp(int(text), UTC)


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
