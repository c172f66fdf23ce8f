"""What a name's settings can make: read from the workflow, or said by its operator. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from filmgate.domain.errors import EngineMisbehaved, InvalidRequest
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Media, Role, Size
from filmgate.engines.comfyui.slots import (
    Graph,
    Settings,
    Workflow,
    filled,
    literal,
    own_seconds,
    read_settings,
)

_STILLS = ("SaveImage", "PreviewImage")
_LONGEST = 120.0  #: seconds
_ANY = "this workflow"  #: one that has no name yet


def model_of(model: str, settings: Mapping[str, Any]) -> Model:
    """
    What callers may ask of *settings*: what all of their workflows can do.

    `InvalidRequest` if they cannot make a film, or do not say which.
    """
    try:
        said = read_settings(model, settings)
        return _checked(_described(model, said), said)
    except EngineMisbehaved as error:
        raise _wrong(error.message) from None


def graphs_of(settings: Mapping[str, Any]) -> Sequence[Graph]:
    """What is sent for a film of each workflow, but for its caller's own wishes."""
    model = model_of(_ANY, settings)
    return [_tried(model, one) for one in read_settings(_ANY, settings).offered]


def unsaid(settings: Mapping[str, Any]) -> Sequence[str]:
    """Questions about *settings* that have all their slots; `InvalidRequest` as above."""
    try:
        said = read_settings(_ANY, settings)
        film = makes(said.offered[0]) is Media.VIDEO
        size = [] if sizes_of(said) else ["Which size does it make? --size WIDTHxHEIGHT."]
        length = ["How long is its film? --seconds SECONDS."]
        return [*size, *(length if film and not seconds_of(said) else [])]
    except EngineMisbehaved as error:
        raise _wrong(error.message) from None


def sizes_of(said: Settings) -> Sequence[Size]:
    """What may be asked for; the first if nothing is. Empty if nobody says."""
    if said.sizes:
        return [_size(text) for text in said.sizes]
    width, height = (literal(said.offered[0], side) for side in ("width", "height"))
    return [Size(int(width), int(height))] if width and height else []


def seconds_of(said: Settings) -> Sequence[float]:
    """As `sizes_of`; of a still: none."""
    if said.seconds or makes(said.offered[0]) is Media.IMAGE:
        return said.seconds
    own = own_seconds(said.offered[0])
    return [round(own, 3)] if own else []


def makes(workflow: Workflow) -> Media:
    kind = workflow.workflow[workflow.output].class_type
    return Media.IMAGE if kind in _STILLS else Media.VIDEO


def _described(name: str, said: Settings) -> Model:
    media = {makes(one) for one in said.offered}
    if len(media) > 1:
        raise _wrong("Some of the workflows make films, and some stills.")
    sizes, seconds = sizes_of(said), seconds_of(said)
    if not sizes:
        raise _wrong("The workflow does not say its size: give sizes, such as 1280x720.")
    if media == {Media.VIDEO} and not seconds:
        raise _wrong("The workflow does not say how long its film is: give seconds.")
    if bad := [one for one in seconds if not 0 < one <= _LONGEST]:
        raise _wrong(f"A film has up to {_LONGEST:g} seconds, not {bad[0]:g}.")
    places: list[dict[Role, int]] = [
        {role: len(one.places(role)) for role in Role} for one in said.offered
    ]
    most = {role: max(one[role] for one in places) for role in Role}
    still = media == {Media.IMAGE}
    if still and seconds:
        raise _wrong("The workflow makes stills: leave seconds out.")
    return Model(
        name=name,
        media=Media.IMAGE if still else Media.VIDEO,
        sizes=tuple(sizes),
        default_size=sizes[0],
        seconds=tuple(seconds),
        default_seconds=next(iter(seconds), None),
        roles={role: count for role, count in most.items() if count},
        negative_prompts=all(one.places("negative_prompt") for one in said.offered),
        seeds=all(one.places("seed") for one in said.offered),
        formats=("png",) if still else (),
    )


def _checked(model: Model, said: Settings) -> Model:
    """*model*, if every workflow can be filled with what it promises."""
    for one in said.offered:
        if len(said.sizes) > 1 and not (one.places("width") and one.places("height")):
            raise _wrong("There are no slots width and height: only one size can be given.")
        if len(said.seconds) > 1 and not (one.places("seconds") or one.places("frames")):
            raise _wrong("There is no slot seconds or frames: only one length can be given.")
        _tried(model, one)
    return model


def _tried(model: Model, workflow: Workflow) -> Graph:
    request = model.fill(
        GenerationRequest(model=model.name, media=model.media, prompt="a kite")
    )
    uploads = {role: ["a.png"] * len(workflow.places(role)) for role in Role}
    return filled(workflow, request, uploads, UUID(int=0))


def _size(text: str) -> Size:
    size = Size.read(text)
    if size is None or not (size.width and size.height):
        raise _wrong(f"{text!r} is no size. One is written 1280x720.")
    return size


def _wrong(message: str) -> InvalidRequest:
    return InvalidRequest(message, param="settings")
