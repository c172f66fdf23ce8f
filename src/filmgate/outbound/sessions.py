"""What the HTTP library is given: how a host is looked up, and when a request leaves."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from filmgate import __version__
from filmgate.domain.proxy import Proxy
from filmgate.outbound.addresses import Address, NotReached

if TYPE_CHECKING:
    from aiohttp import (
        ClientSession,
        TCPConnector,
        TraceConfig,
        TraceRequestRedirectParams,
    )
    from aiohttp.abc import AbstractResolver

LookUp = Callable[[str], Awaitable[Sequence[Address]]]

CONNECTIONS = 256  #: to one engine, kept for the next poll


def resolves(proxy: Proxy | None) -> bool:
    """Whether it is *proxy* that looks up the names."""
    return proxy is not None and proxy.scheme != "socks5"


def connector_for(
    found: LookUp, look_up: LookUp, socks: Proxy | None, *, kept: bool
) -> TCPConnector:
    import aiohttp  # noqa: PLC0415

    options: dict[str, Any] = {"use_dns_cache": False, "limit": 0}
    if kept:
        options["limit_per_host"] = CONNECTIONS
    else:
        # A kept one may be closed just as something is sent that costs.
        options["force_close"] = True
    if socks is None:
        return aiohttp.TCPConnector(resolver=_resolver(found), **options)
    from filmgate.outbound.socks import SocksConnector, Unresolved  # noqa: PLC0415

    resolver = Unresolved() if resolves(socks) else _resolver(found)
    return SocksConnector(socks, look_up, resolver=resolver, **options)


def session_over(connector: TCPConnector) -> ClientSession:
    import aiohttp  # noqa: PLC0415

    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={
            "user-agent": f"filmgate/{__version__}",
            "accept-encoding": "identity",  # films and images do not get smaller
        },
        trust_env=False,
        trace_configs=[_tracing()],
    )


def _tracing() -> TraceConfig:
    """Tells a `Departure` when its time has come, and stops whoever would be redirected."""
    import aiohttp  # noqa: PLC0415

    async def leaves(_: ClientSession, context: Any, __: object) -> None:
        if context.trace_request_ctx is not None:
            await context.trace_request_ctx.begin()

    async def moves(_: ClientSession, __: object, asked: TraceRequestRedirectParams) -> None:
        raise NotReached(
            str(asked.url.raw_host), "redirects, which a websocket does not follow"
        )

    tracing = aiohttp.TraceConfig()
    # Called before the first byte is written, in spite of its name: a proxy's CONNECT and
    # TLS are over then, and what it raises closes the connection. Tested with a real server.
    tracing.on_request_headers_sent.append(leaves)
    # Redirects of anything else are answers.
    tracing.on_request_redirect.append(moves)
    return tracing


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
