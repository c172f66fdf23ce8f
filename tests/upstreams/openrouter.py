"""
A stand-in for OpenRouter's Video Generation API.

A create is read as `VideoGenerationRequest` of the SDK `openrouter` 1.3.84 describes it, and
its model is looked up in the list, as it was on 2026-10-09: a length, a size, a frame or a
field that the model does not have is refused. The list may be read without a key.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.answers import ranged
from upstreams.standin import StandIn, Task

Ratio = Literal["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21"]
Resolution = Literal["360p", "480p", "720p", "768p", "1080p", "1K", "2K", "4K"]
DataURL = Annotated[str, msgspec.Meta(pattern=r"^data:image/(png|jpeg|webp);base64,")]

WIDE = ["16:9", "9:16"]
BOTH = ["first_frame", "last_frame"]
SKUS = {
    "seedance-2.5": {
        "video_tokens": "0.0000107",
        "video_tokens_without_audio": "0.0000107",
        "video_tokens_with_video_input": "0.0000064",
    },
    "kling": {
        "duration_seconds": "0.112",
        "duration_seconds_with_audio": "0.168",
        "text_to_video_duration_seconds_1080p": "0.112",
    },
    "grok": {
        "cents_per_image_input": "1",
        "cents_per_video_output_second_480p": "8",
        "cents_per_video_output_second_720p": "14",
        "cents_per_video_output_second_1080p": "25",
    },
    "flux": {
        "cents_per_second_output": "17",
        "cents_per_second_output_1080p": "29",
        "cents_per_second_video_continuation_1080p": "53",
    },
    "aleph": {"cents_per_second_output": "28", "minimum_cents_per_generation": "56"},
}


def listed(slug: str, **said: Any) -> dict[str, Any]:
    """A `VideoModel` of the SDK; what is not said is null, as it is there."""
    null = (
        *("supported_durations", "supported_resolutions", "supported_aspect_ratios"),
        *("supported_frame_images", "supported_sizes", "generate_audio", "seed"),
        *("upscale_factor", "creativity", "pricing_skus"),
    )
    named = {"id": slug, "canonical_slug": f"{slug}-2026", "name": slug, "created": 1790000000}
    return {**named, "allowed_passthrough_parameters": [], **dict.fromkeys(null), **said}


def of(seconds: Sequence[int], tiers: str, ratios: Sequence[str]) -> dict[str, Any]:
    return {
        "supported_durations": list(seconds),
        "supported_resolutions": tiers.split(),
        "supported_aspect_ratios": list(ratios),
    }


CATALOGUE = [
    listed(
        "bytedance/seedance-2.5",
        **of(range(4, 31), "480p 720p", [*WIDE, "4:3", "1:1", "3:4", "21:9"]),
        supported_sizes=[
            "854x480",
            "752x560",
            "640x640",
            "560x752",
            "480x854",
            "992x432",
            "1280x720",
            "1112x834",
            "960x960",
            "834x1112",
            "720x1280",
            "1470x630",
        ],
        supported_frame_images=BOTH,
        generate_audio=True,
        seed=True,
        pricing_skus=SKUS["seedance-2.5"],
    ),
    listed(
        "bytedance/seedance-2.0",
        **of(range(4, 16), "480p 720p 1080p 4K", [*WIDE, "1:1"]),
        supported_frame_images=BOTH,
        generate_audio=True,
        seed=True,
        pricing_skus={
            "video_tokens": "0.000007",
            "video_tokens_4k": "0.000004",
            "video_tokens_1080p": "0.0000077",
            "video_tokens_1080p_with_video_input": "0.0000047",
        },
    ),
    listed(
        "google/veo-3.1",
        **of([4, 6, 8], "720p 1080p 4K", WIDE),
        supported_sizes=[
            "1280x720",
            "1080x1920",
            "1920x1080",
            "720x1280",
            "3840x2160",
            "2160x3840",
        ],
        supported_frame_images=BOTH,
        generate_audio=True,
        seed=True,
        pricing_skus={"duration_seconds_with_audio_4k": "0.60", "duration_seconds": "n/a"},
    ),
    listed(
        "kwaivgi/kling-v3.0-pro",
        **of(range(3, 16), "720p", [*WIDE, "1:1"]),
        supported_sizes=["1280x720", "720x1280", "720x720"],
        supported_frame_images=BOTH,
        generate_audio=True,
        seed=False,
        pricing_skus=SKUS["kling"],
    ),
    listed(
        "alibaba/wan-3.0",
        **of(range(2, 31), "480p 720p 1080p", [*WIDE, "4:3", "1:1", "3:4"]),
        supported_frame_images=["first_frame"],
        generate_audio=True,
        seed=True,
        pricing_skus={"duration_seconds_480p": "0.05", "duration_seconds_1080p": "0.2"},
    ),
    listed(
        "x-ai/grok-imagine-video-1.5",
        **of(range(1, 16), "480p 720p 1080p", [*WIDE, "3:2", "8:5"]),
        supported_frame_images=["first_frame"],
        pricing_skus=SKUS["grok"],
    ),
    listed(
        "black-forest-labs/flux-3-video",
        **of(range(5, 21), "720p 1080p", [*WIDE, "21:9", "4:3", "1:1", "3:4"]),
        supported_frame_images=BOTH,
        generate_audio=True,
        seed=False,
        pricing_skus=SKUS["flux"],
    ),
    listed("minimax/hailuo-2.3", **of([6, 10], "1080p 8K", ["16:9"])),
    listed("runway/aleph-2", supported_aspect_ratios=WIDE, pricing_skus=SKUS["aleph"]),
]
MODELS = {one["id"]: one for one in CATALOGUE}


class Link(msgspec.Struct, forbid_unknown_fields=True):
    url: DataURL


class Picture(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["image_url"]
    image_url: Link


class Frame(Picture, forbid_unknown_fields=True):
    frame_type: Literal["first_frame", "last_frame"]


class Provider(msgspec.Struct, forbid_unknown_fields=True):
    options: dict[str, dict[str, Any]] = {}


class Create(msgspec.Struct, forbid_unknown_fields=True):
    """`VideoGenerationRequest`, but for what only upscalers and observers use."""

    model: str
    prompt: str
    aspect_ratio: Ratio | None = None
    callback_url: str | None = None
    duration: int | None = None
    frame_images: list[Frame] = []
    generate_audio: bool | None = None
    input_references: list[Picture] = []
    previous_job_id: str | None = None
    provider: Provider | None = None
    resolution: Resolution | None = None
    seed: int | None = None
    session_id: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    size: str | None = None
    user: str | None = None


def failed(status: int, message: str, **metadata: Any) -> web.Response:
    error: dict[str, Any] = {"code": status, "message": message}
    if metadata:
        error["metadata"] = metadata
    headers = {"retry-after": "1"} if status == 429 else None
    return web.json_response({"error": error}, status=status, headers=headers)


@dataclass
class OpenRouter(StandIn):
    engine: ClassVar[str] = "openrouter"
    prefix: ClassVar[str] = "/api/v1"
    cancels: ClassVar[bool] = False
    cost: ClassVar[int | None] = 425_000

    limit_remaining: float | None = None  #: dollars that the key may still spend

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/api/v1/key", self._key),
            web.get("/api/v1/videos/models", self._models),
            web.post("/api/v1/videos", self.create),
            web.get("/api/v1/videos/{id}", self.poll),
            web.get("/api/v1/videos/{id}/content", self._content),
        ]

    def lets_in(self, request: web.Request) -> bool:
        said = request.headers.get("authorization")
        return said == f"Bearer {self.secret}" or request.path.endswith("/videos/models")

    def refusal(self, why: str) -> web.Response | None:
        match why:
            case "rejected":
                return failed(401, "User not found.")
            case "broke":
                return failed(402, "Insufficient credits.", limit_source="openrouter_credits")
            case "busy":
                return failed(429, "Rate limit exceeded.", error_type="rate_limit_exceeded")
            case "overloaded":
                return failed(503, "No provider is available.", provider_name="Seed")
            case "moderated":
                return failed(403, "The input was flagged.", reasons=["violence"])
        return failed(400, "A parameter is not valid.", error_type="invalid_request")

    def wrong(self, request: web.Request, body: Any) -> str | None:
        if request.headers.get("content-type") != "application/json":
            return "not JSON"
        try:
            create = msgspec.convert(body, Create)
        except msgspec.ValidationError as error:
            return str(error)
        if create.model not in MODELS:
            return f"no model {create.model}"
        return next(self._wrongs(create, MODELS[create.model]), None)

    def _wrongs(self, create: Create, model: dict[str, Any]) -> Iterator[str]:
        asked = [
            ("supported_durations", create.duration),
            ("supported_resolutions", create.resolution),
            ("supported_aspect_ratios", create.aspect_ratio),
            ("supported_sizes", create.size),
            *(("supported_frame_images", frame.frame_type) for frame in create.frame_images),
        ]
        for name, value in asked:
            if value is not None and value not in (model[name] or ()):
                yield f"{name} has no {value}"
        if create.size and (create.resolution or create.aspect_ratio):
            yield "a size twice"
        if create.generate_audio is not None and not model["generate_audio"]:
            yield "no switch for sound"
        if create.seed is not None and not model["seed"]:
            yield "no seed"
        before = self.tasks.get(create.previous_job_id or "")
        goes_on = before and before.ready and before.body["model"] == create.model
        if create.previous_job_id and not goes_on:
            yield f"nothing to continue in {create.previous_job_id}"

    def prompt_of(self, body: Any) -> str:
        return str(body["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        parts = [*body.get("frame_images", ()), *body.get("input_references", ())]
        return [b64decode(part["image_url"]["url"].partition(",")[2]) for part in parts]

    def new_id(self) -> str:
        number = len(self.tasks) + 1
        return f"gen-vid-{1790000000 + number}-{number:020}"

    def created(self, task: Task) -> web.Response:
        return web.json_response(self._told(task, "pending"), status=202)

    def polled(self, task: Task) -> web.Response:
        if not task.ready:
            return web.json_response(self._told(task, "in_progress"))
        if task.fails == "fails":
            return web.json_response(self._told(task, "failed", error="The provider gave up."))
        if task.fails:
            error = "The output video may contain sensitive information."
            return web.json_response(self._told(task, "failed", error=error))
        done = {
            "generation_id": "gen-1",
            "unsigned_urls": [f"{self.url}/videos/{task.id}/content?index=0"],
            "urls": [self.film_url(task)],
            "expires_at": int(task.ready_at) + 3600,
            "usage": {"cost": 0.425, "is_byok": False},
        }
        return web.json_response(self._told(task, "completed", **done))

    def unknown(self, task_id: str) -> web.Response:
        return failed(404, f"No video job {task_id}.")

    def _told(self, task: Task, status: str, **more: Any) -> dict[str, Any]:
        polling_url = f"{self.url}/videos/{task.id}"
        return {"id": task.id, "polling_url": polling_url, "status": status, **more}

    async def _key(self, _: web.Request) -> web.Response:
        key = {"label": "sk-or-v1-a…b", "limit": 5, "limit_remaining": self.limit_remaining}
        return web.json_response({"data": {**key, "usage": 0.1, "is_free_tier": False}})

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": CATALOGUE})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task is None or request.query.get("index", "0") != "0":
            return self.unknown(request.match_info["id"])
        if not task.ready:
            return failed(409, "The video is not ready.")
        answer, body, _ = ranged(request, self.film(task), etag=f'"{task.id}"')
        await answer.prepare(request)
        await answer.write(body)
        await answer.write_eof()
        return answer


STAND_IN = OpenRouter
