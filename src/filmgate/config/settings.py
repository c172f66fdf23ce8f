"""Every setting: its type, its default and one line of documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from filmgate.domain.deadlines import Deadlines
from filmgate.system import data_folder

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
    download_proxy: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            "FILMGATE_DOWNLOAD_PROXY",
            "Reverse proxy that is asked for films in place of the hosts that engines link "
            "to, such as https://proxy.example.com. Without it they are asked themselves.",
        ),
    )
    download_proxy_mode: str = field(
        default="prefix",
        metadata=_setting(
            "FILMGATE_DOWNLOAD_PROXY_MODE",
            "How that proxy is asked for a link: `prefix` puts its address before the whole "
            "link, `replace` in the place of the link's scheme, host and port.",
        ),
    )
    account_order: str = field(
        default="round_robin",
        metadata=_setting(
            "FILMGATE_ACCOUNT_ORDER",
            "Which account of an engine is asked first, of those with the highest priority: "
            "`round_robin`, or `least_busy`.",
        ),
    )
    account_errors: int = field(
        default=3,
        metadata=_setting(
            "FILMGATE_ACCOUNT_ERRORS",
            "Attempts in a row that an account may fail before it rests for five minutes.",
        ),
    )
    queue_limit: int = field(
        default=0,
        metadata=_setting(
            "FILMGATE_QUEUE_LIMIT",
            "Jobs that may wait for one engine; more are refused with 429. 0 means any number.",
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
    intake_port: int | None = field(
        default=None,
        metadata=_setting(
            "FILMGATE_INTAKE_PORT",
            "Port on 127.0.0.1 where programs on this machine report secrets of accounts; 0 "
            "takes a free one. Without it there is none.",
        ),
    )
    intake_key: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            "FILMGATE_INTAKE_KEY", "What a report brings along, so that it is believed."
        ),
    )
    intake_engine: str | None = field(
        default=None,
        metadata=_setting(
            "FILMGATE_INTAKE_ENGINE", "The engine whose accounts the reports make and change."
        ),
    )


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


def variables() -> dict[str, str]:
    fields = Settings.__dataclass_fields__
    return {name: setting.metadata["variable"] for name, setting in fields.items()}
