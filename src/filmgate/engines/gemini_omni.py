"""
Google's Gemini Omni, which makes films as interactions: ai.google.dev/gemini-api/docs/omni.

An interaction runs in the background and is kept, so that the next one can go on from its
film. A film is a file at Google; now and then it stands in the interaction itself, and then
the interaction is what is fetched.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    OutputExpired,
    StorageUnavailable,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Operation, Reference, Role, Size
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, quoted

BASE = "https://generativelanguage.googleapis.com/v1beta"
REVISION = "2026-05-20"  #: of the Interactions API: the one that tells of steps

_TIERS = {"720p": (1280, 720), "360p": (640, 360), "1080p": (1920, 1080), "4k": (3840, 2160)}
RESOLUTIONS = {Size(w, h): tier for tier, (w, h) in _TIERS.items()} | {
    Size(h, w): tier for tier, (w, h) in _TIERS.items()
}
#: What a second costs, in seconds of 720p.
_WORTH = {"360p": 1 / 3, "720p": 1, "1080p": 1.5, "4k": 3}
FAILED = frozenset(
    {"failed", "cancelled", "incomplete", "budget_exceeded"}
    | {"requires_action", "requires_continuation"}
)

_FRAMES = (Role.FIRST_FRAME, Role.LAST_FRAME)
_PEOPLE = (Role.SUBJECT, Role.CHARACTER)
_FILE = re.compile(r"/files/([A-Za-z0-9_-]+)")
_BLOCKED = re.compile(r"\b(IMAGE_)?(SAFETY|PROHIBITED_CONTENT|BLOCKLIST|SPII)\b", re.IGNORECASE)
_BLOCKED_SAID = re.compile(r"\bblocked\b.*\b(safety|polic)", re.IGNORECASE | re.DOTALL)


def _model(name: str, *, most: int, longest: float, price: int, seeds: bool = False) -> Model:
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=tuple(RESOLUTIONS),
        default_size=Size(1280, 720),
        seconds=tuple(float(seconds) for seconds in range(3, most + 1)),
        default_seconds=8.0,
        longest=longest,
        operations=frozenset(Operation),
        roles=dict.fromkeys((*_FRAMES, Role.SOURCE), 1) | {Role.SUBJECT: 4, Role.CHARACTER: 2},
        seeds=seeds,
        audio=frozenset({True}),
        price=price,
        prices=prices_by_size(
            {size: round(price * _WORTH[tier]) for size, tier in RESOLUTIONS.items()}
        ),
    )


OMNI_1_2 = _model("gemini-omni-1.2-flash", most=15, longest=30, price=70_000, seeds=True)
OMNI_1_1 = _model("gemini-omni-1.1-flash", most=10, longest=40, price=100_000)


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    id: Annotated[str, msgspec.Meta(min_length=1)]


class _Trouble(msgspec.Struct):
    """What goes wrong, told by an interaction, by a step of one, or instead of one."""

    code: str | int | None = None
    status: str | None = None
    message: str | None = None

    @property
    def blocked(self) -> bool:
        """Whether a policy is behind it. Google has no one code for that."""
        code = f"{self.code} {self.status}"
        return bool(_BLOCKED.search(code) or _BLOCKED_SAID.search(self.message or ""))


class _Refused(msgspec.Struct):
    error: _Trouble


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    data: str | None = None
    uri: str | None = None


class _Step(msgspec.Struct):
    type: str
    content: list[_Part] | None = None
    error: _Trouble | None = None


class _Interaction(msgspec.Struct):
    status: str
    steps: list[_Step] | None = None
    errors: list[_Trouble] | None = None

    @property
    def made(self) -> list[_Part]:
        """What the model has put out, the newest first."""
        steps = [step for step in self.steps or () if step.type == "model_output"]
        return [part for step in reversed(steps) for part in reversed(step.content or ())]

    @property
    def film(self) -> _Part | None:
        return next((part for part in self.made if part.type == "video"), None)


class _File(msgspec.Struct):
    state: str | None = None


class _Named(msgspec.Struct):
    name: str


class _Models(msgspec.Struct):
    models: list[_Named] = []


class GeminiOmni:
    """The Interactions API of Google's Gemini API, for films."""

    name = "gemini_omni"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return (OMNI_1_2, OMNI_1_1)

    async def discover(self, account: Account) -> Sequence[Model]:
        """Those of `models()` that Google lists for the key."""
        call = _call("GET", "/models?pageSize=1000", account)
        answer = await self._outbound.ask(call, _Models, explain=_explain)
        names = {one.name.removeprefix("models/") for one in answer.body.models}
        return [model for model in self.models() if model.name in names]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del attempt_id  # nobody there would know it
        body = msgspec.json.encode(await _interaction(take, inputs))
        call = _call("POST", "/interactions", account, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.id)

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", _path(ticket), account)
        lost = partial(_explain, gone=TicketLost)
        interaction = (await self._outbound.ask(call, _Interaction, explain=lost)).body
        match interaction.status:
            case "queued" | "in_progress":
                return Progress(ticket=ticket)
            case "completed":
                url = await self._place(interaction, ticket, account)
                if url is None:
                    return Progress(ticket=ticket, percent=99)
                film = Output("video/mp4", url=url)
                return Progress(ticket=ticket, percent=100, outputs=(film,))
            case ended if ended in FAILED:
                raise _failure(interaction, account)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"An interaction has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        if not call.url.startswith(_url("/interactions/", account)):
            await self._outbound.download(call, path, explain=_explain)
            return
        gone = partial(_explain, gone=OutputExpired)
        film = (await self._outbound.ask(call, _Interaction, explain=gone)).body.film
        if film is None or film.data is None:
            raise OutputExpired("The interaction has no film any more.")
        try:
            content = await asyncio.to_thread(base64.b64decode, film.data, validate=True)
            await asyncio.to_thread(path.write_bytes, content)
        except binascii.Error:
            raise EngineMisbehaved("The interaction's film is no base64.") from None
        except OSError as error:
            message = f"The film cannot be written to this machine's disk: {error.strerror}."
            raise StorageUnavailable(message) from None

    async def cancel(self, ticket: str, account: Account) -> None:
        """One that has ended already is refused, which is as good."""
        call = _call("POST", f"{_path(ticket)}/cancel", account, body=b"{}")
        lost = partial(_explain, gone=TicketLost)
        with suppress(TicketLost, InvalidRequest):
            await self._outbound.ask(call, bytes, explain=lost)

    async def _place(
        self, interaction: _Interaction, ticket: str, account: Account
    ) -> str | None:
        """Where the film of a finished interaction is; None: Google still prepares it."""
        film = interaction.film
        if film is None:
            raise _failure(interaction, account)
        if film.uri is None:
            return _url(_path(ticket), account)
        file = _FILE.search(film.uri)
        if file is None:
            return film.uri
        call = _call("GET", f"/files/{file[1]}", account)
        gone = partial(_explain, gone=OutputExpired)
        state = (await self._outbound.ask(call, _File, explain=gone)).body.state
        if state == "FAILED":
            raise GenerationFailed("Google could not prepare the film's file.")
        if state == "PROCESSING":
            return None
        return _url(f"/files/{file[1]}:download?alt=media", account)


async def _interaction(take: Take, inputs: Inputs) -> dict[str, Any]:
    """A create's body. What goes on from a film keeps that film's shape."""
    request, before = take.request, take.source_ticket
    frames = [one for role in _FRAMES for one in request.references if one.role is role]
    people = [one for one in request.references if one.role in _PEOPLE]
    films = [one for one in request.references if one.role is Role.SOURCE and not before]
    if [one.role for one in frames] == [Role.LAST_FRAME]:
        message = "A last frame needs a first one here: give both, or only the first."
        raise InvalidRequest(message, param="last_frame")
    parts = [await _media(one, inputs) for one in (*films, *frames, *people)]
    text = {"type": "text", "text": _told(request.prompt, frames, people)}
    size = request.size or Size(1280, 720)
    created = request.operation is Operation.CREATE
    longer = created or request.operation is Operation.EXTEND
    shape = "16:9" if size.width > size.height else "9:16"
    form = {
        "type": "video",
        "delivery": "uri",
        "resolution": RESOLUTIONS.get(size),
        "aspect_ratio": shape if created else None,
        "duration": f"{request.seconds:g}s" if longer else None,
    }
    task = _task(take, frames, people)
    how = {"video_config": {"task": task} if task else None, "seed": request.seed}
    body = {
        "model": take.model,
        "input": [*parts, text],
        "background": True,
        "store": True,
        "response_format": _filled(form),
        "generation_config": _filled(how) or None,
        "previous_interaction_id": before,
    }
    return {**_filled(body), **take.settings}


def _task(take: Take, frames: Sequence[Reference], people: Sequence[Reference]) -> str | None:
    """What Google is told to do; None where the prompt and what comes with it say it all."""
    if take.request.operation is Operation.EXTEND:
        return "extend"
    if take.request.operation is not Operation.CREATE:
        return "edit" if take.source_ticket is None else None
    if frames:
        return None if people else "image_to_video"
    return "reference_to_video" if people else "text_to_video"


def _told(prompt: str, frames: Sequence[Reference], people: Sequence[Reference]) -> str:
    """The prompt, and what each picture is if it could be taken for another."""
    names = [f"<IMAGE_REF_{n}> is {one.name}." for n, one in enumerate(people) if one.name]
    told = " ".join([prompt, *names])
    if not (frames and people):
        return told
    tags = [f"<{one.role.upper()}>@Image{n}" for n, one in enumerate(frames, 1)]
    refs = [f"<IMAGE_REF_{n}>@Image{n + len(frames) + 1}" for n, one in enumerate(people)]
    return f"[# Sources {' '.join(tags)}] [# References {' '.join(refs)}] {told}"


async def _media(reference: Reference, inputs: Inputs) -> dict[str, str]:
    content = base64.b64encode(await inputs.read(reference)).decode()
    kind = reference.media_type.partition("/")[0]
    return {"type": kind, "mime_type": reference.media_type, "data": content}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """*fields* without those that say nothing."""
    return {name: value for name, value in fields.items() if value is not None}


def _call(
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    body: bytes | None = None,
) -> Call:
    return Call(
        method=method,
        url=url or _url(path, account),
        home=account.base_url or BASE,
        headers={
            "api-revision": REVISION,
            **({"content-type": "application/json"} if body else {}),
        },
        credentials={"x-goog-api-key": account.secret} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _url(path: str, account: Account) -> str:
    return f"{(account.base_url or BASE).rstrip('/')}{path}"


def _path(ticket: str) -> str:
    return f"/interactions/{quote(ticket, safe='')}"


def _failure(interaction: _Interaction, account: Account) -> FilmgateError:
    """Why there is no film. One that was refused may be completed, with a text instead."""
    ended, steps = interaction.status, interaction.steps or ()
    troubles = [*(interaction.errors or ()), *(step.error for step in steps if step.error)]
    texts = [part.text for part in interaction.made if part.text]
    reasons = [*(one.message for one in troubles if one.message), *texts]
    said = reasons[0] if reasons else f"The interaction is {ended}, without a film."
    blocked = any(one.blocked for one in troubles) or (ended == "completed" and texts)
    return (ContentRejected if blocked else GenerationFailed)(quoted(said, account.secret))


def _explain(
    answer: Answer[bytes], gone: type[FilmgateError] | None = None
) -> Complaint | None:
    """*gone*: what it means that Google does not have it."""
    try:
        told = msgspec.json.decode(answer.body, type=_Refused | list[_Refused])
    except (msgspec.MsgspecError, ValueError):
        return None
    # Google's front door answers with a list of one where its services answer with one.
    said = (*told, _Refused(_Trouble()))[0].error if isinstance(told, list) else told.error
    message = said.message or ""
    kind: type[FilmgateError] | None = None
    if b'"API_KEY_INVALID"' in answer.body or said.status == "FAILED_PRECONDITION":
        kind = AccountRejected  # with status 400
    elif answer.status == 400 and said.blocked:
        kind = ContentRejected
    elif answer.status in (404, 410) or "interaction name" in message:
        kind = gone
    return Complaint(message=message, kind=kind)
