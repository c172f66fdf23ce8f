"""The bodies and objects that the pages have tables of."""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import msgspec
from msgspec.structs import FieldInfo

from docs.api_words import Words
from docs.pages import Language
from filmgate.dialects import admin, admin_models, admin_usage, azure
from filmgate.dialects.admin_accounts import objects as account_objects
from filmgate.dialects.chat import fields as chat
from filmgate.dialects.fakeoai import characters
from filmgate.dialects.openai import (
    batches,
    files,
    image_answers,
    image_fields,
    moderations,
    uploads,
    video_fields,
    video_objects,
    video_routes,
    webhook_endpoints,
)
from filmgate.web.extras import Extras


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What one table is about: a struct, or several alike, each under its own heading."""

    name: str
    structs: Mapping[str, type[msgspec.Struct]]
    refused: Mapping[str, Collection[str]] = field(default_factory=dict)  #: by one of them


def _one(name: str, struct: type[msgspec.Struct]) -> Shape:
    return Shape(name=name, structs={"": struct})


BODIES = (
    _one("create", video_fields.VideoCreate),
    _one("film", video_fields.FilmExtras),
    _one("extras", Extras),
    Shape(
        name="changes",
        structs={
            "remix": video_fields.VideoRemix,
            "edits": video_fields.VideoEdit,
            "extensions": video_fields.VideoExtend,
        },
    ),
    _one("character", video_fields.CharacterCreate),
    Shape(name="new-character", structs={"": characters.NewCharacter}, refused={"": {"model"}}),
    Shape(
        name="image",
        structs={
            "generations": image_fields.ImageGenerate,
            "edits": image_fields.ImageEdit,
            "variations": image_fields.ImageVariation,
        },
        refused={
            "generations": {"image", *image_fields._REFUSED},
            "edits": image_fields._REFUSED,
            "variations": {"stream", *image_fields._REFUSED},
        },
    ),
    _one("file", files.FileCreate),
    Shape(
        name="upload",
        structs={
            "uploads": uploads.UploadCreate,
            "parts": uploads.PartCreate,
            "complete": uploads.UploadComplete,
        },
    ),
    _one("batch", batches.BatchCreate),
    _one("line", batches.Line),
    Shape(
        name="endpoint",
        structs={
            "create": webhook_endpoints.EndpointCreate,
            "update": webhook_endpoints.EndpointUpdate,
        },
    ),
    _one("rotation", webhook_endpoints.SecretRotation),
    _one("test", webhook_endpoints.EndpointTest),
    _one("moderation", moderations.ModerationCreate),
    _one("azure", azure.JobCreate),
    Shape(name="chat", structs={"": chat.ChatCreate}, refused={"": chat.CALLS}),
    _one("key", admin.KeyCreate),
    Shape(
        name="account",
        structs={
            "POST": account_objects.AccountCreate,
            "PATCH": account_objects.AccountUpdate,
        },
    ),
    _one("name", admin_models.NamePointed),
)

OBJECTS = (
    _one("video", video_objects.Video),
    _one("made", video_objects.Made),
    _one("detail", video_objects.VideoDetail),
    _one("character-profile", characters.CharacterProfile),
    _one("video-model", video_objects.VideoModel),
    _one("route", video_routes.VideoRoute),
    _one("candidate", video_routes.RouteCandidate),
    _one("image-task", image_answers.ImageTask),
    _one("file", files.FileObject),
    _one("upload", uploads.UploadObject),
    _one("batch", batches.BatchObject),
    _one("endpoint", webhook_endpoints.EndpointWithSecret),
    _one("delivery", webhook_endpoints.DeliveryObject),
    _one("account", account_objects.AccountObject),
    _one("usage", admin_usage.UsageObject),
    _one("charge", admin_usage.ChargeObject),
)

#: What several bodies take: a table of its own has it.
COMMON = (video_fields.FilmExtras, Extras)

_TYPES: dict[Language, dict[type, str]] = {
    "en": {str: "string", int: "integer", float: "number", bool: "boolean"},
    "zh": {str: "字符串", int: "整数", float: "数字", bool: "布尔值"},
}
_ARRAY: Words = {"en": "array", "zh": "数组"}
_OBJECT: Words = {"en": "object", "zh": "对象"}
_OR: Words = {"en": " or ", "zh": "或"}
_NULL: Words = {"en": "null", "zh": " null"}


def own_fields(struct: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """What *struct* takes by itself, beside what every create or every film does."""
    known = {one.name: one for one in msgspec.structs.fields(struct)}
    base = next((one for one in COMMON if one in struct.__mro__[1:]), None)
    if base is None:
        return known
    own = {
        name
        for kind in struct.__mro__[: struct.__mro__.index(base)]
        for name in vars(kind).get("__annotations__", {})
    }
    return {name: one for name, one in known.items() if name in own}


def needed(info: FieldInfo) -> bool:
    """Raw ones are, too: whoever reads a batch's line says so in its own words."""
    return info.required or info.type is msgspec.Raw


def every_field(shape: Shape) -> set[str]:
    """The rows that the table of *shape* must have."""
    return {name for struct in shape.structs.values() for name in own_fields(struct)}


def type_of(struct: type[msgspec.Struct], name: str, language: Language) -> str:
    """What a field of an object is, in words."""
    hint = typing.get_type_hints(struct)[name]
    union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    kinds = typing.get_args(hint) if union else (hint,)
    said = [_kind(kind, language) for kind in kinds if kind not in (_NONE, msgspec.UnsetType)]
    found = next(one for one in msgspec.structs.fields(struct) if one.name == name)
    left_out = struct.__struct_config__.omit_defaults and not found.required
    if _NONE in kinds and not left_out:
        said.append(_NULL[language])
    return _OR[language].join(dict.fromkeys(said))


_NONE = type(None)


def _kind(kind: object, language: Language) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        kind = str
    if isinstance(kind, type) and kind in _TYPES[language]:
        return _TYPES[language][kind]
    array = typing.get_origin(kind) in (Sequence, list, tuple)
    return (_ARRAY if array else _OBJECT)[language]
