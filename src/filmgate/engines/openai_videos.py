"""
Anybody who speaks the OpenAI Videos API, and other filmgates.

An upstream of unknown make may have been paid by a request whose answer was lost: it is
never asked again. Another filmgate keeps one job for an `Idempotency-Key`, so there the
same request is simply sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import GenerationRequest, Media, Reference, Role, Size
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, quoted

BASE = "https://api.openai.com/v1"
REFUSALS = frozenset({"moderation_blocked", "content_policy_violation", "sentinel_block"})
LONGEST = timedelta(minutes=5)  #: that an upstream may keep us from asking

_SMALL = (Size(720, 1280), Size(1280, 720))
_LARGE = (Size(1024, 1792), Size(1792, 1024), Size(1080, 1920), Size(1920, 1080))


def _model(name: str, sizes: tuple[Size, ...]) -> Model:
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=sizes,
        default_size=Size(720, 1280),
        seconds=(4.0, 8.0, 12.0, 16.0, 20.0),
        default_seconds=4.0,
        roles={Role.FIRST_FRAME: 1},
        exact_references=True,
    )


SORA_2 = _model("sora-2", _SMALL)
SORA_2_PRO = _model("sora-2-pro", _SMALL + _LARGE)


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    id: Annotated[str, msgspec.Meta(min_length=1)]


class _Failure(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Video(msgspec.Struct):
    status: str
    progress: float | None = None
    error: _Failure | None = None


class _Listed(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Listed]


class _Said(msgspec.Struct):
    message: str
    code: str | int | None = None


class _Refused(msgspec.Struct):
    error: _Said


class OpenAIVideos:
    """The API as OpenAI described it."""

    name = "openai_videos"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return (SORA_2, SORA_2_PRO)

    async def discover(self, account: Account) -> Sequence[Model]:
        """By name: what a model takes nobody tells here, so it is told by who made it."""
        call = _call("GET", "/models", account)
        answer = await self._outbound.ask(call, _List, explain=_explain)
        known = {model.name: model for model in self.models()}
        return [
            known.get(one.id) or replace(SORA_2_PRO, name=one.id) for one in answer.body.data
        ]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """Never with outputs, even if it is done at once: so the ticket is kept first."""
        references = take.request.references
        frame = (references[0], await inputs.read(references[0])) if references else None
        kind, body = body_of(take.model, take.request, frame, once=attempt_id)
        headers = {"content-type": kind, "idempotency-key": attempt_id}
        call = _call("POST", "/videos", account, headers=headers, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.id, poll_after=_hint(answer))

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", _path(ticket), account)
        answer = await self._outbound.ask(call, _Video, explain=_explain_ticket)
        video = answer.body
        percent = int(max(0, min(100, video.progress or 0)))
        match video.status:
            case "queued" | "in_progress":
                return Progress(ticket=ticket, percent=percent, poll_after=_hint(answer))
            case "completed":
                film = Output("video/mp4", url=_url(f"{_path(ticket)}/content", account))
                return Progress(ticket=ticket, percent=100, outputs=(film,))
            case "failed":
                raise _failure(video.error or _Failure(), account)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A video has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        call = _call("DELETE", _path(ticket), account)
        with suppress(TicketLost):
            await self._outbound.ask(call, bytes, explain=_explain_ticket)


class Filmgate(OpenAIVideos):
    """Another filmgate, which gives the same key the same job for a day."""

    name = "filmgate"
    after_loss = AfterLoss.ASK


def body_of(
    model: str,
    request: GenerationRequest,
    frame: tuple[Reference, bytes] | None,
    *,
    once: str,
) -> tuple[str, bytes]:
    """A create's media type and body; the same bytes whenever it is sent for *once*."""
    fields = {"model": model, "prompt": request.prompt}
    if request.seconds is not None:
        fields["seconds"] = f"{request.seconds:g}"
    if request.size is not None:
        fields["size"] = str(request.size)
    if frame is None:
        return "application/json", msgspec.json.encode(fields)
    boundary = hashlib.sha256(once.encode()).hexdigest()
    reference, content = frame
    lines = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    name = f"first_frame.{reference.media_type.rpartition('/')[2]}"
    lines.append(
        f'--{boundary}\r\ncontent-disposition: form-data; name="input_reference"; '
        f'filename="{name}"\r\ncontent-type: {reference.media_type}\r\n\r\n'
    )
    body = "".join(lines).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _call(  # noqa: PLR0913 (all keywords)
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Call:
    return Call(
        method=method,
        url=url or _url(path, account),
        home=account.base_url or BASE,
        headers=headers or {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _url(path: str, account: Account) -> str:
    return f"{(account.base_url or BASE).rstrip('/')}{path}"


def _path(ticket: str) -> str:
    return f"/videos/{quote(ticket, safe='')}"


def _hint(answer: Answer[_Taken] | Answer[_Video]) -> timedelta | None:
    """When it wants to be asked again, if it says so."""
    said = answer.headers.get("openai-poll-after-ms", "")
    if said.isascii() and said.isdigit() and len(said) < 10:
        return min(timedelta(milliseconds=int(said)), LONGEST)
    return min(answer.retry_after, LONGEST) if answer.retry_after is not None else None


def _failure(failure: _Failure, account: Account) -> FilmgateError:
    said = quoted(failure.message or "The upstream gives no reason.", account.secret)
    if failure.code in REFUSALS:
        return ContentRejected(said)
    code = f" ({quoted(failure.code, account.secret)})" if failure.code else ""
    return GenerationFailed(f"{said}{code}")


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None
    kind = ContentRejected if said.code in REFUSALS else None
    return Complaint(message=said.message, kind=kind)


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)
