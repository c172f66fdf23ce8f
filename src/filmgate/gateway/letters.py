"""What webhooks say: an event to an endpoint, or a film to the address that came with it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from math import gcd

from filmgate.domain.errors import NotFound
from filmgate.domain.job import Job, Status
from filmgate.domain.request import Size
from filmgate.domain.webhook import Delivery, Endpoint, EventType
from filmgate.ports import Cipher, Letter

_VIDEO_EVENTS = (EventType.VIDEO_COMPLETED, EventType.VIDEO_FAILED)
#: The guide's name for what no pair of even sides is exactly.
_WIDE = {"7:3": "21:9", "64:27": "21:9"}
#: Objects in JavaScript begin with keys like these, in the order of numbers.
_LAST_INDEX = 2**32 - 2


class Letters:
    """
    Writes what is posted, as things are when it is posted.

    *peek* finds a job by its id, *link* makes the link to its film.
    """

    def __init__(
        self,
        *,
        peek: Callable[[str], Awaitable[Job | None]],
        link: Callable[[Job], str | None],
        cipher: Cipher,
    ) -> None:
        self._peek = peek
        self._link = link
        self._cipher = cipher

    async def to_endpoint(
        self, delivery: Delivery, endpoint: Endpoint, *, at: datetime
    ) -> Letter:
        """An event, signed by every secret that holds."""
        sealed = [endpoint.secret]
        if endpoint.old_secret and endpoint.old_secret_until and at < endpoint.old_secret_until:
            sealed.append(endpoint.old_secret)
        data: dict[str, object] = {"id": delivery.subject_id}
        if job := await self._job(delivery):
            data |= {"url": self._link(job), "metadata": job.metadata}
        event = {
            "id": delivery.event_id,
            "object": "event",
            "created_at": int(delivery.created_at.timestamp()),
            "type": delivery.event_type,
            "data": data,
        }
        return Letter(
            id=delivery.id,
            url=endpoint.url,
            body=stringify(event),
            secrets=tuple(self._cipher.unseal(secret) for secret in sealed),
        )

    async def to_target(self, delivery: Delivery, target: str) -> Letter:
        """The film, to its job's own webhook; `NotFound` if the job is deleted."""
        job = await self._job(delivery)
        if job is None:
            raise NotFound(f"Job {delivery.subject_id} is deleted.")
        said = json.loads(self._cipher.unseal(target))
        secret = said.get("secret")
        return Letter(
            id=delivery.id,
            url=said["url"],
            body=stringify(_film(job, self._link(job))),
            secrets=(secret,) if secret else (),
            guide=True,
        )

    async def _job(self, delivery: Delivery) -> Job | None:
        if delivery.event_type not in _VIDEO_EVENTS:
            return None
        job = await self._peek(delivery.subject_id)
        return None if job is None or job.deleted_at else job


def _film(job: Job, url: str | None) -> Mapping[str, object]:
    request = job.take.request
    size = request.size
    completed = job.status is Status.COMPLETED
    error = job.failure.message if job.failure else "The job was cancelled."
    return {
        "id": job.id,
        "object": "video",
        "created": int(job.created_at.timestamp()),
        "model": job.request.name,
        "status": "completed" if completed else "failed",
        "prompt": job.request.prompt,
        "duration": request.total_seconds,
        "resolution": f"{min(size.width, size.height)}p" if size else None,
        "aspect_ratio": _aspect_ratio(size) if size else None,
        "url": url,
        "error": None if completed else error,
        "metadata": job.metadata,
        "expires_at": int(job.expires_at.timestamp()) if job.expires_at else None,
    }


def _aspect_ratio(size: Size) -> str:
    most = gcd(size.width, size.height)
    ratio = f"{size.width // most}:{size.height // most}"
    return _WIDE.get(ratio, ratio)


def stringify(value: object) -> bytes:
    """
    JSON as JavaScript's `JSON.stringify` writes it, byte for byte.

    Receivers check a signature over what they parsed and wrote again. Numbers must be
    in the range where Python and JavaScript agree: 0.0001 to 9 007 199 254 740 992.
    """
    text = json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"))
    # Two halves of a character become one; a half alone is written as an escape.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return whole.encode("utf-8", "backslashreplace")


def _ordered(value: object) -> object:
    match value:
        case Mapping():
            indices = sorted((key for key in value if _is_index(key)), key=int)
            others = [key for key in value if not _is_index(key)]
            return {key: _ordered(value[key]) for key in [*indices, *others]}
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _is_index(key: str) -> bool:
    digits = key.isascii() and key.isdigit() and len(key) <= 10
    return digits and str(int(key)) == key and int(key) <= _LAST_INDEX
