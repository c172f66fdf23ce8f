"""Proxies: what requests may go through on their way out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}  #: by scheme, if unsaid
NO_PROXY = "none"  #: in a proxy's place: straight on, whatever the others do
LONGEST = 255  #: characters of a user or a password, as SOCKS5 has it

_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")
_LIKE = "Give one like socks5://proxy.example.com:1080"


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """Where a proxy is, and how to sign in there."""

    scheme: str  #: http, https, socks5 (names are looked up here) or socks5h (there)
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def socks(self) -> bool:
        return self.scheme.startswith("socks5")

    @property
    def url(self) -> str:
        """With its user and its password."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@"
        return f"{self.scheme}://{who if self.user else ''}{self._at}"

    @property
    def shown(self) -> str:
        """For people: without its user and its password."""
        return f"{self.scheme}://{self._at}"

    @property
    def _at(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@lru_cache(maxsize=1024)
def read_proxy(url: str) -> Proxy:
    """
    Raises `ValueError` for what is none.

    Its text is what follows "The proxy" in a sentence that needs its full stop. It has
    nothing of *url* in it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is no URL that can be read. {_LIKE}") from None
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError(
            "holds a space, a control character or one that is not ASCII. Write those of a "
            "user or a password as %XX"
        )
    named = host is not None and (":" in host or _NAME.fullmatch(host))
    if parts.scheme not in PORTS or host is None or not named or port == 0:
        raise ValueError(
            f"must begin with http://, https://, socks5:// or socks5h:// and a host. {_LIKE}"
        )
    if parts.path.strip("/") or "?" in url or "#" in url:
        raise ValueError(f"has a path, a query or a fragment. Leave that away: {_LIKE}")
    user, password = _user(parts)
    return Proxy(
        scheme=parts.scheme,
        host=host,
        port=port or PORTS[parts.scheme],
        user=user,
        password=password,
    )


def _user(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    for text in (user, password):
        if not (text.isascii() and len(text) <= LONGEST):
            raise ValueError(
                f"has a user or a password with more than {LONGEST} characters, or with some "
                "that are not ASCII. No proxy can be told those"
            )
    if ":" in user:
        raise ValueError("has a user with a colon in it, which no proxy can be told")
    if bool(user) != bool(password) and (parts.scheme.startswith("socks5") or not user):
        raise ValueError("has a user without a password, or a password without a user")
    return user, password
