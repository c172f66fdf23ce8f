"""Finished jobs as messages, and the events of a message on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from filmgate.domain.asset import Variant
from filmgate.domain.job import Job
from filmgate.web.field_types import const
from filmgate.web.waiting import Result


class MessageUsage(msgspec.Struct, frozen=True):
    """Nothing is counted in tokens here; the SDKs want the numbers all the same."""

    input_tokens: int = 0
    output_tokens: int = 0


class MadeObject(msgspec.Struct, omit_defaults=True):
    """What was made, for programs: `id` is that of `/v1/videos`."""

    id: str
    media: str
    media_type: str
    engine: str
    url: str
    thumbnail_url: str | None = None
    spritesheet_url: str | None = None


class SaidBlock(msgspec.Struct, tag_field="type", tag="text"):
    text: str
    filmgate: MadeObject


class ThoughtBlock(msgspec.Struct, tag_field="type", tag="thinking"):
    """What happens until there is something to show."""

    thinking: str = ""
    signature: str = ""


class MessageObject(msgspec.Struct, kw_only=True):
    id: str
    model: str
    content: Sequence[SaidBlock]
    stop_reason: str | None
    stop_sequence: None = None
    usage: MessageUsage = MessageUsage()
    role: Annotated[str, const("assistant")] = "assistant"
    type: Annotated[str, const("message")] = "message"


class MessageStart(msgspec.Struct):
    message: MessageObject
    type: Annotated[str, const("message_start")] = "message_start"


class Ping(msgspec.Struct):
    type: Annotated[str, const("ping")] = "ping"


class BlockStart(msgspec.Struct):
    index: int
    content_block: ThoughtBlock | SaidBlock
    type: Annotated[str, const("content_block_start")] = "content_block_start"


class BlockPart(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One of the two."""

    type: str
    thinking: str | None = None
    text: str | None = None


class BlockDelta(msgspec.Struct):
    index: int
    delta: BlockPart
    type: Annotated[str, const("content_block_delta")] = "content_block_delta"


class BlockStop(msgspec.Struct):
    index: int
    type: Annotated[str, const("content_block_stop")] = "content_block_stop"


class MessageEnd(msgspec.Struct, frozen=True):
    stop_reason: str = "end_turn"
    stop_sequence: None = None


class MessageDelta(msgspec.Struct):
    delta: MessageEnd = MessageEnd()
    usage: MessageUsage = MessageUsage()
    type: Annotated[str, const("message_delta")] = "message_delta"


class MessageStop(msgspec.Struct):
    type: Annotated[str, const("message_stop")] = "message_stop"


def started(job: Job) -> MessageObject:
    """A message that has nothing to say yet."""
    model = job.request.name
    return MessageObject(id=f"msg_{job.id}", model=model, content=(), stop_reason=None)


def render(result: Result) -> MessageObject:
    """What a job made, as the answer of a chat."""
    job = result.job
    return MessageObject(
        id=f"msg_{job.id}",
        model=job.request.name,
        content=[said(result)],
        stop_reason="end_turn",
    )


def said(result: Result) -> SaidBlock:
    return SaidBlock(text=result.markdown, filmgate=_made(result))


def _made(result: Result) -> MadeObject:
    job = result.job
    return MadeObject(
        id=job.id,
        media=job.request.media,
        media_type=result.asset.media_type,
        engine=job.take.engine,
        url=result.link,
        thumbnail_url=result.links.get(Variant.THUMBNAIL),
        spritesheet_url=result.links.get(Variant.SPRITESHEET),
    )
