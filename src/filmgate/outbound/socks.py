"""
Connections through a SOCKS5 proxy, for the HTTP library. Imported by the first one.

Behind the proxy all is as without one: TLS is agreed on with the engine itself, and a
request leaves only once that stands.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy as Tunnel

from filmgate.domain.proxy import Proxy
from filmgate.outbound.addresses import Address, NotReached

LookUp = Callable[[str], Awaitable[Sequence[Address]]]

NO_SUCH_WAY = frozenset({3, 4, 5, 6, 8})  #: replies that speak of the engine's own address


class Unresolved(AbstractResolver):
    """Leaves names to the proxy."""

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=host, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing is held."""


class SocksConnector(aiohttp.TCPConnector):
    """
    Connects to wherever its resolver says, through *proxy*.

    *look_up* finds the proxy itself.
    """

    def __init__(self, proxy: Proxy, look_up: LookUp, **options: Any) -> None:
        super().__init__(**options)
        self._proxy = proxy
        self._look_up = look_up

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: Any,
        req: Any,
        timeout: Any,  # noqa: ASYNC109 (the library's)
        **options: Any,
    ) -> Any:
        targets = [info[4][:2] for info in addr_infos]
        line = await self._connected(str(req.url.raw_host), targets)
        return await self._wrap_existing_connection(
            *args, req=req, timeout=timeout, sock=line, **options
        )

    async def _connected(self, host: str, targets: Sequence[tuple[str, int]]) -> socket.socket:
        """A line to the first of *targets* that the proxy can connect to."""
        for tunnel in await self._tunnels(host):
            try:
                return await _first(tunnel, host, targets)
            except OSError:
                continue
        raise NotReached(host, "could not be asked: the proxy does not answer")

    async def _tunnels(self, host: str) -> Sequence[Tunnel]:
        """By each of the proxy's addresses."""
        try:
            found = await self._look_up(self._proxy.host)
        except OSError:
            reason = "could not be asked: the proxy is not found"
            raise NotReached(host, reason) from None
        user, password = self._proxy.user or None, self._proxy.password or None
        return [
            Tunnel(ProxyType.SOCKS5, str(at), self._proxy.port, user, password, rdns=True)
            for at in found
        ]


async def _first(
    tunnel: Tunnel, host: str, targets: Sequence[tuple[str, int]]
) -> socket.socket:
    """`OSError` if it is the proxy that cannot be connected to, `NotReached` if another."""
    for address, port in targets:
        try:
            return await tunnel.connect(address, port)
        except UnicodeError:
            raise NotReached(host, "is not a name that can be found") from None
        except ProxyError as error:
            if error.error_code not in NO_SUCH_WAY:
                raise NotReached(host, "could not be asked: the proxy refuses to") from None
    raise NotReached(host, "could not be connected to by the proxy")
