"""Webhooks as receivers get them: verified by OpenAI's library, and as the guide does it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from filmgate import __version__
from filmgate.notify import webhook
from filmgate.notify.webhook import WebhookSender
from filmgate.outbound import Outbound
from filmgate.ports import Letter, Receipt, Sender
from upstreams.names import Names
from upstreams.site import Asked, Site, answer, moved

OLD = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NEW = "whsec_" + base64.b64encode(bytes(range(100, 132))).decode()
PLAIN = "a plain secret, 带中文"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "created_at": 1_758_941_485,
    "type": "video.completed",
    "data": {"id": "video_1"},
}
GUARDED = (
    "is not a public address, and this gateway does not go to others unless it runs with "
    "FILMGATE_PRIVATE_ADDRESSES=allow"
)
BODY = json.dumps(EVENT, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site({"/hook": answer(200, b"OK")}) as running:
        yield running


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    outbound = Outbound(allowed=[ip_network("127.0.0.1/32")])
    yield WebhookSender(outbound)
    await outbound.close()


def letter(site: Site, *secrets: str, guide: bool = False, path: str = "/hook") -> Letter:
    return Letter(id="wh_1", url=site.url + path, body=BODY, secrets=secrets, guide=guide)


async def delivered(
    sender: Sender, site: Site, *secrets: str, at: datetime | None = None, guide: bool = False
) -> Asked:
    """What the receiver got."""
    receipt = await sender.send(letter(site, *secrets, guide=guide), at=at or datetime.now(UTC))
    assert receipt == Receipt(status=200)
    return site.asked[-1]


def accepted(asked: Asked, secret: str) -> bool:
    """By both clients of OpenAI's library."""
    for client in (OpenAI(api_key="x"), AsyncOpenAI(api_key="x")):
        try:
            event = client.webhooks.unwrap(asked.body, asked.headers, secret=secret)
        except openai.InvalidWebhookSignatureError:
            return False
        assert event.model_dump()["data"] == EVENT["data"]
    return True


async def test_a_letter_arrives_as_it_was_written(sender: Sender, site: Site) -> None:
    at = datetime(2026, 11, 21, 9, 30, 0, 999_999, tzinfo=UTC)
    asked = await delivered(sender, site, OLD, at=at)
    assert (asked.method, asked.target, asked.body) == ("POST", "/hook", BODY)
    headers = dict(asked.headers)
    assert headers.pop("webhook-signature").startswith("v1,")
    assert headers == {
        "host": f"127.0.0.1:{site.port}",
        "user-agent": f"filmgate/{__version__}",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "wh_1",
        "webhook-timestamp": str(int(at.timestamp())),
    }


@pytest.mark.parametrize("secret", [OLD, PLAIN])
async def test_openais_library_accepts_the_signature(
    sender: Sender, site: Site, secret: str
) -> None:
    asked = await delivered(sender, site, secret)
    assert accepted(asked, secret)
    assert not accepted(asked, NEW)


async def test_while_a_secret_is_rotated_both_are_accepted(sender: Sender, site: Site) -> None:
    asked = await delivered(sender, site, NEW, OLD)
    assert accepted(asked, NEW)
    assert accepted(asked, OLD)
    assert len(asked.headers["webhook-signature"].split(" ")) == 2


async def test_a_try_is_signed_with_its_own_time_and_keeps_its_id(
    sender: Sender, site: Site
) -> None:
    now = datetime.now(UTC)
    first = await delivered(sender, site, OLD, at=now - timedelta(hours=1))
    second = await delivered(sender, site, OLD, at=now)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert not accepted(first, OLD)  # too old
    assert accepted(second, OLD)


async def test_the_signature_is_the_standards(sender: Sender, site: Site) -> None:
    """Computed here by the text of the standard, without our code or OpenAI's."""
    asked = await delivered(sender, site, OLD, PLAIN)
    content = b"%s.%s.%s" % (
        asked.headers["webhook-id"].encode(),
        asked.headers["webhook-timestamp"].encode(),
        asked.body,
    )
    keys = bytes(range(32)), PLAIN.encode()
    assert asked.headers["webhook-signature"] == " ".join(
        "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        for key in keys
    )


@pytest.mark.parametrize("secret", [NEW, PLAIN])
async def test_the_guides_receiver_gets_the_digest_of_the_body(
    sender: Sender, site: Site, secret: str
) -> None:
    asked = await delivered(sender, site, secret, OLD, guide=True)
    digest = hmac.new(secret.encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["x-openai-signature"] == digest
    assert accepted(asked, secret)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("secret", [NEW, PLAIN])
async def test_node_computes_the_same_digest(sender: Sender, site: Site, secret: str) -> None:
    asked = await delivered(sender, site, secret, guide=True)
    script = (
        "const { createHmac } = require('crypto');"
        "const body = JSON.stringify(JSON.parse(process.argv[2]));"
        "console.log(createHmac('sha256', process.argv[1]).update(body).digest('hex'));"
    )
    node = await asyncio.create_subprocess_exec(
        *("node", "-e", script, secret, asked.body), stdout=asyncio.subprocess.PIPE
    )
    digest, _ = await node.communicate()
    assert asked.headers["x-openai-signature"] == digest.decode().strip()


async def test_nobody_else_gets_the_guides_signature(sender: Sender, site: Site) -> None:
    asked = await delivered(sender, site, OLD)
    assert "x-openai-signature" not in asked.headers


async def test_a_letter_without_a_secret_is_not_signed(sender: Sender, site: Site) -> None:
    asked = await delivered(sender, site, guide=True)
    assert [name for name in asked.headers if "signature" in name] == []
    assert asked.headers["webhook-id"] == "wh_1"


@pytest.mark.parametrize("status", [204, 301, 307, 400, 410, 429, 500, 503])
async def test_whatever_the_receiver_answers_is_told(
    sender: Sender, site: Site, status: int
) -> None:
    site.pages["/hook"] = moved("/elsewhere", status)
    receipt = await sender.send(letter(site, OLD), at=datetime.now(UTC))
    assert receipt == Receipt(status=status)
    assert len(site.asked) == 1  # where it points is not followed


@pytest.mark.parametrize("secret", ["whsec_not base64", "whsec_这不是", "whsec_A"])
async def test_a_secret_that_is_no_key_is_told(sender: Sender, site: Site, secret: str) -> None:
    receipt = await sender.send(letter(site, secret), at=datetime.now(UTC))
    assert receipt == Receipt(status=None, error="The secret is not base64 after 'whsec_'.")
    assert site.asked == []


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://10.0.0.1/hook?key=hidden", f"10.0.0.1 {GUARDED}."),
        ("http://lost.example/?key=hidden", "lost.example is not a name that can be found."),
        ("http://127.0.0.1:9/?key=hidden", "127.0.0.1 could not be connected to."),
        (
            "http://me:hidden@a.example/",
            "a.example is given a user or a password in the URL.",
        ),
        ("ftp://a.example/hidden", "The URL must begin with http:// or https:// and a host."),
        ("http://[hidden", "The URL cannot be read."),
    ],
)
async def test_why_a_letter_did_not_arrive_is_told_without_secrets(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, url: str, error: str
) -> None:
    Names().install(monkeypatch)
    one = Letter(id="wh_1", url=url, body=BODY, secrets=(OLD,))
    assert await sender.send(one, at=datetime.now(UTC)) == Receipt(status=None, error=error)


async def test_a_receiver_that_does_not_answer_is_given_up(
    sender: Sender, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert webhook.WITHIN == 15
    monkeypatch.setattr(webhook, "WITHIN", 0.1)

    async def silent(_: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    site.pages["/hook"] = silent
    receipt = await sender.send(letter(site, OLD), at=datetime.now(UTC))
    assert receipt == Receipt(status=None, error="127.0.0.1 takes more than 0.1 s.")
