"""Finished jobs as the candidates of a `generateContent`."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from filmgate.domain.job import Job
from filmgate.domain.request import Media
from filmgate.ports import Blobs
from filmgate.web.field_types import const
from filmgate.web.waiting import Result


class InlineData(msgspec.Struct, rename="camel"):
    mime_type: str
    data: str


class LinkedData(msgspec.Struct, rename="camel"):
    mime_type: str
    file_uri: str


class AnswerPart(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """One of the first three; what is thought only tells how far it is."""

    text: str | None = None
    inline_data: InlineData | None = None
    file_data: LinkedData | None = None
    thought: bool = False


class AnswerContent(msgspec.Struct):
    parts: Sequence[AnswerPart]
    role: Annotated[str, const("model")] = "model"


class Candidate(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    content: AnswerContent
    index: int | msgspec.UnsetType = msgspec.UNSET
    finish_reason: str | None = None


class UsageMetadata(msgspec.Struct, rename="camel", frozen=True):
    """Nothing is counted in tokens here; the SDKs want the numbers all the same."""

    prompt_token_count: int = 0
    candidates_token_count: int = 0
    total_token_count: int = 0


class ContentAnswer(msgspec.Struct, rename="camel", kw_only=True):
    """`responseId` is the id of the first job."""

    candidates: Sequence[Candidate]
    model_version: str
    response_id: str
    create_time: datetime
    usage_metadata: UsageMetadata = UsageMetadata()


async def render(results: Sequence[Result], blobs: Blobs) -> ContentAnswer:
    """What was made: a candidate for each."""
    found = [
        Candidate(
            content=AnswerContent(parts=await _parts(one, blobs)),
            index=number,
            finish_reason="STOP",
        )
        for number, one in enumerate(results)
    ]
    return _answer(results[0].job, found)


def thought(job: Job, line: str) -> ContentAnswer:
    """A line on the way, as a part of an answer that goes on."""
    content = AnswerContent(parts=[AnswerPart(text=line, thought=True)])
    return _answer(job, [Candidate(content=content, index=0)])


async def _parts(result: Result, blobs: Blobs) -> list[AnswerPart]:
    kind = result.asset.media_type
    if result.job.request.media is Media.IMAGE:
        data = base64.b64encode(await blobs.read(result.asset.key)).decode()
        return [AnswerPart(inline_data=InlineData(mime_type=kind, data=data))]
    linked = LinkedData(mime_type=kind, file_uri=result.link)
    return [AnswerPart(text=result.markdown), AnswerPart(file_data=linked)]


def _answer(job: Job, candidates: Sequence[Candidate]) -> ContentAnswer:
    return ContentAnswer(
        candidates=candidates,
        model_version=job.request.name,
        response_id=job.id,
        create_time=job.created_at,
    )
