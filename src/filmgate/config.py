"""
Every setting: its type, its default and one line of documentation.

Only this module reads the environment; everything else is handed its values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from filmgate.domain.deadlines import Deadlines
from filmgate.domain.errors import CannotStart
from filmgate.domain.proxy import read_proxy
from filmgate.system import data_folder

SHORTEST_SECRET = 16  #: characters
#: What names mean until somebody says otherwise.
BY_PREVIS = {
    "sora-2": "previs/previs-1",
    "sora-2-pro": "previs/previs-1",
    "gpt-image-2": "previs/previs-still",
}


def _setting(variable: str, doc: str) -> dict[str, str]:
    return {"variable": variable, "doc": doc}


@dataclass(frozen=True, kw_only=True)
class Settings:
    data: Path = field(
        default_factory=data_folder,
        metadata=_setting("FILMGATE_DATA", "Folder for the database and the films."),
    )
    database_url: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            "FILMGATE_DATABASE_URL",
            "`postgresql://user:password@host/name` for several nodes. Without it the "
            "rows are in an SQLite file of the data folder.",
        ),
    )
    storage_url: str | None = field(
        default=None,
        metadata=_setting(
            "FILMGATE_STORAGE_URL",
            "`s3://bucket/prefix`, `gs://…` or `az://…`: where films are kept when several "
            "nodes share them. Without it they are in the data folder.",
        ),
    )
    content: str = field(
        default="stream",
        metadata=_setting(
            "FILMGATE_CONTENT",
            "How films of a FILMGATE_STORAGE_URL reach clients: `stream` sends them through "
            "the gateway, `redirect` sends clients to a link of the store.",
        ),
    )
    role: str = field(
        default="all",
        metadata=_setting(
            "FILMGATE_ROLE",
            "What this node does: `api` answers requests, `worker` makes films, `all` both.",
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_setting("FILMGATE_HOST", "Address to listen on."),
    )
    port: int = field(
        default=8000,
        metadata=_setting("FILMGATE_PORT", "Port to listen on; 0 takes a free one."),
    )
    admin_key: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            "FILMGATE_ADMIN_KEY",
            "An API key that may manage keys. Without it the first start makes one "
            "and shows it once.",
        ),
    )
    models: Mapping[str, str] = field(
        default_factory=lambda: dict(BY_PREVIS),
        metadata=_setting(
            "FILMGATE_MODELS",
            "What callers' model names mean: `name=engine/model, …`. A name that is "
            "left out is refused, never made by another engine. What `filmgate connect` "
            "and `filmgate models` say comes first.",
        ),
    )
    previs: bool = field(
        default=True,
        metadata=_setting(
            "FILMGATE_PREVIS",
            "`off` lets no name mean the embedded engine: one that points nowhere else is "
            "refused.",
        ),
    )
    seats: int = field(
        default=0,
        metadata=_setting(
            "FILMGATE_SEATS",
            "Films made at once by an engine on this machine; 0 means one per core.",
        ),
    )
    deadlines: Mapping[str, Deadlines] = field(
        default_factory=dict,
        metadata=_setting(
            "FILMGATE_DEADLINES",
            "When a job is given up, by model: `name=24h/1h/48h, …` for waiting in the "
            "queue, for no progress, and in total. `*` stands for every other model.",
        ),
    )
    submit_timeout: float = field(
        default=60.0,
        metadata=_setting(
            "FILMGATE_SUBMIT_TIMEOUT",
            "Seconds that an engine may take to accept a job. A server that stops waits so "
            "long for the answer, because it may be the only proof of what was paid for.",
        ),
    )
    least_free: int = field(
        default=500,
        metadata=_setting(
            "FILMGATE_LEAST_FREE",
            "Megabytes that stay free on the films' disk: below, creates are refused and "
            "what is under way finishes.",
        ),
    )
    keep_films: timedelta = field(
        default=timedelta(days=30),
        metadata=_setting("FILMGATE_KEEP_FILMS", "Days until a film expires."),
    )
    public_url: str | None = field(
        default=None,
        metadata=_setting(
            "FILMGATE_PUBLIC_URL",
            "Where browsers reach this gateway, such as https://films.example.com: links "
            "to films begin with it. Without it they begin with the address listened on.",
        ),
    )
    link_lifetime: timedelta = field(
        default=timedelta(hours=24),
        metadata=_setting(
            "FILMGATE_LINK_LIFETIME", "Hours that a link to a film works, at least."
        ),
    )
    secret_key: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            "FILMGATE_SECRET_KEY",
            "What secrets in the database are encrypted, and links signed, with. Without "
            "it the first start makes one, in the file secret.key of the data folder.",
        ),
    )
    private_addresses: bool = field(
        default=False,
        metadata=_setting(
            "FILMGATE_PRIVATE_ADDRESSES",
            "`allow` lets callers' webhooks and image links reach this machine and its "
            "private network; they are refused otherwise.",
        ),
    )
    proxy: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            "FILMGATE_PROXY",
            "Proxy for what leaves the gateway, such as http://host:port or "
            "socks5://user:password@host:port.",
        ),
    )
    requests_per_minute: int = field(
        default=0,
        metadata=_setting(
            "FILMGATE_REQUESTS_PER_MINUTE",
            "POST requests that a caller may send in a minute; 0 means any number.",
        ),
    )
    grace: float = field(
        default=10.0,
        metadata=_setting(
            "FILMGATE_GRACE",
            "Seconds that a stopping server waits for films to be handed back, and again "
            "for downloads.",
        ),
    )
    largest_body: int = field(
        default=64,
        metadata=_setting("FILMGATE_LARGEST_BODY", "Megabytes of the largest request."),
    )


def read_settings(
    environment: Mapping[str, str] | None = None, options: Mapping[str, str] | None = None
) -> Settings:
    """
    Settings from the environment, with *options*, by a field's name, over it.

    `CannotStart` names the variable that is wrong.
    """
    env = os.environ if environment is None else environment
    given = {
        name: env[variable] for name, variable in _variables().items() if env.get(variable)
    } | dict(options or {})
    values: dict[str, object] = {}
    for name, text in given.items():
        try:
            values[name] = _READ[name](text)
        except ValueError as error:
            # What is not shown is a secret, or may have one in it.
            shown = f"={text!r}" if Settings.__dataclass_fields__[name].repr else ""
            message = f"{_variables()[name]}{shown} cannot be read: {error}."
            raise CannotStart(message) from error
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.role != "all" and settings.database_url is None:
        message = (
            f"FILMGATE_ROLE={settings.role} needs a FILMGATE_DATABASE_URL: on one machine one "
            "process does everything."
        )
        raise CannotStart(message)
    return settings


def connection(environment: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """The running server that commands talk to, and a key for it; None: no server."""
    env = os.environ if environment is None else environment
    url, key = env.get("FILMGATE_URL"), env.get("FILMGATE_API_KEY")
    if url and not key:
        message = "FILMGATE_URL is set, but FILMGATE_API_KEY is not. Set both."
        raise CannotStart(message)
    return (url, key) if url and key else None


def variable(name: str) -> str | None:
    """A variable of somebody else's naming, for a secret that lies there."""
    return os.environ.get(name)


def documented() -> list[tuple[str, str, str]]:
    """Every setting's variable, default and documentation, for the reference page."""
    defaults = Settings(data=Path("…"))
    return [
        (
            setting.metadata["variable"],
            str(getattr(defaults, name)),
            setting.metadata["doc"],
        )
        for name, setting in Settings.__dataclass_fields__.items()
    ]


def _variables() -> dict[str, str]:
    fields = Settings.__dataclass_fields__
    return {name: setting.metadata["variable"] for name, setting in fields.items()}


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


_READ: dict[str, Callable[[str], object]] = {
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
    "requests_per_minute": _between(0, 1_000_000),
    "grace": _between(0, 3600, float),
    "largest_body": _between(1, 100_000),
}
