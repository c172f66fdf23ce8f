"""
The model names of the gateways that spoke Sora before, and what each of them means, as data.

`sora2pro-hd-landscape-15s` says who makes the film, its quality, its shape and its length;
so does `sora_video2-15s-pro-hd-landscape`, whose parameters stand in any order.
Here it is made by whatever `sora-2-pro` points at; a name that is pointed at something
itself is not looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from filmgate.domain.enhancement import Detail
from filmgate.domain.errors import InvalidRequest, NotFound
from filmgate.domain.request import Size

FILMS, PRO_FILMS, STILLS = "sora-2", "sora-2-pro", "gpt-image-2"  #: names that these go to


class Makes(StrEnum):
    """What is asked for under a name."""

    FILM = "film"
    EXTENSION = "extension"  #: a film that goes on with one of the caller's
    STILL = "still"
    CHARACTER = "character"
    PROMPT = "prompt"  #: a better one


@dataclass(frozen=True, kw_only=True)
class SoraModel:
    name: str
    makes: Makes
    routes_to: str | None = None  #: None: to the film's own model, or to no engine
    sizes: tuple[Size, ...] = ()  #: the first that is to be had
    seconds: float | None = None
    detail: Detail | None = None  #: of a prompt
    split: bool = False  #: the prompt is told in shots


_SHAPES: Mapping[str, tuple[Size, ...]] = {
    "landscape": (Size(1280, 720),),
    "portrait": (Size(720, 1280),),
}
_LARGE: Mapping[str, tuple[Size, ...]] = {
    "landscape": (Size(1792, 1024), Size(1920, 1080)),
    "portrait": (Size(1024, 1792), Size(1080, 1920)),
}
#: How each was sized, and what an engine has that is of OpenAI's sizes.
_STILLS: Mapping[str, tuple[Size, ...]] = {
    "": (Size(360, 360), Size(1024, 1024)),
    "-landscape": (Size(540, 360), Size(1536, 1024)),
    "-portrait": (Size(360, 540), Size(1024, 1536)),
}
#: Of each name's first part: what it goes to, its shapes, its lengths.
_FILMS: Mapping[str, tuple[str, Mapping[str, tuple[Size, ...]], tuple[int, ...]]] = {
    "sora2": (FILMS, _SHAPES, (10, 15, 25)),
    "sora2pro": (PRO_FILMS, _SHAPES, (10, 15, 25)),
    "sora2pro-hd": (PRO_FILMS, _LARGE, (10, 15)),
    "sora-video": (FILMS, _SHAPES, (10, 15)),  # as they were called until the end of 2025
}


def _models() -> Iterator[SoraModel]:
    for first in ("gpt-image", "sora-image"):
        for shape, sizes in _STILLS.items():
            yield SoraModel(
                name=f"{first}{shape}", makes=Makes.STILL, routes_to=STILLS, sizes=sizes
            )
    for first, (target, shapes, lengths) in _FILMS.items():
        for shape, sizes in shapes.items():
            for seconds in lengths:
                yield _film(f"{first}-{shape}-{seconds}s", target, sizes, seconds)
    for seconds in (10, 15):
        yield _film(f"sora-video-{seconds}s", FILMS, _SHAPES["landscape"], seconds)
        yield SoraModel(
            name=f"sora2-extension-{seconds}s", makes=Makes.EXTENSION, seconds=float(seconds)
        )
    yield SoraModel(name="avatar-create", makes=Makes.CHARACTER)
    for detail in Detail:
        for seconds in (10, 15, 20):
            yield SoraModel(
                name=f"prompt-enhance-{detail}-{seconds}s",
                makes=Makes.PROMPT,
                seconds=float(seconds),
                detail=detail,
            )


def _film(name: str, target: str, sizes: tuple[Size, ...], seconds: int) -> SoraModel:
    return SoraModel(
        name=name, makes=Makes.FILM, routes_to=target, sizes=sizes, seconds=float(seconds)
    )


MODELS: Mapping[str, SoraModel] = MappingProxyType({one.name: one for one in _models()})

WITH_PARAMETERS = "sora_video2"  #: such as sora_video2-pro-landscape-15s
#: Of each parameter its kind, of which a name has one.
PARAMETERS: Mapping[str, str] = {
    **dict.fromkeys(_SHAPES, "shape"),
    **dict.fromkeys(("10s", "15s", "25s"), "length"),
    **{name: name for name in ("hd", "pro", "storyboard")},
}
_LONG = "25s"  #: too long for `hd`
_LENGTH = re.compile(r"[0-9.]{1,8}s")


def meaning(name: str) -> SoraModel | None:
    """
    What a name means; None if it is none of these.

    Raises `InvalidRequest` for parameters that are none, or do not go together.
    """
    first, *given = name.split("-")
    if first not in (WITH_PARAMETERS, "sora_video", "sora_image"):
        return MODELS.get(name)
    if given and first != WITH_PARAMETERS:
        raise _unknown(given[0])
    if first == "sora_image":
        sizes = _STILLS[""]
        return SoraModel(name=name, makes=Makes.STILL, routes_to=STILLS, sizes=sizes)
    return with_parameters(first, given)


def with_parameters(name: str, given: Iterable[str], *, any_length: bool = False) -> SoraModel:
    """
    What the plain *name* of a film's model means with the parameters *given*, in any order.

    *any_length*: it may be another than names say, such as `12.5s`.
    """
    chosen: dict[str, str] = {}
    for one in given:
        kind = PARAMETERS.get(one)
        if any_length and _LENGTH.fullmatch(one):
            kind = "length"
        if kind is None:
            raise _unknown(one)
        if kind in chosen:
            raise _apart(chosen[kind], one)
        chosen[kind] = one
    length = chosen.get("length", "10s")
    if "hd" in chosen and length == _LONG:
        raise _apart("hd", length)
    if "hd" in chosen and "pro" not in chosen:
        raise InvalidRequest("参数 'hd' 需要和 'pro' 同时使用", param="model")
    shapes = _LARGE if "hd" in chosen else _SHAPES
    return SoraModel(
        name="-".join([name, *chosen.values()]),
        makes=Makes.FILM,
        routes_to=PRO_FILMS if "pro" in chosen else FILMS,
        sizes=shapes[chosen.get("shape", "portrait")],
        seconds=float(length.removesuffix("s")),
        split="storyboard" in chosen,
    )


def target_of(model: SoraModel, asked: str, known: Callable[[str], object]) -> SoraModel:
    """
    *model* with where it leads, if it was *asked* for by that name, with groups or not.

    That is what an operator has pointed the name at, which *known* finds without raising
    `NotFound`, or else what it has always meant.
    """
    try:
        known(asked)
    except NotFound:
        if model.routes_to is None:
            return model
        _, bar, groups = asked.partition("|")
        return replace(model, routes_to=model.routes_to + bar + groups)
    return replace(model, routes_to=asked)


def _unknown(parameter: str) -> InvalidRequest:
    return InvalidRequest(f"参数 '{parameter}' 不存在", param="model")


def _apart(one: str, other: str) -> InvalidRequest:
    return InvalidRequest(f"参数 '{one}' 和 '{other}' 不能同时使用", param="model")
