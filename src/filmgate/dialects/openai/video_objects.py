"""Jobs as the contract's video objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from filmgate.dialects.openai.video_rules import resolution_of
from filmgate.domain.job import Job, Status
from filmgate.domain.model import Model, SecondsRange, SizeRange
from filmgate.domain.money import MICROS
from filmgate.domain.request import Dialect, Operation, Role
from filmgate.ports import Engine
from filmgate.web.field_types import const, one_of, says

_TYPES: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
}


class Failed(msgspec.Struct):
    code: str
    message: str


class Variant(msgspec.Struct):
    id: str


class Queue(msgspec.Struct):
    """Where a queued video stands."""

    place: Annotated[int, says(minimum=1)]
    estimated_seconds: float | None  # until it begins; null: nobody knows


class Made(msgspec.Struct):
    """What we did: which engine, by which of its models, in which way, at what price."""

    engine: str
    model: str
    operation: Operation
    seed: int | None
    price_usd: float
    charged_usd: float | None  # once it has ended
    cost_usd: float | None  # what the engine took, as far as is known
    queue: Queue | msgspec.UnsetType = msgspec.UNSET  # while it waits; not in lists
    prompt: str | msgspec.UnsetType = msgspec.UNSET  # the better one that the engine got
    character_id: str | msgspec.UnsetType = msgspec.UNSET  # that its film becomes


class ShotObject(msgspec.Struct):
    seconds: float
    prompt: str


class ReferenceObject(msgspec.Struct):
    """Something that the film was made of."""

    role: Role
    type: str  # image/png
    size: str | None
    name: str | None  # of a character


class VideoDetail(msgspec.Struct):
    """What the engine was asked for."""

    prompt: str
    negative_prompt: str | None
    audio: bool | None
    watermark: bool | None
    private: bool
    storyboard: Sequence[ShotObject]
    references: Sequence[ReferenceObject]
    engine_options: Mapping[str, str | int | float | bool]


class Video(msgspec.Struct, omit_defaults=True):
    """The contract's thirteen keys, and today's."""

    id: str
    model: str
    status: Annotated[str, one_of("queued", "in_progress", "completed", "failed")]
    progress: Annotated[int, says(minimum=0, maximum=100)]
    created_at: int  # seconds since 1970
    completed_at: int | None
    expires_at: int | None
    prompt: str
    size: Annotated[str, says(pattern="^[0-9]+x[0-9]+$")]
    seconds: Annotated[str, says(pattern=r"^[0-9]+(\.[0-9]+)?$")]
    remixed_from_video_id: str | None
    error: Failed | None
    object: Annotated[str, const("video")]
    engine: str
    url: str | None
    metadata: Mapping[str, str]
    filmgate: Made
    variants: tuple[Variant, ...] = ()  # all of them, when there are several
    detail: VideoDetail | msgspec.UnsetType = msgspec.UNSET  # if it is asked for
    created: int | msgspec.UnsetType = msgspec.UNSET  # this and what follows: of the guides
    duration: int | float | msgspec.UnsetType = msgspec.UNSET
    resolution: str | msgspec.UnsetType = msgspec.UNSET
    aspect_ratio: str | msgspec.UnsetType = msgspec.UNSET


class CharacterObject(msgspec.Struct):
    id: str
    object: Annotated[str, const("character")]
    name: str
    created_at: int  # seconds since 1970


class Bounds(msgspec.Struct):
    """Everything between the two."""

    least: float
    most: float


class OptionObject(msgspec.Struct):
    """What an engine option may be; *choices* is empty where anything of its type may."""

    type: Annotated[str, one_of(*_TYPES.values())]
    choices: Sequence[str | int | float | bool]
    description: str


class VideoModel(msgspec.Struct):
    """What can be asked of a model."""

    id: str
    object: Annotated[str, const("video.model")]
    engine: str
    operations: Sequence[Operation]
    sizes: Sequence[str] | Bounds
    seconds: Sequence[str] | Bounds
    default_size: str
    default_seconds: str
    longest_seconds: str
    references: Mapping[str, int]
    storyboards: bool
    negative_prompt: bool
    seed: bool
    audio: Sequence[bool]
    engine_options: Mapping[str, OptionObject]
    price_per_second_usd: float


#: The dialect has no word for cancelled.
STATUS = {
    Status.QUEUED: "queued",
    Status.IN_PROGRESS: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",
}


def render(job: Job, url: str | None) -> Video:
    """*job* as its caller sees it; *url* is the link to its film, if there is one."""
    take = job.take
    request = take.request
    done = job.status is Status.COMPLETED
    ids = (job.id, *job.variants) if job.variants else ()
    video = Video(
        id=job.id,
        model=job.request.name,
        status=STATUS[job.shown],
        progress=job.percent,
        created_at=int(job.created_at.timestamp()),
        completed_at=int(job.finished_at.timestamp()) if done and job.finished_at else None,
        expires_at=int(job.expires_at.timestamp()) if job.expires_at else None,
        prompt=job.request.prompt,
        size=str(request.size),
        seconds=f"{round(request.total_seconds or 0, 3):g}",
        remixed_from_video_id=request.source.job_id if request.source else None,
        error=_failed(job),
        object="video",
        engine=take.engine,
        url=url,
        metadata=job.metadata,
        filmgate=Made(
            engine=take.engine,
            model=take.model,
            operation=request.operation,
            seed=request.seed,
            price_usd=job.plan.price / MICROS,
            charged_usd=_charged(job),
            cost_usd=None if job.cost is None else job.cost / MICROS,
            prompt=job.request.enhanced or msgspec.UNSET,
            character_id=job.request.casts or msgspec.UNSET,
        ),
        variants=tuple(Variant(id=each) for each in ids),
    )
    if job.request.dialect is Dialect.GUIDE and request.size is not None:
        video.created = video.created_at
        seconds = round(request.total_seconds or 0, 3)
        video.duration = int(seconds) if seconds.is_integer() else seconds
        video.resolution, video.aspect_ratio = resolution_of(request.size)
    return video


def detail(job: Job) -> VideoDetail:
    request = job.take.request
    return VideoDetail(
        prompt=request.prompt,
        negative_prompt=request.negative_prompt,
        audio=request.audio,
        watermark=request.watermark,
        private=request.private,
        storyboard=[
            ShotObject(seconds=shot.seconds, prompt=shot.prompt) for shot in request.storyboard
        ],
        references=[
            ReferenceObject(
                role=one.role,
                type=one.media_type,
                size=None if one.size is None else str(one.size),
                name=one.name,
            )
            for one in request.references
        ],
        engine_options=request.engine_options,
    )


def _charged(job: Job) -> float | None:
    if job.charged is not None:
        return job.charged / MICROS
    # What is free has no rows in the ledger.
    return 0.0 if job.status.ended and not job.plan.price else None


def _failed(job: Job) -> Failed | None:
    if job.shown is Status.CANCELLED:
        return Failed(code="cancelled", message="The job was cancelled.")
    if job.failure is not None:
        return Failed(code=job.failure.code, message=job.failure.message)
    return None


def capabilities(model: Model, engine: Engine) -> VideoModel:
    """What can be asked of a model, as `GET /v1/videos/models` lists it."""
    return VideoModel(
        id=model.name,
        object="video.model",
        engine=engine.name,
        operations=sorted(model.operations),
        sizes=_sizes(model),
        seconds=_seconds(model),
        default_size=str(model.default_size),
        default_seconds=f"{model.default_seconds or 0:g}",
        longest_seconds=f"{model.longest:g}",
        references={str(role): most for role, most in sorted(model.roles.items())},
        storyboards=model.storyboards,
        negative_prompt=model.negative_prompts,
        seed=model.seeds,
        audio=sorted(model.audio),
        engine_options={
            name: OptionObject(
                type=_TYPES[option.kind], choices=option.choices, description=option.about
            )
            for name, option in sorted(model.options.items())
        },
        price_per_second_usd=model.rate() / MICROS,
    )


def _sizes(model: Model) -> Sequence[str] | Bounds:
    if isinstance(model.sizes, SizeRange):
        return Bounds(least=model.sizes.least, most=model.sizes.most)
    return [str(size) for size in model.sizes]


def _seconds(model: Model) -> Sequence[str] | Bounds:
    if isinstance(model.seconds, SecondsRange):
        return Bounds(least=model.seconds.least, most=model.seconds.most)
    return [f"{seconds:g}" for seconds in model.seconds]
