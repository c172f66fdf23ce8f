"""
Runway on loopback, as its API of 2024-11-06 is documented: https://docs.dev.runwayml.com/api.

What it refuses is what the vendor's SDK types forbid (runwayml 5.24.0, of which
`TextToVideoCreateParams`, `ImageToVideoCreateParams` and `VideoToVideoCreateParams` are unions
by model), and what its guides add: lengths in seconds, and how large a data URI may be. A store
for uploads lies at `localhost`, another origin than 127.0.0.1, and refuses credentials.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from upstreams.standin import StandIn, Task

CREDITS = 48  #: that every task takes
LARGEST = 5_000_000  #: characters of a data URI

_SEED = Annotated[int, Meta(ge=0, le=2**32 - 1)]
_URI = Annotated[str, Meta(pattern="^(https://|runway://|data:(image|video)/)")]


def _shape(name: str, **fields: Any) -> Any:
    """An object of exactly these fields; those that end in `_` may be left out."""
    rows: list[Any] = [(key, kind) for key, kind in fields.items() if key[-1] != "_"]
    rows += [(key[:-1], kind, None) for key, kind in fields.items() if key[-1] == "_"]
    return msgspec.defstruct(name, rows, forbid_unknown_fields=True)


def _ratio(*ratios: str) -> Any:
    return Annotated[str, Meta(pattern=f"^({'|'.join(' '.join(ratios).split())})$")]


def _seconds(least: int, most: int) -> Any:
    return Annotated[int, Meta(ge=least, le=most)]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    uri: _URI


class _Frame(_File):
    position: Literal["first", "last"]


class _Moderation(msgspec.Struct, forbid_unknown_fields=True):
    publicFigureThreshold: Literal["auto", "low"]  # noqa: N815 (the vendor's)


def _files(most: int) -> Any:
    return Annotated[list[_File], Meta(min_length=1, max_length=most)]


def _frames(most: int) -> dict[str, Any]:
    return {"promptImage": Annotated[list[_Frame], Meta(min_length=1, max_length=most)]}


_S480 = "992:432 864:496 752:560 640:640 560:752 496:864"
_S720 = "1470:630 1280:720 1112:834 960:960 834:1112 720:1280"
_S1080 = "2206:946 1920:1080 1664:1248 1440:1440 1248:1664 1080:1920"
_S4K = "3840:1646 3840:2160 3840:2880 3840:3840 2880:3840 2160:3840"
_S25 = "992:432 854:480 752:560 640:640 560:752 480:854"
_W = "832:480 720:544 624:624 544:720 480:832 1280:720 1104:832 960:960 832:1104 720:1280"
_W1080 = "1920:1080 1648:1248 1440:1440 1248:1648 1080:1920"
_AUTO = "auto_480p auto_720p auto_1080p"

_GEN45 = {"duration": _seconds(2, 10), "seed_": _SEED, "contentModeration_": _Moderation}
_VEO = {
    "ratio": _ratio("1280:720 720:1280 1080:1920 1920:1080"),
    "duration_": Literal[4, 6, 8], "audio_": bool, "negativePrompt_": str, "seed_": _SEED,
}  # fmt: skip
_SEEDANCE = {"audio_": bool, "seed_": _SEED}
_LITE = {**_SEEDANCE, "ratio_": _ratio(_S480, _S720), "duration_": _seconds(4, 15)}
_FULL = {**_LITE, "ratio_": _ratio(_S480, _S720, _S1080, _S4K)}
_LONG = {**_SEEDANCE, "ratio_": _ratio(_S25, _S720, _S1080), "duration_": _seconds(4, 30)}
_WAN = {"audio_": bool, "duration_": _seconds(2, 30)}
_OMNI = {
    "ratio_": _ratio("640:360 360:640 1280:720 720:1280 1920:1080 1080:1920"
                     " 3840:2160 2160:3840"),
    "duration_": _seconds(3, 10),
}  # fmt: skip

_FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "/v1/text_to_video": {
        "gen4.5": {**_GEN45, "ratio": _ratio("1280:720 720:1280")},
        "veo3.1": _VEO,
        "veo3.1_fast": _VEO,
        "seedance2": {**_FULL, "references_": _files(9)},
        "seedance2_fast": {**_LITE, "references_": _files(9)},
        "seedance2_mini": {**_LITE, "references_": _files(9)},
        "seedance2_5": {**_LONG, "references_": _files(30)},
        "wan3": {**_WAN, "ratio_": _ratio(_W, _W1080, _AUTO), "references_": _files(10)},
        "wan3_prime": {**_WAN, "ratio_": _ratio(_W, _W1080, _AUTO), "references_": _files(10)},
        "gemini_omni_flash_1.1": _OMNI,
    },
    "/v1/image_to_video": {
        "gen4.5": {
            **_GEN45, **_frames(1),
            "ratio": _ratio("1280:720 720:1280 1104:832 960:960 832:1104 1584:672"),
        },
        "veo3.1": {**_VEO, **_frames(2)},
        "veo3.1_fast": {**_VEO, **_frames(2)},
        "seedance2": {**_FULL, **_frames(2)},
        "seedance2_fast": {**_LITE, **_frames(2)},
        "seedance2_mini": {**_LITE, **_frames(2)},
        "seedance2_5": {**_LONG, **_frames(2)},
        "wan3": {**_WAN, **_frames(2), "ratio_": _ratio(_AUTO)},
        "wan3_prime": {**_WAN, **_frames(2), "ratio_": _ratio(_AUTO)},
        "gemini_omni_flash_1.1": {**_OMNI, **_frames(2)},
    },
    "/v1/video_to_video": {
        "aleph2": {"videoUri": _URI, "seed_": _SEED, "contentModeration_": _Moderation},
        "seedance2_5": {
            **_SEEDANCE, "promptVideo": _URI, "mode": Literal["edit"],
            "duration": Literal["auto"], "references_": _files(30),
        },
        "gemini_omni_flash_1.1": {"videoUri": _URI, "mode": Literal["edit"]},
    },
}  # fmt: skip
_PROMPT = Annotated[str, Meta(min_length=1)]
_SHAPES = {
    path: {
        name: _shape("Body", model=str, promptText=_PROMPT, **of) for name, of in models.items()
    }
    for path, models in _FIELDS.items()
}
_LONGEST = {
    "gen4.5": 1000, "aleph2": 1000, "veo3.1": 1000, "veo3.1_fast": 1000, "seedance2": 3500,
    "seedance2_fast": 3500, "seedance2_mini": 3500, "seedance2_5": 15_000, "wan3": 20_000,
    "wan3_prime": 20_000, "gemini_omni_flash_1.1": 4000,
}  # fmt: skip


@dataclass
class Runway(StandIn):
    engine: ClassVar[str] = "runway"
    prefix: ClassVar[str] = "/v1"
    cost: ClassVar[int | None] = CREDITS * 10_000

    uploads: dict[str, bytes] = field(default_factory=dict)  #: by the URI that they got
    store_status: int = 204  #: that the store answers an upload with

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            *(web.post(path, self.create) for path in _SHAPES),
            web.get("/v1/tasks/{id}", self.poll),
            web.delete("/v1/tasks/{id}", self.cancel),
            web.get("/v1/organization", self._organization),
            web.post("/v1/uploads", self._upload),
            web.post("/store/{id}", self._store),
        ]

    def lets_in(self, request: web.Request) -> bool:
        if request.path.startswith("/store/"):
            return "authorization" not in request.headers
        return (
            request.headers.get("authorization") == f"Bearer {self.secret}"
            and request.headers.get("x-runway-version") == "2024-11-06"
        )

    def refusal(self, why: str) -> web.Response | None:
        match why:
            case "rejected":
                return _error(401, "The API key you provided is not valid.")
            case "broke":
                return _error(400, "You do not have enough credits to run this task.")
            case "busy":
                return _error(429, "Your daily task limit has been reached.")
            case "overloaded":
                return _error(503, "The service is overloaded.")
            case "invalid":
                issue = {
                    "code": "invalid_value",
                    "path": ["ratio"],
                    "message": "Invalid option",
                }
                return _error(400, "Validation of body failed", issues=[issue])
        return None  # moderation shows in the task, never in a create

    def wrong(self, request: web.Request, body: Any) -> str | None:
        try:
            msgspec.convert(body, _SHAPES[request.path][body["model"]])
        except (KeyError, TypeError, msgspec.ValidationError) as error:
            return f"{request.path}: {error}: {str(body)[:300]}"
        if len(body["promptText"].encode("utf-16-le")) // 2 > _LONGEST[body["model"]]:
            return "promptText: too long"
        for uri in _uris(body):
            if len(uri) > LARGEST:
                return "uri: too large"
            if uri.startswith("runway://") and uri not in self.uploads:
                return "uri: unknown upload"
        return None

    def prompt_of(self, body: Any) -> str:
        return str(body["promptText"])

    def pictures_of(self, body: Any) -> list[bytes]:
        return [
            self.uploads.get(uri) or base64.b64decode(uri.partition(",")[2])
            for uri in _uris(body)
        ]

    def created(self, task: Task) -> web.Response:
        return web.json_response({"id": task.id, "estimatedCost": {"credits": CREDITS}})

    def polled(self, task: Task) -> web.Response:
        if task.cancelled:
            return self.unknown(task.id)
        told: dict[str, Any] = {"id": task.id, "createdAt": "2026-11-21T12:00:00.000Z"}
        match task:
            case Task(ready=False):
                told |= {"status": "RUNNING", "progress": 0.5}
                told["estimatedCost"] = {"credits": CREDITS}
            case Task(fails="fails"):
                told |= {"status": "FAILED", "failure": "An unexpected error occurred."}
                told |= {"failureCode": "INTERNAL.BAD_OUTPUT.CODE01", "cost": {"credits": 0}}
            case Task(fails="moderated"):
                told |= {"status": "FAILED", "failure": "Flagged by our content moderation."}
                told |= {"failureCode": "SAFETY.INPUT.TEXT", "cost": {"credits": CREDITS}}
            case _:
                told |= {"status": "SUCCEEDED", "output": [self.film_url(task)]}
                told["cost"] = {"credits": CREDITS}
        return web.json_response(told)

    def cancelled(self, task: Task) -> web.Response:
        del task
        return web.Response(status=204)

    def unknown(self, task_id: str) -> web.Response:
        return _error(404, f"Task {task_id} was not found.")

    async def _organization(self, request: web.Request) -> web.Response:
        del request
        limits = {"maxConcurrentGenerations": 1, "maxDailyGenerations": 50}
        models = dict.fromkeys(("gen4.5", "veo3.1", "aleph2", "gen4_image"), limits)
        return web.json_response(
            {
                "creditBalance": 1000,
                "tier": {"maxMonthlyCreditSpend": 10_000, "models": models},
                "usage": {"models": {}},
            }
        )

    async def _upload(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body["type"] == "ephemeral"
        number = len(self.asked)
        return web.json_response(
            {
                "runwayUri": f"runway://upload-{number}",
                "uploadUrl": f"http://localhost:{self.port}/store/upload-{number}",
                "fields": {"key": f"upload-{number}/{body['filename']}", "policy": "p0licy"},
            }
        )

    async def _store(self, request: web.Request) -> web.Response:
        """As S3 takes a form: its fields first, the file last."""
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        form = message_from_bytes(head + await request.read(), policy=HTTP)
        parts = list(form.iter_parts())
        names = [part.get_param("name", header="content-disposition") for part in parts]
        assert names == ["key", "policy", "file"]
        content = parts[-1].get_payload(decode=True)
        assert isinstance(content, bytes)
        self.uploads[f"runway://{request.match_info['id']}"] = content
        return web.Response(status=self.store_status)


def _error(status: int, message: str, **more: Any) -> web.Response:
    body = {"error": message, "docUrl": "https://docs.dev.runwayml.com/api", **more}
    return web.json_response(body, status=status)


def _uris(body: dict[str, Any]) -> list[str]:
    listed = [
        file["uri"] for file in (*body.get("promptImage", ()), *body.get("references", ()))
    ]
    return [*listed, *(body[name] for name in ("videoUri", "promptVideo") if name in body)]


STAND_IN = Runway
