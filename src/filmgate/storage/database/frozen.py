"""What rows keep as JSON: requests and plans with a version, and small lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from filmgate.domain.job import Plan
from filmgate.domain.request import GenerationRequest

VERSION = 1


class _Request(msgspec.Struct):
    request: GenerationRequest
    v: int = VERSION


class _Plan(msgspec.Struct):
    plan: Plan
    v: int = VERSION


_pairs = msgspec.json.Decoder(dict[str, str])
_names = msgspec.json.Decoder(tuple[str, ...])
_requests = msgspec.json.Decoder(_Request)
_plans = msgspec.json.Decoder(_Plan)


def freeze_request(request: GenerationRequest) -> str:
    return msgspec.json.encode(_Request(request)).decode()


def thaw_request(text: str) -> GenerationRequest:
    return _requests.decode(text).request


def freeze_plan(plan: Plan) -> str:
    return msgspec.json.encode(_Plan(plan)).decode()


def thaw_plan(text: str) -> Plan:
    return _plans.decode(text).plan


def freeze(value: Mapping[str, str] | Sequence[str]) -> str:
    return msgspec.json.encode(value).decode()


def thaw_pairs(text: str) -> dict[str, str]:
    return _pairs.decode(text)


def thaw_names(text: str) -> tuple[str, ...]:
    return _names.decode(text)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(micros: int) -> datetime:
    """The reverse of `micros`."""
    return _EPOCH + timedelta(microseconds=micros)
