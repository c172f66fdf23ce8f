"""
Kling's API, in both of its designs.

There is no SDK: the schemas are what kling.ai/document-api says of text-to-video and
image-to-video, of 3.0, 3.0 Turbo and 2.6, and of `kling-v3` and `kling-v2-6` before them. An
id of ours must be unique. An access key opens the older design only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from upstreams.standin import StandIn, Task

Prompt = Annotated[str, msgspec.Meta(min_length=1, max_length=3072)]
Seconds = Annotated[int, msgspec.Meta(ge=3, le=15)]
Ours = Annotated[str, msgspec.Meta(min_length=1)]


class _Text(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="prompt"):
    text: Prompt


class _First(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="first_frame"):
    url: str


class _Last(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="last_frame"):
    url: str


class _Settings(msgspec.Struct, forbid_unknown_fields=True):
    resolution: Literal["720p", "1080p", "4k"] = "720p"
    duration: Seconds = 5
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = None
    audio: Literal["native", "off"] | None = None
    multi_shot: bool = True


class _Options(msgspec.Struct, forbid_unknown_fields=True):
    external_task_id: Ours


class _Create(msgspec.Struct, forbid_unknown_fields=True):
    options: _Options
    prompt: Prompt | None = None
    contents: list[_Text | _First | _Last] = []
    settings: _Settings = msgspec.field(default_factory=_Settings)


class _Older(msgspec.Struct, forbid_unknown_fields=True):
    model_name: Literal["kling-v3", "kling-v2-6"]
    external_task_id: Ours
    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=2500)]
    mode: Literal["std", "pro", "4k"] = "std"
    duration: str = "5"
    sound: Literal["on", "off"] = "off"
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = None
    image: str | None = None
    image_tail: str | None = None
    cfg_scale: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5


def told(data: Any, code: int = 0, message: str = "SUCCEED", status: int = 200) -> web.Response:
    body = {"code": code, "message": message, "request_id": "c4", "data": data}
    return web.json_response(body, status=status)


def refused(status: int, code: int, message: str) -> web.Response:
    body = {"code": code, "message": message, "request_id": "c4"}
    return web.json_response(body, status=status)


def issuer(token: str, pair: str) -> str | None:
    """Who signed *token*, if it is one that Kling takes."""
    access, _, key = pair.partition(":")
    signed, _, signature = token.rpartition(".")
    digest = hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != signature:
        return None
    head, claims = (json.loads(base64.urlsafe_b64decode(p + "==")) for p in signed.split("."))
    now = time.time()
    good = claims["nbf"] <= now < claims["exp"] <= now + 1800
    return access if good and head["alg"] == "HS256" and claims["iss"] == access else None


@dataclass
class Kling(StandIn):
    engine = "kling"
    cancels = False
    cost = 420_000

    pair: str = "access-of-nobody:secret-of-nobody"

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/{kind:text|image}-to-video/{model}", self.create),
            web.get("/tasks", self._tasks),
            web.post("/v1/videos/{kind:text|image}2video", self.create),
            web.get("/v1/videos/{kind:text|image}2video/{id}", self._older_task),
            web.get("/account/costs", self._costs),
        ]

    def lets_in(self, request: web.Request) -> bool:
        how, _, token = request.headers.get("authorization", "").partition(" ")
        older = request.path.startswith(("/v1/", "/account/"))
        return how == "Bearer" and (
            token == self.secret or bool(older and issuer(token, self.pair))
        )

    def refusal(self, why: str) -> web.Response | None:
        key = self.pair.partition(":")[0]
        return {
            "rejected": refused(401, 1002, f"access key {key} not found"),
            "broke": refused(429, 1102, "Account balance not enough"),
            "busy": refused(429, 1303, "parallel task over resource pack limit"),
            "overloaded": refused(503, 5001, "Server is under maintenance"),
            "moderated": refused(400, 1301, "Prompt rejected by the content policy"),
            "invalid": refused(400, 1201, "duration value 'x' is invalid"),
        }[why]

    def wrong(self, request: web.Request, body: Any) -> str | None:
        image = request.match_info["kind"] == "image"
        older = request.path.startswith("/v1/")
        if self._ours(_id_of(body)) is not None:
            return "an id that is there already"
        try:
            if older:
                return _wrong_older(msgspec.convert(body, _Older), image=image)
            asked = msgspec.convert(body, _Create)
        except msgspec.ValidationError as error:
            return str(error)
        return _wrong(asked, request.match_info["model"], image=image)

    def prompt_of(self, body: Any) -> str:
        return str(body.get("prompt") or body["contents"][0]["text"])

    def pictures_of(self, body: Any) -> list[bytes]:
        contents = [part["url"] for part in body.get("contents", []) if "url" in part]
        older = [body[name] for name in ("image", "image_tail") if name in body]
        return [base64.b64decode(picture, validate=True) for picture in contents or older]

    def new_id(self) -> str:
        return f"89360594640281{len(self.tasks):04}"

    def created(self, task: Task) -> web.Response:
        if "model_name" in task.body:
            return told({"task_id": task.id, "task_status": "submitted", "task_info": {}})
        return told({"id": task.id, "status": "submitted", "external_id": _id_of(task.body)})

    def polled(self, task: Task) -> web.Response:
        older = "model_name" in task.body
        why = {
            "fails": "Image pixel is invalid",
            "moderated": "Failure to pass the risk control",
        }
        state, message, videos, bills = "processing", "", [], []
        if task.ready and task.fails:
            state, message = "failed", why[task.fails]
        elif task.ready:
            state = "succeed" if older else "succeeded"
            videos = [{"type": "video", "id": "1", "url": self.film_url(task), "duration": "5"}]
            bills = [{"charge_type": "cash", "amount": "0.42", "currency": "USD"}]
        if older:
            result = {"videos": [{**video, "type": "video"} for video in videos]}
            body = {"task_id": task.id, "task_status": state, "task_status_msg": message}
            return told({**body, "task_result": result, "final_unit_deduction": "3"})
        body = {"id": task.id, "status": state, "message": message}
        return told([{**body, "outputs": videos, "billing": bills}])

    def unknown(self, task_id: str) -> web.Response:
        del task_id
        return told([])

    def _ours(self, name: str | None) -> Task | None:
        tasks = self.tasks.values()
        return next((task for task in tasks if name and _id_of(task.body) == name), None)

    async def _tasks(self, request: web.Request) -> web.StreamResponse:
        if (ours := request.query.get("external_task_ids")) is not None:
            known = self._ours(ours)
            return self.polled(known) if known else self.unknown(ours)
        request.match_info["id"] = request.query["task_ids"]
        return await self.poll(request)

    async def _older_task(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        known = self._ours(name) or self.tasks.get(name)
        return self.polled(known) if known else refused(404, 1203, "task not found")

    async def _costs(self, request: web.Request) -> web.Response:
        if not int(request.query["start_time"]) < int(request.query["end_time"]):
            return refused(400, 1201, "start_time is invalid")
        return told({"code": 0, "msg": "", "resource_pack_subscribe_infos": []})


def _id_of(body: Any) -> str | None:
    options = body.get("options") or {} if isinstance(body, dict) else {}
    ours = body.get("external_task_id") if isinstance(body, dict) else None
    return ours or options.get("external_task_id")


def _wrong(asked: _Create, model: str, *, image: bool) -> str | None:
    settings, kinds = asked.settings, [type(part) for part in asked.contents]
    turbo, older = model == "kling-3.0-turbo", model == "kling-2.6"
    frames = [_Text, _First, _Last][: 2 if turbo or older else 3]
    problems = {
        "the model": model not in ("kling-3.0", "kling-3.0-turbo", "kling-2.6"),
        "4k": settings.resolution == "4k" and (turbo or older),
        "audio": settings.audio is not None and turbo,
        "audio at 720p": settings.audio == "native" and older and settings.resolution == "720p",
        "the duration": older and settings.duration not in (5, 10),
        "no prompt": not image and asked.prompt is None,
        "contents": not image and bool(kinds),
        "the frames": image and kinds not in (frames[:2], frames),
        "a shape and a frame": image and settings.aspect_ratio is not None,
    }
    return next((problem for problem, found in problems.items() if found), None)


def _wrong_older(asked: _Older, *, image: bool) -> str | None:
    before = asked.model_name == "kling-v2-6"
    durations = ("5", "10") if before else tuple(str(seconds) for seconds in range(3, 16))
    problems = {
        "the duration": asked.duration not in durations,
        "sound at 720p": asked.sound == "on" and before and asked.mode != "pro",
        "4k": asked.mode == "4k" and before,
        "no image": image and asked.image is None,
        "an image": not image and (asked.image or asked.image_tail) is not None,
        "a shape and a frame": image and asked.aspect_ratio is not None,
    }
    return next((problem for problem, found in problems.items() if found), None)


STAND_IN = Kling
