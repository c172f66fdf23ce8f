"""
MiniMax on loopback, with the second version of its video API.

The schema and its limits are the OpenAPI document v2-video-generation.json, version 2.0.0,
which https://platform.minimax.io/docs/api-reference/video-generation-v2-create shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.ark import picture
from upstreams.standin import StandIn, Task

#: Resolutions, and the shortest film.
MODELS = {"MiniMax-H3": ({"768P", "2K"}, 4), "MiniMax-H3-Max": ({"480P", "768P"}, 5)}


class Url(msgspec.Struct, forbid_unknown_fields=True):
    url: str


class Text(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: str


class Image(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="image_url"):
    image_url: Url
    role: Literal["first_frame", "last_frame", "reference_image"]


class Create(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    model: Literal["MiniMax-H3", "MiniMax-H3-Max"]
    content: list[Text | Image]
    resolution: Literal["480P", "768P", "2K"]
    duration: int
    ratio: Literal["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] = "adaptive"
    extra: dict[str, str] | None = None
    callback_url: str | None = None
    aigc_watermark: bool = False


class HailuoH3(StandIn):
    engine = "minimax"
    cost: ClassVar[int | None] = 400_000  # 5 s of 768P

    running = False  #: a running task cannot be deleted

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/v2/video_generation", self.create),
            web.delete("/v2/video_generation/{id}", self.cancel),
            web.get("/v2/query/video_generation", self._list),
            web.get("/v2/query/video_generation/{id}", self.poll),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        return refused(*{
            "rejected": (401, "authorized_error", "login fail (1004)"),
            "broke": (402, "insufficient_balance_error", "insufficient balance (1008)"),
            "busy": (429, "rate_limit_error", "rate limit, please retry later (1002)"),
            "overloaded": (529, "overloaded_error", "overloaded (1000)"),
            "moderated": (422, "unprocessable_entity_error", "sensitive content (1026)"),
            "invalid": (400, "bad_request_error", "invalid params (2013)"),
        }[why])  # fmt: skip

    def wrong(self, request: web.Request, body: Any) -> str | None:
        del request
        try:
            create = msgspec.convert(body, Create)
        except msgspec.ValidationError as error:
            return str(error)
        resolutions, shortest = MODELS[create.model]
        roles = [item.role for item in create.content if isinstance(item, Image)]
        frames = {role for role in roles if role != "reference_image"}
        texts = [item.text for item in create.content if isinstance(item, Text)]
        checks = {
            "text": len(texts) == 1 and 0 < len(texts[0]) <= 7000,
            "resolution": create.resolution in resolutions,
            "duration": shortest <= create.duration <= 15,
            "ratio": bool(roles) or create.ratio != "adaptive",
            "mixed": not frames or len(frames) == len(roles),
            "references": len(roles) <= 9,
            "extra": create.extra is None or create.model == "MiniMax-H3-Max",
            "pictures": all(self.pictures_of(body)),
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
        return str(424010985738629 + len(self.tasks))

    def created(self, task: Task) -> web.Response:
        return web.json_response({"task_id": task.id})

    def polled(self, task: Task) -> web.Response:
        seconds = task.body["duration"]
        told: dict[str, Any] = {
            "id": task.id,
            "model": task.body["model"],
            "status": "running" if self.running else "queued",
            "created_at": int(task.at),
            "updated_at": int(task.at),
            "resolution": task.body["resolution"],
            "duration": seconds,
            "usage": {},
            "ratio": task.body["ratio"],
            "task_type": "generation",
            "modality": "video",
        }
        if task.cancelled:
            told["status"] = "cancelled"
        elif task.ready and task.fails:
            code = {"moderated": "1027"}.get(task.fails, "1000")
            told |= {"status": "failed", "error": {"code": code, "message": "It went wrong."}}
        elif task.ready:
            usage = {
                "total_seconds": seconds,
                "input_seconds": 0,
                "output_seconds": seconds,
                "input_image_count": len(self.pictures_of(task.body)),
            }
            film = {"url": self.film_url(task)}
            told |= {"status": "succeeded", "content": film, "usage": usage}
        return web.json_response({"task": told})

    def unknown(self, task_id: str) -> web.Response:
        del task_id
        return refused(400, "bad_request_error", "invalid params, invalid task_id (2013)")

    def cancelled(self, task: Task) -> web.Response:
        done = "cancelled"
        return web.json_response({"task_id": task.id, "action": done, "status": done})

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task and (task.cancelled or self.running):
            return refused(400, "bad_request_error", "the task is not queued (2013)")
        return await super().cancel(request)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"items": [], "total": len(self.tasks)})


def refused(status: int, kind: str, message: str) -> web.Response:
    error = {"type": kind, "message": message, "http_code": str(status)}
    said = {"type": "error", "error": error, "request_id": "021785229015510a"}
    return web.json_response(said, status=status)


STAND_IN = HailuoH3
