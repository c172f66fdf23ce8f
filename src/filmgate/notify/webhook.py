"""Webhooks: signed as Standard Webhooks wants it, and posted once."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

from filmgate.outbound import NotReached, Outbound
from filmgate.ports import Letter, Receipt

WITHIN = 15.0  #: seconds for a receiver to answer


class WebhookSender:
    """`ports.Sender`. Trying again is the gateway's business."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def send(self, letter: Letter, *, at: datetime) -> Receipt:
        """Sign with the time *at*, post, and tell what came back. Never raises."""
        try:
            headers = signed(letter, at=at)
        except ValueError:
            return Receipt(status=None, error="The secret is not base64 after 'whsec_'.")
        try:
            status = await self._outbound.post(letter.url, letter.body, headers, WITHIN)
        except NotReached as error:
            return Receipt(status=None, error=str(error))
        return Receipt(status=status)


def signed(letter: Letter, *, at: datetime) -> dict[str, str]:
    """The headers of a letter that leaves at that time. Without secrets it is not signed."""
    timestamp = str(int(at.timestamp()))
    headers = {
        "content-type": "application/json",
        "webhook-id": letter.id,
        "webhook-timestamp": timestamp,
    }
    if letter.secrets:
        content = f"{letter.id}.{timestamp}.".encode() + letter.body
        headers["webhook-signature"] = " ".join(
            f"v1,{base64.b64encode(_digest(_key(secret), content)).decode()}"
            for secret in letter.secrets
        )
        if letter.guide:
            # Its receivers take the secret as it stands, and sign nothing but the body.
            newest = letter.secrets[0].encode()
            headers["x-openai-signature"] = _digest(newest, letter.body).hex()
    return headers


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        return base64.b64decode(secret.removeprefix("whsec_"))
    return secret.encode()


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")
