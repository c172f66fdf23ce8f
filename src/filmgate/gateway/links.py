"""Links to films that need no key: signed, expiring, revocable."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlencode

from filmgate.domain.asset import Variant
from filmgate.domain.errors import Forbidden
from filmgate.domain.job import Job, Status
from filmgate.domain.request import Media
from filmgate.ports import Clock

EXTENSIONS = {
    Variant.VIDEO: "mp4",
    Variant.THUMBNAIL: "webp",
    Variant.SPRITESHEET: "jpg",
    Variant.IMAGE: "png",
}
HOUR = 3600
LONGEST_END = 12  #: digits of the time at which a link ends


class Links:
    """
    Makes and checks links.

    A signature covers the job, the file, the time it ends and the job's link version:
    a new version revokes every link handed out before.
    """

    def __init__(self, secret: str, *, lifetime: timedelta, clock: Clock) -> None:
        self._secret = hmac.digest(secret.encode(), b"links", sha256)
        self._lifetime = lifetime
        self._clock = clock
        self.base = ""  #: where browsers reach us; known once the server listens

    def of(self, job: Job, variant: Variant | None = None) -> str | None:
        """A link to what a completed job made; None while there is nothing, or if private."""
        now, expires = self._clock.now(), job.expires_at
        if job.status is not Status.COMPLETED or job.request.private:
            return None
        if job.expired_at is not None or (expires is not None and expires <= now):
            return None
        variant = variant or main_variant(job)
        # To the full hour, so that the same film has the same link for a while, and
        # browsers find it in their cache.
        end = int((now + self._lifetime).timestamp()) // HOUR * HOUR + HOUR
        end = end if expires is None else min(end, int(expires.timestamp()))
        query = urlencode({"expires": end, "signature": self._sign(job, variant, end)})
        return f"{self.base}/films/{job.id}.{extension(job, variant)}?{query}"

    def check(self, job: Job, variant: Variant, *, expires: str, signature: str) -> None:
        """Raise `Forbidden` unless this is a link of ours that still holds."""
        digits = expires.isascii() and expires.isdigit() and len(expires) <= LONGEST_END
        end = int(expires) if digits else 0
        good = hmac.compare_digest(
            self._sign(job, variant, end).encode(), signature.encode(errors="replace")
        )
        if not good or end <= self._clock.now().timestamp() or job.request.private:
            raise bad_link()

    def _sign(self, job: Job, variant: Variant, end: int) -> str:
        text = f"{job.id}/{variant}/{end}/{job.link_version}"
        return hmac.digest(self._secret, text.encode(), sha256).hex()[:32]


def main_variant(job: Job) -> Variant:
    """The film of a job, or its still."""
    return Variant.IMAGE if job.request.media is Media.IMAGE else Variant.VIDEO


def extension(job: Job, variant: Variant) -> str:
    """Of the file's name."""
    if variant is Variant.IMAGE:
        return job.take.request.format or EXTENSIONS[variant]
    return EXTENSIONS[variant]


def bad_link() -> Forbidden:
    """What a link that does not hold answers, whatever is wrong with it."""
    message = (
        "This link is not valid, or not any more. Ask for the film again to get a new one."
    )
    return Forbidden(message, code="invalid_link")
