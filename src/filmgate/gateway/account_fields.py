"""What an operator may give an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from filmgate.domain.account import Limit
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.proxy import NO_PROXY, read_proxy
from filmgate.ports import AccountChange

DEFAULT_LABEL = "default"
USUAL_SEATS = 3
LONGEST_LABEL = 200  #: characters
MOST_SEATS = 100_000
MOST_STARTED = 1_000_000_000  #: attempts of a day or a month
MOST_PRIORITY = 100
MOST_WEIGHT = 100
MOST_LISTED = 100  #: models, groups or limits of an account
LONGEST_WORD = 40  #: characters
LONGEST_MODEL = 200  #: characters
LONGEST_FILM = 9999.0  #: seconds
LONGEST_URL = 2000  #: characters
LONGEST_SECRET = 8192  #: characters
#: The least and the most of each.
NUMBERS: Mapping[str, tuple[int, int]] = {
    "seats": (1, MOST_SEATS),
    "still_seats": (0, MOST_SEATS),
    "machine_seats": (1, MOST_SEATS),
    "per_day": (1, MOST_STARTED),
    "per_month": (1, MOST_STARTED),
    "priority": (-MOST_PRIORITY, MOST_PRIORITY),
    "weight": (1, MOST_WEIGHT),
}
REFERENCES = ("env:", "file:")  #: where a secret may lie instead of in the database


class AccountFields(AccountChange, total=False):
    """What an operator gives an account, and the machine that it is on."""

    machine_seats: int  #: that all accounts of its machine have between them


def is_reference(secret: str) -> bool:
    """Whether *secret*, or a proxy, says where it is."""
    return secret.startswith(REFERENCES)


def checked(fields: AccountFields) -> AccountChange:
    """*fields* as they are kept; `InvalidRequest` names the one that cannot be."""
    change = fields.copy()
    change.pop("machine_seats", None)
    if "label" in fields:
        change["label"] = _label(fields["label"])
    if fields.get("base_url") is not None:
        change["base_url"] = _url(fields["base_url"] or "")
    if fields.get("secret") is not None:
        _check_secret(fields["secret"] or "")
    if fields.get("proxy") is not None:
        _check_proxy(fields["proxy"] or "")
    for name, (least, most) in NUMBERS.items():
        value = fields.get(name)
        if isinstance(value, int) and not least <= value <= most:
            message = f"'{name}' is {value}. It is a whole number from {least} to {most}."
            raise InvalidRequest(message, param=name)
    for name in ("plan", "machine"):
        value = fields.get(name)
        if isinstance(value, str):
            _check_word(value, param=name)
    _check_lists(fields)
    return cast("AccountChange", change)


def machine_seats(fields: AccountFields, machine: str | None) -> tuple[str, int] | None:
    """The machine and the seats that *fields* give it; it is *machine* after the change."""
    if "machine_seats" not in fields:
        return None
    if machine is None:
        message = "'machine_seats' is of no use without 'machine'. Say which machine it is."
        raise InvalidRequest(message, param="machine_seats")
    return machine, fields["machine_seats"]


def _check_word(word: str, *, param: str) -> None:
    if not (0 < len(word) <= LONGEST_WORD and word.isprintable() and not set(word) & _ENDS):
        message = (
            f"Invalid value: '{word[:80]}'. '{param}' is a word of 1 to {LONGEST_WORD} "
            "characters without spaces, commas, semicolons, brackets and bars."
        )
        raise InvalidRequest(message, param=param)


#: What would end a word where several are written in a row, as in `sora-2|[pro,plus]`.
_ENDS = frozenset(" ,;[]|")


def _check_lists(fields: AccountFields) -> None:
    lists: Mapping[str, Sequence[object]] = {
        "models": fields.get("models", ()),
        "groups": fields.get("groups", ()),
        "limits": fields.get("limits", ()),
    }
    for name, values in lists.items():
        if len(values) > MOST_LISTED:
            message = f"'{name}' has {len(values)} items; the most is {MOST_LISTED}."
            raise InvalidRequest(message, param=name)
    for group in fields.get("groups", ()):
        _check_word(group, param="groups")
    for model in fields.get("models", ()):
        if not (model.strip() and model.isprintable() and len(model) <= LONGEST_MODEL):
            message = (
                f"Invalid value: '{model[:80]}'. In 'models' are the engine's own names of "
                f"models, of 1 to {LONGEST_MODEL} printable characters."
            )
            raise InvalidRequest(message, param="models")
    for limit in fields.get("limits", ()):
        _check_limit(limit)


def _check_limit(limit: Limit) -> None:
    if not 0 < limit.seconds <= LONGEST_FILM or 0 in (limit.size.width, limit.size.height):
        message = (
            f"Invalid value: {limit.seconds:g} s of {limit.size}. A limit is a size and the "
            f"seconds that it may last, more than 0 and at most {LONGEST_FILM:g}."
        )
        raise InvalidRequest(message, param=f"limits.{limit.size}")


def _label(label: str) -> str:
    if not (label.strip() and label.isprintable() and len(label) <= LONGEST_LABEL):
        message = (
            f"'label' must have 1 to {LONGEST_LABEL} printable characters, not only spaces."
        )
        raise InvalidRequest(message, param="label")
    return label.strip()


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
