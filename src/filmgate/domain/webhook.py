"""Webhooks: where a caller is told what happened, and every try to tell it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from filmgate.domain.errors import InvalidRequest

MOST_ENDPOINTS = 50  #: of one caller
LONGEST_NAME = 200  #: characters
LONGEST_SECRET = 512  #: characters
STANDARD_PREFIX = "whsec_"  #: of Standard Webhooks: what follows is base64
LONGEST_URL = 2048  #: characters
OLD_SECRET_HOLDS = timedelta(hours=24)
GIVE_UP_AFTER = timedelta(hours=72)


class EventType(StrEnum):
    VIDEO_COMPLETED = "video.completed"
    VIDEO_FAILED = "video.failed"  #: or cancelled
    BATCH_COMPLETED = "batch.completed"
    BATCH_FAILED = "batch.failed"
    BATCH_EXPIRED = "batch.expired"
    BATCH_CANCELLED = "batch.cancelled"
    ACCOUNT_EXPIRING = "account.expiring"  #: within days
    ACCOUNT_REJECTED = "account.rejected"

    @property
    def subject(self) -> str:
        """What kind of thing it is about, as ids begin: `video`, `batch` or `account`."""
        return self.partition(".")[0]


#: What tells of accounts is for those whose key may manage them.
EVERYBODYS = tuple(kind for kind in EventType if kind.subject != "account")


def events_for(*, admin: bool) -> tuple[EventType, ...]:
    """The types of events that a caller may hear of."""
    return tuple(EventType) if admin else EVERYBODYS


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"  #: answered with 2xx
    FAILED = "failed"  #: every try was, for 72 hours
    DROPPED = "dropped"  #: whom it was for, or what it told of, is gone


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One address of a caller, and what it wants to hear of. Secrets are sealed."""

    id: str
    caller_id: str
    name: str
    url: str
    event_types: tuple[EventType, ...]
    secret: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    old_secret: str | None = field(default=None, repr=False)
    old_secret_until: datetime | None = None
    disabled_at: datetime | None = None  #: it answered 410


@dataclass(frozen=True, kw_only=True)
class EndpointChange:
    """What is to be different about an endpoint; None stays. Any change enables it again."""

    name: str | None = None
    url: str | None = None
    event_types: tuple[EventType, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event on its way to one receiver: an endpoint, or a job's own webhook."""

    id: str  #: `webhook-id`, the same for every try
    caller_id: str
    event_id: str  #: the same for every receiver
    event_type: EventType
    subject_id: str  #: the job or the batch
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    tries: int = 0
    endpoint_id: str | None = None
    target: str | None = field(default=None, repr=False)  #: sealed JSON: url and secret
    ended_at: datetime | None = None

    @property
    def receiver(self) -> str:
        """Who is kept from being sent too much at once. A caller's own webhooks are one."""
        return self.endpoint_id or self.caller_id


@dataclass(frozen=True, kw_only=True)
class Try:
    """One post of a delivery: an HTTP status, or why there was none."""

    number: int  #: from 1 within the delivery
    at: datetime
    status: int | None
    error: str | None


def check_url(url: str, *, param: str) -> None:
    """Raise `InvalidRequest`, naming *param*, unless webhooks can be posted to *url*."""
    if len(url) > LONGEST_URL:
        message = f"'{param}' has {len(url)} characters; the most is {LONGEST_URL}."
        raise InvalidRequest(message, param=param, code="string_above_max_length")
    if not url.isprintable() or " " in url:
        message = f"'{param}' holds a space or a control character. Percent-encode it."
        raise InvalidRequest(message, param=param)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        message = f"'{param}' is not a URL that can be read, like https://example.com/hook."
        raise InvalidRequest(message, param=param) from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        message = f"'{param}' must be an http or https URL, like https://example.com/hook."
        raise InvalidRequest(message, param=param)
    if "@" in parts.netloc:
        message = f"'{param}' holds credentials. Put a secret into its path or query instead."
        raise InvalidRequest(message, param=param)


def check_secret(secret: str, *, param: str) -> None:
    """Raise `InvalidRequest`, naming *param*, unless webhooks can be signed with *secret*."""
    if len(secret) > LONGEST_SECRET:
        message = f"'{param}' has {len(secret)} characters; the most is {LONGEST_SECRET}."
        raise InvalidRequest(message, param=param, code="string_above_max_length")
    try:
        if secret.startswith(STANDARD_PREFIX):
            base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
    except ValueError:
        message = f"'{param}' begins with {STANDARD_PREFIX}, so base64 must follow. Mend it."
        raise InvalidRequest(message, param=param) from None


def check_name(name: str) -> None:
    """Raise `InvalidRequest` unless *name* can be an endpoint's."""
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        message = f"'name' must have 1 to {LONGEST_NAME} printable characters, not only spaces."
        raise InvalidRequest(message, param="name")


def read_event_types(
    names: Sequence[str], *, param: str, admin: bool = False
) -> tuple[EventType, ...]:
    """The event types of those *names*, each once; `InvalidRequest` if there are none."""
    if not names:
        message = f"'{param}' is empty: name what is to be told, such as 'video.completed'."
        raise InvalidRequest(message, param=param)
    known = {kind.value: kind for kind in events_for(admin=admin)}
    for name in names:
        if name not in known:
            listed = [f"'{kind}'" for kind in known]
            message = (
                f"Invalid value: '{name[:80]}'. Supported values are: "
                f"{', '.join(listed[:-1])}, and {listed[-1]}."
            )
            raise InvalidRequest(message, param=param)
    return tuple(known[name] for name in dict.fromkeys(names))


def too_many_endpoints() -> InvalidRequest:
    """What a caller with `MOST_ENDPOINTS` hears of one more."""
    message = (
        f"There are {MOST_ENDPOINTS} webhook endpoints, the most that a caller may have. "
        "Delete one first."
    )
    return InvalidRequest(message, code="too_many_webhook_endpoints")
