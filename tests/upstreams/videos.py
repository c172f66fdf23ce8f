"""
A stand-in for anybody's /v1/videos, which counts what it was asked.

    python tests/upstreams/videos.py --port 0 --mode by_id --seconds 1

Or in a test: `async with Upstream(mode="plain") as upstream`. In the mode `by_id` creates
with the same Idempotency-Key are one task; in `plain` each create is a new one. A create
counts as received once all of it was read. `GET /_ledger` is everything that came in,
`GET /_ledger/now` what is being answered, `POST /_faults` changes the chances of faults.
A prompt that ends in `#fails:CODE` makes a task that fails with that code.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script

from upstreams.answers import HTML, cut, failed, half, ranged, silence, video_of
from upstreams.faults import ONCE, Faults
from upstreams.ledger import Content, Create, Ledger, Task
from upstreams.masters import corrupt, film_of

KEY = "sk-upstream-key-of-nobody"
MODELS = ("sora-2", "sora-2-pro")
PIECE = 16 * 1024


@dataclass
class Upstream:
    """A server on loopback. Used as an async context manager; *url* ends in `/v1`."""

    mode: str = "plain"  #: or by_id
    keys: Sequence[str] = (KEY,)
    seconds: float = 0.1  #: to render
    submit_delay: float = 0  #: seconds from a create's arrival to its answer
    fetch_delay: float = 0  #: seconds that a whole film takes to send
    poll_after: int | None = None  #: milliseconds that are asked for between polls
    padding: int = 64  #: bytes that films are longer
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Upstream:
        self._spoilt: set[str] = set()
        app = web.Application(middlewares=[self._authorized], client_max_size=64 << 20)
        app.add_routes(
            [
                web.post("/v1/videos", self._create),
                web.get("/v1/videos/{id}", self._retrieve),
                web.get("/v1/videos/{id}/content", self._content),
                web.delete("/v1/videos/{id}", self._delete),
                web.get("/v1/models", self._models),
                web.get("/_ledger", self._ledger),
                web.get("/_ledger/now", self._now),
                web.post("/_faults", self._change),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @web.middleware
    async def _authorized(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/v1") and _key(request) not in self.keys:
            return failed(401, "Incorrect API key provided.", code="invalid_api_key")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _create(self, request: web.Request) -> web.StreamResponse:
        with self.ledger.flight("create", _port(request)):
            fields = await _fields(request)
            fault = self.faults.next("create")
            self.ledger.played("create", fault)
            create = self.ledger.received(
                Create(
                    at=time.time(),
                    key=_key(request),
                    idempotency_key=request.headers.get("idempotency-key"),
                    prompt=str(fields.get("prompt", "")),
                    fault=fault,
                )
            )
            try:
                return await self._answered(request, create, fields)
            finally:
                create.until = time.time()
                ours = create.fault in ("accept_cut", "accept_half", "refuse_cut")
                create.hung_up = _gone(request) and not ours

    async def _answered(
        self, request: web.Request, create: Create, fields: dict[str, Any]
    ) -> web.StreamResponse:
        answer = self._considered(create, fields)
        await asyncio.sleep(self.submit_delay)
        match create.fault:
            case "accept_cut" | "refuse_cut":
                return cut(request)
            case "accept_half":
                return await half(request, answer)
            case "accept_504":
                answer = web.Response(status=504, text=HTML, content_type="text/html")
            case "accept_garbage":
                answer = web.Response(text=HTML, content_type="text/html")
            case "accept_silent":
                return await silence(request)
        if not _gone(request):
            create.status = answer.status
        return answer

    def _considered(self, create: Create, fields: dict[str, Any]) -> web.Response:
        """Take the task on, or refuse it."""
        match create.fault:
            case "refuse_503":
                return failed(503, "The engine is overloaded.", kind="server_error")
            case "refuse_429":
                wait = {"retry-after": "1"}
                return failed(429, "Slow down.", code="rate_limit_exceeded", headers=wait)
            case "refuse_cut":
                return failed(503, "Never sent.")
            case str(status) if status.isdigit():
                return failed(int(status), f"Refused with {status}.", code=f"code_{status}")
        if not create.prompt:
            message = "Missing required parameter: 'prompt'."
            return failed(400, message, code="missing_required_parameter", param="prompt")
        known = self.ledger.by_key(create.idempotency_key) if self.mode == "by_id" else None
        task = known or self._task(create, fields)
        create.task, create.again = task.id, known is not None
        return video_of(task, self.poll_after)

    def _task(self, create: Create, fields: dict[str, Any]) -> Task:
        task_id = f"video_{secrets.token_hex(12)}"
        _, fails, code = create.prompt.partition("#fails:")
        film = film_of(task_id, padding=self.padding)
        task = Task(
            id=task_id,
            key=create.key,
            prompt=create.prompt,
            model=str(fields.get("model", "sora-2")),
            size=str(fields.get("size", "720x1280")),
            seconds=str(fields.get("seconds", "4")),
            idempotency_key=create.idempotency_key,
            at=create.at,
            ready_at=time.time() + self.seconds,
            sha256=hashlib.sha256(film).hexdigest(),
            failure=(code.strip(), f"It failed: {code.strip()}.") if fails else None,
        )
        self.ledger.accepted(task)
        return task

    async def _retrieve(self, request: web.Request) -> web.StreamResponse:
        with self.ledger.flight("poll", _port(request), request.match_info["id"]):
            fault = self.faults.next("poll")
            self.ledger.played("poll", fault)
            task = self._found(request)
            if task:
                task.polls += 1
            match fault:
                case "cut":
                    return cut(request)
                case "garbage":
                    return web.Response(text=HTML, content_type="text/html")
                case "502":
                    return web.Response(status=502, text=HTML, content_type="text/html")
                case "429":
                    return failed(429, "Slow down.", headers={"retry-after": "1"})
                case str(status):
                    return failed(int(status), f"Answered with {status}.")
            return video_of(task, self.poll_after) if task else _missing(request)

    async def _content(self, request: web.Request) -> web.StreamResponse:
        task = self._found(request)
        if task is None or task.failure or task.open(time.time()):
            return _missing(request)
        with self.ledger.flight("content", _port(request), task.id):
            fault = self.faults.next("content")
            if fault in ONCE and task.id in self._spoilt:
                fault = None
            elif fault in ONCE:
                self._spoilt.add(task.id)
            self.ledger.played("content", fault)
            read = Content(at=time.time(), task=task.id, first=0, fault=fault)
            self.ledger.contents.append(read)
            try:
                return await self._sent(request, task, read)
            except ConnectionError:
                read.hung_up = True
                return cut(request)
            finally:
                read.until = time.time()
                read.hung_up |= _gone(request) and fault != "cut"

    async def _sent(
        self, request: web.Request, task: Task, read: Content
    ) -> web.StreamResponse:
        film = film_of(task.id, padding=self.padding)
        match read.fault:
            case "html":
                return web.Response(text=HTML, content_type="text/html")
            case "503":
                return failed(503, "The store is overloaded.", kind="server_error")
            case "short":
                film = film[: len(film) // 2]
            case "corrupt":
                film = corrupt(film)
        answer, body, read.first = ranged(request, film, etag=f'"{task.sha256}"')
        if answer.status == 416:
            return answer
        pieces = [body[at : at + PIECE] for at in range(0, len(body), PIECE)]
        pause = (self.fetch_delay + (2 if read.fault == "slow" else 0)) / max(1, len(pieces))
        await answer.prepare(request)
        for number, piece in enumerate(pieces):
            if read.fault == "cut" and number >= len(pieces) // 2:
                return cut(request, answer)
            await asyncio.sleep(pause)
            await answer.write(piece)
            read.sent += len(piece)
        await answer.write_eof()
        return answer

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        with self.ledger.flight("delete", _port(request), request.match_info["id"]):
            fault = self.faults.next("delete")
            self.ledger.played("delete", fault)
            if fault == "500":
                return failed(500, "Try again.", kind="server_error")
            task = self._found(request)
            if task is None:
                return _missing(request)
            task.deleted_at = time.time()
            self.ledger.deletes.append((task.deleted_at, task.id))
            if fault == "cut":
                return cut(request)
            gone = {"id": task.id, "object": "video.deleted", "deleted": True}
            return web.json_response(gone)

    def _found(self, request: web.Request) -> Task | None:
        task = self.ledger.tasks.get(request.match_info["id"])
        if task and not task.deleted_at and task.key == _key(request):
            return task
        return None

    async def _models(self, _: web.Request) -> web.Response:
        models = [
            {"id": name, "object": "model", "created": 1759708800, "owned_by": "nobody"}
            for name in MODELS
        ]
        return web.json_response({"object": "list", "data": models})

    async def _ledger(self, _: web.Request) -> web.Response:
        return web.json_response(self.ledger.whole())

    async def _now(self, _: web.Request) -> web.Response:
        return web.json_response(self.ledger.now())

    async def _change(self, request: web.Request) -> web.Response:
        self.faults.chances = await request.json()
        self.faults.check()
        return web.json_response({})


async def _fields(request: web.Request) -> dict[str, Any]:
    """The whole request, read."""
    if request.content_type == "application/json":
        fields: dict[str, Any] = await request.json()
        return fields
    return dict(await request.post())


def _key(request: web.Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _port(request: web.Request) -> int:
    transport = request.transport
    return int(transport.get_extra_info("peername")[1]) if transport else 0


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _missing(request: web.Request) -> web.Response:
    return failed(404, f"Video with id '{request.match_info['id']}' not found.")


async def serve(upstream: Upstream) -> None:
    """Until SIGTERM or SIGINT."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    async with upstream:
        sys.stdout.write(f"listens on {upstream.url}\n")
        sys.stdout.flush()
        await end.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A counting stand-in for /v1/videos.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", choices=["plain", "by_id"], default="plain")
    parser.add_argument("--key", action="append", help="an account's API key; repeatable")
    for name in ("seconds", "submit-delay", "fetch-delay"):
        parser.add_argument(f"--{name}", type=float, default=0)
    parser.add_argument("--poll-after", type=int, help="milliseconds")
    parser.add_argument("--padding", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", type=json.loads, default={}, help="JSON: chances by kind")
    parser.add_argument("--state", type=Path, help="a file for what comes in, line by line")
    options = vars(parser.parse_args())
    faults = Faults(options.pop("faults"), seed=options.pop("seed"))
    ledger = Ledger(options.pop("state"))
    keys = options.pop("key") or [KEY]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(Upstream(faults=faults, ledger=ledger, keys=keys, **options)))


if __name__ == "__main__":
    main()
