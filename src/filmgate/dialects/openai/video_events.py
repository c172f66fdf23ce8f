"""`/v1/videos/{id}/events`: what happens to a video, as it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Annotated

import msgspec

from filmgate.dialects.openai.video_objects import Video
from filmgate.domain.caller import Caller
from filmgate.domain.errors import InvalidRequest, NotFound
from filmgate.domain.events import EventKind
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.web.field_types import const, one_of
from filmgate.web.streaming import event

#: What each is called here, and the status that the video has then. The ends are not
#: among them: the last event carries the whole object.
_KINDS = {
    EventKind.CREATED: ("video.queued", "queued"),
    EventKind.STARTED: ("video.in_progress", "in_progress"),
    EventKind.PROGRESS: ("video.progress", "in_progress"),
    EventKind.INTERRUPTED: ("video.queued", "queued"),
    EventKind.RETRIED: ("video.queued", "queued"),
}
_ENDS = (EventKind.COMPLETED, EventKind.FAILED, EventKind.CANCELLED)


class VideoChanged(msgspec.Struct):
    type: Annotated[str, one_of("video.queued", "video.in_progress", "video.progress")]
    sequence_number: int
    created_at: int  # seconds since 1970
    video_id: str
    status: Annotated[str, one_of("queued", "in_progress")]
    progress: int


class VideoEnded(msgspec.Struct):
    """The last of a stream."""

    type: Annotated[str, one_of("video.completed", "video.failed")]
    sequence_number: int
    video_id: str
    video: Video


class VideoGone(msgspec.Struct):
    """The last of a stream whose video was deleted meanwhile."""

    video_id: str
    type: Annotated[str, const("video.deleted")] = "video.deleted"


def read_last(text: str | None) -> int:
    """`Last-Event-ID`: the number of the last event that the client has seen."""
    if text is None or text == "":
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        message = f"Invalid value: '{text[:80]}'. It is the id of an event of this stream."
        raise InvalidRequest(message, param="Last-Event-ID")
    return int(text)


async def events(
    gateway: Gateway,
    job_id: str,
    caller: Caller,
    *,
    after: int,
    render: Callable[[Job], Video],
) -> AsyncGenerator[bytes]:
    """Every change since *after*, progress at most once a second, at last the object."""
    last = after
    async for one in gateway.watch(job_id, caller, after=after):
        last = one.number if one.kind in _ENDS or one.kind in _KINDS else last
        if one.kind in _KINDS:
            kind, status = _KINDS[one.kind]
            data = VideoChanged(
                type=kind,
                sequence_number=one.number,
                created_at=int(one.at.timestamp()),
                video_id=job_id,
                status=status,
                progress=one.percent,
            )
            yield event(kind, data, number=one.number)
    try:
        job = await gateway.get(job_id, caller)
    except NotFound:
        yield event("video.deleted", VideoGone(video_id=job_id))
        return
    if not job.status.ended:
        return  # we are stopping: the client comes back with the last id
    video = render(job)
    kind = f"video.{video.status}"
    end = VideoEnded(type=kind, sequence_number=last, video_id=job_id, video=video)
    yield event(kind, end, number=last)
