"""From a take to what Runway is sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.job import Take
from filmgate.domain.request import GenerationRequest, Operation, Role
from filmgate.engines.runway.models import KNOWN, Known

SEEDS = 2**32  #: that there are

_POSITIONS = {Role.FIRST_FRAME: "first", Role.LAST_FRAME: "last"}


def check(take: Take) -> None:
    """What a `Model` cannot say."""
    request = take.request
    if request.seed is not None and request.seed >= SEEDS:
        raise InvalidRequest(f"A seed is less than {SEEDS} here.", param="seed")
    roles = {reference.role for reference in request.references}
    frames = roles & set(_POSITIONS)
    if frames == {Role.LAST_FRAME}:
        message = f"{take.model} takes a last frame only with a first one."
        raise Unsupported(message, param="last_frame")
    if frames and roles - frames:
        message = f"{take.model} takes frames or other references, not both."
        raise Unsupported(message, param="references")


def body_of(take: Take, files: Sequence[tuple[Role, str]]) -> tuple[str, dict[str, Any]]:
    """Where a create goes, and its body; *files* are what it refers to, as URIs."""
    known, request = KNOWN[take.model], take.request
    body = {**take.settings, "model": take.model, "promptText": request.prompt}
    knobs = {
        "seed": request.seed,
        "audio": request.audio,
        "negativePrompt": request.negative_prompt,
    }
    body |= {name: value for name, value in knobs.items() if value is not None}
    if subjects := [{"uri": uri} for role, uri in files if role is Role.SUBJECT]:
        body["references"] = subjects
    if request.operation is not Operation.CREATE:
        return "/video_to_video", {**body, **known.edit, known.film: dict(files)[Role.SOURCE]}
    body |= {"duration": int(request.seconds or 0), "ratio": _ratio(request, known)}
    frames = [
        {"uri": uri, "position": _POSITIONS[role]} for role, uri in files if role in _POSITIONS
    ]
    if frames:
        return "/image_to_video", {**body, "promptImage": frames}
    return "/text_to_video", body


def _ratio(request: GenerationRequest, known: Known) -> str:
    size = request.size or known.model.default_size
    if any(reference.role in _POSITIONS for reference in request.references):
        for ratio, sizes in known.framed.items():
            if size in sizes:
                return ratio
    return f"{size.width}:{size.height}"
