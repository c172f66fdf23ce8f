"""
OpenRouter: one key for the video models of many vendors.

Documented at https://openrouter.ai/docs/api_reference/videos. Nothing there keeps a create
from being taken twice, and nothing stops a task: a lost create is never sent again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    ContentRejected,
    EngineMisbehaved,
    GenerationFailed,
    TicketLost,
    Unsupported,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Reference, Role, Size
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, data_url, quoted

BASE = "https://openrouter.ai/api/v1"
POLL_AFTER = timedelta(seconds=30)  #: as OpenRouter advises
FRAMES = {Role.FIRST_FRAME: "first_frame", Role.LAST_FRAME: "last_frame"}
FPS = 24  #: what tokens are counted by
GUESTS = {Role.SUBJECT: 7, Role.CHARACTER: 2}  #: nine pictures, as such models take

_SHORT = {"360p": 360, "480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "2K": 1440}
_SHORT["4K"] = 2160
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21")
#: What a second costs, in dollars or in cents, or a token; of some films, or of all.
_SKU = re.compile(
    r"(?:(?:text|image)_to_video_)?(?P<unit>duration_seconds|video_tokens"
    r"|cents_per_second_output|cents_per_video_output_second)"
    r"(?P<words>(?:_(?:with_audio|without_audio|\d+[pk]))*)"
)
_WORD = re.compile(r"with_audio|without_audio|\d+[pk]")
#: A failed task has no code, only a sentence, which is its vendor's.
_POLICY = re.compile(
    r"moderat|polic|sensitive|safety|guideline|prohibited|flagged", re.IGNORECASE
)


class _Listed(msgspec.Struct):
    """A model as `GET /videos/models` describes it."""

    id: str
    supported_durations: list[float] | None = None
    supported_resolutions: list[str] | None = None
    supported_aspect_ratios: list[str] | None = None
    supported_frame_images: list[str] | None = None
    generate_audio: bool | None = None
    seed: bool | None = None
    pricing_skus: dict[str, str] | None = None
    supported_sizes: list[str] | None = None


_WIDE = ["16:9", "9:16"]
_BOTH = ["first_frame", "last_frame"]

#: Some of the best known, as they were listed on 2026-10-09; all are found by `discover`.
KNOWN = (
    _Listed(
        "bytedance/seedance-2.0", [*range(4, 16)], ["480p", "720p", "1080p"], [*_WIDE, "1:1"],
        _BOTH, True, True, {"video_tokens": "0.000007", "video_tokens_1080p": "0.0000077",
                            "video_tokens_with_video_input": "0.0000043"},
    ),
    _Listed(
        "google/veo-3.1", [4, 6, 8], ["720p", "1080p"], _WIDE, _BOTH, True, True,
        {"duration_seconds_with_audio": "0.40", "duration_seconds_without_audio": "0.20"},
    ),
    _Listed(
        "kwaivgi/kling-v3.0-pro", [*range(3, 16)], ["720p"], [*_WIDE, "1:1"], _BOTH, True,
        False, {"duration_seconds": "0.112", "duration_seconds_with_audio": "0.168"},
    ),
    _Listed(
        "alibaba/wan-3.0", [*range(2, 31)], ["480p", "720p", "1080p"], [*_WIDE, "1:1"],
        ["first_frame"], True, True,
        {"duration_seconds_480p": "0.05", "duration_seconds_1080p": "0.2"},
    ),
    _Listed(
        "black-forest-labs/flux-3-video", [*range(5, 21)], ["720p", "1080p"], [*_WIDE, "1:1"],
        _BOTH, True, False,
        {"cents_per_second_output": "17", "cents_per_second_output_1080p": "29",
         "cents_per_second_video_continuation_1080p": "53"},
    ),
)  # fmt: skip


class _List(msgspec.Struct):
    data: list[_Listed]


class _Key(msgspec.Struct):
    limit_remaining: float | None = None  #: dollars; None: no limit


class _OwnKey(msgspec.Struct):
    data: _Key


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    id: Annotated[str, msgspec.Meta(min_length=1)]


class _Usage(msgspec.Struct):
    cost: float | None = None  #: dollars


class _Task(msgspec.Struct):
    status: str
    error: str | None = None
    usage: _Usage | None = None


class _Metadata(msgspec.Struct):
    error_type: Any = None
    reasons: Any = None  #: why content was refused


class _Said(msgspec.Struct):
    message: str
    metadata: _Metadata | None = None


class _Refused(msgspec.Struct):
    error: _Said


class OpenRouter:
    """Its Video Generation API."""

    name = "openrouter"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return tuple(model for listed in KNOWN if (model := model_of(listed)))

    async def discover(self, account: Account) -> Sequence[Model]:
        """The list is anybody's: so the key is asked about first."""
        key = await self._outbound.ask(_call("GET", "/key", account), _OwnKey, explain=_explain)
        left = key.body.data.limit_remaining
        if left is not None and left <= 0:
            raise AccountExhausted("The key's own limit at OpenRouter is used up.")
        call = _call("GET", "/videos/models", account)
        answer = await self._outbound.ask(call, _List, explain=_explain)
        return [model for listed in answer.body.data if (model := model_of(listed))]

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
        body = msgspec.json.encode(await body_of(take, inputs))
        call = _call("POST", "/videos", account, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.id, poll_after=POLL_AFTER)

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", _path(ticket), account)
        task = (await self._outbound.ask(call, _Task, explain=_explain_ticket)).body
        match task.status:
            case "pending" | "in_progress":
                return Progress(ticket=ticket, poll_after=POLL_AFTER)
            case "completed":
                film = Output(
                    "video/mp4", url=_url(f"{_path(ticket)}/content?index=0", account)
                )
                dollars = task.usage.cost if task.usage else None
                cost = None if dollars is None else round(dollars * 1_000_000)
                return Progress(ticket=ticket, percent=100, outputs=(film,), cost=cost)
            case "failed" | "cancelled" | "expired":
                said = task.error or f"OpenRouter gives no reason; the task is {task.status}."
                kind = ContentRejected if _POLICY.search(said) else GenerationFailed
                raise kind(quoted(said, account.secret))
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Cannot be asked for: a task runs to its end, and is paid for."""


def model_of(listed: _Listed) -> Model | None:
    """What a listed model takes. None: it makes nothing of a prompt alone."""
    sizes, seconds = _sizes(listed), tuple(sorted(listed.supported_durations or ()))
    if not sizes or not seconds:
        return None
    skus = listed.pricing_skus or {}
    frames = listed.supported_frame_images or ()
    roles = {role: 1 for role, name in FRAMES.items() if name in frames}
    if any("reference" in sku or "video_input" in sku for sku in skus):
        roles |= GUESTS
    usual = (Size(720, 1280), Size(1280, 720))
    default = next((size for size in usual if size in sizes), sizes[0])
    rates = {size: _rate(skus, size, sound=bool(listed.generate_audio)) for size in sizes}
    silent = {size: _rate(skus, size, sound=False) for size in sizes}
    return Model(
        name=listed.id,
        media=Media.VIDEO,
        sizes=sizes,
        default_size=default,
        seconds=seconds,
        default_seconds=next((length for length in seconds if length >= 4), seconds[-1]),
        roles=roles,
        audio=frozenset({True, False}) if listed.generate_audio else frozenset(),
        seeds=bool(listed.seed),
        price=rates[default],
        prices=(
            *(prices_by_size(silent, audio=False) if silent != rates else ()),
            *prices_by_size(rates),
        ),
    )


async def body_of(take: Take, inputs: Inputs) -> dict[str, Any]:
    """A create's body; the operator's settings are fields of it."""
    request = take.request
    frames = [one for one in request.references if one.role in FRAMES]
    if 0 < len(frames) < len(request.references):
        message = "OpenRouter takes a first or last frame, or references: not both."
        raise Unsupported(message, param="references")
    pictures = [await _picture(one, inputs) for one in request.references]
    body = {
        **take.settings,
        "model": take.model,
        "prompt": request.prompt,
        **_shape(request.size),
        "duration": None if request.seconds is None else int(request.seconds),
        "frame_images" if frames else "input_references": pictures or None,
        "generate_audio": request.audio,
        "seed": request.seed,
    }
    return {name: value for name, value in body.items() if value is not None}


async def _picture(reference: Reference, inputs: Inputs) -> dict[str, Any]:
    url = data_url(reference.media_type, await inputs.read(reference))
    picture = {"type": "image_url", "image_url": {"url": url}}
    frame = FRAMES.get(reference.role)
    return {**picture, "frame_type": frame} if frame else picture


def _size(resolution: str, ratio: str) -> Size | None:
    short, (wide, _, high) = _SHORT.get(resolution), ratio.partition(":")
    if short is None or ratio not in _RATIOS:
        return None
    unit = short / min(int(wide), int(high))
    return Size(2 * round(unit * int(wide) / 2), 2 * round(unit * int(high) / 2))


_NAMES = {_size(tier, ratio): (tier, ratio) for tier in _SHORT for ratio in _RATIOS}


def _sizes(listed: _Listed) -> tuple[Size, ...]:
    tiers, ratios = listed.supported_resolutions or (), listed.supported_aspect_ratios or ()
    named = [_size(tier, ratio) for tier in tiers for ratio in ratios]
    exact = [Size.read(text) for text in listed.supported_sizes or ()]
    return tuple(size for size in exact or named if size)


def _shape(size: Size | None) -> dict[str, str]:
    """A size by its names, which every model knows; an odd one in pixels."""
    if size in _NAMES:
        resolution, ratio = _NAMES[size]
        return {"resolution": resolution, "aspect_ratio": ratio}
    return {"size": str(size)}


def _rate(skus: dict[str, str], size: Size, *, sound: bool) -> int:
    """
    Micro-dollars a second of a film that is created; 0: not known.

    What is said of its resolution and its sound goes before what is said of all films.
    Where several prices are left, or none is of such films, it is the dearest.
    """
    tier = _NAMES[size][0].lower() if size in _NAMES else ""
    film = {tier, "with_audio" if sound else "without_audio"}
    prices = [
        (frozenset(_WORD.findall(sku["words"])), _dollars(sku["unit"], _number(said), size))
        for name, said in skus.items()
        if (sku := _SKU.fullmatch(name)) and _number(said)
    ]
    fit = [(words, rate) for words, rate in prices if words <= film]
    best = [rate for words, rate in fit if not any(words < others for others, _ in fit)]
    dearest = max(best or (rate for _, rate in prices), default=0.0)
    return round(dearest * 1_000_000)


def _dollars(unit: str, number: float, size: Size) -> float:
    """What a second costs at *number* for each *unit*."""
    match unit:
        case "video_tokens":
            return number * size.width * size.height * FPS / 1024
        case "duration_seconds":
            return number
        case _:
            return number / 100


def _number(said: str) -> float:
    return float(said) if said.replace(".", "", 1).isdigit() else 0.0


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
        headers={"content-type": "application/json"} if body else {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _url(path: str, account: Account) -> str:
    return f"{(account.base_url or BASE).rstrip('/')}{path}"


def _path(ticket: str) -> str:
    return f"/videos/{quote(ticket, safe='')}"


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None
    more = said.metadata or _Metadata()
    content = more.reasons or more.error_type == "content_policy_violation"
    return Complaint(message=said.message, kind=ContentRejected if content else None)


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)
