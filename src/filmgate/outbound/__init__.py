"""
Requests that leave us: to wherever callers say, and to engines.

A host is resolved once and all of its addresses are looked at; the connection is
then made to one of those, so nothing can be swapped in between. A redirect is a
new request. A proxy, other than one of socks5://, resolves for itself: there only what
resolves here is checked.
An engine's own host is exempt: its operator says where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TypeVar

from filmgate.outbound import calls, films, links
from filmgate.outbound.addresses import Guard, NotReached, is_public
from filmgate.outbound.wire import Wire
from filmgate.ports.calls import Answer, Call, Explain, Sending

__all__ = ["NotReached", "Outbound", "is_public"]

T = TypeVar("T")

READ = 30.0  #: seconds for an engine to tell something
SUBMIT = 120.0  #: seconds for an engine to take something on


class Outbound:
    """
    `ports.Fetcher` and `ports.Upstreams`, and a way to post.

    *private* lets everything through, *allowed* some networks. *submit* is how many
    seconds an engine has to answer what may cost something.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        allowed: Sequence[IPv4Network | IPv6Network] = (),
        proxy: str | None = None,
        submit: float = SUBMIT,
    ) -> None:
        self._wire = Wire(Guard(private=private, allowed=allowed), proxy)
        self._submit = submit

    async def close(self) -> None:
        await self._wire.close()

    async def fetch(self, url: str, path: Path, *, most: int, param: str) -> None:
        """Write what *url* answers to *path*, *most* bytes at the most."""
        await links.fetch(self._wire, url, path, most=most, param=param)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], within: float
    ) -> int:
        """
        The status of the answer; its body is of no interest.

        A redirect is an answer. `NotReached` if there is none *within* seconds.
        """
        return await links.post(self._wire, url, body, headers, within)

    async def ask(
        self,
        call: Call,
        shape: type[T],
        *,
        explain: Explain,
        sending: Sending | None = None,
        within: float | None = None,
    ) -> Answer[T]:
        """
        A 2xx answer, its JSON read as *shape*, or an error that names the one to blame.

        `unanswered` is set unless nothing left us, or the engine refused in its own words.
        """
        if within is None:
            within = READ if sending is None else self._submit
        return await calls.ask(
            self._wire, call, shape, explain=explain, sending=sending, within=within
        )

    async def download(
        self, call: Call, path: Path, *, explain: Explain, most: int = films.MOST
    ) -> None:
        """
        Write what is answered to *path*, going on after what is there already.

        What came before an error stays; the next call goes on from there. *most* bytes.
        """
        await films.download(self._wire, call, path, explain=explain, most=most)
