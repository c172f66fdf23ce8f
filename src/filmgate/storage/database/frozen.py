"""What rows keep as JSON: requests and plans with a version, and small lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from filmgate.domain.job import Plan
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest

VERSION = 1


class _Request(msgspec.Struct):
    request: GenerationRequest
    v: int = VERSION


class _Plan(msgspec.Struct):
    plan: Plan
    v: int = VERSION


class _Model(msgspec.Struct):
    model: Model
    v: int = VERSION


#: The types that an engine's options have, by the names that rows keep.
_KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


def _kind_name(kind: object) -> str:
    return next(name for name, known in _KINDS.items() if known is kind)


def _kind_of(_: type, name: object) -> type:
    return _KINDS[str(name)]


_model_encoder = msgspec.json.Encoder(enc_hook=_kind_name)
_models = msgspec.json.Decoder(_Model, dec_hook=_kind_of)
_settings = msgspec.json.Decoder(dict[str, Any])
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


def freeze_model(model: Model) -> str:
    return _model_encoder.encode(_Model(model)).decode()


def thaw_model(text: str) -> Model:
    return _models.decode(text).model


def freeze_settings(settings: Mapping[str, Any]) -> str:
    return msgspec.json.encode(settings).decode()


def thaw_settings(text: str) -> dict[str, Any]:
    return _settings.decode(text)


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
