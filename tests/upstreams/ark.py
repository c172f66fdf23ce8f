"""
Ark of BytePlus and Volcengine on loopback, where Seedance makes films.

The schema is the signature of `content_generation.tasks.create` in the SDK
volcengine-ark-runtime 5.0.54; what each model takes is said by
https://docs.byteplus.com/en/docs/ModelArk/1520757, in the edition of September 2026.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.standin import StandIn, Task

TASKS = "/api/v3/contents/generations/tasks"
FPS = 24

#: Shortest, longest, reference images, and what else: by family.
FAMILIES: dict[str, tuple[int, int, int, frozenset[str]]] = {
    "seedance-2-5-260628": (4, 30, 30, frozenset({"480p", "720p", "1080p", "sound"})),
    "seedance-2-0-260128": (4, 15, 9, frozenset({"480p", "720p", "1080p", "4k", "sound"})),
    "seedance-2-0-fast-260128": (4, 15, 9, frozenset({"480p", "720p", "sound"})),
    "seedance-2-0-mini-260615": (4, 15, 9, frozenset({"480p", "720p", "sound"})),
    "seedance-1-0-pro-250528": (2, 12, 0, frozenset({"480p", "720p", "1080p", "seed"})),
    "seedance-1-0-pro-fast-251015": (2, 12, 0, frozenset({"480p", "720p", "1080p", "seed"})),
}


class Url(msgspec.Struct, forbid_unknown_fields=True):
    url: str


class Text(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: str


class Image(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="image_url"):
    image_url: Url
    role: Literal["first_frame", "last_frame", "reference_image"]


class Create(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    model: str
    content: list[Text | Image]
    safety_identifier: str | None = None
    callback_url: str | None = None
    return_last_frame: bool | None = None
    service_tier: Literal["default", "flex"] | None = None
    execution_expires_after: int | None = None
    priority: int | None = None
    generate_audio: bool | None = None
    draft: bool | None = None
    camera_fixed: bool | None = None
    watermark: bool | None = None
    seed: int | None = None
    resolution: Literal["480p", "720p", "1080p", "4k"] | None = None
    ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive"] | None = None
    duration: int | None = None
    frames: int | None = None
    tools: list[Any] | None = None
    output_format: Literal["mp4", "mov"] | None = None
    omni_reference_task_type: Literal["auto", "reference", "edit", "extend"] | None = None


class BytePlus(StandIn):
    engine = "ark"
    prefix = "/api/v3"
    cost: ClassVar[int | None] = 1_165_230  # 108900 tokens for 5 s of 720p by Seedance 2.5

    running = False  #: a running task cannot be deleted

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post(TASKS, self.create),
            web.get(TASKS, self._list),
            web.get(f"{TASKS}/{{id}}", self.poll),
            web.delete(f"{TASKS}/{{id}}", self.cancel),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        return refused(*{
            "rejected": (401, "AuthenticationError", "The API key is missing or invalid."),
            "broke": (403, "AccountOverdueError", "Your account has an overdue balance."),
            "busy": (429, "QuotaExceeded", "Too many tasks are in the queue."),
            "overloaded": (429, "ServerOverloaded", "The service is overloaded."),
            "moderated": (400, "InputTextSensitiveContentDetected", "The text is sensitive."),
            "invalid": (400, "InvalidParameter", "A parameter is not valid."),
        }[why])  # fmt: skip

    def wrong(self, request: web.Request, body: Any) -> str | None:
        del request
        try:
            create = msgspec.convert(body, Create)
        except msgspec.ValidationError as error:
            return str(error)
        family = create.model.removeprefix("dreamina-").removeprefix("doubao-")
        if family not in FAMILIES and not create.model.startswith("ep-"):
            return f"no such model: {create.model}"
        shortest, longest, most, takes = FAMILIES.get(family, FAMILIES["seedance-2-0-260128"])
        roles = [item.role for item in create.content if isinstance(item, Image)]
        frames = [role for role in roles if role != "reference_image"]
        checks = {
            "text": sum(isinstance(item, Text) for item in create.content) == 1,
            "duration": create.duration is None or shortest <= create.duration <= longest,
            "resolution": create.resolution is None or create.resolution in takes,
            "audio": create.generate_audio is None or "sound" in takes,
            "seed": create.seed is None or ("seed" in takes and -1 <= create.seed < 1 << 31),
            "frames": sorted(frames) in ([], ["first_frame"], ["first_frame", "last_frame"]),
            "last frame": "last_frame" not in frames or not family.endswith("fast-251015"),
            "references": len(roles) - len(frames) <= most,
            "mixed": not frames or len(frames) == len(roles),
            "ratio": not (frames and "-2-5-" in family) or create.ratio in (None, "adaptive"),
            "pictures": all(picture for picture in self.pictures_of(body)),
        }
        return next((what for what, fine in checks.items() if not fine), None)

    def prompt_of(self, body: Any) -> str:
        return next(str(item["text"]) for item in body["content"] if item["type"] == "text")

    def pictures_of(self, body: Any) -> list[bytes]:
        return [
            picture(item["image_url"]["url"])
            for item in body["content"]
            if item["type"] == "image_url"
        ]

    def new_id(self) -> str:
        return f"cgt-20261121-{len(self.tasks) + 1}"

    def created(self, task: Task) -> web.Response:
        return web.json_response({"id": task.id})

    def polled(self, task: Task) -> web.Response:
        told: dict[str, Any] = {
            "id": task.id,
            "model": task.body["model"],
            "status": "running" if self.running else "queued",
            "created_at": int(task.at),
            "updated_at": int(task.at),
            "service_tier": "default",
            "execution_expires_after": 172800,
        }
        if task.cancelled:
            told["status"] = "cancelled"
        elif task.ready and task.fails:
            code = {"fails": "InternalServiceError"}.get(
                task.fails, "OutputVideoSensitiveContentDetected"
            )
            told |= {"status": "failed", "error": {"code": code, "message": "It went wrong."}}
        elif task.ready:
            tokens = (int(task.body["duration"]) * FPS + 1) * 1280 * 720 // 1024
            told |= {
                "status": "succeeded",
                "content": {"video_url": self.film_url(task)},
                "usage": {"completion_tokens": tokens, "total_tokens": tokens},
                "seed": 7,
                "resolution": task.body["resolution"],
                "ratio": "16:9",
                "duration": task.body["duration"],
                "framespersecond": FPS,
            }
        return web.json_response(told)

    def unknown(self, task_id: str) -> web.Response:
        return refused(404, "NotFound.id", f"The specified task {task_id} is not found.")

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task and (task.cancelled or self.running):
            return refused(409, "InvalidAction.RunningTaskDeletion", "It cannot be deleted.")
        return await super().cancel(request)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"items": [], "total": len(self.tasks)})


def picture(url: str) -> bytes:
    """The bytes of a data URL; empty if it is none."""
    head, _, data = url.partition(";base64,")
    kinds = ("data:image/png", "data:image/jpeg", "data:image/webp")
    return base64.b64decode(data, validate=True) if head in kinds else b""


def refused(status: int, code: str, message: str) -> web.Response:
    error = {"code": code, "message": message, "param": "", "type": "Error"}
    return web.json_response({"error": error}, status=status)


STAND_IN = BytePlus
