"""
Requests that leave us, to wherever callers say.

A host is resolved once and all of its addresses are looked at; the connection is
then made to one of those, so nothing can be swapped in between. A redirect is a
new request. A proxy resolves for itself: there only what resolves here is checked.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from importlib import import_module
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from filmgate import __version__
from filmgate.domain.errors import CannotStart, InvalidRequest, TooLarge

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from aiohttp.abc import AbstractResolver
    from yarl import URL

Address = IPv4Address | IPv6Address
LookUp = Callable[[str], Awaitable[Sequence[Address]]]

CONNECT = 10.0  #: seconds to find a host, connect to it and agree on TLS
TOTAL = 60.0  #: seconds for a whole file, redirects included
DRAIN = 1.0  #: seconds for the body of an answer that nobody reads
REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
CHUNK = 1 << 16

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


class Outbound:
    """
    `ports.Fetcher`, and a way to post.

    *private* lets everything through, *allowed* some networks. The library is
    loaded by the first request: it takes 8 MB and 0.2 s that many never need.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        allowed: Sequence[IPv4Network | IPv6Network] = (),
        proxy: str | None = None,
    ) -> None:
        if proxy is not None and not proxy.startswith(("http://", "https://")):
            message = "The proxy must begin with http:// or https://; no other kind is spoken."
            raise CannotStart(message)
        self._private = private
        self._allowed = tuple(allowed)
        self._proxy = proxy
        self._session: ClientSession | None = None
        # Its own, so that slow names hold up no one who reads or writes a file.
        self._names = ThreadPoolExecutor(4, thread_name_prefix="names")

    async def close(self) -> None:
        self._names.shutdown(wait=False, cancel_futures=True)
        if self._session is not None:
            await self._session.close()

    async def fetch(self, url: str, path: Path, *, most: int, param: str) -> None:
        """Write what *url* answers to *path*, *most* bytes at the most."""
        try:
            link = await self._link(url)
            async with _within(TOTAL, link):
                with closing(await self._found(link)) as answer:
                    async with aclosing(_body(answer, most=most, param=param)) as chunks:
                        await _save(chunks, path)
        except NotReached as error:
            raise InvalidRequest(
                f"'{param}': {error} Send the file itself.",
                param=param,
                code="refused_url" if error.refused else "unreachable_url",
            ) from None

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], within: float
    ) -> int:
        """
        The status of the answer; its body is of no interest.

        A redirect is an answer. `NotReached` if there is none *within* seconds.
        """
        link = await self._link(url)
        async with _within(within, link):
            answer = await self._ask("POST", link, body=body, headers=headers)
        with closing(answer):
            await _drain(answer)
            return answer.status

    async def _found(self, link: URL) -> ClientResponse:
        """The answer at the end of all redirects. Whoever gets it closes it."""
        for _ in range(REDIRECTS + 1):
            answer = await self._ask("GET", link)
            if answer.status not in MOVED:
                return answer
            with closing(answer):
                link = _next(link, answer.headers.get("location"))
        raise NotReached(str(link.raw_host), f"redirects more than {REDIRECTS} times")

    async def _ask(
        self,
        method: str,
        link: URL,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ClientResponse:
        host = self._host(link)
        session = await self._opened()
        with _reaching(host):
            if self._proxy is not None:
                with suppress(socket.gaierror):  # it may be known to the proxy
                    self._check(host, *await self._look_up(host))
            return await session.request(
                method,
                link,
                data=body,
                headers=headers,
                allow_redirects=False,
                auto_decompress=method == "GET",  # nobody reads what a post is answered
                proxy=self._proxy,
            )

    async def _link(self, url: str) -> URL:
        await self._opened()
        return _read(url)

    def _host(self, link: URL) -> str:
        """The host of a link that we may ask, as far as its text tells."""
        host = link.raw_host
        if link.scheme not in ("http", "https") or not host:
            reason = "must begin with http:// or https:// and a host"
            raise NotReached("The URL", reason, refused=True)
        address = _address(host)
        if address is not None:
            self._check(host, address)
        if "@" in link.raw_authority:
            raise NotReached(host, "is given a user or a password in the URL", refused=True)
        return host

    def _check(self, host: str, *addresses: Address) -> None:
        for address in addresses:
            allowed = self._private or any(address in network for network in self._allowed)
            if not (allowed or is_public(address)):
                reason = (
                    "is not a public address, and this gateway does not go to others "
                    "unless it runs with FILMGATE_PRIVATE_ADDRESSES=allow"
                )
                raise NotReached(host, reason, refused=True)

    async def _look_up(self, host: str) -> Sequence[Address]:
        # As bytes, because a name too long for DNS is no UnicodeError then.
        look_up = partial(socket.getaddrinfo, host.encode(), None, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._names, look_up)
        return [ip_address(address[0]) for *_, address in found]

    async def _checked(self, host: str) -> Sequence[Address]:
        try:
            found = await self._look_up(host)
        except OSError:
            raise NotReached(host, "is not a name that can be found") from None
        self._check(host, *found)
        return found

    async def _opened(self) -> ClientSession:
        if self._session is None:
            await asyncio.to_thread(import_module, "aiohttp")
        if self._session is None:  # still: somebody else may have waited for it too
            # Of a proxied request the library looks up only the proxy.
            self._session = _session(self._look_up if self._proxy else self._checked)
        return self._session


def is_public(address: Address) -> bool:
    """Whether anybody on the internet means the same machine by it."""
    if address.version == 6 and address not in _GLOBAL_V6:
        return False
    return not any(address in block for block in _GUARDED)


def _read(url: str) -> URL:
    from yarl import URL  # noqa: PLC0415

    try:
        return URL(url)
    except ValueError:
        raise NotReached("The URL", "cannot be read", refused=True) from None


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


def _next(link: URL, location: str | None) -> URL:
    if location is None:
        raise NotReached(str(link.raw_host), "redirects without saying where to")
    return link.join(_read(location))


async def _body(
    answer: ClientResponse, *, most: int, param: str
) -> AsyncGenerator[bytes, None]:
    """The file, counted as it is after decompression."""
    host = str(answer.url.raw_host)
    if answer.status != 200:
        raise NotReached(host, f"answered {answer.status}")
    amount = f"{most >> 20} MB" if most >= 1 << 20 else f"{most} bytes"
    message = f"'{param}': {host} sends more than {amount}. Send a smaller file."
    if (answer.content_length or 0) > most:
        raise TooLarge(message, param=param)
    received = 0
    while True:
        with _reaching(host):
            chunk = await answer.content.read(CHUNK)
        if not chunk:
            return
        received += len(chunk)
        if received > most:
            raise TooLarge(message, param=param)
        yield chunk


async def _save(chunks: AsyncIterator[bytes], path: Path) -> None:
    """Write a whole file, or none."""
    file = await asyncio.to_thread(path.open, "wb")
    whole = False
    try:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)
        whole = True
    finally:
        await asyncio.to_thread(file.close)
        if not whole:
            await asyncio.to_thread(path.unlink, missing_ok=True)


async def _drain(answer: ClientResponse) -> None:
    """Let the other side finish its sentence, so that it sees no broken connection."""
    with suppress(NotReached, asyncio.IncompleteReadError):
        async with _within(DRAIN, answer.url):
            with _reaching(str(answer.url.raw_host)):
                await answer.content.readexactly(CHUNK)


def _session(look_up: LookUp) -> ClientSession:
    import aiohttp  # noqa: PLC0415

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=_resolver(look_up),
            use_dns_cache=False,
            force_close=True,  # a kept connection may be closed just as a webhook is sent
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={
            "user-agent": f"filmgate/{__version__}",
            "accept-encoding": "identity",  # films and images do not get smaller
        },
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT),
        trust_env=False,
    )


def _resolver(look_up: LookUp) -> AbstractResolver:
    from aiohttp.abc import AbstractResolver, ResolveResult  # noqa: PLC0415

    class Resolver(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: int = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            del family  # both, always
            return [
                ResolveResult(
                    hostname=host,
                    host=str(address),
                    port=port,
                    family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                    proto=0,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
                for address in await look_up(host)
            ]

        async def close(self) -> None:
            """Nothing is held."""

    return Resolver()


@asynccontextmanager
async def _within(seconds: float, link: URL) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise NotReached(str(link.raw_host), f"takes more than {seconds:g} s") from None


@contextmanager
def _reaching(host: str) -> Iterator[None]:
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
        (TimeoutError, f"could not be connected to within {CONNECT:g} s"),
        (aiohttp.ClientConnectorDNSError, "could not be asked: the proxy is not found"),
        (aiohttp.ClientProxyConnectionError, "could not be asked: the proxy does not answer"),
        (aiohttp.ClientHttpProxyError, "could not be asked: the proxy refuses to"),
        (aiohttp.ClientConnectorCertificateError, "has a certificate that is not trusted"),
        (aiohttp.ClientSSLError, "could not agree on TLS"),
        (aiohttp.ClientConnectorError, "could not be connected to"),
        (aiohttp.ClientPayloadError, "stopped before the end of the file"),
        (OSError, "broke the connection"),
        (aiohttp.ClientConnectionError, "closed the connection without an answer"),
        (Exception, "gave an answer that is not HTTP"),
    )
    return next(words for kind, words in reasons if isinstance(error, kind))
