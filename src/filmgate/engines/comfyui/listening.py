"""How far a film is, which a ComfyUI server tells only over a websocket, to who sent it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from uuid import uuid4

import msgspec

from filmgate.engines.comfyui.slots import Graph
from filmgate.ports.calls import Call, Upstreams

IDLE = 60.0  #: seconds without a question until a socket is closed
AGAIN = 5.0  #: seconds between two tries to open one; doubled with each that fails
LONGEST = 300.0  #: seconds between them at the most
MOST = 1000  #: films that are listened for

_TAKES_LONG = re.compile(r"Sampler(Custom)?(Advanced)?$")  #: classes; not KSamplerSelect


class _Step(msgspec.Struct):
    value: float
    max: float


class _Told(msgspec.Struct):
    """Of all messages' data what `progress` and `progress_state` have."""

    prompt_id: str
    node: str | None = None
    value: float = 0.0
    max: float = 0.0
    nodes: dict[str, _Step] = {}

    @property
    def steps(self) -> dict[str, _Step]:
        alone = {} if self.node is None else {self.node: _Step(self.value, self.max)}
        return {**alone, **self.nodes}


class _Message(msgspec.Struct):
    type: str
    data: _Told


@dataclass
class _Socket:
    """To one server: open, or not to be opened before its time has come."""

    task: asyncio.Task[None]
    failures: int
    again_at: float  #: by the loop's clock
    closing: asyncio.TimerHandle


class Listener:
    """
    One socket a server, while somebody asks for a film that it draws.

    Nothing rests on it: who hears nothing of a film takes it for just begun.
    """

    def __init__(self, outbound: Upstreams) -> None:
        self.client_id = uuid4().hex  #: who sends our films, and is told of them
        self._outbound = outbound
        self._films: dict[str, dict[str, float]] = {}  #: what share of its nodes is done
        self._sockets: dict[str, _Socket] = {}

    def expect(self, prompt_id: str, graph: Graph) -> None:
        """A film is measured by the nodes that take long; if it has none, by all."""
        nodes = [node for node, one in graph.items() if _TAKES_LONG.search(one.class_type)]
        self._films.setdefault(prompt_id, dict.fromkeys(nodes or graph, 0.0))
        while len(self._films) > MOST:
            del self._films[next(iter(self._films))]

    def percent(self, prompt_id: str, call: Call) -> int:
        """From 1 to 99, of a film that the server draws; *call* opens its socket."""
        shares = self._films.get(prompt_id)
        if shares is None:  # another process has sent it, and only that one is told
            return 1
        self._keep_open(call)
        return max(1, min(99, int(100 * sum(shares.values()) / len(shares))))

    def _keep_open(self, call: Call) -> None:
        loop, old = asyncio.get_running_loop(), self._sockets.get(call.url)
        if old is not None and not old.task.done():
            old.closing.cancel()
            old.closing = loop.call_later(IDLE, old.task.cancel)
            return
        if old is not None and loop.time() < old.again_at:
            return
        failures = 0 if old is None else old.failures
        task = self._outbound.listen(call, lambda text: self._hear(call.url, text))
        self._sockets[call.url] = _Socket(
            task,
            failures + 1,
            loop.time() + min(AGAIN * 2**failures, LONGEST),
            loop.call_later(IDLE, task.cancel),
        )

    def _hear(self, url: str, text: str) -> None:
        self._sockets[url].failures = 0
        try:
            told = msgspec.json.decode(text, type=_Message)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return  # of something else, or by a node of somebody's own
        shares = self._films.get(told.data.prompt_id, {})
        if told.type not in ("progress", "progress_state"):
            return
        for node, step in told.data.steps.items():
            if node in shares and step.max > 0:
                shares[node] = max(shares[node], min(1.0, step.value / step.max))
