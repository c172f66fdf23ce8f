"""`/openapi.json`, what this gateway answers to, and `/docs`, the same to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from filmgate.web.endpoint import endpoint
from filmgate.web.openapi import document
from filmgate.web.openapi_page import POLICY, page


class Reference:
    """Made at the first request for either, and then kept. Neither needs a key."""

    def __init__(self, every: Callable[[], Iterable[BaseRoute]], *, version: str) -> None:
        self._every = every  #: route of the app
        self._version = version

    def routes(self) -> list[Route]:
        return [
            Route("/openapi.json", self.openapi, methods=["GET"]),
            Route("/docs", self.docs, methods=["GET"]),
        ]

    @endpoint("Get this description", media=("application/json",), ours=True, open=True)
    async def openapi(self, _: Request) -> Response:
        return Response(self._json, media_type="application/json")

    @endpoint("Read this description", media=("text/html",), ours=True, open=True)
    async def docs(self, _: Request) -> Response:
        headers = {"content-security-policy": POLICY}
        return Response(self._page, headers=headers, media_type="text/html")

    @cached_property
    def _document(self) -> dict[str, object]:
        routes = [route for route in self._every() if isinstance(route, Route)]
        return document(routes, version=self._version)

    @cached_property
    def _json(self) -> bytes:
        return msgspec.json.encode(self._document)

    @cached_property
    def _page(self) -> str:
        return page(self._document)
