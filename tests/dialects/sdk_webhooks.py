"""
The part of `sdk_surface.py` about webhooks: endpoints, and what is sent to them.

The newer SDK has methods for endpoints; with the older one they are made by hand, and it
verifies what comes.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import openai

from dialects.sdk_ways import Ways, offered, ready

EVENTS = ("video.completed", "batch.completed")
STRANGE = "whsec_" + "c3RyYW5nZQ==" * 4

Delivery = tuple[str, dict[str, str]]  #: body and headers


class Receiver(BaseHTTPRequestHandler):
    """Somebody's webhook endpoint, which keeps what it was sent."""

    received: ClassVar[list[Delivery]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.received.append((body, dict(self.headers.items())))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


async def webhooks(ways: Ways) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{receiver.server_port}/hook"
        try:
            if "webhooks.create" in offered(ways.client):
                await endpoints(ways, url)
            else:
                await without_methods(ways, url)
        finally:
            receiver.shutdown()


async def endpoints(ways: Ways, url: str) -> None:
    types = await ways("webhooks.event_types.list")
    assert types.object == "list"
    assert {"video.completed", "video.failed", "batch.completed"} <= set(types.data)
    made = [
        await ways("webhooks.create", name=f"hook {n}", url=url, event_types=list(EVENTS))
        for n in range(3)
    ]
    hook = made[0]
    assert (hook.object, hook.name, hook.url) == ("webhook_endpoint", "hook 0", url)
    assert hook.id.startswith("whe_")
    assert hook.signing_secret.startswith("whsec_")
    found = await ways("webhooks.retrieve", hook.id)
    assert sorted(found.event_types) == sorted(EVENTS)
    assert hook.signing_secret not in str(found.to_dict())
    listed = [hook.id for hook in await ways.all("webhooks.list", limit=2)]
    assert [hook_id for hook_id in listed if hook_id in {hook.id for hook in made}] == [
        hook.id for hook in made[::-1]
    ]
    changed = await ways(
        "webhooks.update", hook.id, name="renamed", event_types=["video.failed"]
    )
    assert (changed.name, changed.event_types, changed.url) == (
        "renamed",
        ["video.failed"],
        url,
    )

    await verified(ways, await tested(ways, hook.id), hook.signing_secret)
    await rotated(ways, hook)

    for hook in made:
        gone = await ways("webhooks.delete", hook.id)
        assert (gone.id, gone.object, gone.deleted) == (
            *(hook.id, "webhook_endpoint.deleted"),
            True,
        )
    await ways.refused(openai.NotFoundError, "webhooks.retrieve", made[0].id)


async def rotated(ways: Ways, hook: Any) -> None:
    """Once with both secrets, once with the new one alone."""
    second = await ways(
        "webhooks.rotate_secret", hook.id, keep_old_secret_active_for_24_hours=True
    )
    assert second.signing_secret != hook.signing_secret
    delivery = await tested(ways, hook.id)
    for secret in (hook.signing_secret, second.signing_secret):
        await verified(ways, delivery, secret)
    third = await ways("webhooks.rotate_secret", hook.id)
    delivery = await tested(ways, hook.id)
    await verified(ways, delivery, third.signing_secret)
    for secret in (hook.signing_secret, second.signing_secret):
        await unverified(ways, delivery, secret)


async def without_methods(ways: Ways, url: str) -> None:
    async def post(path: str, **body: Any) -> Any:
        return await ready(ways.client.post(path, body=body, cast_to=object))

    hook = await post("/webhook_endpoints", name="by hand", url=url, event_types=list(EVENTS))
    answer = await post(f"/webhook_endpoints/{hook['id']}/test", event_type="video.completed")
    assert answer["status_code"] == 200
    await verified(ways, Receiver.received[-1], hook["signing_secret"])
    await unverified(ways, Receiver.received[-1], STRANGE)
    await ready(ways.client.delete(f"/webhook_endpoints/{hook['id']}", cast_to=object))


async def tested(ways: Ways, endpoint_id: str) -> Delivery:
    """What the endpoint is sent when it is tested."""
    before = len(Receiver.received)
    result = await ways("webhooks.test", endpoint_id, event_type="video.completed")
    assert (result.object, result.event_type) == ("webhook_endpoint.test", "video.completed")
    assert (result.status_code, result.success) == (200, True)
    assert result.webhook_endpoint_id == endpoint_id
    assert len(Receiver.received) == before + 1
    return Receiver.received[-1]


async def verified(ways: Ways, delivery: Delivery, secret: str) -> None:
    body, headers = delivery
    await ways("webhooks.verify_signature", body, headers, secret=secret)
    event: Any = await ways("webhooks.unwrap", body, headers, secret=secret, take=as_sent)
    assert (event["object"], event["type"]) == ("event", "video.completed")
    assert event["id"].startswith("evt_")
    assert event["data"]["id"].startswith("video_")


async def unverified(ways: Ways, delivery: Delivery, secret: str) -> None:
    body, headers = delivery
    try:
        await ways("webhooks.verify_signature", body, headers, secret=secret)
    except openai.InvalidWebhookSignatureError:
        return
    message = "a signature by another secret was taken"
    raise AssertionError(message)


def as_sent(event: Any) -> Any:
    """An event's content: the SDK has no class for those about videos, and takes any."""
    return event.to_dict()
