"""Where requests that leave us may not go, however it is spelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yarl import URL

Address = IPv4Address | IPv6Address

# Our own tables, because what `ipaddress` calls global changes with its version.
_GLOBAL_V6 = IPv6Network("2000::/3")  # beside it lie NAT64, mapped and local ones
_GUARDED = tuple(
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        "224.0.0.0/3",  # multicast and reserved
        "168.63.129.16/32",  # public by its number, but a cloud's own inside its machines
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)

_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


class NotReached(Exception):
    """
    No answer, because of what *host* did, or because we would not ask.

    As text, a sentence without a path or a query, which may be signed.
    """

    def __init__(self, host: str, reason: str, *, refused: bool = False) -> None:
        super().__init__(f"{host} {reason}.")
        self.host = host
        self.refused = refused  #: by us


class Guard:
    """Says which addresses may be asked: the public ones, and *allowed* networks."""

    def __init__(self, *, private: bool, allowed: Sequence[IPv4Network | IPv6Network]) -> None:
        self._private = private
        self._allowed = tuple(allowed)

    def check(self, host: str, *addresses: Address) -> None:
        """Raise `NotReached` if one of *host*'s addresses is not for everybody."""
        for address in addresses:
            allowed = self._private or any(address in network for network in self._allowed)
            if not (allowed or is_public(address)):
                reason = (
                    "is not a public address, and this gateway does not go to others "
                    "unless it runs with FILMGATE_PRIVATE_ADDRESSES=allow"
                )
                raise NotReached(host, reason, refused=True)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet means the same machine by it."""
    if address.version == 6 and address not in _GLOBAL_V6:
        return False
    return not any(address in block for block in _GUARDED)


def read_link(url: str) -> URL:
    """Raises `NotReached` if it is none."""
    from yarl import URL  # noqa: PLC0415

    try:
        return URL(url)
    except ValueError:
        raise NotReached("The URL", "cannot be read", refused=True) from None


def host_of(link: URL) -> tuple[str, Address | None]:
    """A link's host, and the address that it spells out; `NotReached` for odd ones."""
    host = link.raw_host
    if link.scheme not in ("http", "https") or not host:
        reason = "must begin with http:// or https:// and a host"
        raise NotReached("The URL", reason, refused=True)
    address = _address(host)
    return host, address


def origin(link: URL) -> tuple[str, str | None, int | None]:
    """What makes two links lead to the same server."""
    return link.scheme, link.raw_host, link.port


def check_user(link: URL) -> None:
    """Raise `NotReached` for a link that holds a name or a password."""
    if "@" in link.raw_authority:
        reason = "is given a user or a password in the URL"
        raise NotReached(str(link.raw_host), reason, refused=True)


def next_link(link: URL, location: str | None) -> URL:
    """Where a redirect leads."""
    if location is None:
        raise NotReached(str(link.raw_host), "redirects without saying where to")
    return link.join(read_link(location))


def _address(host: str) -> Address | None:
    """
    The address that *host* spells out; None for a name.

    Refuses 2130706433, 0x7f.1 and the like, which everybody reads differently.
    """
    if ":" not in host and not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        if _NAME.fullmatch(host):
            return None
        raise NotReached("The URL", "has a host that is no name", refused=True)
    try:
        return ip_address(host)
    except ValueError:
        raise NotReached("The URL", "has an odd address for a host", refused=True) from None
