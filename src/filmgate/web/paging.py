"""Lists in pages, as the OpenAI API has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from filmgate.domain.errors import InvalidRequest

T = TypeVar("T")

DEFAULT_PAGE, LARGEST_PAGE = 20, 100


def limit_of(
    query: Mapping[str, str], *, default: int = DEFAULT_PAGE, most: int = LARGEST_PAGE
) -> int:
    """`?limit=`, from 0 to *most*."""
    text = query.get("limit", str(default))
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) > most:
        message = f"Invalid value: '{text[:80]}'. A limit is from 0 to {most}."
        raise InvalidRequest(message, param="limit")
    return int(text)


def newest_first(query: Mapping[str, str]) -> bool:
    """`?order=`, asc or desc."""
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        message = f"Invalid value: '{order[:80]}'. Supported values are: 'asc', and 'desc'."
        raise InvalidRequest(message, param="order")
    return order == "desc"


def page(
    items: Sequence[T],
    *,
    more: bool,
    render: Callable[[T], object],
    id_of: Callable[[T], str],
) -> dict[str, object]:
    """A list object. The SDKs go on after `last_id` while `has_more` is true."""
    return {
        "object": "list",
        "data": [render(item) for item in items],
        "first_id": id_of(items[0]) if items else None,
        "last_id": id_of(items[-1]) if items else None,
        "has_more": more,
    }
