"""Webhooks of a real server, to real receivers, whatever happens on the way."""

from __future__ import annotations

import base64
import hmac
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dialects.node import GuideReceiver, needs_node
from filmgate.dispatch.embedded import SWEEP_EVERY
from servers import Server

SCRIPTS = "Scripts" if os.name == "nt" else "bin"
OLDEST = Path(__file__).parents[2] / ".venv-sdk2" / SCRIPTS / "python"
#: Prints the event that each delivery holds, or "unverified".
UNWRAP = """
import json, sys, openai
for body, headers, secret in json.load(sys.stdin):
    client = openai.OpenAI(api_key="none", webhook_secret=secret)
    try:
        event = client.webhooks.unwrap(body, headers)
    except openai.InvalidWebhookSignatureError:
        print(json.dumps("unverified"))
    else:
        print(json.dumps([event.id, event.object, event.type, event.data.id]))
"""
EVENTS = ["video.completed", "video.failed"]


@dataclass
class Sent:
    """One request that a receiver got."""

    body: str
    headers: dict[str, str]

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Somebody's endpoint: it answers by *statuses*, then 200, and keeps what it got."""

    statuses: list[int] = field(default_factory=list)
    got: list[Sent] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @contextmanager
    def up(self) -> Iterator[Receiver]:
        self.answering.set()
        with ThreadingHTTPServer(("127.0.0.1", self.port), self._handler()) as server:
            self.port = server.server_port
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield self
            finally:
                self.answering.set()
                server.shutdown()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Sent(body, headers))
                receiver.answering.wait()
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                try:
                    self.send_response(status)
                    self.end_headers()
                except OSError:
                    return  # whoever asked was killed

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def soon(self, count: int, within: float = 10) -> list[Sent]:
        """What it got, once that is *count* requests."""
        wait(lambda: len(self.got) >= count, within)
        return self.got


def wait(until: Callable[[], bool], within: float = 10) -> None:
    end = time.monotonic() + within
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@pytest.fixture
def server(tmp_path: Path, film: Path) -> Iterator[Server]:
    """A server that has not started yet, may post to this machine, and is gone after."""
    settings = {"FILMGATE_PRIVATE_ADDRESSES": "allow"}
    server = Server(tmp_path / "data", film=film, settings=settings)
    yield server
    server.end()


def endpoint(server: Server, url: str) -> dict[str, Any]:
    body = {"name": "hook", "url": url, "event_types": EVENTS}
    return post(server, "/v1/webhook_endpoints", body)


def post(server: Server, path: str, body: object) -> dict[str, Any]:
    answer = server.call("POST", path, body)
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json()
    return made


def film_of(server: Server, **fields: Any) -> str:
    made = post(server, "/v1/videos", {"prompt": "a kite", "model": "sora-2"} | fields)
    return str(made["id"])


def log(server: Server, hook: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/v1/webhook_endpoints/{hook['id']}/deliveries"
    page: list[dict[str, Any]] = server.call("GET", path).json()["data"]
    return page


def unwrapped(python: Path, deliveries: list[tuple[Sent, str]]) -> list[Any]:
    """What an SDK makes of deliveries, each with the secret that it is to be checked with."""
    done = subprocess.run(
        [python, "-W", "ignore", "-c", UNWRAP],
        input=json.dumps([[sent.body, sent.headers, secret] for sent, secret in deliveries]),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("python", [Path(sys.executable), OLDEST], ids=["newest", "oldest"])
def test_the_sdks_verify_what_is_sent_before_and_after_a_rotation(
    server: Server, python: Path
) -> None:
    if not python.with_name(python.name + ".exe" * (os.name == "nt")).exists():
        pytest.skip("`make .venv-sdk2/.done` installs the oldest SDK")
    with server, Receiver().up() as receiver:
        hook = endpoint(server, receiver.url)
        rotate = f"/v1/webhook_endpoints/{hook['id']}/rotate_secret"
        video_id = film_of(server, metadata={"shot": "7"})
        receiver.soon(1)
        rotated = post(server, rotate, {"keep_old_secret_active_for_24_hours": True})
        film_of(server)
        receiver.soon(2)
        again = post(server, rotate, {})
        film_of(server)
        before, both, after = receiver.soon(3)
    first, second, third = (made["signing_secret"] for made in (hook, rotated, again))

    good = [(before, first), (both, first), (both, second), (after, third)]
    bad = [
        *((before, second), (before, third), (both, third)),
        *((after, first), (after, second)),
    ]
    assert unwrapped(python, good) == [
        [sent.event["id"], "event", "video.completed", sent.event["data"]["id"]]
        for sent, _ in good
    ]
    assert unwrapped(python, bad) == ["unverified"] * 5
    event = before.event
    assert event["id"].startswith("evt_")
    assert abs(event["created_at"] - time.time()) < 60
    assert event["data"].items() >= {"id": video_id, "metadata": {"shot": "7"}}.items()
    assert f"/films/{video_id}.mp4?" in event["data"]["url"]
    assert before.headers["content-type"] == "application/json"


def test_a_receiver_that_was_down_gets_each_event_once_it_is_up(server: Server) -> None:
    receiver = Receiver(statuses=[500])
    with receiver.up():
        pass  # for a port that nobody listens on
    with server:
        hook = endpoint(server, receiver.url)
        films = {film_of(server) for _ in range(3)}
        wait(lambda: [len(entry["tries"]) for entry in log(server, hook)] == [1, 1, 1])
        assert {entry["state"] for entry in log(server, hook)} == {"pending"}
        with receiver.up():
            receiver.soon(4, within=30)
            wait(lambda: {entry["state"] for entry in log(server, hook)} == {"delivered"})
        entries = log(server, hook)

    assert {sent.event["data"]["id"] for sent in receiver.got} == films
    assert {entry["subject_id"] for entry in entries} == films
    assert {entry["id"] for entry in entries} == {sent.id for sent in receiver.got}
    statuses = sorted([one["status"] for one in entry["tries"]] for entry in entries)
    assert sorted(map(len, statuses)) == [2, 2, 3]
    assert all(entry["tries"][0]["error"] for entry in entries)
    assert [None, 500, 200] in statuses
    assert statuses.count([None, 200]) == 2


def test_a_killed_server_sends_again_what_it_does_not_know_to_have_arrived(
    server: Server,
) -> None:
    with Receiver().up() as receiver:
        server.start()
        hook = endpoint(server, receiver.url)
        film_of(server)
        (arrived,) = receiver.soon(1)
        wait(lambda: log(server, hook)[0]["state"] == "delivered")
        receiver.answering.clear()
        film_of(server)
        lost = receiver.soon(2)[1]
        server.kill()
        receiver.answering.set()
        with server:
            again = receiver.soon(3)[2]
            wait(lambda: log(server, hook)[0]["state"] == "delivered")
            time.sleep(1)

    assert (again.id, again.event["id"]) == (lost.id, lost.event["id"])
    assert arrived.id != lost.id
    assert len(receiver.got) == 3


def test_a_receiver_that_answers_gone_hears_nothing_more(server: Server) -> None:
    with server, Receiver(statuses=[410]).up() as receiver:
        hook = endpoint(server, receiver.url)
        path = f"/v1/webhook_endpoints/{hook['id']}"
        film_of(server)
        wait(lambda: bool(server.call("GET", path).json()["disabled_at"]))
        film_of(server)
        time.sleep(0.5)
        assert [entry["state"] for entry in log(server, hook)] == ["failed"]
        post(server, path, {"name": "back again"})
        film_of(server)
        receiver.soon(2)
    assert len(receiver.got) == 2


def test_a_cancelled_film_fails_and_a_deleted_one_is_nobodys_business(
    server: Server,
) -> None:
    with server, Receiver().up() as receiver:
        endpoint(server, receiver.url)
        deleted = film_of(server, model="sora-2-pro")
        server.call("DELETE", f"/v1/videos/{deleted}")
        cancelled = film_of(server, model="sora-2-pro")
        post(server, f"/v1/videos/{cancelled}/cancel", {})
        (sent,) = receiver.soon(1)
        time.sleep(0.5)
    assert (sent.event["type"], sent.event["data"]["id"]) == ("video.failed", cancelled)
    assert len(receiver.got) == 1


def test_a_films_own_webhook_is_signed_both_ways_and_survives_a_kill(server: Server) -> None:
    with Receiver().up() as receiver:
        server.start()
        receiver.answering.clear()
        video_id = film_of(
            server, webhook_url=receiver.url, webhook_secret="guide", metadata={"2": "ü"}
        )
        receiver.soon(1)
        server.kill()
        receiver.answering.set()
        with server:
            first, sent = receiver.soon(2)

    assert first.id == sent.id
    film = sent.event
    assert (film["id"], film["object"], film["status"]) == (video_id, "video", "completed")
    assert film.keys() == {
        *("id", "object", "created", "model", "status", "prompt", "duration"),
        *("resolution", "aspect_ratio", "url", "error", "metadata", "expires_at"),
    }
    guides = hmac.digest(b"guide", sent.body.encode(), "sha256").hex()
    assert sent.headers["x-openai-signature"] == guides
    content = f"{sent.id}.{sent.headers['webhook-timestamp']}.{sent.body}".encode()
    standard = base64.b64encode(hmac.digest(b"guide", content, "sha256")).decode()
    assert sent.headers["webhook-signature"] == f"v1,{standard}"


@needs_node
def test_the_guides_receiver_accepts_its_own(server: Server) -> None:
    awkward = 'a "kite"\\ \u2028 über\t<b>\u0007 🪁'
    with server, GuideReceiver("s3cret") as receiver:
        for model, metadata in (("sora-2", {"10": awkward, "9": "", "a": "b"}), ("sora-2", {})):
            video_id = film_of(
                server,
                model=model,
                prompt=awkward,
                metadata=metadata,
                webhook_url=receiver.url,
                webhook_secret="s3cret",
            )
            answered = receiver.next()
            assert (answered["status"], answered["body"]["id"]) == (200, video_id)
            assert answered["body"]["metadata"] == metadata
            assert answered["body"]["prompt"] == awkward
        failed = film_of(
            server, model="sora-2-pro", webhook_url=receiver.url, webhook_secret="s3cret"
        )
        post(server, f"/v1/videos/{failed}/cancel", {})
        answered = receiver.next()
        assert (answered["status"], answered["body"]["status"]) == (200, "failed")
        assert isinstance(answered["body"]["error"], str)
        film_of(server, webhook_url=receiver.url, webhook_secret="another")
        assert receiver.next()["status"] == 401


def test_an_instant_film_is_told_of_without_waiting_for_a_sweep(server: Server) -> None:
    with server, Receiver().up() as receiver:
        endpoint(server, receiver.url)
        began = time.monotonic()
        for told in range(1, 6):
            film_of(server)
            receiver.soon(told)
        # By sweeps alone each is told one sweep after the one before.
        assert time.monotonic() - began < 4 * SWEEP_EVERY
