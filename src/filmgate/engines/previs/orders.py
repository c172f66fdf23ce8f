"""Turns what a caller asked for into what the renderer is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from filmgate.domain.request import (
    GenerationRequest,
    Media,
    Operation,
    Reference,
    Role,
)
from filmgate.engines.previs.models import PREVIS_1
from filmgate.engines.previs.scene import Guest, Order

_RATE = 24
_SECONDS = 4.0  #: of the film that a still is the beginning of
_GUESTS = (Role.CHARACTER, Role.SUBJECT)


def order_of(
    request: GenerationRequest, output: Path, paths: Mapping[Reference, Path]
) -> Order:
    """The order for *request*; *paths* is where its references' files are."""
    size = request.size or PREVIS_1.default_size
    source, options = request.source, request.engine_options
    places = {reference.role: os.fspath(path) for reference, path in paths.items()}
    video = request.media is Media.VIDEO
    return Order(
        prompt=request.prompt,
        width=size.width,
        height=size.height,
        seconds=request.seconds or _SECONDS,
        seed=request.seed or 0,
        output=os.fspath(output),
        reference=places.get(Role.FIRST_FRAME),
        fps=int(options.get("fps", _RATE)),
        operation=request.operation,
        history=source.history if source else (),
        source=places.get(Role.SOURCE),
        source_seconds=source.seconds if source else 0.0,
        source_seed=(source.seed or 0) if source else 0,
        follows=request.operation is not Operation.CREATE and "fps" not in options,
        last=places.get(Role.LAST_FRAME),
        mask=places.get(Role.MASK),
        guests=tuple(
            Guest(picture=os.fspath(path), name=_name(reference))
            for reference, path in paths.items()
            if reference.role in _GUESTS
        ),
        negative=request.negative_prompt or "",
        sound=request.audio,
        storyboard=request.storyboard,
        captions=video and bool(options.get("captions", True)),
        still=None if video else request.format or "png",
    )


def _name(reference: Reference) -> str | None:
    """A character's; one without a name is one all the same."""
    return (reference.name or "") if reference.role is Role.CHARACTER else None
