"""
What the stand-ins of engines have in common: a server that takes tasks and counts them.

A stand-in answers as its vendor documents, and refuses what the vendor would refuse. One
is a subclass with the vendor's routes, its words, and `wrong`, which reads a create the
way the vendor's schema does. Films lie on a second origin, as with most vendors, which
refuses whoever brings credentials along.

A prompt that ends in `#fails` makes a task that fails, one in `#moderated` a task that a
policy stops. `faults.script = {"create": ["busy"]}` says how the next requests go wrong:
`WHYS` are refusals in the vendor's own words, which a vendor may not have; those of
`upstreams.faults` are what any line does.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from aiohttp import web

from upstreams.answers import HTML, cut, half, ranged, silence
from upstreams.faults import Faults
from upstreams.masters import film_of

#: Why a vendor may refuse a request.
WHYS = ("rejected", "broke", "busy", "overloaded", "moderated", "invalid")


@dataclass
class Task:
    """A task as the stand-in keeps it."""

    id: str
    body: dict[str, Any]  #: of its create
    at: float  #: seconds since the epoch
    ready_at: float
    fails: str | None = None  #: or "fails", or "moderated"
    cancelled: bool = False
    links: int = 0  #: how often somebody was told where its film is

    @property
    def ready(self) -> bool:
        return time.time() >= self.ready_at


@dataclass
class Asked:
    """One request that came in whole."""

    method: str
    path: str  #: with its query
    headers: dict[str, str]  #: by lower-case name
    body: Any  #: JSON if it is, else bytes


@dataclass
class StandIn(ABC):
    """A vendor on loopback. Used as an async context manager."""

    engine: ClassVar[str]
    prefix: ClassVar[str] = ""  #: of the paths, such as /v1; the account's URL ends in it
    cancels: ClassVar[bool] = True  #: whether a task can be stopped at all
    cost: ClassVar[int | None] = None  #: micro-dollars a task, if the vendor says

    seconds: float = 0.05  #: to render
    secret: str = "key-of-nobody-0123456789"
    faults: Faults = field(default_factory=Faults)
    tasks: dict[str, Task] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  #: what was wrong with creates
    port: int = 0
    films_port: int = 0

    # What a vendor's subclass says.

    @abstractmethod
    def routes(self) -> Sequence[web.RouteDef]:
        """Its paths, which lead to `create`, `poll`, `cancel` and to its own handlers."""

    @abstractmethod
    def lets_in(self, request: web.Request) -> bool:
        """Whether the request brings `secret` the way the vendor wants it."""

    @abstractmethod
    def refusal(self, why: str) -> web.Response | None:
        """The vendor's own words for one of `WHYS`; None: it never says that."""

    @abstractmethod
    def wrong(self, request: web.Request, body: Any) -> str | None:
        """What the vendor's schema forbids in a create, if anything."""

    @abstractmethod
    def prompt_of(self, body: Any) -> str: ...

    @abstractmethod
    def pictures_of(self, body: Any) -> list[bytes]:
        """The images that a create brought, in their order."""

    @abstractmethod
    def created(self, task: Task) -> web.Response: ...

    @abstractmethod
    def polled(self, task: Task) -> web.Response:
        """How the task is doing; `self.film_url(task)` once it is ready."""

    @abstractmethod
    def unknown(self, task_id: str) -> web.Response: ...

    def cancelled(self, task: Task) -> web.Response:
        """The answer to a cancel; the task is marked already."""
        del task
        return web.json_response({})

    def new_id(self) -> str:
        return f"task-{len(self.tasks) + 1}"

    async def read(self, request: web.Request) -> Any:
        """A create's body, as `wrong` and `prompt_of` want it."""
        try:
            return await request.json()
        except json.JSONDecodeError:
            return None

    def again(self, request: web.Request, body: Any) -> Task | None:
        """The task that this create has made before, at vendors that know."""
        del request, body
        return None

    # What all of them do.

    @property
    def url(self) -> str:
        """What an account's `base_url` is."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def film_url(self, task: Task) -> str:
        task.links += 1
        return f"http://127.0.0.1:{self.films_port}/films/{task.id}.mp4?signature=s3cr3t"

    def film(self, task: Task) -> bytes:
        return film_of(task.id)

    async def __aenter__(self) -> Self:
        api = web.Application(middlewares=[self._door], client_max_size=64 << 20)
        api.add_routes(self.routes())
        films = web.Application()
        films.add_routes([web.get("/films/{id}.mp4", self._film)])
        self._runners = []
        ports = []
        for app in (api, films):
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self._runners.append(runner)
            ports.append(int(runner.addresses[0][1]))
        self.port, self.films_port = ports
        return self

    async def __aexit__(self, *_: object) -> None:
        for runner in self._runners:
            await runner.cleanup()

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = json.loads(raw)
        except ValueError:
            body = raw
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, str(request.rel_url), headers, body))
        if not self.lets_in(request):
            refused = self.refusal("rejected")
            assert refused is not None
            return refused
        answer: web.StreamResponse = await handler(request)
        return answer

    async def create(  # noqa: PLR0911 (one a fault)
        self, request: web.Request
    ) -> web.StreamResponse:
        body, fault = await self.read(request), self.faults.next("create")
        if fault == "refuse_cut":
            return cut(request)
        if fault in WHYS and (refusal := self.refusal(fault)):
            return refusal
        if (wrong := self.wrong(request, body)) is not None:
            self.refused.append(wrong)
            refusal = self.refusal("invalid")
            assert refusal is not None
            return refusal
        task = self.again(request, body) or self._begun(body)
        match fault:
            case "accept_cut":
                return cut(request)
            case "accept_half":
                return await half(request, self.created(task))
            case "accept_504":
                return web.Response(status=504, text=HTML, content_type="text/html")
            case "accept_garbage":
                return web.Response(text=HTML, content_type="text/html")
            case "accept_silent":
                return await silence(request)
        return self.created(task)

    def _begun(self, body: Any) -> Task:
        prompt, at = self.prompt_of(body), time.time()
        fails = next(
            (why for why in ("fails", "moderated") if prompt.endswith(f"#{why}")), None
        )
        task = Task(self.new_id(), body, at=at, ready_at=at + self.seconds, fails=fails)
        self.tasks[task.id] = task
        return task

    async def poll(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        match self.faults.next("poll"):
            case "cut":
                return cut(request)
            case "garbage":
                return web.Response(text=HTML, content_type="text/html")
            case "502":
                return web.Response(status=502, text=HTML, content_type="text/html")
            case str(why) if why in WHYS and (refusal := self.refusal(why)):
                return refusal
        return self.polled(task) if task else self.unknown(request.match_info["id"])

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task is None:
            return self.unknown(request.match_info["id"])
        task.cancelled = True
        return self.cancelled(task)

    async def _film(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if "authorization" in request.headers or self.secret in str(request.headers):
            return web.Response(status=400, text="Only one way of signing in is allowed.")
        if task is None or request.query.get("signature") != "s3cr3t":
            return web.Response(status=403, text="AccessDenied")
        film = self.film(task)
        answer, body, _ = ranged(request, film, etag=f'"{task.id}"')
        if answer.status == 416:
            return answer
        await answer.prepare(request)
        await answer.write(body)
        await answer.write_eof()
        return answer
