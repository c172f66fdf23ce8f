"""A one-machine installation with something of everything in it."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance.faults.plan import SECRET, Plan
from acceptance.faults.upstream import Remote
from dialects.provoked import at
from dialects.wire import file, text
from servers import Answer, Server
from unit.batch_office import jsonl, line

#: `paid` is made by an upstream that counts, with one seat.
MODELS = "sora-2=standin/instant,paid=openai_videos/sora-2"
SETTINGS = {"FILMGATE_MODELS": MODELS, "FILMGATE_PRIVATE_ADDRESSES": "allow"}
HOOK = {"name": "hook", "url": "http://127.0.0.1:9/", "event_types": ["video.completed"]}


@dataclass
class Installation:
    """A server, an upstream beside it, and what was made so far."""

    server: Server
    upstream: Remote
    key: str  #: a caller's
    films: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.server.call(method, path, body, key=self.key)
        assert answer.status < 300, answer.body
        return answer.json()

    def make(self, **fields: Any) -> str:
        """A new job."""
        return str(self.call("POST", "/v1/videos", {"prompt": "a kite", **fields})["id"])

    def finish(self, job_id: str, server: Server | None = None) -> bytes:
        """Wait until it is completed; its film."""
        video = self.ended(job_id, server)
        assert video["status"] == "completed", video
        path = f"/v1/videos/{job_id}/content"
        return (server or self.server).call("GET", path, key=self.key).body

    def ended(self, job_id: str, server: Server | None = None) -> Any:
        def look() -> Any:
            path = f"/v1/videos/{job_id}"
            video = (server or self.server).call("GET", path, key=self.key).json()
            return video if video["status"] in ("completed", "failed") else None

        return soon(look)

    def batch(self, lines: int, model: str) -> str:
        """A new batch."""
        requests = jsonl(line(str(number), model=model) for number in range(lines))
        return str(
            self.call(
                "POST",
                "/v1/batches",
                {
                    "input_file_id": self.file(requests),
                    "endpoint": "/v1/videos",
                    "completion_window": "24h",
                },
            )["id"]
        )

    def batch_ended(self, batch_id: str, server: Server | None = None) -> Any:
        def look() -> Any:
            path = f"/v1/batches/{batch_id}"
            found = (server or self.server).call("GET", path, key=self.key).json()
            ended = ("completed", "failed", "expired", "cancelled")
            return found if found["status"] in ended else None

        return soon(look)

    def file(self, content: bytes) -> str:
        """A new file."""
        sent = at("/v1/files", text("purpose", "batch"), file("file", content))
        made = self.sent(sent).json()["id"]
        self.files[made] = content
        return str(made)

    def character(self, film: bytes) -> str:
        sent = at("/v1/videos/characters", text("name", "ada"), file("video", film))
        return str(self.sent(sent).json()["id"])

    def sent(self, request: Any) -> Answer:
        answer = self.server.call(
            request.method, request.path, request.body, key=self.key, headers=request.headers
        )
        assert answer.status < 300, answer.body
        return answer

    def running(self, job_id: str) -> None:
        """Wait until the upstream has it, and we know that."""

        def look() -> Any:
            video = self.call("GET", f"/v1/videos/{job_id}")
            return video["status"] == "in_progress" and self.bought() and video["progress"]

        soon(look)

    def bought(self) -> list[str]:
        """The prompts that the upstream has taken money for."""
        url = self.upstream.url.removesuffix("/v1") + "/_ledger"
        with urllib.request.urlopen(url, timeout=10) as answer:
            ledger = json.load(answer)
        return [create["prompt"] for create in ledger["creates"] if create["task"]]


@contextmanager
def installation(
    folder: Path, film: Path, *, seconds: float, **settings: str
) -> Iterator[Installation]:
    """A running one; *seconds* is what the upstream takes for a film."""
    plan = Plan(seconds=seconds, chances={}, submit_delay=0, fetch_delay=0)
    with Remote(plan, "plain") as upstream:
        server = Server(folder / "data", film=film, settings=SETTINGS | settings)
        server.start()
        try:
            key = server.call("POST", "/admin/keys", {"name": "alice"}).json()["key"]
            account = {
                "engine": "openai_videos",
                "base_url": upstream.url,
                "secret": SECRET,
                "seats": 1,
            }
            made = server.call("POST", "/admin/accounts", account)
            assert made.status < 300, made.body
            yield Installation(server, upstream, key)
        finally:
            server.end()


def soon(look: Callable[[], Any], within: float = 60) -> Any:
    """What *look* finds once it finds something."""
    until = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found
