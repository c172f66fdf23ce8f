"""The way that a film comes: straight from where it is, or through the operator's proxy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filmgate.outbound.addresses import origin, read_link
from filmgate.outbound.calls import is_home, way_of
from filmgate.outbound.wire import Way, Wire
from filmgate.ports.calls import Call

if TYPE_CHECKING:
    from yarl import URL


@dataclass(frozen=True, kw_only=True)
class DownloadProxy:
    """A reverse proxy, which is asked for films in place of the hosts that they are at."""

    url: str = field(repr=False)  #: without a `/` at its end; its path may be a secret
    replaces: bool = False  #: a link's scheme, host and port; else it is put before the link


class Detour:
    """
    Of one download: what is not the engine's own is asked for at the proxy, if there is one.

    It is contacted wherever it is, and gets no credentials. Where it redirects to is asked
    as without it, unless that is the proxy again.
    """

    def __init__(self, wire: Wire, call: Call, proxy: DownloadProxy | None) -> None:
        self.wire = wire
        self.call = call
        self._proxy = proxy
        self._been = False
        self.through = False  #: whether the last way led through the proxy

    async def to(self, link: URL) -> tuple[URL, Way, dict[str, str]]:
        """Where to ask for *link*, how to go there, and which headers may come along."""
        way, headers = way_of(self.call, link, once=True)
        found = None
        if self._proxy is not None and not is_home(self.call, link):
            ask = self._again if self._been else self._first
            found = await ask(link, self._proxy)
        self.through = found is not None
        self._been = self._been or self.through
        return (link, way, headers) if found is None else (found, Way.NEW, headers)

    async def _first(self, link: URL, proxy: DownloadProxy) -> URL:
        """Where the proxy is asked for *link*, which must be one that we would ask for."""
        await self.wire.check(link)
        return read_link(f"{proxy.url}{link.raw_path_qs if proxy.replaces else f'/{link}'}")

    async def _again(self, link: URL, proxy: DownloadProxy) -> URL | None:
        """The same for what it redirects to, if that is at the proxy too."""
        if proxy.replaces:
            return link if origin(link) == origin(read_link(proxy.url)) else None
        before = f"{read_link(f'{proxy.url}/')}"
        if not str(link).startswith((f"{before}http://", f"{before}https://")):
            return None
        return await self._first(read_link(str(link).removeprefix(before)), proxy)
