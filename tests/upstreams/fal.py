"""
fal's queue, and the page of its platform that tells prices.

Inputs are read as the types of fal's own JavaScript client (`@fal-ai/client`, 2026-08)
have them, limits on numbers as the models' pages at https://fal.ai/models do. The queue
and its errors are those of https://fal.ai/docs/api-reference/inference-api.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from upstreams.standin import StandIn, Task

Link = Annotated[str, msgspec.Meta(pattern=r"^(https?://|data:image/(png|jpeg|webp);base64,)")]
Wide = Literal["16:9", "9:16"]
Square = Literal["16:9", "9:16", "1:1"]
Seedances = Literal["auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
Words = Literal["4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"]
Longer = Literal[
    "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30"
]


class Input(msgspec.Struct, forbid_unknown_fields=True):
    prompt: Annotated[str, msgspec.Meta(min_length=1)]


class Veo(Input):
    aspect_ratio: Wide = "16:9"
    auto_fix: bool = True
    duration: Literal["4s", "6s", "8s"] = "8s"
    generate_audio: bool = True
    negative_prompt: str | None = None
    resolution: Literal["720p", "1080p", "4k"] = "720p"
    safety_tolerance: Literal["1", "2", "3", "4", "5", "6"] = "4"
    seed: int | None = None


class VeoImage(Veo, kw_only=True):
    image_url: Link
    aspect_ratio: Wide | Literal["auto"] = "auto"  # type: ignore[assignment]


class VeoBoth(Veo, kw_only=True):
    first_frame_url: Link
    last_frame_url: Link


class VeoLite(Veo):
    resolution: Literal["720p", "1080p"] = "720p"


class VeoLiteImage(VeoImage):
    resolution: Literal["720p", "1080p"] = "720p"


class VeoLiteBoth(VeoBoth):
    resolution: Literal["720p", "1080p"] = "720p"


class Seedance(Input):
    aspect_ratio: Seedances = "auto"
    bitrate_mode: Literal["standard", "high"] = "standard"
    duration: Words | Literal["auto"] = "auto"
    end_user_id: str | None = None
    generate_audio: bool = True
    resolution: Literal["480p", "720p", "1080p", "4k"] = "720p"


class SeedanceImage(Seedance, kw_only=True):
    image_url: Link
    end_image_url: Link | None = None


class SeedanceFast(Seedance):
    resolution: Literal["480p", "720p"] = "720p"


class SeedanceFastImage(SeedanceImage):
    resolution: Literal["480p", "720p"] = "720p"


class Seedance25(SeedanceFast):
    duration: Words | Longer | Literal["auto"] = "auto"  # type: ignore[assignment]


class Seedance25Image(SeedanceFastImage):
    duration: Words | Longer | Literal["auto"] = "auto"  # type: ignore[assignment]


class KlingImage(Input, kw_only=True):
    start_image_url: Link
    end_image_url: Link | None = None
    cfg_scale: float = 0.5
    duration: Words | Literal["3"] = "5"
    generate_audio: bool = True
    negative_prompt: str | None = None


class Kling(Input):
    aspect_ratio: Square = "16:9"
    cfg_scale: float = 0.5
    duration: Words | Literal["3"] = "5"
    generate_audio: bool = True
    negative_prompt: str | None = None


class KlingTurbo(Input):
    aspect_ratio: Square = "16:9"
    duration: Words | Literal["3"] = "5"


class KlingTurboImage(Input, kw_only=True):
    image_url: Link
    duration: Words | Literal["3"] = "5"


class Ltx(Input):
    aspect_ratio: Wide = "16:9"
    duration: Literal[6, 8, 10] = 6
    fps: Literal[24, 25, 48, 50] = 25
    generate_audio: bool = True
    resolution: Literal["1080p", "1440p", "2160p"] = "1080p"


class LtxImage(Ltx, kw_only=True):
    image_url: Link
    end_image_url: Link | None = None


class LtxFast(Ltx):
    duration: Literal[6, 8, 10, 12, 14, 16, 18, 20] = 6  # type: ignore[assignment]


class LtxFastImage(LtxImage):
    duration: Literal[6, 8, 10, 12, 14, 16, 18, 20] = 6  # type: ignore[assignment]


class WanImage(Input, kw_only=True):
    image_url: Link | None = None
    end_image_url: Link | None = None
    duration: Annotated[int, msgspec.Meta(ge=2, le=15)] = 5
    enable_prompt_expansion: bool = True
    enable_safety_checker: bool = True
    negative_prompt: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    resolution: Literal["720p", "1080p"] = "1080p"
    seed: Annotated[int, msgspec.Meta(ge=0, le=2147483647)] | None = None


class Wan(Input):
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"] = "16:9"
    duration: Annotated[int, msgspec.Meta(ge=2, le=15)] = 5
    enable_prompt_expansion: bool = True
    enable_safety_checker: bool = True
    negative_prompt: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    resolution: Literal["720p", "1080p"] = "1080p"
    seed: Annotated[int, msgspec.Meta(ge=0, le=2147483647)] | None = None


class H3(Input):
    aspect_ratio: Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] = "16:9"
    duration: Annotated[int, msgspec.Meta(ge=5, le=15)] = 5
    resolution: Literal["480P", "768P", "2K", "4K"] = "2K"


class H3Image(Input, kw_only=True):
    image_url: Link
    end_image_url: Link | None = None
    duration: Annotated[int, msgspec.Meta(ge=5, le=15)] = 5
    resolution: Literal["480P", "768P", "2K", "4K"] = "2K"


class Omni(Input):
    aspect_ratio: Wide = "16:9"
    duration: Annotated[int, msgspec.Meta(ge=3, le=10)] = 8


class OmniImage(Omni, kw_only=True):
    image_url: Link


class Grok(Input):
    aspect_ratio: Literal["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16"] = "16:9"
    duration: Annotated[int, msgspec.Meta(ge=1, le=15)] = 6
    resolution: Literal["480p", "720p"] = "720p"


class GrokImage(Grok, kw_only=True):
    image_url: Link


class PixverseImage(Input, kw_only=True):
    image_url: Link
    duration: Annotated[int, msgspec.Meta(ge=1, le=15)] = 5
    generate_audio_switch: bool = False
    generate_multi_clip_switch: bool = False
    negative_prompt: str | None = None
    resolution: Literal["360p", "540p", "720p", "1080p"] = "720p"
    seed: int | None = None


class Pixverse(Input):
    aspect_ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16", "2:3", "3:2", "21:9"] = "16:9"
    duration: Annotated[int, msgspec.Meta(ge=1, le=15)] = 5
    generate_audio_switch: bool = False
    generate_multi_clip_switch: bool = False
    negative_prompt: str | None = None
    resolution: Literal["360p", "540p", "720p", "1080p"] = "720p"
    seed: int | None = None


class PixverseBoth(Pixverse, kw_only=True):
    first_image_url: Link
    end_image_url: Link


class ViduImage(Input, kw_only=True):
    image_url: Link
    end_image_url: Link | None = None
    audio: bool = True
    duration: Annotated[int, msgspec.Meta(ge=1, le=16)] = 5
    resolution: Literal["360p", "540p", "720p", "1080p"] = "720p"
    seed: int | None = None


class Vidu(Input):
    aspect_ratio: Literal["16:9", "9:16", "4:3", "3:4", "1:1"] = "16:9"
    audio: bool = True
    duration: Annotated[int, msgspec.Meta(ge=1, le=16)] = 5
    resolution: Literal["360p", "540p", "720p", "1080p"] = "720p"
    seed: int | None = None


def _pair(name: str, text: type[Input], image: type[Input]) -> dict[str, type[Input]]:
    return {f"{name}/text-to-video": text, f"{name}/image-to-video": image}


INPUTS: dict[str, type[Input]] = {
    "fal-ai/veo3.1": Veo,
    "fal-ai/veo3.1/image-to-video": VeoImage,
    "fal-ai/veo3.1/first-last-frame-to-video": VeoBoth,
    "fal-ai/veo3.1/fast": Veo,
    "fal-ai/veo3.1/fast/image-to-video": VeoImage,
    "fal-ai/veo3.1/fast/first-last-frame-to-video": VeoBoth,
    "fal-ai/veo3.1/lite": VeoLite,
    "fal-ai/veo3.1/lite/image-to-video": VeoLiteImage,
    "fal-ai/veo3.1/lite/first-last-frame-to-video": VeoLiteBoth,
    **_pair("bytedance/seedance-2.0", Seedance, SeedanceImage),
    **_pair("bytedance/seedance-2.0/fast", SeedanceFast, SeedanceFastImage),
    **_pair("bytedance/seedance-2.0/mini", SeedanceFast, SeedanceFastImage),
    **_pair("bytedance/seedance-2.5", Seedance25, Seedance25Image),
    **_pair("fal-ai/kling-video/v3/pro", Kling, KlingImage),
    **_pair("fal-ai/kling-video/v3/standard", Kling, KlingImage),
    **_pair("fal-ai/kling-video/v3/turbo/pro", KlingTurbo, KlingTurboImage),
    **_pair("fal-ai/ltx-2.3", Ltx, LtxImage),
    "fal-ai/ltx-2.3/text-to-video/fast": LtxFast,
    "fal-ai/ltx-2.3/image-to-video/fast": LtxFastImage,
    **_pair("fal-ai/wan/v2.7", Wan, WanImage),
    **_pair("minimax/h3", H3, H3Image),
    "google/gemini-omni-flash": Omni,
    "google/gemini-omni-flash/image-to-video": OmniImage,
    **_pair("xai/grok-imagine-video", Grok, GrokImage),
    **_pair("fal-ai/pixverse/v6", Pixverse, PixverseImage),
    "fal-ai/pixverse/v6/transition": PixverseBoth,
    **_pair("fal-ai/vidu/q3", Vidu, ViduImage),
}
PICTURES = ("first_frame_url", "first_image_url", "start_image_url", "image_url")
LASTS = ("last_frame_url", "end_image_url")

BLOCKED = {
    "loc": ["body", "prompt"],
    "msg": "The content could not be processed because it was flagged.",
    "type": "content_policy_violation",
    "url": "https://docs.fal.ai/errors#content_policy_violation",
}
REFUSALS: dict[str, tuple[int, Any]] = {
    "rejected": (401, "Cannot access application. Authentication is required."),
    "busy": (429, "Too many requests."),
    "overloaded": (503, "No runner could be allocated."),
    "moderated": (422, [BLOCKED]),
    "invalid": (422, [{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}]),
}


class FalAI(StandIn):
    """Model paths keep owner and app alone when a request is asked about."""

    engine = "fal"

    def routes(self) -> Sequence[web.RouteDef]:
        place = "/{owner}/{app}/requests/{id}"
        return (
            web.get("/v1/models/pricing", self._prices),
            web.get(f"{place}/status", self.poll),
            web.put(f"{place}/cancel", self.cancel),
            web.get(place, self._result),
            web.post("/{model:.+}", self.create),
        )

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Key {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        """An account without money is answered as a rejected one is: with 403."""
        if why not in REFUSALS:
            return None
        status, detail = REFUSALS[why]
        return web.json_response({"detail": detail}, status=status)

    async def read(self, request: web.Request) -> Any:
        return {"model": request.match_info["model"], "input": await super().read(request)}

    def wrong(self, request: web.Request, body: Any) -> str | None:
        del request
        if body["model"] not in INPUTS:
            return f"Application '{body['model']}' not found"
        try:
            msgspec.convert(body["input"], INPUTS[body["model"]])
        except msgspec.ValidationError as error:
            return f"{body['model']}: {error}"
        return None

    def prompt_of(self, body: Any) -> str:
        return str(body["input"]["prompt"])

    def pictures_of(self, body: Any) -> list[bytes]:
        links = [body["input"][name] for name in PICTURES + LASTS if name in body["input"]]
        return [base64.b64decode(link.partition("base64,")[2]) for link in links]

    def created(self, task: Task) -> web.Response:
        return web.json_response(
            {"status": "IN_QUEUE", "queue_position": 0, "logs": "", **self._places(task)}
        )

    def _places(self, task: Task) -> dict[str, str]:
        owner, app = task.body["model"].split("/")[:2]
        place = f"{self.url}/{owner}/{app}/requests/{task.id}"
        return {
            "request_id": task.id,
            "response_url": place,
            "status_url": f"{place}/status",
            "cancel_url": f"{place}/cancel",
        }

    def polled(self, task: Task) -> web.Response:
        if not task.ready:
            waiting = {"status": "IN_PROGRESS", "logs": [], **self._places(task)}
            return web.json_response(waiting, status=202)
        errors: dict[str | None, dict[str, str]] = {
            "fails": {"error": "The runner broke.", "error_type": "runner_server_error"},
            "moderated": {"error": "Unexpected status code: 422"},
        }
        said = {"status": "COMPLETED", "logs": [], "metrics": {"inference_time": self.seconds}}
        return web.json_response(said | self._places(task) | errors.get(task.fails, {}))

    async def _result(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.match_info["id"])
        if task is None:
            return self.unknown(request.match_info["id"])
        if not task.ready:
            return web.json_response({"detail": "Request is still in progress"}, status=400)
        if task.fails == "moderated":
            return web.json_response({"detail": [BLOCKED]}, status=422)
        if task.fails:
            said = {"detail": "The runner broke.", "error_type": "runner_server_error"}
            headers = {"x-fal-error-type": "runner_server_error"}
            return web.json_response(said, status=500, headers=headers)
        film = {"url": self.film_url(task), "content_type": "video/mp4", "file_name": "o.mp4"}
        return web.json_response({"video": film, "seed": 7})

    def unknown(self, task_id: str) -> web.Response:
        return web.json_response({"detail": f"Request {task_id} not found"}, status=404)

    def cancelled(self, task: Task) -> web.Response:
        if task.ready:
            return web.json_response({"status": "ALREADY_COMPLETED"}, status=400)
        return web.json_response({"status": "CANCELLATION_REQUESTED"}, status=202)

    async def _prices(self, request: web.Request) -> web.Response:
        asked = request.query.getall("endpoint_id")
        unknown = [name for name in asked if name not in INPUTS]
        if unknown or not 1 <= len(asked) <= 50:
            message = f"Endpoints not found: {unknown}"
            error = {"type": "not_found", "message": message, "request_id": "r"}
            return web.json_response({"error": error}, status=404)
        prices = [
            {"endpoint_id": name, "unit_price": 0.1, "unit": "seconds", "currency": "USD"}
            for name in asked
        ]
        return web.json_response({"prices": prices, "next_cursor": None, "has_more": False})


STAND_IN = FalAI
