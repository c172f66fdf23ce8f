"""What answers of every dialect look like, whatever is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec

from filmgate.web.field_types import const

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T]):
    """A part of a list; the next begins after `last_id`."""

    data: Sequence[T]
    has_more: bool
    first_id: str | msgspec.UnsetType | None = msgspec.UNSET
    last_id: str | msgspec.UnsetType | None = msgspec.UNSET
    object: Annotated[str, const("list")] = "list"


class Whole(msgspec.Struct, Generic[T]):
    """A whole list."""

    data: Sequence[T]
    object: Annotated[str, const("list")] = "list"


class Deleted(msgspec.Struct):
    """What is gone."""

    id: str
    object: str
    deleted: Annotated[bool, const(True)] = True


class Refusal(msgspec.Struct):
    """Why it was not done; `param` names the field."""

    message: str
    type: str
    param: str | None
    code: str | None


class Refused(msgspec.Struct):
    """Every error."""

    error: Refusal
