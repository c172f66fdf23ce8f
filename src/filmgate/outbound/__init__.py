"""
Requests that leave us: to wherever callers say, and to engines.

A host is resolved once and all of its addresses are looked at; the connection is
then made to one of those, so nothing can be swapped in between. A redirect is a
new request. A proxy, other than one of socks5://, resolves for itself: there only what
resolves here is checked.
An engine's own host is exempt: its operator says where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TypeVar

from filmgate.outbound import calls, films, links, streams
from filmgate.outbound.addresses import Guard, NotReached, is_public
from filmgate.outbound.detours import DownloadProxy
from filmgate.outbound.sockets import Sockets
from filmgate.outbound.wire import Wire
from filmgate.ports.calls import Answer, Call, Explain, Sending

__all__ = ["DownloadProxy", "NotReached", "Outbound", "is_public"]

T = TypeVar("T")

READ = 30.0  #: seconds for an engine to tell something
SUBMIT = 120.0  #: seconds for an engine to take something on


class Outbound:
    """
    `ports.Fetcher`, `ports.Upstreams` and `ports.Streams`, and a way to post.

    *private* lets everything through, *allowed* some networks. *submit* is how many
    seconds an engine has to answer what may cost something. *downloads* is asked for
    films in place of the hosts that they are at.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        allowed: Sequence[IPv4Network | IPv6Network] = (),
        proxy: str | None = None,
        submit: float = SUBMIT,
        downloads: DownloadProxy | None = None,
    ) -> None:
        self._wire = Wire(Guard(private=private, allowed=allowed), proxy)
        self._sockets = Sockets(self._wire)
        self._submit = submit
        self._downloads = downloads

    async def close(self) -> None:
        await self._sockets.close()
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
        await films.download(
            self._wire, call, path, explain=explain, most=most, proxy=self._downloads
        )

    def events(
        self, call: Call, *, explain: Explain, within: float | None = None
    ) -> AsyncGenerator[str]:
        """The data of each server-sent event, as it comes; whoever stops early closes it."""
        within = self._submit if within is None else within
        return streams.events(self._wire, call, explain=explain, within=within)

    def listen(self, call: Call, heard: Callable[[str], None]) -> asyncio.Task[None]:
        """
        Open a websocket, and tell *heard* each text that comes, until its end.

        The task ends with the socket, or because there is none; cancelled, it closes it.
        """
        return self._sockets.listen(call, heard)
