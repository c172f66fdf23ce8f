"""Shapes and resolutions as sizes of a model."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.model import Model, SizeRange
from filmgate.domain.request import Media, Size

#: Pixels of the shorter side of a film.
RESOLUTIONS: Mapping[str, int] = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}
USUAL_RESOLUTION = "720p"
#: Pixels of the side of a square still.
IMAGE_SIZES: Mapping[str, int] = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
USUAL_IMAGE_SIZE = "1K"
USUAL_RATIO = (16, 9)

ALIKE = 0.03  #: of a ratio: what passes for the same shape, such as 1792x1024 for 16:9

Ratio = tuple[int, int]


def read_ratio(text: str, *, param: str) -> Ratio:
    """`16:9` and the like."""
    found = re.fullmatch(r"([1-9][0-9]{0,2}):([1-9][0-9]{0,2})", text)
    if found is None:
        message = f"Invalid value: '{text[:80]}'. A shape is WIDTH:HEIGHT, such as 16:9."
        raise InvalidRequest(message, param=param)
    return int(found[1]), int(found[2])


def read_word(text: str, words: Mapping[str, int], *, param: str) -> int:
    """One of *words*, in whatever case."""
    for word, value in words.items():
        if text.lower() == word.lower():
            return value
    known = ", ".join(f"'{word}'" for word in words)
    message = f"Invalid value: '{text[:80]}'. Supported values are: {known}."
    raise InvalidRequest(message, param=param)


def film_size(ratio: Ratio | None, short: int | None, model: Model) -> Size | None:
    """A film of that shape, its shorter side *short*; None if neither is asked for."""
    if ratio is None and short is None:
        return None
    if short is None and (found := _alike(ratio or USUAL_RATIO, model)):
        return found
    width, height = ratio or USUAL_RATIO
    least = short or RESOLUTIONS[USUAL_RESOLUTION]
    if width >= height:
        return Size(_even(least * width / height), least)
    return Size(least, _even(least * height / width))


def still_size(ratio: Ratio | None, side: int | None, model: Model) -> Size | None:
    """A still of that shape, with as many pixels as a square of *side*."""
    if ratio is None and side is None:
        return None
    if side is None and (found := _alike(ratio or (1, 1), model)):
        return found
    width, height = ratio or (1, 1)
    most = model.sizes.most if isinstance(model.sizes, SizeRange) and side is None else None
    side = side or IMAGE_SIZES[USUAL_IMAGE_SIZE]
    longer = side * math.sqrt(max(width, height) / min(width, height))
    scale = min(longer, most or longer) / max(width, height)
    return Size(_even(width * scale), _even(height * scale))


def size(ratio: Ratio | None, much: int | None, model: Model) -> Size | None:
    """The same, of whatever *model* makes."""
    sized = still_size if model.media is Media.IMAGE else film_size
    return sized(ratio, much, model)


def _alike(ratio: Ratio, model: Model) -> Size | None:
    """The size of that shape which the model makes if nobody says how large."""
    if isinstance(model.sizes, SizeRange):
        return None
    wanted = ratio[0] / ratio[1]
    alike = [one for one in model.sizes if abs(one.width / one.height / wanted - 1) < ALIKE]
    if model.default_size in alike:
        return model.default_size
    return min(alike, key=lambda one: abs(one.width / one.height / wanted - 1), default=None)


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)
