"""What an operator may give an account."""

from __future__ import annotations

from urllib.parse import urlsplit

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.proxy import NO_PROXY, read_proxy
from filmgate.ports import AccountChange

DEFAULT_LABEL = "default"
LONGEST_LABEL = 200  #: characters
MOST_SEATS = 100_000
LONGEST_URL = 2000  #: characters
LONGEST_SECRET = 8192  #: characters
REFERENCES = ("env:", "file:")  #: where a secret may lie instead of in the database


def is_reference(secret: str) -> bool:
    """Whether *secret*, or a proxy, says where it is."""
    return secret.startswith(REFERENCES)


def checked(fields: AccountChange) -> AccountChange:
    """*fields* as they are kept; `InvalidRequest` names the one that cannot be."""
    change = fields.copy()
    if "label" in fields:
        change["label"] = _label(fields["label"])
    if "seats" in fields:
        _check_seats(fields["seats"])
    if fields.get("base_url") is not None:
        change["base_url"] = _url(fields["base_url"] or "")
    if fields.get("secret") is not None:
        _check_secret(fields["secret"] or "")
    if fields.get("proxy") is not None:
        _check_proxy(fields["proxy"] or "")
    return change


def _label(label: str) -> str:
    if not (label.strip() and label.isprintable() and len(label) <= LONGEST_LABEL):
        message = (
            f"'label' must have 1 to {LONGEST_LABEL} printable characters, not only spaces."
        )
        raise InvalidRequest(message, param="label")
    return label.strip()


def _check_seats(seats: int) -> None:
    if not 1 <= seats <= MOST_SEATS:
        message = (
            f"'seats' is {seats}. An account has 1 to {MOST_SEATS} seats: as many as the "
            "engine lets it have open at once."
        )
        raise InvalidRequest(message, param="seats")


def _url(url: str) -> str:
    # Nowhere is the value shown: it may hold a password.
    like = "Give one like https://films.example.com/v1."
    if len(url) > LONGEST_URL:
        message = f"'base_url' has {len(url)} characters; the most is {LONGEST_URL}."
        raise InvalidRequest(message, param="base_url")
    if not url.isprintable() or " " in url:
        message = f"'base_url' holds a space or a control character. {like}"
        raise InvalidRequest(message, param="base_url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        message = f"'base_url' is no URL that can be read. {like}"
        raise InvalidRequest(message, param="base_url") from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        message = f"'base_url' must begin with http:// or https:// and a host. {like}"
        raise InvalidRequest(message, param="base_url")
    if "@" in parts.netloc:
        message = "'base_url' holds a user name or a password. Give the secret as 'secret'."
        raise InvalidRequest(message, param="base_url")
    if "?" in url or "#" in url:
        message = f"'base_url' has a query or a fragment. Leave that away: {like}"
        raise InvalidRequest(message, param="base_url")
    return url.rstrip("/")


def _check_secret(secret: str) -> None:
    if not (secret.strip() and secret.isprintable() and len(secret) <= LONGEST_SECRET):
        message = (
            f"'secret' must be 1 to {LONGEST_SECRET} printable characters in one line, not "
            "only spaces."
        )
        raise InvalidRequest(message, param="secret")


def _check_proxy(proxy: str) -> None:
    if len(proxy) > LONGEST_URL:
        message = f"'proxy' has {len(proxy)} characters; the most is {LONGEST_URL}."
        raise InvalidRequest(message, param="proxy")
    if not is_reference(proxy):
        check_proxy(proxy)


def check_proxy(proxy: str) -> None:
    """`InvalidRequest`, which does not show it, for what an account cannot go through."""
    try:
        if proxy != NO_PROXY:
            read_proxy(proxy)
    except ValueError as error:
        raise InvalidRequest(f"'proxy' {error}.", param="proxy") from None
