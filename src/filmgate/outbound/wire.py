"""Connections to others, and what is said when there is none."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import Enum
from functools import partial
from importlib import import_module
from ipaddress import ip_address
from typing import TYPE_CHECKING

from filmgate.domain.errors import CannotStart
from filmgate.domain.proxy import NO_PROXY, Proxy, read_proxy
from filmgate.outbound.addresses import (
    Address,
    Guard,
    NotReached,
    check_user,
    host_of,
    read_link,
)
from filmgate.outbound.sessions import connector_for, resolves, session_over
from filmgate.ports.calls import Sending

if TYPE_CHECKING:
    from aiohttp import (
        ClientResponse,
        ClientSession,
        ClientWebSocketResponse,
    )
    from yarl import URL

CONNECT = 10.0  #: seconds to find a host, connect to it and agree on TLS
STRAGGLERS = 1.0  #: seconds more for an answer that may be here already
IDLE = 60.0  #: seconds that a film may stand still on its way
CHUNK = 1 << 16
MOVED = frozenset({301, 302, 303, 307, 308})
REDIRECTS = 5


class Way(Enum):
    """How a request leaves us."""

    GUARDED = "guarded"  #: to wherever a caller or an engine says: public addresses only
    NEW = "new"  #: to an engine, over a connection of its own
    KEPT = "kept"  #: to an engine, over one that may have served before


class Departure:
    """The moment in which a request leaves, and what is to happen right before it."""

    def __init__(self, sending: Sending | None, within: float) -> None:
        self.left = False
        self.refusal: OSError | None = None  #: *sending*'s, not the network's
        self.within = within
        self.limit = asyncio.timeout(None)  #: begins when the request leaves
        self._sending = sending
        self._timer: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        if self._sending is not None:
            if self.left:
                raise ConnectionResetError  # the library would send it again
            try:
                await self._sending()
            except OSError as error:
                self.refusal = error
                raise
        self.left = True
        self.over()
        self._timer = asyncio.get_running_loop().call_later(self.within, self._late)

    def over(self) -> None:
        """There was an answer, or there will be none."""
        if self._timer is not None:
            self._timer.cancel()

    def _late(self) -> None:
        # Whoever was paused for long finds the answer and the end of its time together:
        # what has come already is still read.
        with suppress(RuntimeError):  # it has just been answered
            self.limit.reschedule(asyncio.get_running_loop().time() + STRAGGLERS)


class Wire:
    """
    The sessions that requests leave by.

    The library is loaded by the first request: it takes 8 MB and 0.2 s that many
    never need.
    """

    def __init__(self, guard: Guard, proxy: str | None) -> None:
        try:
            self._proxy = None if proxy is None else read_proxy(proxy)
        except ValueError as error:
            raise CannotStart(f"The proxy {error}.") from None
        self._guard = guard
        self._loaded: set[str] = set()
        self._sessions: dict[tuple[Way, bool, Proxy | None], ClientSession] = {}
        # Its own, so that slow names hold up no one who reads or writes a file.
        self._names = ThreadPoolExecutor(4, thread_name_prefix="names")

    async def close(self) -> None:
        self._names.shutdown(wait=False, cancel_futures=True)
        for session in self._sessions.values():
            await session.close()

    async def link(self, url: str) -> URL:
        await self._load("aiohttp")
        return read_link(url)

    async def check(self, link: URL) -> None:
        """Raise `NotReached` for what is not public, before somebody else asks there for us."""
        host, _ = host_of(link)
        check_user(link)
        with reaching(host), suppress(socket.gaierror):  # it may be known to the proxy
            self._guard.check(host, *await self._look_up(host))

    async def _load(self, library: str) -> None:
        if library not in self._loaded:
            await asyncio.to_thread(import_module, library)
            self._loaded.add(library)

    async def request(  # noqa: PLR0913 (all keywords)
        self,
        method: str,
        link: URL,
        *,
        way: Way = Way.GUARDED,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        departure: Departure | None = None,
        proxy: str | None = None,
        decompress: bool = True,
        idle: float | None = None,
    ) -> ClientResponse:
        """
        The answer, its body unread. Whoever gets it closes it. Redirects are answers.

        *proxy* is the request's own; `NO_PROXY`: none, whatever the others go through.
        """
        from aiohttp import ClientTimeout  # noqa: PLC0415

        session, through = await self._session_to(link, way, proxy)
        with reaching(str(link.raw_host)):
            return await session.request(
                method,
                link,
                data=None if body is None else io.BytesIO(body),  # in pieces
                headers=headers,
                allow_redirects=False,
                auto_decompress=decompress,
                proxy=through,
                timeout=ClientTimeout(total=None, connect=CONNECT, sock_read=idle),
                trace_request_ctx=departure,
            )

    async def connect(
        self, link: URL, *, way: Way, headers: Mapping[str, str], proxy: str | None, most: int
    ) -> ClientWebSocketResponse:
        """
        A websocket, of which nothing is read yet. Whoever gets it closes it.

        A message of more than *most* bytes is its end.
        """
        from aiohttp import ClientWSTimeout  # noqa: PLC0415

        session, through = await self._session_to(link, way, proxy)
        with reaching(str(link.raw_host)):
            return await session.ws_connect(
                link,
                headers=headers,
                proxy=through,
                timeout=ClientWSTimeout(ws_close=STRAGGLERS),
                heartbeat=IDLE / 2,
                max_msg_size=most,
            )

    async def _session_to(
        self, link: URL, way: Way, proxy: str | None
    ) -> tuple[ClientSession, str | None]:
        """What leads to *link*, and the HTTP proxy on the way, if there is one."""
        host, address = host_of(link)
        if address is not None and way is Way.GUARDED:
            self._guard.check(host, address)
        check_user(link)
        through = self._through(proxy)
        if through is not None and through.socks:
            await self._load("filmgate.outbound.socks")
        session = self._opened(way, through)
        if resolves(through) and way is Way.GUARDED:
            await self.check(link)
        return session, None if through is None or through.socks else through.url

    def _through(self, proxy: str | None) -> Proxy | None:
        if proxy is None:
            return self._proxy
        try:
            return None if proxy == NO_PROXY else read_proxy(proxy)
        except ValueError as error:
            raise NotReached("The proxy", str(error), refused=True) from None

    def _opened(self, way: Way, proxy: Proxy | None) -> ClientSession:
        # The library keeps connections apart by HTTP proxy, and knows no other kind.
        http = proxy is not None and not proxy.socks
        key = way, http, None if http else proxy
        if key not in self._sessions:
            # Of what goes through an HTTP proxy the library looks up only the proxy.
            guarded = way is Way.GUARDED and not http
            found = partial(self._found, guarded=guarded, proxied=http)
            connector = connector_for(found, self._look_up, key[2], kept=way is Way.KEPT)
            self._sessions[key] = session_over(connector)
        return self._sessions[key]

    async def _look_up(self, host: str) -> Sequence[Address]:
        # As bytes, because a name too long for DNS is no UnicodeError then.
        look_up = partial(socket.getaddrinfo, host.encode(), None, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._names, look_up)
        return [ip_address(address[0]) for *_, address in found]

    async def _found(self, host: str, *, guarded: bool, proxied: bool) -> Sequence[Address]:
        try:
            found = await self._look_up(host)
        except OSError:
            if proxied:
                raise
            raise NotReached(host, "is not a name that can be found") from None
        if guarded:
            self._guard.check(host, *found)
        return found


@asynccontextmanager
async def within(seconds: float, link: URL) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise NotReached(str(link.raw_host), f"takes more than {seconds:g} s") from None


@contextmanager
def reaching(host: str) -> Iterator[None]:
    """Whatever goes wrong on the network is *host*'s doing, and told in plain words."""
    from aiohttp import ClientError  # noqa: PLC0415

    try:
        yield
    except (ClientError, OSError) as error:
        # Not chained: what the library says may show the whole URL.
        raise NotReached(host, _reason(error)) from None


def _reason(error: Exception) -> str:
    import aiohttp  # noqa: PLC0415

    reasons: tuple[tuple[type[Exception], str], ...] = (
        (aiohttp.SocketTimeoutError, f"has sent nothing for {IDLE:g} s"),
        (TimeoutError, f"could not be connected to within {CONNECT:g} s"),
        (aiohttp.ClientConnectorDNSError, "could not be asked: the proxy is not found"),
        (aiohttp.ClientProxyConnectionError, "could not be asked: the proxy does not answer"),
        (aiohttp.ClientHttpProxyError, "could not be asked: the proxy refuses to"),
        (aiohttp.ClientConnectorCertificateError, "has a certificate that is not trusted"),
        (aiohttp.ClientSSLError, "could not agree on TLS"),
        (aiohttp.ClientConnectorError, "could not be connected to"),
        (aiohttp.ClientPayloadError, "stopped before the end of its answer"),
        (OSError, "broke the connection"),
        (aiohttp.ClientConnectionError, "closed the connection without an answer"),
        (Exception, "gave an answer that is not HTTP"),
    )
    return next(words for kind, words in reasons if isinstance(error, kind))
