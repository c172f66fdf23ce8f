"""
Alibaba Cloud's DashScope on loopback, where Wan makes films.

The parameters are those of `VideoSynthesis.async_call` in the SDK dashscope 2.0.2; what each
model takes is said by https://www.alibabacloud.com/help/en/model-studio, in the pages
wan3-video-generation-api-reference, text-to-video-api-reference,
image-to-video-general-api-reference and legacy-image-to-video-api-reference.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from aiohttp import web

from upstreams.standin import StandIn, Task

CREATE = "/api/v1/services/aigc/video-generation/video-synthesis"
FRAMES = ("first_frame", "last_frame")
SIZES = (
    *("1280*720", "720*1280", "960*960", "1088*832", "832*1088"),
    *("1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632"),
)


class Media(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["first_frame", "last_frame", "reference_image"]
    url: str


class Input(msgspec.Struct, forbid_unknown_fields=True):
    prompt: str
    negative_prompt: str | None = None
    img_url: str | None = None
    media: list[Media] = []
    extend_prompt: bool = True  # this and the next the SDK always says, to no effect
    function: Literal["video-synthesis"] = "video-synthesis"


class Parameters(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    duration: int
    size: str | None = None
    resolution: Literal["480P", "720P", "1080P"] | None = None
    ratio: Literal["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] | None = None
    audio: bool | None = None
    seed: int | None = None
    prompt_extend: bool = True
    shot_type: Literal["single", "multi"] | None = None
    watermark: bool = False


class Create(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    input: Input
    parameters: Parameters


@dataclass(frozen=True)
class Takes:
    """What a model has beside its prompt, its length and its seed."""

    seconds: Sequence[int]
    fields: frozenset[str]
    media: tuple[tuple[str, ...], ...] = ((),)  #: the sets of types that it takes
    references: int = 0


STARTS = (("first_frame",), ("first_frame", "last_frame"))
WHOLE = Takes(
    range(2, 31),
    frozenset({"resolution", "480P", "ratio", "adaptive", "audio"}),
    ((), *STARTS, ("reference_image",)),
    references=10,
)
MODELS = {
    "wan3.0-video": WHOLE,
    "wan3.0-video-prime": WHOLE,
    "wan2.7-t2v": Takes(range(2, 16), frozenset({"resolution", "ratio"})),
    "wan2.7-i2v": Takes(range(2, 16), frozenset({"resolution"}), STARTS),
    "wan2.7-r2v": Takes(
        range(2, 16), frozenset({"resolution", "ratio"}), (("reference_image",),), references=5
    ),
    "wan2.6-t2v": Takes((5, 10, 15), frozenset({"size", "shot_type"})),
    "wan2.6-i2v": Takes((5, 10, 15), frozenset({"resolution", "img_url", "shot_type"})),
}


class ModelStudio(StandIn):
    engine = "dashscope"
    prefix = "/api/v1"

    running = False  #: only a pending task can be cancelled

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post(CREATE, self.create),
            web.get("/api/v1/tasks", self._list),
            web.get("/api/v1/tasks/{id}", self.poll),
            web.post("/api/v1/tasks/{id}/cancel", self.cancel),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        return refused(*{
            "rejected": (401, "InvalidApiKey", "Invalid API-key provided."),
            "broke": (400, "Arrearage", "Access denied, your account is in arrears."),
            "busy": (429, "Throttling.RateQuota", "Requests rate limit exceeded."),
            "overloaded": (503, "ModelServingError", "Too many requests for the model."),
            "moderated": (400, "DataInspectionFailed", "Input data may be inappropriate."),
            "invalid": (400, "InvalidParameter", "A parameter is not valid."),
        }[why])  # fmt: skip

    def wrong(self, request: web.Request, body: Any) -> str | None:
        if request.headers.get("x-dashscope-async") != "enable":
            return "current user api does not support synchronous calls"
        try:
            create = msgspec.convert(body, Create)
        except msgspec.ValidationError as error:
            return str(error)
        asked, given, takes = create.input, create.parameters, MODELS.get(create.model)
        if takes is None:
            return f"Model not exist: {create.model}"
        types: list[str] = [one.type for one in asked.media]
        said = {
            name for name in ("size", "resolution", "ratio", "audio", "shot_type")
            if getattr(given, name) is not None
        }  # fmt: skip
        checks = {
            "fields": said <= takes.fields,
            "picture": (asked.img_url is not None) == ("img_url" in takes.fields),
            "media": tuple(sorted(set(types))) in takes.media,
            "frames": all(types.count(frame) <= 1 for frame in FRAMES),
            "references": types.count("reference_image") <= takes.references,
            "duration": given.duration in takes.seconds,
            "size": given.size in (SIZES if "size" in takes.fields else (None,)),
            "resolution": given.resolution != "480P" or "480P" in takes.fields,
            "ratio": given.ratio != "adaptive" or "adaptive" in takes.fields,
            "seed": given.seed is None or 0 <= given.seed < 1 << 31,
            "pictures": all(self.pictures_of(body)),
        }
        return next((what for what, fine in checks.items() if not fine), None)

    def prompt_of(self, body: Any) -> str:
        return str(body["input"]["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        asked = body["input"]
        urls = [one["url"] for one in asked.get("media", [])]
        return [_picture(url) for url in (*filter(None, [asked.get("img_url")]), *urls)]

    def new_id(self) -> str:
        return f"0385dc79-5ff8-4d82-bcb6-{len(self.tasks):012d}"

    def created(self, task: Task) -> web.Response:
        return told({"task_id": task.id, "task_status": "PENDING"})

    def polled(self, task: Task) -> web.Response:
        output: dict[str, Any] = {
            "task_id": task.id,
            "task_status": "RUNNING" if self.running else "PENDING",
            "submit_time": "2026-11-21 10:01:35.452",
            "orig_prompt": self.prompt_of(task.body),
        }
        if task.cancelled:
            output["task_status"] = "CANCELED"
        elif task.ready and task.fails:
            code = {"moderated": "DataInspectionFailed"}.get(task.fails, "InternalError")
            output |= {"task_status": "FAILED", "code": code, "message": "It went wrong."}
        elif task.ready:
            output |= {"task_status": "SUCCEEDED", "video_url": self.film_url(task)}
            seconds = float(task.body["parameters"]["duration"])
            usage = {"video_count": 1, "duration": seconds, "SR": 720, "ratio": "16:9"}
            return told(output, usage=usage)
        return told(output)

    def unknown(self, task_id: str) -> web.Response:
        return told({"task_id": task_id, "task_status": "UNKNOWN"})

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task is None or task.cancelled or self.running:
            return refused(400, "UnsupportedOperation", "Is the task in PENDING status?")
        return await super().cancel(request)

    def cancelled(self, task: Task) -> web.Response:
        del task
        return web.json_response({"request_id": "4909100c"})

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"request_id": "4909100c", "data": [], "total": 0, "page_no": 1, "page_size": 1}
        )


def _picture(url: str) -> bytes:
    """The bytes of a data URL; empty if it is none."""
    head, _, data = url.partition(";base64,")
    kinds = ("data:image/png", "data:image/jpeg", "data:image/webp")
    return base64.b64decode(data, validate=True) if head in kinds else b""


def told(output: dict[str, Any], **more: Any) -> web.Response:
    return web.json_response({"request_id": "4909100c", "output": output, **more})


def refused(status: int, code: str, message: str) -> web.Response:
    said = {"code": code, "message": message, "request_id": "4909100c"}
    return web.json_response(said, status=status)


STAND_IN = ModelStudio
