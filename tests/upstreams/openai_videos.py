"""
The OpenAI Videos API, and the flavours that others have made of it.

Creates are read as `openai.types.VideoCreateParams` has them, with the lengths and sizes
that OpenAI's guide added later. The flavours are those of LiteLLM 1.109.1
(`litellm/proxy/video_endpoints`), of new-api (`dto/openai_video.go`, `dto/task.go`,
`relay/relay_task.go`) and of resellers, as their documents show them.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.answers import failed, ranged
from upstreams.forms import fields_of
from upstreams.standin import StandIn, Task


class Create(msgspec.Struct, forbid_unknown_fields=True):
    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=32_000)]
    model: str = "sora-2"
    seconds: Literal["4", "8", "12", "16", "20"] = "4"
    size: Literal[
        "720x1280", "1280x720", "1024x1792", "1792x1024", "1080x1920", "1920x1080"
    ] = "720x1280"
    input_reference: bytes | dict[str, str] = b""


@dataclass(frozen=True, kw_only=True)
class Flavour:
    """What somebody makes of it."""

    ids: str = "video_{}"
    named: Sequence[str] = ("id", "object")  #: what a create's answer has
    words: Sequence[str] = ("queued", "in_progress", "completed", "failed")
    percent: str = "{}"
    envelope: bool = False  #: tasks are told of in `data`
    link: str | None = None  #: the field in which a done task tells its film's
    content: str = "film"  #: or json, none
    failure: str = "error"  #: the field in which a failed task says why
    forgotten: tuple[int, str] = (404, "error")  #: and the format of errors
    deletes: bool = True


FLAVOURS = {
    "openai": Flavour(),
    "litellm": Flavour(
        ids="litellm:custom_llm_provider:openai;model_id:m;video_id:{}",
        words=("queued", "processing", "completed", "cancelled"),
        deletes=False,
    ),
    "new_api": Flavour(
        ids="task_{}",
        named=("id", "task_id"),
        words=("unknown", "in_progress", "completed", "failed"),
        link="metadata",
        content="none",
        forgotten=(400, "code"),
        deletes=False,
    ),
    "new_api_raw": Flavour(
        ids="task_{}",
        named=("task_id",),
        words=("NOT_START", "IN_PROGRESS", "SUCCESS", "FAILURE"),
        percent="{}%",
        envelope=True,
        link="result_url",
        content="none",
        failure="fail_reason",
        forgotten=(400, "code"),
        deletes=False,
    ),
    "reseller": Flavour(ids="sora-2:task_{}", content="json", words=("pending", "running") * 2),
    "linking": Flavour(
        named=("task_id",),
        words=("submitted", "generating", "succeeded", "fail"),
        link="video_url",
        content="none",
        failure="text",
        forgotten=(404, "detail"),
    ),
    "plural": Flavour(link="urls", content="none", words=("pending", "processing") * 2),
}


@dataclass
class OpenAIVideos(StandIn):
    """By default as OpenAI had it."""

    engine: ClassVar[str] = "openai_videos"
    prefix: ClassVar[str] = "/v1"
    schema: ClassVar[type[msgspec.Struct]] = Create

    flavour: Flavour = FLAVOURS["openai"]

    def routes(self) -> Sequence[web.RouteDef]:
        paths = [
            web.post("/v1/videos", self.create),
            web.get("/v1/videos/{id}", self.poll),
            web.get("/v1/videos/{id}/content", self.content),
            web.get("/v1/models", self.listed),
        ]
        return [*paths, web.delete("/v1/videos/{id}", self.cancel)][: 4 + self.flavour.deletes]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        status, code = {
            "rejected": (401, "invalid_api_key"),
            "broke": (429, "insufficient_quota"),
            "busy": (429, "rate_limit_exceeded"),
            "overloaded": (503, None),
            "moderated": (400, "moderation_blocked"),
            "invalid": (400, "invalid_value"),
        }[why]
        return failed(status, f"It is {why}.", code=code)

    async def read(self, request: web.Request) -> Any:
        return await fields_of(request)

    def wrong(self, request: web.Request, body: Any) -> str | None:
        del request
        try:
            msgspec.convert(body, self.schema, strict=False)
        except msgspec.ValidationError as error:
            return str(error)
        return None

    def prompt_of(self, body: Any) -> str:
        return str(body["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        given = body.get("input_reference")
        return [given] if isinstance(given, bytes) else []

    def new_id(self) -> str:
        return self.flavour.ids.format(len(self.tasks) + 1)

    def created(self, task: Task) -> web.Response:
        names = {"id": task.id, "task_id": task.id, "object": "video"}
        said = {name: names[name] for name in self.flavour.named}
        return web.json_response({**said, "status": self.flavour.words[0], "progress": 0})

    def polled(self, task: Task) -> web.Response:
        flavour = self.flavour
        queued, running, done, fails = flavour.words
        if flavour.words[0] == flavour.words[2]:
            done, fails = "completed", "failed"
        said: dict[str, Any] = {"id": task.id, "status": running if task.links else queued}
        task.links += 1
        said["progress"] = flavour.percent.format(40) if "%" in flavour.percent else 40
        if task.ready:
            said |= {"status": fails, **self.why(task)} if task.fails else self.ended(task)
            said["status"] = fails if task.fails else done
        if flavour.envelope:
            said |= {"id": 17, "task_id": task.id}  # the row's number
            said = {"code": "success", "message": "", "data": said}
        return web.json_response(said)

    def why(self, task: Task) -> dict[str, Any]:
        code = "moderation_blocked" if task.fails == "moderated" else "processing_error"
        message = f"It {task.fails}: {self.secret}."
        match self.flavour.failure:
            case "text":
                return {"error": message}
            case "fail_reason":
                return {"fail_reason": message}
        return {"error": {"code": code, "message": message}}

    def ended(self, task: Task) -> dict[str, Any]:
        link = self.film_url(task)
        match self.flavour.link:
            case None:
                return {}
            case "metadata":
                return {"metadata": {"url": link}}
            case "urls":
                return {"url": None, "urls": [link]}
        return {self.flavour.link: link}

    def unknown(self, task_id: str) -> web.Response:
        status, format_ = self.flavour.forgotten
        message = f"There is no {task_id[:9]}."
        match format_:
            case "code":
                said: dict[str, Any] = {"code": "task_not_exist", "message": message}
            case "detail":
                said = {"detail": message}
            case _:
                return failed(status, message)
        return web.json_response(said, status=status)

    def cancelled(self, task: Task) -> web.Response:
        gone = {"id": task.id, "object": "video.deleted", "deleted": True}
        return web.json_response(gone)

    async def content(self, request: web.Request) -> web.StreamResponse:
        if self.flavour.content == "none":
            return web.Response(status=404, text="404 page not found")
        task = self.tasks.get(request.match_info["id"])
        if task is None or not task.ready or task.fails:
            return self.unknown(request.match_info["id"])
        if self.flavour.content == "json":
            return web.json_response({"id": task.id, "url": self.film_url(task)})
        answer, body, _ = ranged(request, self.film(task), etag=f'"{task.id}"')
        if answer.status != 416:
            await answer.prepare(request)
            await answer.write(body)
            await answer.write_eof()
        return answer

    async def listed(self, request: web.Request) -> web.Response:
        del request
        data = [{"id": name, "object": "model"} for name in self.models()]
        return web.json_response({"object": "list", "data": data})

    def models(self) -> Sequence[str]:
        return ("sora-2", "somebodys-own")


def picture_in(data_url: str) -> bytes:
    head, _, said = data_url.partition(",")
    assert head.startswith("data:image/")
    assert head.endswith(";base64")
    return base64.b64decode(said, validate=True)


STAND_IN = OpenAIVideos
