"""
vLLM-Omni's /v1/videos, from version 0.30.0.

Creates are read as `_parse_video_form` and `VideoGenerationRequest` in
`vllm_omni/entrypoints/openai` read them: a form only, every field text, the seconds whole,
and LTX-2's and MiniMax H3's own conditions. A failed task is answered with its failure's
status; a task that is cancelled is stopped. The key is vLLM's own.

It sleeps and wakes up as `omni_sleep` and `omni_wakeup` in `api_server.py` have it, with one
stage. A film that is begun in between waits until it is awake, and from level 2 it never is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.openai_videos import OpenAIVideos, picture_in
from upstreams.standin import Task

Count = Annotated[str, msgspec.Meta(pattern=r"^[1-9]\d*$")]
Whole = Annotated[str, msgspec.Meta(pattern=r"^-?\d+$")]
Number = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?$")]
LTX_2, H3 = "Lightricks/LTX-2", "MiniMaxAI/MiniMax-H3"


class Create(msgspec.Struct, forbid_unknown_fields=True):
    """Those of the form's fields that can be meant for a film of one model."""

    prompt: str
    model: str | None = None
    seconds: Count | None = None
    size: Annotated[str, msgspec.Meta(pattern=r"^\d+x\d+$")] | None = None
    fps: Number | None = None
    num_frames: Count | None = None
    aspect_ratio: Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] | None = None
    short_edge: Literal["768"] | None = None
    seed: Whole | None = None
    negative_prompt: str | None = None
    num_inference_steps: Count | None = None
    guidance_scale: Number | None = None
    lora: str | None = None
    input_reference: bytes | None = None
    image_reference: str | None = None


class Sleep(msgspec.Struct, forbid_unknown_fields=True):
    stage_ids: list[Literal[0]]
    level: Literal[1, 2] = 2


class Wakeup(msgspec.Struct, forbid_unknown_fields=True):
    stage_ids: list[Literal[0]]


@dataclass
class VLLMOmni(OpenAIVideos):
    engine: ClassVar[str] = "vllm_omni"
    schema: ClassVar[type[msgspec.Struct]] = Create

    level: int = 0  #: of its sleep
    workers: int = 1
    why_not: str | None = None  #: it keeps its memory

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            *super().routes(),
            web.post("/v1/omni/sleep", self.sleep),
            web.post("/v1/omni/wakeup", self.wake_up),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        answer = await super().create(request)
        if self.level:
            next(reversed(self.tasks.values())).ready_at = math.inf
        return answer

    async def sleep(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=Sleep)
        if self.workers > 1:
            why = "Sleep is not supported with --api-server-count > 1"
            return web.json_response({"detail": why}, status=409)
        self.level = asked.level
        status = "SUCCESS" if self.why_not is None else "ERROR"
        ack = {"task_id": "1", "status": status, "stage_id": 0, "error_msg": self.why_not}
        return web.json_response({"status": "SUCCESS", "acks": [ack]})

    async def wake_up(self, request: web.Request) -> web.Response:
        msgspec.json.decode(await request.read(), type=Wakeup)
        if self.level == 2:
            return said(500, "wake_up() after sleep(level=2) is not yet implemented")
        if not self.level:
            why = "Target stages are not sleeping."
            return web.json_response({"status": "SKIPPED", "reason": why})
        self.level = 0
        ack = {"task_id": "2", "status": "SUCCESS", "stage_id": 0, "error_msg": None}
        return web.json_response({"status": "SUCCESS", "acks": [ack]})

    def refusal(self, why: str) -> web.Response | None:
        if why == "rejected":
            return web.json_response({"error": "Unauthorized"}, status=401)
        status = {"invalid": 400, "overloaded": 503}.get(why)
        return None if status is None else said(status, f"It is {why}.")

    def wrong(self, request: web.Request, body: Any) -> str | None:
        if request.content_type != "multipart/form-data":
            return "field prompt: Field required"
        try:
            asked = msgspec.convert(body, Create)
            pictures = self.pictures_of(body)
        except (msgspec.ValidationError, ValueError, KeyError) as error:
            return str(error)
        if asked.input_reference and asked.image_reference:
            return "Provide only one of input_reference, image_reference, or video_reference."
        return _misfit(asked, pictures)

    def pictures_of(self, body: Any) -> list[bytes]:
        listed = json.loads(body.get("image_reference", "[]"))
        found = [picture_in(one["image_url"]) for one in listed if one.keys() == {"image_url"}]
        return [*super().pictures_of(body), *found]

    def new_id(self) -> str:
        return f"video_gen_{len(self.tasks) + 1:032x}"

    def polled(self, task: Task) -> web.Response:
        if not (task.ready and task.fails):
            return super().polled(task)
        blocked = task.fails == "moderated"
        status = 400 if blocked else 500
        why = "Input was blocked by Cosmos3 guardrails." if blocked else f"No: {self.secret}."
        error = {"code": status, "message": why}
        video = {"id": task.id, "object": "video", "status": "failed", "progress": 0}
        return web.json_response({**video, "error": error}, status=status)

    def unknown(self, task_id: str) -> web.Response:
        del task_id
        return said(404, "Video not found")

    def models(self) -> Sequence[str]:
        return (H3,)


def said(status: int, message: str) -> web.Response:
    """vLLM's error format, in which the code is the status."""
    error = {"message": message, "type": "Error", "param": None, "code": status}
    return web.json_response({"error": error}, status=status)


def _misfit(asked: Create, pictures: Sequence[bytes]) -> str | None:
    """What the pipeline of the model would not draw."""
    if asked.model == LTX_2:
        sides = [int(side) for side in str(asked.size).split("x")]
        if int(asked.num_frames or 0) % 8 != 1 or any(side % 64 for side in sides):
            return "LTX-2 films have 8n + 1 frames, and sides divisible by 64."
    if asked.model == H3:
        if asked.size or asked.num_frames or asked.fps or asked.negative_prompt:
            return "H3 films are asked for by their ratio and seconds."
        if not pictures and asked.aspect_ratio is None:
            return "t2va requires an explicit aspect_ratio"
    elif asked.model is not None and asked.size is not None:
        if any(int(side) % 16 for side in asked.size.split("x")):
            return "`height` and `width` have to be divisible by 16."
        if len(pictures) > 1:
            return "only the first image is used"
    return None


STAND_IN = VLLMOmni
