"""
The generations of Wan, and how each of them is asked: as data.

https://www.alibabacloud.com/help/en/model-studio/text-to-video-api-reference and the pages
beside it; prices at https://www.alibabacloud.com/help/en/model-studio/model-pricing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from filmgate.domain.errors import Unsupported
from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.request import GenerationRequest, Media, Role, Size

ROLES: Mapping[Role, str] = {
    Role.FIRST_FRAME: "first_frame",
    Role.LAST_FRAME: "last_frame",
    Role.SUBJECT: "reference_image",
    Role.CHARACTER: "reference_image",
}
PEOPLE = frozenset({Role.SUBJECT, Role.CHARACTER})  #: which go with no frame


class Use(Enum):
    """What a film is made from, beside its prompt."""

    TEXT = "nothing"
    FRAMES = "frames"
    REFERENCES = "references"


@dataclass(frozen=True, kw_only=True)
class Wan:
    """A generation: its model, and how it is asked."""

    model: Model
    tiers: Mapping[Size, tuple[str, str]]  #: resolution and ratio
    ids: Mapping[Use, str]
    by_size: bool = False  #: is told pixels, and gets its one picture in a field of its own
    follows: str | None = None  #: the ratio that it is told with frames; None: not any


def _tiers(table: Mapping[str, Mapping[str, str]]) -> dict[Size, tuple[str, str]]:
    return {
        size: (resolution, ratio)
        for resolution, row in table.items()
        for ratio, text in row.items()
        if (size := Size.read(text))
    }


_BASIC_720P = {"16:9": "1280x720", "9:16": "720x1280", "1:1": "960x960"}
_BASIC_1080P = {"16:9": "1920x1080", "9:16": "1080x1920", "1:1": "1440x1440"}
_OF_2_6 = {
    "720P": {**_BASIC_720P, "4:3": "1088x832", "3:4": "832x1088"},
    "1080P": {**_BASIC_1080P, "4:3": "1632x1248", "3:4": "1248x1632"},
}
_OF_2_7 = {
    "720P": {**_BASIC_720P, "4:3": "1104x832", "3:4": "832x1104"},
    "1080P": {**_BASIC_1080P, "4:3": "1648x1248", "3:4": "1248x1648"},
}
#: Alibaba says no pixels of 3.0. These are what Runway, which sells it too, names.
_OF_3_0 = {
    **_OF_2_7,
    "480P": {
        "16:9": "832x480",
        "9:16": "480x832",
        "1:1": "624x624",
        "4:3": "720x544",
        "3:4": "544x720",
    },
}
_ENDS = {Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1}
_OLDER = {"720P": 100_000, "1080P": 150_000}  #: micro-dollars a second


def _model(  # noqa: PLR0913 (all keywords)
    name: str,
    tiers: Mapping[Size, tuple[str, str]],
    seconds: Iterable[int],
    roles: Mapping[Role, int],
    *,
    audio: Iterable[bool],
    prices: Mapping[str, int],  # micro-dollars a second
) -> Model:
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=tuple(tiers),
        default_size=Size(1280, 720),
        seconds=tuple(map(float, seconds)),
        default_seconds=5.0,
        roles=roles,
        exact_references=True,  # a film has the ratio of its first frame
        negative_prompts=True,
        seeds=True,
        audio=frozenset(audio),
        watermarks=True,
        price=prices["720P"],
        prices=prices_by_size(
            {size: prices[resolution] for size, (resolution, _) in tiers.items()}
        ),
    )


def _of_3_0(name: str, prices: Mapping[str, int]) -> Wan:
    tiers = _tiers(_OF_3_0)
    roles = _ENDS | {Role.SUBJECT: 8, Role.CHARACTER: 2}
    model = _model(name, tiers, range(2, 31), roles, audio=(True, False), prices=prices)
    return Wan(model=model, tiers=tiers, ids=dict.fromkeys(Use, name), follows="adaptive")


def _of_2_7() -> Wan:
    tiers = _tiers(_OF_2_7)
    roles = _ENDS | {Role.SUBJECT: 3, Role.CHARACTER: 2}
    model = _model("wan2.7", tiers, range(2, 16), roles, audio=(True,), prices=_OLDER)
    ids = {
        Use.TEXT: "wan2.7-t2v",
        Use.FRAMES: "wan2.7-i2v",
        Use.REFERENCES: "wan2.7-r2v",
    }
    return Wan(model=model, tiers=tiers, ids=ids)


def _of_2_6() -> Wan:
    tiers = _tiers(_OF_2_6)
    roles = {Role.FIRST_FRAME: 1}
    model = _model("wan2.6", tiers, (5, 10, 15), roles, audio=(True,), prices=_OLDER)
    ids = {Use.TEXT: "wan2.6-t2v", Use.FRAMES: "wan2.6-i2v"}
    return Wan(model=model, tiers=tiers, ids=ids, by_size=True)


WAN: Mapping[str, Wan] = {
    wan.model.name: wan
    for wan in (
        _of_3_0("wan3.0-video", {"480P": 50_000, "720P": 100_000, "1080P": 200_000}),
        _of_3_0("wan3.0-video-prime", {"480P": 68_000, "720P": 140_000, "1080P": 280_000}),
        _of_2_7(),
        _of_2_6(),
    )
}


def use_of(request: GenerationRequest) -> Use:
    """Raises `Unsupported` for what may not stand in one request together."""
    roles = {reference.role for reference in request.references}
    if roles & PEOPLE and roles - PEOPLE:
        message = "A film is made from frames or from references, not from both."
        raise Unsupported(message, param="references")
    if roles == {Role.LAST_FRAME}:
        raise Unsupported("A last frame goes only with a first one.", param="last_frame")
    if roles & PEOPLE:
        return Use.REFERENCES
    return Use.FRAMES if roles else Use.TEXT
