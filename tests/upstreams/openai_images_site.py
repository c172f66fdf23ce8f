"""
The OpenAI Images API on loopback, which makes stills and answers with them at once.

What it refuses is what the types of OpenAI's SDK forbid (openai 3.52,
`ImageGenerateParamsNonStreaming` and `ImageEditParamsNonStreaming`), and what their words
add: sizes and qualities by model, at most 16 images, a mask that is a png of the size of the
first. It does not take part in the suite of the engines that make films.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web
from PIL import Image

from films import image
from upstreams.answers import failed
from upstreams.standin import StandIn, Task

_Word = Literal["auto", "low", "medium", "high", "xhigh", "max"]
_FREE = ("gpt-image-2", "gpt-image-2.5-sunburst", "gpt-image-2.5-flare")
_FIXED = ("gpt-image-1.5", "gpt-image-1-mini")
_STANDARD = ("1024x1024", "1536x1024", "1024x1536")


class _Generate(msgspec.Struct, forbid_unknown_fields=True):
    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=32_000)]
    model: str
    background: Literal["transparent", "opaque", "auto"] = "auto"
    moderation: Literal["low", "auto"] = "auto"
    n: Literal[1] = 1
    output_compression: Annotated[int, msgspec.Meta(ge=0, le=100)] = 100
    output_format: Literal["png", "webp", "jpeg"] = "png"
    quality: _Word = "auto"
    size: str = "auto"
    safety_identifier: str | None = None
    user: str | None = None


class _Edit(_Generate, forbid_unknown_fields=True, kw_only=True):
    images: Annotated[list[bytes], msgspec.Meta(min_length=1, max_length=16)]
    mask: bytes | None = None
    input_fidelity: Literal["high", "low"] | None = None


@dataclass
class OpenAIImages(StandIn):
    engine: ClassVar[str] = "openai_images"
    prefix: ClassVar[str] = "/v1"
    cancels: ClassVar[bool] = False

    linked: bool = False  #: answers with links
    made_as: str | None = None  #: the format of every still, whatever was asked for
    models: Sequence[str] = (*_FREE, *_FIXED, "gpt-7")
    forms: list[str] = field(default_factory=list)  #: names of the fields of each edit

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/v1/images/generations", self.create),
            web.post("/v1/images/edits", self.create),
            web.get("/v1/models", self._models),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        match why:
            case "rejected":
                return failed(401, "Incorrect API key provided.", code="invalid_api_key")
            case "broke":
                code = "billing_hard_limit_reached"
                return failed(400, "Billing hard limit has been reached.", code=code)
            case "busy":
                return failed(429, "Rate limit reached.", code="rate_limit_exceeded")
            case "overloaded":
                return failed(503, "The engine is overloaded.", kind="server_error")
            case "moderated":
                kind, code = "image_generation_user_error", "moderation_blocked"
                return failed(400, "Rejected by the safety system.", kind=kind, code=code)
        return failed(400, "Invalid value.", code="invalid_value", param="size")

    async def read(self, request: web.Request) -> Any:
        if request.path.endswith("/generations"):
            return await super().read(request)
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        form = message_from_bytes(head + await request.read(), policy=HTTP)
        fields: dict[str, Any] = {"images": []}
        for part in form.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            self.forms.append(name)
            if name in ("image", "image[]"):
                fields["images"].append(content)
            else:
                fields[name] = content if part.get_filename() else content.decode()
        return fields

    def wrong(self, request: web.Request, body: Any) -> str | None:
        shape = _Edit if request.path.endswith("/edits") else _Generate
        try:
            asked = msgspec.convert(
                body, shape, strict=shape is _Generate, builtin_types=(bytes,)
            )
            model = asked.model
            if model not in self.models:
                return f"model: {model}"
            if asked.quality in ("xhigh", "max") and "2.5" not in model:
                return f"quality: {asked.quality}"
            if asked.size not in ("auto", *_STANDARD) and not _is_free(model, asked.size):
                return f"size: {asked.size}"
            return _wrong_mask(asked) if isinstance(asked, _Edit) else None
        except msgspec.ValidationError as error:
            return f"{request.path}: {error}"

    def prompt_of(self, body: Any) -> str:
        return str(body["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        return list(body.get("images", ()))

    def film(self, task: Task) -> bytes:
        """The still: as large as was asked for, in the format that was asked for."""
        size = task.body.get("size", "auto")
        width, _, height = ("1024x1024" if size == "auto" else size).partition("x")
        kind = self.made_as or task.body.get("output_format", "png")
        return _drawn(int(width), int(height), kind.upper())

    def created(self, task: Task) -> web.Response:
        still = self.film(task)
        made = (
            {"url": self.film_url(task)}
            if self.linked
            else {"b64_json": base64.b64encode(still).decode()}
        )
        usage = {
            "input_tokens": 10,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 10},
            "output_tokens": 1000,
            "total_tokens": 1010,
        }
        answer = {"created": int(task.at), "data": [made], "usage": usage}
        return web.json_response({**answer, "output_format": "png", "size": "1024x1024"})

    def polled(self, task: Task) -> web.Response:
        raise NotImplementedError  # nobody can ask

    def unknown(self, task_id: str) -> web.Response:
        raise NotImplementedError

    async def _models(self, request: web.Request) -> web.Response:
        del request
        listed = [{"id": name, "object": "model"} for name in self.models]
        return web.json_response({"object": "list", "data": listed})


@cache
def _drawn(width: int, height: int, kind: str) -> bytes:
    return image((width, height), kind)


def _is_free(model: str, size: str) -> bool:
    width, height = map(int, size.split("x"))
    shape = 1 / 3 <= width / height <= 3
    fits = max(width, height) <= 3840 and min(width, height) <= 2160
    return model in _FREE and width % 16 == 0 and height % 16 == 0 and shape and fits


def _wrong_mask(asked: _Edit) -> str | None:
    if asked.mask is None:
        return None
    mask = Image.open(io.BytesIO(asked.mask))
    first = Image.open(io.BytesIO(asked.images[0]))
    fits = mask.format == "PNG" and len(asked.mask) < 4_000_000 and mask.size == first.size
    return None if fits else "mask: not a png of the size of the first image"
