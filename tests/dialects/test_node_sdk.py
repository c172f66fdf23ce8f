"""The official SDK for Node, unchanged but for base URL and key; and a guide's receiver."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialects.node import GuideReceiver, needs_node, run_node
from dialects.wire import new_key
from films import tiny_film
from servers import Server

FORMS = {"plain", "withResponse", "asResponse"}
SECRET = "a secret of nobody's"
COMPLETED = {
    "id": "video_1",
    "status": "completed",
    "url": "http://127.0.0.1/film.mp4?a=1&b=é\u2028",
    "progress": 100,
    "error": None,
}

pytestmark = needs_node


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[Server]:
    """One that posts webhooks to this machine."""
    settings = {"FILMGATE_PRIVATE_ADDRESSES": "allow"}
    folder = tmp_path_factory.mktemp("data")
    with Server(folder, film=film, settings=settings) as running:
        yield running


def test_an_unchanged_sdk_calls_every_method_it_has(server: Server, tmp_path: Path) -> None:
    film = tmp_path / "two-seconds.mp4"
    tiny_film(film, size=(320, 180), seconds=2)

    summary = run_node("surface.mjs", server.url, new_key(server), film)

    ways = summary["ways"]
    assert ways.keys() == FORMS
    for did in ways.values():
        assert did["not called"] == []
        # So that finding no methods cannot pass for calling all of them.
        assert {"videos.extend", "uploads.parts.create", "webhooks.unwrap"} <= {*did["called"]}


def test_the_guides_receiver_takes_what_is_signed_as_the_guide_says() -> None:
    body = as_javascript_writes(COMPLETED)

    with GuideReceiver(SECRET) as receiver:
        status = deliver(receiver.url, body, signed(body, SECRET))
        answered = receiver.next()

    assert status == 200
    assert (answered["status"], answered["body"]) == (200, COMPLETED)


def test_the_guides_receiver_refuses_another_signature() -> None:
    body = as_javascript_writes(COMPLETED)
    spaced = json.dumps(COMPLETED).encode()

    with GuideReceiver(SECRET) as receiver:
        statuses = [
            deliver(receiver.url, body, signed(body, "another")),
            deliver(receiver.url, body, signed(body, SECRET).upper()),
            # It signs anew what it read, so any other spelling of the same is refused.
            deliver(receiver.url, spaced, signed(spaced, SECRET)),
        ]
        answered = [receiver.next()["status"] for _ in statuses]

    assert statuses == answered == [401, 401, 401]


def as_javascript_writes(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def signed(body: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def deliver(url: str, body: bytes, signature: str) -> int:
    headers = {"content-type": "application/json", "x-openai-signature": signature}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
