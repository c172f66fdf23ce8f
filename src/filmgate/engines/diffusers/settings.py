"""What an operator's name for a model adds to it: where the weights are, and what fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.model import Model
from filmgate.domain.request import Size
from filmgate.engines.diffusers.profiles import MOST_STEPS, PROFILES, Profile

_LONGEST, _SMALLEST, _LARGEST = 60.0, 32, 4096

_Steps = Annotated[int, msgspec.Meta(ge=1, le=MOST_STEPS)]
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of them may be left out."""

    pipeline: _Text | None = None  #: a folder, or a repository of Hugging Face
    sizes: tuple[str, ...] = ()
    seconds: tuple[float, ...] = ()
    steps: _Steps | None = None
    guidance: float | None = None
    device: _Text = "auto"  #: or such as cuda:1
    offload: Literal["none", "model", "sequential"] = "none"
    tiling: bool = False  #: whether pictures are decoded piece by piece
    arguments: dict[str, Any] = {}  #: whatever else the pipeline is called with


def read_settings(settings: Mapping[str, Any]) -> Settings:
    """Raise `InvalidRequest` for what is no setting."""
    try:
        return msgspec.convert(dict(settings), Settings)
    except msgspec.ValidationError as error:
        raise _wrong(f"The settings cannot be used: {error}.") from None


def profile_of(model: str) -> Profile:
    """Raise `InvalidRequest` for a model that is not known here."""
    if model not in PROFILES:
        known = ", ".join(PROFILES)
        message = f"diffusers has no model '{model[:80]}'. It has: {known}."
        raise InvalidRequest(message, param="model")
    return PROFILES[model]


def model_of(model: str, settings: Mapping[str, Any]) -> Model:
    """What callers may ask of *model* with *settings*; `InvalidRequest` as above."""
    said, found = read_settings(settings), profile_of(model).model
    if said.sizes:
        sizes = tuple(_size(text) for text in said.sizes)
        found = replace(found, sizes=sizes, default_size=sizes[0])
    if said.seconds:
        if bad := [one for one in said.seconds if not 0 < one <= _LONGEST]:
            raise _wrong(f"A film has up to {_LONGEST:g} seconds, not {bad[0]:g}.")
        found = replace(found, seconds=said.seconds, default_seconds=said.seconds[0])
    return found


def lacks(settings: Mapping[str, Any]) -> list[str]:
    """Files that *settings* name and this machine does not have."""
    index = Path(read_settings(settings).pipeline or "") / "model_index.json"
    return [str(index)] if index.is_absolute() and not index.exists() else []


def _size(text: str) -> Size:
    size = Size.read(text)
    if size is None or not all(
        _SMALLEST <= side <= _LARGEST and side % 2 == 0 for side in (size.width, size.height)
    ):
        message = f"{text!r} is no size. One is written 1280x720, with even sides."
        raise _wrong(message)
    return size


def _wrong(message: str) -> InvalidRequest:
    return InvalidRequest(message, param="settings")
