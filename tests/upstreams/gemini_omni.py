"""
Google's Interactions API, as far as films go.

The schema of a create is that of google-genai 3.4.0 (`_gaos/types/interactions`:
CreateModelInteraction, VideoResponseFormat, VideoConfig, GenerationConfig and the contents);
lengths, pictures and what goes with what are as ai.google.dev/gemini-api/docs/omni says. A
bad key is a 400 there, and an id that is none of theirs is "Invalid interaction name".
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from aiohttp import web

from upstreams.answers import ranged
from upstreams.standin import StandIn, Task

LONGEST = {"gemini-omni-1.2-flash": 15, "gemini-omni-1.1-flash": 10}
SHORTEST, LONGEST_LEAP, MOST_PICTURES = 3, 10, 8
SEEDED = ("gemini-omni-1.2-flash",)
PICTURES = {
    "text_to_video": range(1),
    "image_to_video": range(1, 3),
    "reference_to_video": range(1, 7),
}
STATUSES = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


class _Text(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: str


class _Image(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="image"):
    mime_type: Literal["image/png", "image/jpeg", "image/webp"]
    data: str


class _Video(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="video"):
    mime_type: Literal["video/mp4"]
    data: str


class _UserInput(
    msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="user_input"
):
    content: list[_Text | _Image | _Video]


class _Form(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["video"]
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    delivery: Literal["inline", "uri"] = "inline"
    duration: str = "8s"
    resolution: Literal["360p", "720p", "1080p", "4k"] = "720p"


class _VideoConfig(msgspec.Struct, forbid_unknown_fields=True):
    task: Literal["text_to_video", "image_to_video", "reference_to_video", "edit", "extend"]


class _Generation(msgspec.Struct, forbid_unknown_fields=True):
    video_config: _VideoConfig | None = None
    seed: int | None = None


class _Create(msgspec.Struct, forbid_unknown_fields=True):
    model: Literal["gemini-omni-1.2-flash", "gemini-omni-1.1-flash"]
    input: str | list[_UserInput | _Text | _Image | _Video]
    response_format: _Form
    background: Literal[True]
    store: Literal[True] = True
    generation_config: _Generation = msgspec.field(default_factory=_Generation)
    previous_interaction_id: str | None = None
    service_tier: Literal["standard", "flex", "priority"] = "standard"

    @property
    def parts(self) -> list[_Text | _Image | _Video]:
        """The contents, be they in a step, as Google's SDK has them, or not."""
        given = [_Text(self.input)] if isinstance(self.input, str) else self.input
        return [
            part
            for one in given
            for part in (one.content if isinstance(one, _UserInput) else [one])
        ]

    @property
    def task(self) -> str | None:
        config = self.generation_config.video_config
        return None if config is None else config.task


def refused(
    status: int, message: str, *, details: Sequence[Any] = (), front: bool = False
) -> web.Response:
    """Google's error envelope; its *front* door puts it in a list."""
    error = {"code": status, "message": message, "status": STATUSES.get(status, "UNAVAILABLE")}
    body: dict[str, Any] = {"error": {**error, "details": list(details)}}
    return web.json_response([body] if front else body, status=status)


def detail(kind: str, **fields: Any) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


@dataclass
class Google(StandIn):
    engine = "gemini_omni"
    prefix = "/v1beta"

    inline: bool = False  #: the film stands in the interaction, whatever was asked for
    prepared: bool = True  #: the file of a film is ready when the film is

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/v1beta/interactions", self.create),
            web.get("/v1beta/interactions/{id}", self.poll),
            web.post("/v1beta/interactions/{id}/cancel", self.cancel),
            web.get("/v1beta/files/{id}:download", self._download),
            web.get("/v1beta/files/{id}", self._file),
            web.get("/v1beta/models", self._models),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("x-goog-api-key") == self.secret

    def refusal(self, why: str) -> web.Response | None:
        match why:
            case "rejected":
                reason = detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
                return refused(400, "API key not valid.", details=[reason], front=True)
            case "busy":
                wait = detail("RetryInfo", retryDelay="34s")
                return refused(429, "You exceeded your current quota.", details=[wait])
            case "overloaded":
                return refused(503, "The model is overloaded.")
            case "moderated":
                said = "The prompt was blocked for safety reasons."
                body = {"error": {"message": said, "code": "invalid_request"}}
                return web.json_response(body, status=400)
            case "invalid":
                body = {"error": {"message": "No such duration.", "code": "invalid_request"}}
                return web.json_response(body, status=400)
        return None  # what costs too much is 429 as well

    def wrong(self, request: web.Request, body: Any) -> str | None:
        try:
            asked = msgspec.convert(body, _Create)
        except msgspec.ValidationError as error:
            return str(error)
        form, parts, task = asked.response_format, asked.parts, asked.task
        pictures = sum(isinstance(part, _Image) for part in parts)
        film = any(isinstance(part, _Video) for part in parts) or asked.previous_interaction_id
        leap = task == "extend" or (task == "image_to_video" and pictures > 1)
        most = LONGEST_LEAP if leap else LONGEST[asked.model]
        durations = {f"{seconds}s" for seconds in range(SHORTEST, most + 1)}
        problems = {
            "a key in the URL": "key" in request.query,
            "the duration": form.duration not in durations,
            "a seed": asked.generation_config.seed is not None and asked.model not in SEEDED,
            "no film": task in ("edit", "extend") and not film,
            "a film": task in PICTURES and film,
            "the pictures": pictures not in PICTURES.get(task or "", range(MOST_PICTURES + 1)),
            "no prompt": not isinstance(parts[-1], _Text) or not parts[-1].text.strip(),
        }
        return next((problem for problem, found in problems.items() if found), None)

    def prompt_of(self, body: Any) -> str:
        last = msgspec.convert(body, _Create).parts[-1]
        assert isinstance(last, _Text)
        return last.text

    def pictures_of(self, body: Any) -> list[bytes]:
        parts = msgspec.convert(body, _Create).parts
        return [base64.b64decode(part.data) for part in parts if isinstance(part, _Image)]

    def new_id(self) -> str:
        return f"v1_film{len(self.tasks) + 1}"

    def created(self, task: Task) -> web.Response:
        return web.json_response(self._object(task, "in_progress", []))

    def polled(self, task: Task) -> web.Response:
        if task.cancelled:
            return web.json_response(self._object(task, "cancelled", []))
        if not task.ready:
            return web.json_response(self._object(task, "in_progress", []))
        if task.fails == "fails":
            errors = [{"code": "https://google/errors/INTERNAL", "message": "It broke."}]
            return web.json_response({**self._object(task, "failed", []), "errors": errors})
        if task.fails == "moderated":
            # A refusal is a completed interaction that has only a text.
            said = {"type": "text", "text": "I cannot make that film."}
            return web.json_response(self._object(task, "completed", [said]))
        film: dict[str, Any] = {"type": "video", "mime_type": "video/mp4"}
        if self.inline:
            film["data"] = base64.b64encode(self.film(task)).decode()
        else:
            film["uri"] = f"{self.url}/files/{task.id.removeprefix('v1_')}:download?alt=media"
        return web.json_response(self._object(task, "completed", [film]))

    def unknown(self, task_id: str) -> web.Response:
        if not task_id.startswith("v1_"):
            body = {"error": {"message": f"Invalid interaction name: {task_id}."}}
            return web.json_response(body, status=400)
        return refused(404, "Requested entity was not found.")

    def cancelled(self, task: Task) -> web.Response:
        return web.json_response(self._object(task, "cancelled", []))

    def _object(self, task: Task, status: str, content: list[Any]) -> dict[str, Any]:
        asked = [{"type": "text", "text": self.prompt_of(task.body)}]
        steps: list[Any] = [{"type": "user_input", "content": asked}]
        if content:
            steps.append({"type": "thought", "signature": "EpcwCpQw"})
            steps.append({"type": "model_output", "content": content, "error": None})
        return {
            "id": task.id,
            "object": "interaction",
            "model": task.body["model"],
            "status": status,
            "created": "2026-11-21T12:00:00Z",
            "updated": "2026-11-21T12:00:01Z",
            "steps": steps,
        }

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        if f"v1_{name}" not in self.tasks:
            return self.unknown(f"v1_{name}")
        state = "ACTIVE" if self.prepared else "PROCESSING"
        return web.json_response({"name": f"files/{name}", "state": state})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(f"v1_{request.match_info['id']}")
        if task is None or request.query.get("alt") != "media":
            return self.unknown("v1_none")
        answer, body, _ = ranged(request, self.film(task), etag=f'"{task.id}"')
        await answer.prepare(request)
        await answer.write(body)
        await answer.write_eof()
        return answer

    async def _models(self, request: web.Request) -> web.Response:
        del request
        names = [*LONGEST, "gemini-3.8-flash"]
        return web.json_response({"models": [{"name": f"models/{name}"} for name in names]})


STAND_IN = Google
