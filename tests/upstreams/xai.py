"""
A stand-in for xAI's video API.

A create is read as `GenerateVideoRequest` and `ExtendVideoRequest` of the SDK `xai-sdk`
describe it (its protocol buffers, version 6), with `last_frame` of the REST reference, and
with the limits of the pages on generation, references, edits and extensions. A film that is
waited for is 202, at first with an empty body; a wrong key is 400.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.standin import StandIn, Task

Ratio = Literal["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]
Prompt = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
PICTURE = r"^data:image/(png|jpeg|webp);base64,"
OLD, NEW, LITE = (f"grok-imagine-video{suffix}" for suffix in ("", "-1.5", "-1.5-lite"))
Name = Literal["grok-imagine-video", "grok-imagine-video-1.5", "grok-imagine-video-1.5-lite"]


class Picture(msgspec.Struct, forbid_unknown_fields=True):
    url: Annotated[str, msgspec.Meta(pattern=PICTURE)]


class Film(msgspec.Struct, forbid_unknown_fields=True):
    url: Annotated[str, msgspec.Meta(pattern=r"^data:video/mp4;base64,")]


class Voice(msgspec.Struct, forbid_unknown_fields=True):
    voice_id: str


class Generate(msgspec.Struct, forbid_unknown_fields=True):
    model: Name
    prompt: Prompt
    duration: Annotated[int, msgspec.Meta(ge=1, le=15)] = 8
    aspect_ratio: Ratio | None = None
    resolution: Literal["480p", "720p", "1080p"] = "480p"
    image: Picture | None = None
    last_frame: Picture | None = None
    reference_images: Annotated[list[Picture], msgspec.Meta(max_length=7)] = []
    reference_audios: Annotated[list[Voice], msgspec.Meta(max_length=3)] = []
    generate_audio: bool = True
    storage_options: dict[str, Any] | None = None


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    model: Literal["grok-imagine-video"]
    prompt: Prompt
    video: Film
    storage_options: dict[str, Any] | None = None


class Extend(Edit, forbid_unknown_fields=True):
    duration: Annotated[int, msgspec.Meta(ge=2, le=10)] = 6


SHAPES = {"generations": Generate, "edits": Edit, "extensions": Extend}


def failed(status: int, code: str, error: str) -> web.Response:
    headers = {"retry-after": "1"} if status == 429 else None
    return web.json_response({"code": code, "error": error}, status=status, headers=headers)


class XAI(StandIn):
    engine: ClassVar[str] = "xai"
    prefix: ClassVar[str] = "/v1"
    cancels: ClassVar[bool] = False
    cost: ClassVar[int | None] = 560_000

    def routes(self) -> Sequence[web.RouteDef]:
        creates = (web.post(f"/v1/videos/{path}", self.create) for path in SHAPES)
        return [
            web.get("/v1/video-generation-models", self._models),
            web.get("/v1/videos/{id}", self.poll),
            *creates,
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        invalid = "Client specified an invalid argument"
        denied = "The caller does not have permission to execute the specified operation"
        match why:
            case "rejected":
                said = (
                    "Incorrect API key provided: ke***89. You can obtain one from the console."
                )
                return failed(400, invalid, said)
            case "broke":
                return failed(403, denied, "Your team doesn't have any credits yet.")
            case "busy":
                return failed(429, "Some resource has been exhausted", "Too many requests.")
            case "overloaded":
                return failed(503, "The service is currently unavailable", "At capacity.")
            case "moderated":
                said = "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"
                return failed(403, denied, said)
        return failed(400, invalid, "An argument is not valid.")

    def wrong(self, request: web.Request, body: Any) -> str | None:
        if request.headers.get("content-type") != "application/json":
            return "not JSON"
        shape = SHAPES[request.path.rpartition("/")[2]]
        try:
            create = msgspec.convert(body, shape)
        except msgspec.ValidationError as error:
            return str(error)
        return next(_wrongs(create), None) if isinstance(create, Generate) else None

    def prompt_of(self, body: Any) -> str:
        return str(body["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        found = [body[name] for name in ("image", "last_frame") if name in body]
        found += body.get("reference_images", [])
        return [b64decode(one["url"].partition(",")[2]) for one in found]

    def created(self, task: Task) -> web.Response:
        return web.json_response({"request_id": task.id})

    def polled(self, task: Task) -> web.Response:
        if not task.ready:
            task.links += 1
            if task.links == 1:
                return web.Response(status=202)
            return web.json_response({"status": "pending", "progress": 42}, status=202)
        model = task.body["model"]
        if task.fails == "fails":
            error = {"code": "internal_error", "message": "The film could not be made."}
            film: dict[str, Any] = {"duration": 0, "respect_moderation": True}
            return web.json_response(
                {"status": "failed", "video": film, "model": "", "error": error}
            )
        film = {"duration": 4, "respect_moderation": not task.fails}
        if not task.fails:
            film["url"] = self.film_url(task)
        done = {"status": "done", "video": film, "model": model, "progress": 100}
        return web.json_response({**done, "usage": {"cost_in_usd_ticks": 5_600_000_000}})

    def unknown(self, task_id: str) -> web.Response:
        return failed(404, "Some requested entity was not found", f"No request {task_id}.")

    async def _models(self, _: web.Request) -> web.Response:
        found = [
            {"id": OLD, "aliases": ["grok-imagine-video-beta"]},
            {"id": f"{NEW}-2026-05-30", "aliases": [NEW, f"{NEW}-preview"]},
            {"id": "grok-imagine-video-2", "aliases": []},
        ]
        more = {"object": "model", "owned_by": "xai", "output_modalities": ["video"]}
        return web.json_response({"models": [{**one, **more} for one in found]})


def _wrongs(create: Generate) -> Iterator[str]:
    """What only some models, or some fields together, may have."""
    if create.resolution == "1080p" and create.model == OLD:
        yield "no 1080p"
    if create.last_frame and create.model != NEW:
        yield "no last frame"
    if create.reference_images:
        if create.model == LITE:
            yield "no references"
        if create.image or create.last_frame:
            yield "frames and references"
        if create.duration > 10 or create.resolution == "1080p":
            yield "too long or too large with references"


STAND_IN = XAI
