"""`/v1/videos` and its neighbours: from the routes, the bodies and the models themselves."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from pathlib import Path

import msgspec
from starlette.routing import Route

from docs.api_words import ENDPOINTS, FIELDS, LIMITS, PARAMETERS
from docs.pages import Language
from docs.tables import code, table
from filmgate.config import Settings
from filmgate.dialects.admin import Admin
from filmgate.dialects.openai.models import Models
from filmgate.dialects.openai.videos import Video, VideoCreate, Videos
from filmgate.domain.model import PROMPT_LIMIT, Model, SecondsRange, SizeRange
from filmgate.domain.request import Size
from filmgate.engines.previs import Previs
from filmgate.gateway.routing import read_aliases
from filmgate.media.images import MOST_PIXELS
from filmgate.ports import Workshop
from filmgate.web.health import Health
from filmgate.web.multipart import MOST_PARTS
from filmgate.web.reading import LARGEST_JSON, LARGEST_PART

_TYPES: dict[str, dict[type, str]] = {
    "en": {str: "string", int: "integer"},
    "zh": {str: "字符串", int: "整数"},
}


def endpoints(language: Language) -> str:
    """Every method and path."""
    head = {"en": ("Endpoint", "What it does"), "zh": ("端点", "作用")}[language]
    return table(head, [(code(name), ENDPOINTS[name][language]) for name in routes()])


def routes() -> list[str]:
    """`METHOD /path` of every route. Making the list needs no gateway."""
    dialects = (Videos, Models, Admin, Health)
    found = [route for kind in dialects for route in _routes(kind)]
    return [
        f"{method} {route.path.replace(':path', '')}"
        for route in found
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def parameters(language: Language) -> str:
    """The fields of a create."""
    head = {"en": ("Field", "Required", "Meaning"), "zh": ("字段", "必填", "含义")}[language]
    yes = {"en": "yes", "zh": "是"}[language]
    rows = [
        (code(field.name), yes if field.required else "", PARAMETERS[field.name][language])
        for field in msgspec.structs.fields(VideoCreate)
    ]
    return table(head, rows)


def fields(language: Language) -> str:
    """The fields of a video."""
    head = {"en": ("Field", "Type", "Meaning"), "zh": ("字段", "类型", "含义")}[language]
    kinds = typing.get_type_hints(Video)
    rows = [
        (
            code(field.name),
            _type(kinds[field.name], language),
            FIELDS[field.name][language],
        )
        for field in msgspec.structs.fields(Video)
    ]
    return table(head, rows)


def names(language: Language) -> str:
    """What a fresh installation's model names promise."""
    head = {
        "en": ("Model", "`size`", "`seconds`", "If left out", "Reference"),
        "zh": ("模型", "`size`", "`seconds`", "省略时", "参考图"),
    }[language]
    together: dict[tuple[str, ...], list[str]] = {}
    for model in promises():
        together.setdefault(_promise(model, language), []).append(code(model.name))
    rows = [(", ".join(named), *promise) for promise, named in together.items()]
    return table(head, rows)


def promises() -> list[Model]:
    """The default names in the order of their setting, then previs's own."""
    engine = Previs(Workshop(folder=Path(), cores=1))
    aliases = read_aliases(Settings(data=Path()).models, [engine])
    return [*(alias.promise for alias in aliases), *engine.models()]


def _promise(model: Model, language: Language) -> tuple[str, ...]:
    reference = {
        (False, "en"): "any size",
        (True, "en"): "exactly the film's size",
        (False, "zh"): "任意尺寸",
        (True, "zh"): "必须与影片同尺寸",
    }[model.exact_references, language]
    return (
        said_sizes(model.sizes, language),
        said_seconds(model.seconds, language),
        f"`{model.default_size}`, `{model.default_seconds:g}`",
        reference,
    )


def said_sizes(sizes: tuple[Size, ...] | SizeRange, language: Language) -> str:
    if isinstance(sizes, tuple):
        return _listed(sizes)
    return {
        "en": f"even sides from {sizes.least} to {sizes.most}",
        "zh": f"宽高为 {sizes.least} 到 {sizes.most} 的偶数",
    }[language]


def said_seconds(seconds: tuple[float, ...] | SecondsRange, language: Language) -> str:
    if isinstance(seconds, tuple):
        return _listed(f"{value:g}" for value in seconds)
    return {
        "en": f"from {seconds.least:g} to {seconds.most:g}",
        "zh": f"{seconds.least:g} 到 {seconds.most:g}",
    }[language]


def _listed(values: Iterable[object]) -> str:
    return ", ".join(code(str(value)) for value in values)


def _routes(kind: type[Videos | Models | Admin | Health]) -> list[Route]:
    return kind.__new__(kind).routes()


def _type(kind: object, language: Language) -> str:
    parts = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    thing = {"en": "object", "zh": "对象"}[language]
    or_null = {"en": " or null", "zh": "或 null"}[language]
    said = [_TYPES[language].get(part, thing) for part in parts if part is not type(None)]
    return said[0] + (or_null if type(None) in parts else "")


def limits(language: Language) -> str:
    """The most that is taken, and what the rest is refused with."""
    head = {"en": ("What", "At most", "Else"), "zh": ("项目", "上限", "超出时")}[language]
    characters = {"en": "characters", "zh": "个字符"}[language]
    most_body = Settings(data=Path()).largest_body
    values = {
        "prompt": (f"{PROMPT_LIMIT:,} {characters}", "400 `string_above_max_length`"),
        "json": (f"{LARGEST_JSON >> 20} MB", "413 `request_too_large`"),
        "file": (f"{LARGEST_PART >> 20} MB", "413 `request_too_large`"),
        "body": (f"`FILMGATE_LARGEST_BODY`, {most_body} MB", "413 `request_too_large`"),
        "pixels": (f"{MOST_PIXELS:,}", "400 `image_too_large`"),
        "fields": (str(MOST_PARTS), "400 `too_many_fields`"),
    }
    rows = [(LIMITS[name][language], *value) for name, value in values.items()]
    return table(head, rows)


PARTS = {
    "endpoints": endpoints,
    "create-fields": parameters,
    "video-fields": fields,
    "model-names": names,
    "api-limits": limits,
}
