"""The outermost layer: what every answer carries, and what no request may exceed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from filmgate.domain.errors import FilmgateError, TooLarge

AZURE = "/openai"
SORA = "/sora"

log = logging.getLogger(__name__)


class Edge:
    """
    Gives each request an id, limits its body, and logs a bug once, with that id.

    *render* answers what is refused before a dialect has seen it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        largest_body: int,
        render: Callable[[FilmgateError], ASGIApp],
        larger: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self._app = app
        self._largest = largest_body
        self._larger = larger  #: what some paths take, in bytes
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{uuid4().hex}"
        scope = _without_prefix(scope)
        scope = {**scope, "state": {**scope.get("state", {}), "request_id": request_id}}
        started = perf_counter()
        ended = False

        async def sending(message: Message) -> None:
            nonlocal ended
            ended = message["type"] != "http.response.start" and not message.get("more_body")
            if message["type"] == "http.response.start":
                took = round((perf_counter() - started) * 1000)
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    (b"openai-version", b"2020-10-01"),
                    (b"openai-processing-ms", str(took).encode()),
                    # What was found out on the way in, such as the caller's limit.
                    *(
                        (name.encode(), value.encode())
                        for name, value in scope["state"].get("headers", {}).items()
                    ),
                ]
            await send(message)

        try:
            receiving = self._limited(scope, receive)
        except TooLarge as error:
            await self._render(error)(scope, receive, sending)
            return
        try:
            await self._app(scope, receiving, sending)
        except Exception:
            # One of the three places that may: the HTTP edge.
            log.exception("request.broken id=%s path=%s", request_id, scope["path"])
            if not ended:
                raise  # the server cuts the connection, so that nobody takes half for whole

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        largest = max(self._largest, self._larger(scope["path"]))
        error = TooLarge(
            f"The request is larger than {largest >> 20} MB, the most this "
            "gateway takes. Send a smaller file."
        )
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > largest:
                raise error
        taken = 0

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise error
            return message

        return receiving


def came_by(scope: Scope) -> str:
    """The prefix that the path of a request had: `SORA`, or nothing."""
    return str(scope.get("state", {}).get("prefix", ""))


def _without_prefix(scope: Scope) -> Scope:
    """
    The same without what stands before a dialect's own path.

    Azure's base address ends in /openai/v1; what it has of its own stays where it is.
    FakeOAI's ends in /sora.
    """
    path: str = scope["path"]
    if path.startswith((f"{SORA}/v1/", f"{SORA}/v1beta/")):
        state = {**scope.get("state", {}), "prefix": SORA}
        return {**scope, "path": path.removeprefix(SORA), "state": state}
    if not path.startswith(f"{AZURE}/v1/") or path.startswith(f"{AZURE}/v1/video/"):
        return scope
    return {**scope, "path": path.removeprefix(AZURE)}
