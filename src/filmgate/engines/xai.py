"""
xAI's Grok Imagine: films of words and pictures, edits and extensions of films.

Documented at https://docs.x.ai/developers/rest-api-reference/inference/videos. Nothing there
keeps a create from being taken twice, and nothing stops a task: a lost create is never sent
again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    TicketLost,
    Unsupported,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import (
    GenerationRequest,
    Media,
    Operation,
    Role,
    Size,
    Source,
)
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, data_url, quoted

BASE = "https://api.x.ai/v1"
POLL_AFTER = timedelta(seconds=5)
TICKS = 10_000  #: of xAI's money in a micro-dollar: a tick is 1e-10 dollars
FRAMES = {Role.FIRST_FRAME: "image", Role.LAST_FRAME: "last_frame"}
PATHS = {
    Operation.CREATE: "/videos/generations",
    Operation.REMIX: "/videos/edits",
    Operation.EDIT: "/videos/edits",
    Operation.EXTEND: "/videos/extensions",
}
SIZES = {  #: by resolution and aspect ratio
    Size(854, 480): ("480p", "16:9"),
    Size(480, 854): ("480p", "9:16"),
    Size(480, 480): ("480p", "1:1"),
    Size(1280, 720): ("720p", "16:9"),
    Size(720, 1280): ("720p", "9:16"),
    Size(720, 720): ("720p", "1:1"),
    Size(960, 720): ("720p", "4:3"),
    Size(720, 960): ("720p", "3:4"),
    Size(1080, 720): ("720p", "3:2"),
    Size(720, 1080): ("720p", "2:3"),
    Size(1920, 1080): ("1080p", "16:9"),
    Size(1080, 1920): ("1080p", "9:16"),
    Size(1080, 1080): ("1080p", "1:1"),
}

_SMALL = {size for size, (tier, _) in SIZES.items() if tier != "1080p"}
_FRAME = {Role.FIRST_FRAME: 1}
_GUESTS = {Role.SUBJECT: 5, Role.CHARACTER: 2}  #: seven pictures
_POLICY = re.compile(r"usage guidelines|moderation|content polic|safety", re.IGNORECASE)


def _model(name: str, prices: Mapping[str, int], **fields: Any) -> Model:
    """*prices* are micro-dollars a second, of the resolutions that it has."""
    rates = {size: prices[tier] for size, (tier, _) in SIZES.items() if tier in prices}
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=tuple(rates),
        default_size=Size(720, 1280),
        seconds=tuple(float(length) for length in range(1, 16)),
        default_seconds=4.0,
        longest_prompt=4096,
        exact_references=True,
        audio=frozenset({True, False}),
        price=prices["720p"],
        prices=prices_by_size(rates),
        **fields,
    )


MODELS = (
    _model(
        "grok-imagine-video",
        {"480p": 50_000, "720p": 70_000},
        operations=frozenset(PATHS),
        roles={**_FRAME, **_GUESTS, Role.SOURCE: 1},
        longest=25.0,
    ),
    _model(
        "grok-imagine-video-1.5",
        {"480p": 80_000, "720p": 140_000, "1080p": 250_000},
        roles={**_FRAME, Role.LAST_FRAME: 1, **_GUESTS},
    ),
    _model(
        "grok-imagine-video-1.5-lite",
        {"480p": 20_000, "720p": 30_000, "1080p": 140_000},
        roles=_FRAME,
    ),
)


class _Listed(msgspec.Struct):
    id: str
    aliases: list[str] = []


class _List(msgspec.Struct):
    models: list[_Listed]


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    request_id: Annotated[str, msgspec.Meta(min_length=1)]


class _Film(msgspec.Struct):
    url: str | None = None
    respect_moderation: bool | None = None


class _Failure(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Usage(msgspec.Struct):
    cost_in_usd_ticks: int | None = None


class _Video(msgspec.Struct):
    status: str | None = None
    progress: float | None = None
    video: _Film | None = None
    error: _Failure | None = None
    usage: _Usage | None = None


class _Message(msgspec.Struct):
    message: str


class _Refused(msgspec.Struct):
    error: str | _Message


class XAI:
    """Its video API."""

    name = "xai"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return MODELS

    async def discover(self, account: Account) -> Sequence[Model]:
        call = _call("GET", "/video-generation-models", account)
        listed = (await self._outbound.ask(call, _List, explain=_explain)).body.models
        names = {name for one in listed for name in (one.id, *one.aliases)}
        return [model for model in MODELS if model.name in names]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del attempt_id  # nobody there remembers it
        _check(take.request)
        body = msgspec.json.encode(await body_of(take, inputs))
        call = _call("POST", PATHS[take.request.operation], account, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.request_id, poll_after=POLL_AFTER)

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", f"/videos/{quote(ticket, safe='')}", account)
        video = _read(await self._outbound.ask(call, bytes, explain=_explain_ticket))
        match video.status:
            case None | "pending" | "queued" | "processing":
                percent = int(max(0, min(99, video.progress or 0)))
                return Progress(ticket=ticket, percent=percent, poll_after=POLL_AFTER)
            case "done":
                film = video.video or _Film()
                if film.url is None or film.respect_moderation is False:
                    raise ContentRejected("xAI made the film, and its policy keeps it back.")
                ticks = video.usage.cost_in_usd_ticks if video.usage else None
                return Progress(
                    ticket=ticket,
                    percent=100,
                    outputs=(Output("video/mp4", url=film.url),),
                    cost=None if ticks is None else round(ticks / TICKS),
                )
            case "failed" | "expired":
                raise _failure(video.error or _Failure(), video.status, account)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A film has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Cannot be asked for: a task runs to its end, and is paid for."""


async def body_of(take: Take, inputs: Inputs) -> dict[str, Any]:
    """A create's body; the operator's settings are fields of it."""
    request = take.request
    body: dict[str, Any] = {**take.settings, "model": take.model, "prompt": request.prompt}
    guests = []
    for reference in request.references:
        link = {"url": data_url(reference.media_type, await inputs.read(reference))}
        if reference.role in FRAMES:
            body[FRAMES[reference.role]] = link
        elif reference.role is Role.SOURCE:
            body["video"] = link
        else:
            guests.append(link)
    if guests:
        body["reference_images"] = guests
    if request.seconds is not None and request.operation in (
        Operation.CREATE,
        Operation.EXTEND,
    ):
        body["duration"] = int(request.seconds)
    if request.size is not None and request.operation is Operation.CREATE:
        body["resolution"], body["aspect_ratio"] = SIZES[request.size]
    if request.audio is not None:
        body["generate_audio"] = request.audio
    return body


def _check(request: GenerationRequest) -> None:
    """Raise `Unsupported` for what only some combinations of fields can have."""
    roles = {reference.role for reference in request.references}
    if roles & _GUESTS.keys():
        if roles & FRAMES.keys():
            message = "xAI takes a first or last frame, or references: not both."
            raise Unsupported(message, param="references")
        if request.seconds is not None and request.seconds > 10:
            message = "A film with references has 10 seconds at the most."
            raise Unsupported(message, param="seconds")
        if request.size not in _SMALL:
            message = "A film with references has 720p at the most."
            raise Unsupported(message, param="size")
    if request.source is not None:
        _check_source(request, request.source)


def _check_source(request: GenerationRequest, source: Source) -> None:
    least, most = (2, 15) if request.operation is Operation.EXTEND else (0, 8.7)
    if not least <= source.seconds <= most:
        message = f"xAI can {request.operation} films of {least} to {most} seconds."
        raise Unsupported(message, param="video")
    if min(source.size.width, source.size.height) > 720:
        message = "xAI makes 720p at the most of a film that it is given."
        raise Unsupported(message, param="video")
    if len(request.references) > 1:
        message = "xAI takes no references beside the film that it is given."
        raise Unsupported(message, param="references")
    if request.audio is not None:
        raise Unsupported("The film that is given decides about sound.", param="audio")
    added = request.seconds or 0
    if request.operation is Operation.EXTEND and not 2 <= added <= 10:
        raise Unsupported("An extension has 2 to 10 seconds.", param="seconds")


def _call(
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    body: bytes | None = None,
) -> Call:
    base = account.base_url or BASE
    return Call(
        method=method,
        url=url or f"{base.rstrip('/')}{path}",
        home=base,
        headers={"content-type": "application/json"} if body else {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _read(answer: Answer[bytes]) -> _Video:
    """A poll's answer, whose body is empty while the film is waited for."""
    if answer.status == 202 and not answer.body.strip():
        return _Video()
    try:
        return msgspec.json.decode(answer.body, type=_Video)
    except (msgspec.MsgspecError, ValueError):
        message = f"xAI answered {answer.status} with what cannot be read."
        raise EngineMisbehaved(message, unanswered=True) from None


def _failure(failure: _Failure, status: str, account: Account) -> FilmgateError:
    said = failure.message or f"xAI gives no reason; the film is {status}."
    kind = ContentRejected if _POLICY.search(said) else GenerationFailed
    code = f" ({failure.code})" if failure.code else ""
    return kind(quoted(f"{said}{code}", account.secret))


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None
    message = said if isinstance(said, str) else said.message
    return Complaint(message=message, kind=_kind(message, answer.status))


def _kind(message: str, status: int) -> type[FilmgateError] | None:
    """What a refusal means: xAI tells a wrong key by 400, and money and policy by 403."""
    if message.startswith("Incorrect API key"):
        return AccountRejected
    if status in (400, 403) and _POLICY.search(message):
        return ContentRejected
    if status == 403 and "credits" in message:
        return AccountExhausted
    return None


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)
