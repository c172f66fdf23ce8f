"""What the child process is told, and the arithmetic before it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.job import Take
from filmgate.domain.model import PARAMS
from filmgate.domain.request import GenerationRequest, Reference, Role, Size
from filmgate.engines.diffusers.profiles import MOST_STEPS, Profile
from filmgate.engines.diffusers.settings import Settings, profile_of, read_settings


class Order(msgspec.Struct, kw_only=True):
    """One film, one line of JSON."""

    id: str
    output: str  #: where the film goes
    pipeline: str
    kind: str  #: the class of the pipeline
    device: str
    offload: str
    tiling: bool
    exact: tuple[str, ...]
    arguments: dict[str, Any]  #: of the call, where the class has them
    further: dict[str, Any]  #: of the call
    seed: int
    pictures: dict[str, str]  #: paths, by the argument that takes the picture
    width: int  #: of the film, and even; what is rendered may be larger
    height: int
    frames: int  #: of the film; as many or more are rendered
    fps: int
    sound: bool  #: whether it is kept, if there is any


def order_of(
    take: Take, attempt_id: str, output: Path, paths: Mapping[Reference, Path]
) -> Order:
    """The order for *take*; `InvalidRequest` if the model cannot make it."""
    profile, settings, request = (
        profile_of(take.model),
        read_settings(take.settings),
        take.request,
    )
    size = request.size or profile.model.default_size
    seconds = request.seconds or profile.model.default_seconds or 0
    frames = max(1, round(seconds * profile.fps))
    places = {reference.role: str(path) for reference, path in paths.items()}
    pictures = {
        argument: places[role]
        for role, argument in ((Role.FIRST_FRAME, "image"), (Role.LAST_FRAME, "last_image"))
        if role in places
    }
    return Order(
        id=attempt_id,
        output=str(output),
        pipeline=settings.pipeline or profile.pipeline,
        kind=_kind(profile, pictures),
        device=settings.device,
        offload=settings.offload,
        tiling=settings.tiling,
        exact=profile.exact,
        arguments=_arguments(profile, settings, request, size, frames),
        further={**profile.arguments, **settings.arguments},
        seed=zlib.crc32(attempt_id.encode()) if request.seed is None else request.seed,
        pictures=pictures,
        width=size.width,
        height=size.height,
        frames=frames,
        fps=profile.fps,
        sound=request.audio is not False,
    )


def rounded(number: int, step: int) -> int:
    """The next multiple of *step*."""
    return -(-number // step) * step


def _kind(profile: Profile, pictures: Mapping[str, str]) -> str:
    first = PARAMS[Role.FIRST_FRAME]
    if "image" in pictures:
        if profile.picture is None:
            message = f"{profile.model.name} takes no first frame."
            raise InvalidRequest(message, param=first)
        return profile.picture
    if profile.words is None or pictures:
        message = f"{profile.model.name} starts from a picture: send a first frame."
        raise InvalidRequest(message, param=first)
    return profile.words


def _arguments(
    profile: Profile,
    settings: Settings,
    request: GenerationRequest,
    size: Size,
    frames: int,
) -> dict[str, Any]:
    options = request.engine_options
    steps = options.get("steps", settings.steps or profile.steps)
    if not 1 <= int(steps) <= MOST_STEPS:
        message = f"'steps' is {steps}. It may be from 1 to {MOST_STEPS}."
        raise InvalidRequest(message, param="engine_options.steps")
    guidance = profile.guidance if settings.guidance is None else settings.guidance
    return {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "width": rounded(size.width, profile.sides),
        "height": rounded(size.height, profile.sides),
        "num_frames": rounded(frames - 1, profile.every) + 1,
        "frame_rate": float(profile.fps),
        "num_inference_steps": int(steps),
        "guidance_scale": float(options.get("guidance", guidance)),
    }
