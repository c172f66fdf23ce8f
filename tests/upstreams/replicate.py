"""
Replicate's predictions, its files and its account.

Predictions are those of its published OpenAPI document, as its SDKs have it
(`replicate-stainless` 0.9 and `replicate` 1.0, and `aborted` of its page on the lifecycle).
Inputs are read as the models' pages at https://replicate.com list them, under API.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from email import message_from_bytes
from email.policy import HTTP
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from upstreams.standin import StandIn, Task

Link = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(https?://|data:image/(png|jpeg|webp);base64,)",
        max_length=256_000 * 4 // 3 + 64,
    ),
]
Ratio = Literal["16:9", "9:16"]


class Input(msgspec.Struct, forbid_unknown_fields=True):
    prompt: Annotated[str, msgspec.Meta(min_length=1)]


class Veo(Input):
    aspect_ratio: Ratio = "16:9"
    duration: Literal[4, 6, 8] = 8
    image: Link | None = None
    last_frame: Link | None = None
    reference_images: list[Link] = []
    negative_prompt: str | None = None
    resolution: Literal["720p", "1080p"] = "1080p"
    generate_audio: bool = True
    seed: int | None = None


class Seedance(Input):
    image: Link | None = None
    last_frame_image: Link | None = None
    duration: Annotated[int, msgspec.Meta(ge=-1, le=15)] = 5
    resolution: Literal["480p", "720p"] = "720p"
    aspect_ratio: Literal["16:9", "9:16", "4:3", "3:4", "1:1", "21:9", "adaptive"] = "16:9"
    generate_audio: bool = True
    seed: int | None = None


class KlingOmni(Input):
    start_image: Link | None = None
    end_image: Link | None = None
    mode: Literal["standard", "pro"] = "pro"
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"
    duration: Annotated[int, msgspec.Meta(ge=3, le=15)] = 5
    generate_audio: bool = False


class Kling(KlingOmni):
    negative_prompt: Annotated[str, msgspec.Meta(max_length=2500)] = ""


class Hailuo(Input):
    duration: Literal[6, 10] = 6
    resolution: Literal["768p", "1080p"] = "768p"
    prompt_optimizer: bool = True
    first_frame_image: Link | None = None

    def __post_init__(self) -> None:
        if self.resolution == "1080p" and self.duration != 6:
            msg = "1080p supports only 6-second duration"
            raise ValueError(msg)


class Hailuo02(Hailuo):
    last_frame_image: Link | None = None


INPUTS: dict[str, type[Input]] = {
    "google/veo-3.1": Veo,
    "google/veo-3.1-fast": Veo,
    "bytedance/seedance-2.0": Seedance,
    "bytedance/seedance-2.0-fast": Seedance,
    "kwaivgi/kling-v3-video": Kling,
    "kwaivgi/kling-v3-omni-video": KlingOmni,
    "minimax/hailuo-2.3": Hailuo,
    "minimax/hailuo-02": Hailuo02,
}
FIRSTS = ("image", "start_image", "first_frame_image")
LASTS = ("last_frame", "end_image", "last_frame_image")

REFUSALS = {
    "rejected": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "broke": (402, "Insufficient credit", "You have insufficient credit to run this model."),
    "busy": (429, None, "Request was throttled. Your rate limit resets in ~5s."),
    "overloaded": (503, None, "The service is overloaded."),
    "invalid": (422, "Input validation failed", "- input: prompt is required\n"),
}
ERRORS = {
    "fails": "Prediction interrupted; please retry (code: PA)",
    "moderated": "The input or output was flagged as sensitive. Please try again with "
    "different inputs. (E005) (kUoNYSXqLe)",
}


class Body(msgspec.Struct, forbid_unknown_fields=True):
    input: dict[str, Any]


class ReplicateAPI(StandIn):
    engine = "replicate"
    prefix = "/v1"

    def routes(self) -> Sequence[web.RouteDef]:
        self.files: dict[str, bytes] = {}
        return (
            web.get("/v1/account", self._account),
            web.post("/v1/files", self._upload),
            web.post("/v1/models/{owner}/{name}/predictions", self.create),
            web.get("/v1/predictions/{id}", self.poll),
            web.post("/v1/predictions/{id}/cancel", self.cancel),
        )

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        """A policy speaks in the prediction's error only, never to a create."""
        if why not in REFUSALS:
            return None
        status, title, detail = REFUSALS[why]
        said = {"title": title, "detail": detail, "status": status}
        return web.json_response(said, status=status)

    async def read(self, request: web.Request) -> Any:
        model = f"{request.match_info['owner']}/{request.match_info['name']}"
        return {"model": model, "body": await super().read(request)}

    def wrong(self, request: web.Request, body: Any) -> str | None:
        if "prefer" in request.headers:
            return "nobody waits here"
        if body["model"] not in INPUTS:
            return "The requested resource could not be found."
        try:
            said = msgspec.convert(body["body"], Body)
            msgspec.convert(said.input, INPUTS[body["model"]])
        except msgspec.ValidationError as error:
            return f"{body['model']}: {error}"
        return None

    def prompt_of(self, body: Any) -> str:
        return str(body["body"]["input"]["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        said = body["body"]["input"]
        links = [said[name] for name in FIRSTS + LASTS if name in said]
        return [self._picture(link) for link in links]

    def _picture(self, link: str) -> bytes:
        if link.startswith(f"{self.url}/files/"):
            return self.files[link.rpartition("/")[2]]
        return base64.b64decode(link.partition("base64,")[2])

    async def _upload(self, request: web.Request) -> web.Response:
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        form = message_from_bytes(head + await request.read(), policy=HTTP)
        (part,) = form.iter_parts()
        if part.get_param("name", header="content-disposition") != "content":
            return web.json_response({"detail": "Missing content"}, status=400)
        name = f"file{len(self.files)}"
        self.files[name] = part.get_content()
        said = {
            "id": name,
            "name": part.get_filename(),
            "content_type": part.get_content_type(),
            "size": len(self.files[name]),
            "etag": name,
            "checksums": {},
            "metadata": {},
            "created_at": "2026-11-21T00:00:00Z",
            "expires_at": "2026-11-22T00:00:00Z",
            "urls": {"get": f"{self.url}/files/{name}"},
        }
        return web.json_response(said, status=201)

    def created(self, task: Task) -> web.Response:
        return web.json_response(self._prediction(task, "starting"), status=201)

    def polled(self, task: Task) -> web.Response:
        if task.cancelled:
            return web.json_response(self._prediction(task, "canceled"))
        if not task.ready:
            return web.json_response(self._prediction(task, "processing"))
        if task.fails:
            said = self._prediction(task, "failed", error=ERRORS[task.fails])
            return web.json_response(said)
        said = self._prediction(task, "succeeded", output=self.film_url(task))
        return web.json_response(said)

    def _prediction(self, task: Task, status: str, **more: Any) -> dict[str, Any]:
        place = f"{self.url}/predictions/{task.id}"
        links = {"get": place, "cancel": f"{place}/cancel", "web": "https://replicate.com/p/x"}
        return {
            "id": task.id,
            "model": task.body["model"],
            "version": "hidden",
            "input": task.body["body"]["input"],
            "logs": "",
            "output": None,
            "data_removed": False,
            "error": None,
            "status": status,
            "created_at": "2026-11-21T00:00:00Z",
            "urls": links,
            **more,
        }

    def cancelled(self, task: Task) -> web.Response:
        return web.json_response(self._prediction(task, "canceled"))

    def unknown(self, task_id: str) -> web.Response:
        del task_id
        said = {"detail": "The requested resource could not be found.", "status": 404}
        return web.json_response(said, status=404)

    async def _account(self, request: web.Request) -> web.Response:
        del request
        said = {"type": "user", "username": "acme", "name": "Acme", "github_url": None}
        return web.json_response(said)


STAND_IN = ReplicateAPI
