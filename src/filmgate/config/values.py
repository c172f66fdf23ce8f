"""How the text of a setting is read; `ValueError` says what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from filmgate.domain.deadlines import Deadlines
from filmgate.domain.proxy import read_proxy

SHORTEST_SECRET = 16  #: characters

_SITE = re.compile(
    r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r'(/[!"$->@-~]*)?'  # no query, no fragment
)


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for item in text.split(","):
        name, equals, pointer = item.strip().partition("=")
        if not (name and equals and "/" in pointer):
            message = f"{item.strip()!r} is not name=engine/model"
            raise ValueError(message)
        pairs[name.strip()] = pointer.strip()
    return pairs


def _between(
    least: float, most: float, read: Callable[[str], float] = int
) -> Callable[[str], float]:
    def bounded(text: str) -> float:
        value = read(text)
        if not least <= value <= most:
            message = f"it must be from {least:g} to {most:g}"
            raise ValueError(message)
        return value

    return bounded


def _days(text: str) -> timedelta:
    return timedelta(days=_between(0.01, 36_500, float)(text))


def _hours(text: str) -> timedelta:
    return timedelta(hours=_between(0.01, 876_000, float)(text))


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = "it must be http(s)://host"
        raise ValueError(message)
    return text.rstrip("/")


def _reverse_proxy(text: str) -> str:
    if not _SITE.fullmatch(text) or urlsplit(text).port == 0:
        message = "it must be like https://proxy.example.com:8443/path, and nothing more"
        raise ValueError(message)
    return text.rstrip("/")


def _proxy(text: str) -> str:
    try:
        read_proxy(text)
    except ValueError as error:
        message = f"it {error}"
        raise ValueError(message) from None
    return text


def _long(text: str) -> str:
    if len(text) < SHORTEST_SECRET:
        message = f"it must have {SHORTEST_SECRET} characters or more"
        raise ValueError(message)
    return text


def _switch(on: str, off: str) -> Callable[[str], bool]:
    def is_on(text: str) -> bool:
        if text not in (on, off):
            message = f"it must be {on} or {off}"
            raise ValueError(message)
        return text == on

    return is_on


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DEADLINES = ("waiting", "stalled", "total")


def _span(text: str) -> timedelta:
    number, unit = text[:-1], text[-1:]
    if not (number.isdigit() and int(number) and unit in _UNITS):
        message = f"{text!r} is not a time such as 90s, 30m, 24h or 2d"
        raise ValueError(message)
    return timedelta(**{_UNITS[unit]: int(number)})


def _all_deadlines(text: str) -> dict[str, Deadlines]:
    found = {}
    for item in text.split(","):
        name, equals, given = item.strip().partition("=")
        spans = [_span(span.strip()) for span in given.split("/")]
        if not (name and equals) or len(spans) != len(_DEADLINES):
            message = f"{item.strip()!r} is not name=waiting/no progress/total"
            raise ValueError(message)
        found[name.strip()] = Deadlines(**dict(zip(_DEADLINES, spans, strict=True)))
    return found


def _one_of(*words: str) -> Callable[[str], str]:
    def chosen(text: str) -> str:
        if text not in words:
            message = f"it must be {' or '.join(words)}"
            raise ValueError(message)
        return text

    return chosen


def _scheme(*schemes: str) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if text.partition("://")[0] not in schemes:
            message = f"it must begin with {' or '.join(f'{s}://' for s in schemes)}"
            raise ValueError(message)
        return text

    return checked


READ: dict[str, Callable[[str], object]] = {
    "data": Path,
    "database_url": _scheme("postgresql", "postgres"),
    "storage_url": _scheme("s3", "gs", "az"),
    "content": _one_of("stream", "redirect"),
    "role": _one_of("all", "api", "worker"),
    "host": str,
    "port": _between(0, 65535),
    "admin_key": str,
    "models": _pairs,
    "previs": _switch("on", "off"),
    "seats": _between(0, 1000),
    "deadlines": _all_deadlines,
    "submit_timeout": _between(1, 3600, float),
    "least_free": _between(0, 10_000_000),
    "keep_films": _days,
    "public_url": _address,
    "link_lifetime": _hours,
    "secret_key": _long,
    "private_addresses": _switch("allow", "refuse"),
    "proxy": _proxy,
    "download_proxy": _reverse_proxy,
    "download_proxy_mode": _one_of("prefix", "replace"),
    "account_order": _one_of("round_robin", "least_busy"),
    "account_errors": _between(1, 1000),
    "queue_limit": _between(0, 10_000_000),
    "requests_per_minute": _between(0, 1_000_000),
    "grace": _between(0, 3600, float),
    "largest_body": _between(1, 100_000),
    "intake_port": _between(0, 65535),
    "intake_key": _long,
    "intake_engine": str,
}
