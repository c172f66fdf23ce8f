"""
SGLang Diffusion's /v1/videos, from version 0.5.23.

Creates are read as `create_video` and `VideoGenerationsRequest` in
`sglang/multimodal_gen/runtime/entrypoints/openai` read them, and those of MiniMax H3 as its
`request_validation.py` does. Extra fields are taken there and ignored; here they are
refused, so that none is sent in vain. Errors are FastAPI's. SGLang has no keys: the one
asked for here is a proxy's in front of it. A delete forgets the task and stops nothing.

Its memory is released and resumed as in `post_training/weights_api.py`, at the server's root
and without a body; a film that is begun in between fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.openai_videos import OpenAIVideos, picture_in
from upstreams.standin import Task

H3 = "MiniMaxAI/MiniMax-H3"


class Target(msgspec.Struct, forbid_unknown_fields=True):
    short_edge: Literal[768]
    aspect_ratio: Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
    duration_seconds: Annotated[float, msgspec.Meta(ge=4, le=15)]


class Condition(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["image"]
    role: Literal["keyframe"]
    uri: str
    frame_index: Literal[0, -1]


class Create(msgspec.Struct, forbid_unknown_fields=True):
    prompt: Annotated[str, msgspec.Meta(min_length=1)]
    model: str | None = None
    seconds: int | None = None
    size: Annotated[str, msgspec.Meta(pattern=r"^\d+x\d+$")] | None = None
    fps: int | None = None
    num_frames: int | None = None
    seed: int | None = None
    negative_prompt: str | None = None
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    input_reference: bytes | None = None
    task: Literal["t2va", "fl2va"] | None = None
    target: Target | None = None
    conditions: list[Condition] = []


@dataclass
class SGLang(OpenAIVideos):
    engine: ClassVar[str] = "sglang"
    cancels: ClassVar[bool] = False
    schema: ClassVar[type[msgspec.Struct]] = Create

    cloud: bool = False  #: films are put into a bucket
    sleeping: bool = False
    why_not: tuple[int, str] | None = None  #: it does not release its memory
    resumes: bool = True  #: it has these paths at all

    def routes(self) -> Sequence[web.RouteDef]:
        memory = [
            web.post("/release_memory_occupation", self.release),
            web.post("/resume_memory_occupation", self.resume),
        ]
        return [*super().routes(), *(memory if self.resumes else [])]

    def refusal(self, why: str) -> web.Response | None:
        if why == "rejected":
            return web.Response(status=401, text="Who is there?")
        return detail(400, "Invalid request body: …") if why == "invalid" else None

    def wrong(self, request: web.Request, body: Any) -> str | None:
        wrong = super().wrong(request, body)
        if wrong is not None:
            return wrong
        asked = msgspec.convert(body, Create, strict=False)
        if asked.model != H3:
            return "only H3 has targets" if asked.target or asked.task else None
        if asked.task is None or asked.target is None:
            return "target is required and must be an object"
        if asked.fps or asked.num_frames or asked.negative_prompt or asked.guidance_scale:
            return "MiniMax H3 derives the temporal shape from target.duration_seconds"
        places = [condition.frame_index for condition in asked.conditions]
        allowed: list[list[int]] = [[0], [-1], [0, -1]] if asked.task == "fl2va" else [[]]
        return None if places in allowed else f"conditions cannot be at {places}"

    def pictures_of(self, body: Any) -> list[bytes]:
        found = [picture_in(condition["uri"]) for condition in body.get("conditions", [])]
        return [*super().pictures_of(body), *found]

    def new_id(self) -> str:
        return f"b7f1{len(self.tasks) + 1:04}-0000"

    async def create(self, request: web.Request) -> web.StreamResponse:
        answer = await super().create(request)
        if self.sleeping:
            next(reversed(self.tasks.values())).fails = "sleeping"
        return answer

    async def release(self, request: web.Request) -> web.Response:
        assert not await request.read()
        if self.why_not is not None:
            status, message = self.why_not
            return web.json_response({"success": False, "message": message}, status=status)
        self.sleeping = True
        return self.memory()

    async def resume(self, request: web.Request) -> web.Response:
        assert not await request.read()
        self.sleeping = False
        return self.memory()

    def memory(self) -> web.Response:
        return web.json_response({"success": True, "sleeping": self.sleeping, "message": "…"})

    def why(self, task: Task) -> dict[str, Any]:
        if task.fails == "sleeping":
            why = "Server is sleeping. Call resume_memory_occupation first."
            return {"error": {"message": why}, "url": None}
        blocked = task.fails == "moderated"
        why = "Guardrail blocked prompt." if blocked else f"No: {self.secret}."
        return {"error": {"message": why}, "url": None}

    def ended(self, task: Task) -> dict[str, Any]:
        links = [self.film_url(task)] if self.cloud else [None]
        return {"url": links[0], "urls": links, "num_outputs": 1}

    def unknown(self, task_id: str) -> web.Response:
        del task_id
        return detail(404, "Video not found")

    def cancelled(self, task: Task) -> web.Response:
        del self.tasks[task.id]
        return web.json_response({"id": task.id, "object": "video", "status": "deleted"})

    async def content(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["id"])
        if task and not task.ready:
            return detail(404, "Generation is still in-progress")
        if task and self.cloud:
            return detail(400, "Please use the cloud URL: https://…")
        return await super().content(request)

    async def listed(self, request: web.Request) -> web.Response:
        del request
        card = {"id": H3, "object": "model", "owned_by": "sglang", "task_type": "TI2V"}
        return web.json_response({"object": "list", "data": [card]})


def detail(status: int, message: str) -> web.Response:
    return web.json_response({"detail": message}, status=status)


STAND_IN = SGLang
