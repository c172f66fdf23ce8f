"""
Kuaishou's Kling: kling.ai/document-api.

Its API has two designs. An API key opens the one that has the model in the path. An access
key and a secret key, as in `ACCESS:SECRET`, open only the one from before, for which every
request is signed. A task is known to both by an id of ours as well.
"""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    TicketLost,
    Unsupported,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import GenerationRequest, Media, Role, Size
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, quoted

BASE = "https://api-singapore.klingai.com"
_TIERS = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
TIERS = {Size(w, h): tier for tier, (w, h) in _TIERS.items()} | {
    Size(h, w): tier for tier, (w, h) in _TIERS.items()
}
MODES = {"720p": "std", "1080p": "pro", "4k": "4k"}  #: how the older design calls a tier
OLDER = {"kling-3.0": "kling-v3", "kling-2.6": "kling-v2-6"}  #: … and the models it has
SIGNED_FOR = 1800  #: seconds

KINDS: dict[int, type[FilmgateError]] = {
    **dict.fromkeys(range(1000, 1005), AccountRejected),
    **dict.fromkeys((1100, 1103, 1304), AccountRejected),
    **dict.fromkeys((1101, 1102, 1302, 1303), AccountExhausted),
    **dict.fromkeys(range(1200, 1204), InvalidRequest),
    **dict.fromkeys((1300, 1301), ContentRejected),
    **dict.fromkeys((5000, 5001, 5002), EngineUnavailable),
}
#: Of a task that a policy has stopped Kling gives a sentence, and no code.
_STOPPED = re.compile(r"risk control|sensitive|polic(y|ies)|风控|敏感|违规", re.IGNORECASE)


def _model(
    name: str,
    prices: Mapping[str, tuple[int, int]],  # of a second, silent and with sound
    *,
    seconds: Iterable[int],
    frames: Sequence[Role] = (Role.FIRST_FRAME,),
    audio: frozenset[bool] = frozenset({True, False}),
) -> Model:
    sizes = tuple(size for size, tier in TIERS.items() if tier in prices)
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=sizes,
        default_size=sizes[0],
        seconds=tuple(float(length) for length in seconds),
        default_seconds=5.0,
        longest_prompt=2500 if name in OLDER else 3072,
        roles=dict.fromkeys(frames, 1),
        exact_references=True,  # a film has the shape of its first frame
        audio=audio,
        price=prices[TIERS[sizes[0]]][0],
        prices=(
            *prices_by_size({size: prices[TIERS[size]][1] for size in sizes}, audio=True),
            *prices_by_size({size: prices[TIERS[size]][0] for size in sizes}),
        ),
    )


KLING_3_0 = _model(
    "kling-3.0",
    {"720p": (84_000, 126_000), "1080p": (112_000, 168_000), "4k": (420_000, 420_000)},
    seconds=range(3, 16),
    frames=(Role.FIRST_FRAME, Role.LAST_FRAME),
)
KLING_3_0_TURBO = _model(
    "kling-3.0-turbo",
    {"720p": (112_000, 112_000), "1080p": (140_000, 140_000)},
    seconds=range(3, 16),
    audio=frozenset({True}),
)
KLING_2_6 = _model("kling-2.6", {"1080p": (70_000, 140_000)}, seconds=(5, 10))


class _Ticket(msgspec.Struct):
    id: str | None = None
    task_id: str | None = None  #: as the older design has it

    @property
    def name(self) -> str:
        return self.task_id or self.id or ""


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    code: int = 0
    message: str | None = None
    data: _Ticket | None = None


class _Video(msgspec.Struct):
    url: str | None = None
    type: str = "video"


class _Result(msgspec.Struct):
    videos: list[_Video] | None = None


class _Bill(msgspec.Struct):
    currency: str | None = None
    amount: str | None = None


class _Task(_Ticket):
    status: str | None = None
    message: str | None = None
    outputs: list[_Video] | None = None
    billing: list[_Bill] | None = None
    task_status: str | None = None
    task_status_msg: str | None = None
    task_result: _Result | None = None

    @property
    def film(self) -> str | None:
        videos = self.task_result.videos if self.task_result else self.outputs
        return next((one.url for one in videos or () if one.type == "video" and one.url), None)

    @property
    def cost(self) -> int | None:
        """Micro-dollars; None for what is paid otherwise, such as in units of a package."""
        bills = self.billing or ()
        if not bills or any(bill.currency != "USD" for bill in bills):
            return None
        try:
            return sum(int(Decimal(bill.amount or "") * 1_000_000) for bill in bills)
        except (ArithmeticError, ValueError):
            return None


class _Told(msgspec.Struct):
    code: int = 0
    message: str | None = None
    data: list[_Task] | _Task | None = None

    @property
    def task(self) -> _Task | None:
        """The one that was asked for: in a list, but for the older design."""
        task = next(iter(self.data), None) if isinstance(self.data, list) else self.data
        return task if task and task.name else None


class _Refused(msgspec.Struct):
    code: int
    message: str | None = None


class Kling:
    """Kling's own API, in both designs."""

    name = "kling"
    after_loss = AfterLoss.ASK

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return (KLING_3_0, KLING_3_0_TURBO, KLING_2_6)

    async def discover(self, account: Account) -> Sequence[Model]:
        """Kling lists none: those that are there for the account's kind of key."""
        now = int(time.time() * 1000)
        path = f"/account/costs?start_time={now - 86_400_000}&end_time={now}"
        call, explain = _call("GET", path, account), partial(_explain, account=account)
        answer = await self._outbound.ask(call, _Taken, explain=explain)
        if answer.body.code:
            raise _refusal(answer.body.code, answer.body.message, account)
        older = _is_older(account)
        return [model for model in self.models() if not older or model.name in OLDER]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """Kling has each attempt once: it is asked first whether it has this one already."""
        frames = {
            one.role: base64.b64encode(await inputs.read(one)).decode()
            for one in take.request.references
        }
        if frames and Role.FIRST_FRAME not in frames:
            message = "A last frame needs a first one here: give both, or only the first."
            raise InvalidRequest(message, param="last_frame")
        older = _is_older(account)
        if older and take.model not in OLDER:
            message = f"{take.model} needs an API key: an access key does not open it."
            raise Unsupported(message, param="model")
        kind = "image" if frames else "text"
        way = f"{kind}2video/" if older else ""
        known = await self._task(way, attempt_id, account, ours=True)
        if known is not None:
            return Progress(ticket=f"{way}{known.name}")
        make = _older_body if older else _body
        body = msgspec.json.encode(make(take, frames, attempt_id))
        path = f"/v1/videos/{kind}2video" if older else f"/{kind}-to-video/{take.model}"
        answer = await self._outbound.ask(
            _call("POST", path, account, body=body),
            _Taken,
            explain=partial(_explain, account=account),
            sending=sending,
        )
        told = answer.body
        if told.data is not None and told.data.name:
            return Progress(ticket=f"{way}{told.data.name}")
        if told.code:
            raise _refusal(told.code, told.message, account)
        raise EngineMisbehaved("Kling took the film, and gave no id.", unanswered=True)

    async def poll(self, ticket: str, account: Account) -> Progress:
        way, slash, name = ticket.rpartition("/")
        task = await self._task(f"{way}{slash}", name, account)
        if task is None:
            raise TicketLost("Kling does not have this task.")
        match task.status or task.task_status:
            case "submitted" | "processing":
                return Progress(ticket=ticket)
            case "succeeded" | "succeed" if task.film:
                film = Output("video/mp4", url=task.film)
                return Progress(ticket=ticket, percent=100, outputs=(film,), cost=task.cost)
            case "failed":
                said = task.message or task.task_status_msg or "Kling gives no reason."
                kind = ContentRejected if _STOPPED.search(said) else GenerationFailed
                raise kind(quoted(said, *_secrets(account)))
            case other:
                status = quoted(str(other), *_secrets(account))
                raise EngineMisbehaved(f"A task is {status!r}, and has no film.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=partial(_explain, account=account))

    async def cancel(self, ticket: str, account: Account) -> None:
        """Kling cannot be stopped."""

    async def _task(
        self, way: str, name: str, account: Account, *, ours: bool = False
    ) -> _Task | None:
        """The task of that name, or of *our* name for it; None: Kling has none."""
        field = "external_task_ids" if ours else "task_ids"
        name = quote(name, safe="")
        path = f"/v1/videos/{way}{name}" if way else f"/tasks?{field}={name}"
        explain = partial(_explain, account=account, unknown=TicketLost)
        try:
            answer = await self._outbound.ask(
                _call("GET", path, account), _Told, explain=explain
            )
        except TicketLost:
            return None
        told = answer.body
        if not told.code:
            return told.task
        if KINDS.get(told.code) is InvalidRequest:
            return None
        raise _refusal(told.code, told.message, account)


def _body(take: Take, frames: dict[Role, str], once: str) -> dict[str, Any]:
    """A create as Kling has them now."""
    request = take.request
    settings = {"resolution": _tier(request), "duration": int(request.seconds or 0)}
    body: dict[str, Any] = {"prompt": request.prompt}
    if frames:
        pictures = [{"type": role.value, "url": frames[role]} for role in sorted(frames)]
        body = {"contents": [{"type": "prompt", "text": request.prompt}, *pictures]}
    else:
        settings["aspect_ratio"] = _shape(request)
    if take.model != KLING_3_0_TURBO.name:
        settings["audio"] = "native" if request.audio else "off"
    options = {"external_task_id": once}
    return {**body, "settings": {**settings, **take.settings}, "options": options}


def _older_body(take: Take, frames: dict[Role, str], once: str) -> dict[str, Any]:
    """A create as Kling had them before."""
    request = take.request
    body = {
        "model_name": OLDER[take.model],
        "prompt": request.prompt,
        "mode": MODES[_tier(request)],
        "duration": f"{request.seconds:g}",
        "sound": "on" if request.audio else "off",
        "external_task_id": once,
    }
    names = {Role.FIRST_FRAME: "image", Role.LAST_FRAME: "image_tail"}
    pictures = {names[role]: picture for role, picture in frames.items()}
    return {**body, **(pictures or {"aspect_ratio": _shape(request)}), **take.settings}


def _tier(request: GenerationRequest) -> str:
    return TIERS[request.size or Size(1280, 720)]


def _shape(request: GenerationRequest) -> str:
    size = request.size or Size(1280, 720)
    return "16:9" if size.width > size.height else "9:16"


def _call(
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    body: bytes | None = None,
) -> Call:
    base = (account.base_url or BASE).rstrip("/")
    return Call(
        method=method,
        url=url or f"{base}{path}",
        home=base,
        headers={"content-type": "application/json"} if body else {},
        credentials={"authorization": f"Bearer {_token(account)}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _is_older(account: Account) -> bool:
    return ":" in (account.secret or "")


def _secrets(account: Account) -> list[str]:
    secret = account.secret or ""
    return [secret, *secret.split(":")]


def _token(account: Account) -> str:
    """The API key, or a JSON Web Token (RFC 7519, HS256) that the two keys make."""
    access, _, key = str(account.secret).partition(":")
    if not key:
        return access
    now = int(time.time())
    claims = {"iss": access, "exp": now + SIGNED_FOR, "nbf": now - 5}
    signed = b".".join(_packed(part) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed.decode()}.{_packed(hmac.digest(key.encode(), signed, 'sha256')).decode()}"


def _packed(part: dict[str, Any] | bytes) -> bytes:
    content = part if isinstance(part, bytes) else msgspec.json.encode(part)
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _refusal(code: int, message: str | None, account: Account) -> FilmgateError:
    """What a code means that came with status 200."""
    said = quoted(message or "", *_secrets(account))
    return KINDS.get(code, EngineMisbehaved)(f"{said or 'Kling gives no reason.'} ({code})")


def _explain(
    answer: Answer[bytes],
    account: Account,
    unknown: type[FilmgateError] | None = None,
) -> Complaint | None:
    """*unknown*: what it means that there is nothing of that name."""
    try:
        said = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.MsgspecError, ValueError):
        return None
    kind = KINDS.get(said.code)
    if kind is InvalidRequest and unknown is not None:
        kind = unknown
    return Complaint(message=quoted(said.message or "", *_secrets(account)), kind=kind)
