"""A reverse proxy on loopback that really asks: what people put before the hosts of films."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

_PASSED_ON = ("authorization", "range", "cookie")
_PASSED_BACK = ("content-range", "content-length", "content-type", "location")


@dataclass
class ReverseProxy:
    """
    Knows where *hosts* really are. Used as an async context manager.

    It is asked for `/https://host/path?query`; or, if it stands for *one* host, for
    `/path?query`. What it is answered it hands back as it is, redirects too.
    """

    hosts: Mapping[str, str]
    one: str | None = None
    path: str = ""
    asked: list[str] = field(default_factory=list)  #: what for
    headers: list[dict[str, str]] = field(default_factory=list)
    moves: dict[str, str] = field(default_factory=dict)  #: what it redirects by itself
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    async def __aenter__(self) -> ReverseProxy:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.ServerRunner(web.Server(self._serve))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        target = str(request.rel_url)
        self.asked.append(target)
        self.headers.append({name.lower(): said for name, said in request.headers.items()})
        if target in self.moves:
            raise web.HTTPFound(self.moves[target])
        if not target.startswith(f"{self.path}/"):
            raise web.HTTPForbidden
        wanted = target.removeprefix(f"{self.path}/")
        link = urlsplit(f"https://{self.one}/{wanted}" if self.one else wanted)
        origin = self.hosts.get(link.netloc)
        if origin is None:
            raise web.HTTPBadGateway
        there = f"{origin}{link.path}?{link.query}"
        passed = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        async with self._session.get(there, headers=passed, allow_redirects=False) as got:
            back = {name: got.headers[name] for name in _PASSED_BACK if name in got.headers}
            answer = web.StreamResponse(status=got.status, headers=back)
            await answer.prepare(request)
            async for chunk in got.content.iter_any():
                await answer.write(chunk)
            return answer
