"""What the API takes and answers: from the routes, the bodies and the models themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Protocol

from starlette.routing import Route

from docs.api_shapes import BODIES, OBJECTS, Shape, needed, own_fields, type_of
from docs.api_words import BODIES as BODY_WORDS
from docs.api_words import ENDPOINTS, LIMITS
from docs.api_words import OBJECTS as OBJECT_WORDS
from docs.pages import Language
from docs.tables import code, table
from filmgate.config import Settings
from filmgate.dialects.admin import Admin
from filmgate.dialects.admin_accounts import AdminAccounts
from filmgate.dialects.admin_films import AdminFilms
from filmgate.dialects.admin_models import AdminModels
from filmgate.dialects.admin_usage import AdminUsage
from filmgate.dialects.anthropic.messages import Messages
from filmgate.dialects.azure import AzureVideos
from filmgate.dialects.chat.completions import Chat
from filmgate.dialects.fakeoai.characters import Characters
from filmgate.dialects.gemini.content import ContentEndpoints
from filmgate.dialects.gemini.models import ModelEndpoints
from filmgate.dialects.gemini.operations import Operations
from filmgate.dialects.openai.batches import Batches
from filmgate.dialects.openai.files import FileEndpoints
from filmgate.dialects.openai.images import Images
from filmgate.dialects.openai.models import Models
from filmgate.dialects.openai.moderations import Moderations
from filmgate.dialects.openai.uploads import UploadEndpoints
from filmgate.dialects.openai.video_characters import VideoCharacters
from filmgate.dialects.openai.videos import Videos
from filmgate.dialects.openai.webhook_endpoints import WebhookEndpoints
from filmgate.dialects.reference import Reference
from filmgate.domain.model import PROMPT_LIMIT, Model, SecondsRange, SizeRange
from filmgate.domain.request import Media, Size
from filmgate.engines.previs import Previs
from filmgate.gateway.routing import read_aliases
from filmgate.media.images import MOST_PIXELS
from filmgate.media.inspector import LONGEST_CLIP
from filmgate.outbound import Outbound
from filmgate.ports import Workshop
from filmgate.web.extras import MOST_REFERENCES
from filmgate.web.health import Health
from filmgate.web.multipart import MOST_PARTS
from filmgate.web.reading import LARGEST_JSON, LARGEST_PART


class Dialect(Protocol):
    def routes(self) -> list[Route]: ...


DIALECTS: tuple[type[Dialect], ...] = (
    VideoCharacters, Videos, Images, FileEndpoints, UploadEndpoints, Batches,
    WebhookEndpoints, Moderations, Models, AzureVideos, Chat, Reference, Admin, AdminAccounts,
    AdminModels, AdminFilms, AdminUsage, Health, Messages, ContentEndpoints,
    Operations, ModelEndpoints, Characters,
)  # fmt: skip


def routes() -> list[str]:
    """`METHOD /path` of every route. Making the list needs no gateway."""
    found = [route for kind in DIALECTS for route in _routes(kind)]
    return [
        f"{method} {route.path.replace(':path', '')}"
        for route in found
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def endpoints(name: str, language: Language) -> str:
    """Every method and path of a family."""
    head = {"en": ("Endpoint", "What it does"), "zh": ("端点", "作用")}[language]
    rows = [(code(path), said[language]) for path, said in ENDPOINTS[name].items()]
    return table(head, rows)


def body(shape: Shape, language: Language) -> str:
    """The fields of a request; of several alike, in one table."""
    words = BODY_WORDS[shape.name]
    first, last = {"en": ("Field", "Meaning"), "zh": ("字段", "含义")}[language]
    required = {"en": "Required", "zh": "必填"}[language]
    labels: tuple[str, ...] = tuple(map(code, shape.structs))
    yes, no = {"en": ("required", "optional"), "zh": ("必填", "可选")}[language]
    if len(shape.structs) == 1:
        labels = (required,)
        yes, no = {"en": "yes", "zh": "是"}[language], ""
    fields = {label: own_fields(struct) for label, struct in shape.structs.items()}
    refused = {"en": "refused", "zh": "拒绝"}[language]

    def taken_by(label: str, name: str) -> str:
        if name in shape.refused.get(label, ()):
            return refused
        if name not in fields[label]:
            return ""
        return yes if needed(fields[label][name]) else no

    rows = []
    for name, said in words.items():
        taken = [taken_by(label, name) for label in fields]
        rows.append((code(name), *taken, said[language]))
    if not any(cell for row in rows for cell in row[1:-1]):
        labels = ()  # all may be left out
        rows = [(row[0], row[-1]) for row in rows]
    return table((first, *labels, last), rows)


def fields(shape: Shape, language: Language) -> str:
    """The fields of an object."""
    head = {"en": ("Field", "Type", "Meaning"), "zh": ("字段", "类型", "含义")}[language]
    (struct,) = shape.structs.values()
    rows = [
        (code(name), type_of(struct, name, language), said[language])
        for name, said in OBJECT_WORDS[shape.name].items()
    ]
    return table(head, rows)


def names(language: Language) -> str:
    """What a fresh installation's names of films promise."""
    head = {
        "en": ("Model", "`size`", "`seconds`", "If left out", "First and last frame"),
        "zh": ("模型", "`size`", "`seconds`", "省略时", "首帧和尾帧"),
    }[language]
    together: dict[tuple[str, ...], list[str]] = {}
    for model in promises(Media.VIDEO):
        together.setdefault(_promise(model, language), []).append(code(model.name))
    rows = [(", ".join(named), *promise) for promise, named in together.items()]
    return table(head, rows)


def stills(language: Language) -> str:
    """The same of stills."""
    head = {
        "en": ("Model", "`size`", "If left out", "`output_format`"),
        "zh": ("模型", "`size`", "省略时", "`output_format`"),
    }[language]
    together: dict[tuple[str, ...], list[str]] = {}
    for model in promises(Media.IMAGE):
        promise = (
            said_sizes(model.sizes, language),
            f"`{model.default_size}`",
            _listed(model.formats),
        )
        together.setdefault(promise, []).append(code(model.name))
    rows = [(", ".join(named), *promise) for promise, named in together.items()]
    return table(head, rows)


def promises(media: Media) -> list[Model]:
    """The default names in the order of their setting, then previs's own."""
    engine = Previs(Workshop(folder=Path(), cores=1, outbound=Outbound()))
    aliases = read_aliases(Settings(data=Path()).models, [engine])
    found = [*(alias.promise for alias in aliases), *engine.models()]
    return [model for model in found if model.media is media]


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


def _routes(kind: type[Dialect]) -> list[Route]:
    return kind.__new__(kind).routes()


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
        "clip": (f"{LONGEST_CLIP}", "400 `video_too_long`"),
        "references": (f"{MOST_REFERENCES}", "400 `invalid_value`"),
        "fields": (str(MOST_PARTS), "400 `too_many_fields`"),
    }
    rows = [(LIMITS[name][language], *value) for name, value in values.items()]
    return table(head, rows)


PARTS: dict[str, Callable[[Language], str]] = {
    **{f"endpoints-{name}": partial(endpoints, name) for name in ENDPOINTS},
    **{f"body-{shape.name}": partial(body, shape) for shape in BODIES},
    **{f"object-{shape.name}": partial(fields, shape) for shape in OBJECTS},
    "model-names": names,
    "still-names": stills,
    "api-limits": limits,
}
