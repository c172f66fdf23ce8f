"""
Replicate's predictions by its official models: https://replicate.com/docs/reference/http.

Every model names its inputs in its own way: what it takes is on its page there, under API.
Films, inputs and errors are deleted an hour after a prediction has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    OutputExpired,
    TicketLost,
    Unsupported,
)
from filmgate.domain.job import Take
from filmgate.domain.model import PARAMS, Model, Price
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import GenerationRequest, Media, Reference, Role, Size
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import (
    Answer,
    Call,
    Complaint,
    FormFile,
    Sending,
    data_url,
    form,
    quoted,
)

BASE = "https://api.replicate.com/v1"
INLINE = 256_000  #: bytes of an image that goes into the input; a larger one is uploaded
REFUSAL = re.compile(r"\(E005\)")  #: its code, at the end of the text, for a policy's no

_SIZES = {
    "720p": (Size(720, 1280), Size(1280, 720)),
    "1080p": (Size(1080, 1920), Size(1920, 1080)),
    "wide": (Size(1920, 1080),),
}


@dataclass(frozen=True, kw_only=True)
class _Profile:
    """One official model: what it takes, and what it calls it."""

    name: str
    tiers: Mapping[str, str]  #: its own word for a size, and ours
    seconds: tuple[int, ...]
    first: str = "image"
    last: str | None = None
    says_tier: str = "resolution"
    says_ratio: bool = True
    says_sound: str | None = "generate_audio"
    follows: bool = False  #: a first frame gives the shape
    seeds: bool = False
    negative: bool = False
    price: int = 0  #: micro-dollars a second
    silent: int = 0  #: … without sound

    @property
    def model(self) -> Model:
        sizes = tuple(size for tier in self.tiers.values() for size in _SIZES[tier])
        return Model(
            name=self.name,
            media=Media.VIDEO,
            sizes=sizes,
            default_size=sizes[0],
            seconds=tuple(float(n) for n in self.seconds),
            default_seconds=float(max(4, self.seconds[0])),
            roles={Role.FIRST_FRAME: 1} | ({Role.LAST_FRAME: 1} if self.last else {}),
            exact_references=self.follows,
            negative_prompts=self.negative,
            seeds=self.seeds,
            audio=frozenset({True, False}) if self.says_sound else frozenset(),
            price=self.price,
            prices=(Price(rate=self.silent, audio=False),) if self.silent else (),
        )


_BOTH = {"720p": "720p", "1080p": "1080p"}
_VEO = _Profile(
    name="google/veo-3.1",
    tiers=_BOTH,
    seconds=(4, 6, 8),
    last="last_frame",
    seeds=True,
    negative=True,
    price=400_000,
    silent=200_000,
)
_SEEDANCE = _Profile(
    name="bytedance/seedance-2.0",
    tiers={"720p": "720p"},
    seconds=tuple(range(4, 16)),
    last="last_frame_image",
    seeds=True,
)
_KLING = _Profile(
    name="kwaivgi/kling-v3-video",
    tiers={"standard": "720p", "pro": "1080p"},
    seconds=tuple(range(3, 16)),
    first="start_image",
    last="end_image",
    says_tier="mode",
    follows=True,
    negative=True,
)
_HAILUO = _Profile(
    name="minimax/hailuo-2.3",
    tiers={"1080p": "wide"},
    seconds=(6,),
    first="first_frame_image",
    says_ratio=False,
    says_sound=None,
    follows=True,
)
PROFILES = (
    _VEO,
    replace(_VEO, name="google/veo-3.1-fast", price=150_000, silent=100_000),
    _SEEDANCE,
    replace(_SEEDANCE, name="bytedance/seedance-2.0-fast"),
    _KLING,
    replace(_KLING, name="kwaivgi/kling-v3-omni-video", negative=False),
    _HAILUO,
    replace(_HAILUO, name="minimax/hailuo-02", last="last_frame_image"),
)
_BY_NAME = {profile.name: profile for profile in PROFILES}


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    id: Annotated[str, msgspec.Meta(min_length=1)]


class _Prediction(msgspec.Struct):
    status: str
    output: str | list[str] | None = None
    error: str | None = None


class _Links(msgspec.Struct):
    get: str


class _File(msgspec.Struct):
    urls: _Links


class _Account(msgspec.Struct):
    username: str


class _Refused(msgspec.Struct):
    detail: str | None = None
    title: str | None = None
    retry_after: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None  # seconds


class Replicate:
    """Predictions; a prediction's id is the ticket."""

    name = "replicate"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return tuple(profile.model for profile in PROFILES)

    async def discover(self, account: Account) -> Sequence[Model]:
        """All: an official model is everybody's who is let in."""
        call = _call("GET", "/account", account)
        await self._outbound.ask(call, _Account, explain=_explain)
        return list(self.models())

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
        del attempt_id  # nothing there would know it again
        said = input_of(take.model, take.request)
        profile = _BY_NAME[take.model]
        for reference in take.request.references:
            field = profile.first if reference.role is Role.FIRST_FRAME else profile.last
            said[str(field)] = await self._link(reference, inputs, account)
        body = msgspec.json.encode({"input": {**take.settings, **said}})
        kind = "application/json"
        call = _call("POST", f"/models/{take.model}/predictions", account, kind=kind, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.id)

    async def _link(self, reference: Reference, inputs: Inputs, account: Account) -> str:
        """Where Replicate finds an image: in the link itself if it is small."""
        content = await inputs.read(reference)
        if len(content) <= INLINE:
            return data_url(reference.media_type, content)
        name = f"frame.{reference.media_type.rpartition('/')[2]}"
        kind, body = form({}, FormFile("content", name, reference.media_type, content))
        call = _call("POST", "/files", account, kind=kind, body=body)
        try:
            answer = await self._outbound.ask(call, _File, explain=_explain)
        except FilmgateError as error:
            error.unanswered = False  # of an upload nothing is to be paid, however it ended
            raise
        return answer.body.urls.get

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", _path(ticket), account)
        answer = await self._outbound.ask(call, _Prediction, explain=_explain_ticket)
        prediction = answer.body
        match prediction.status:
            case "starting" | "processing":
                return Progress(ticket=ticket)
            case "succeeded":
                film = Output("video/mp4", url=_film(prediction))
                return Progress(ticket=ticket, percent=100, outputs=(film,))
            case "failed":
                raise _failure(prediction.error, account)
            case "canceled" | "aborted":
                message = f"Replicate ended the prediction as {prediction.status}."
                raise GenerationFailed(message)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A prediction has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        call = _call("POST", f"{_path(ticket)}/cancel", account)
        with suppress(TicketLost):
            await self._outbound.ask(call, bytes, explain=_explain_cancel)


def input_of(model: str, request: GenerationRequest) -> dict[str, Any]:
    """What *model* is told of *request*, but for its images. Raise `Unsupported`."""
    profile = _BY_NAME[model]
    roles = {reference.role for reference in request.references}
    if roles == {Role.LAST_FRAME}:
        message = f"{model} takes a last frame only together with a first one."
        raise Unsupported(message, param=PARAMS[Role.LAST_FRAME])
    size = request.size or profile.model.default_size
    ratio = "16:9" if size.width > size.height else "9:16"
    shaped = not profile.says_ratio or (profile.follows and roles)
    fields = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "seed": request.seed,
        "duration": int(request.seconds or profile.seconds[0]),
        profile.says_tier: next(
            word for word, tier in profile.tiers.items() if size in _SIZES[tier]
        ),
        "aspect_ratio": None if shaped else ratio,
        profile.says_sound or "": request.audio,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _call(  # noqa: PLR0913 (all keywords)
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    kind: str | None = None,
    body: bytes | None = None,
) -> Call:
    base = account.base_url or BASE
    return Call(
        method=method,
        url=url or f"{base.rstrip('/')}{path}",
        home=base,
        headers={"content-type": kind} if kind else {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _path(ticket: str) -> str:
    return f"/predictions/{quote(ticket, safe='')}"


def _film(prediction: _Prediction) -> str:
    match prediction.output:
        case str(link) | [link, *_]:
            return link
    raise OutputExpired("Replicate has deleted the film: it keeps one for an hour.")


def _failure(error: str | None, account: Account) -> FilmgateError:
    said = quoted(error or "Replicate gives no reason.", account.secret)
    return ContentRejected(said) if REFUSAL.search(error or "") else GenerationFailed(said)


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.MsgspecError, ValueError):
        return None
    message = said.detail or said.title
    if message is None:
        return None
    wait = None if said.retry_after is None else timedelta(seconds=said.retry_after)
    return Complaint(message=message, retry_after=wait)


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return replace(complaint, kind=TicketLost)


def _explain_cancel(answer: Answer[bytes]) -> Complaint | None:
    """What cannot be cancelled has ended."""
    complaint = _explain(answer)
    if complaint is None or answer.status not in (400, 404, 409, 410, 422):
        return complaint
    return replace(complaint, kind=TicketLost)
