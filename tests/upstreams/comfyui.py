"""
A ComfyUI server, as its own `server.py`, `execution.py` and `comfy_execution/jobs.py` answer.

There is no schema: a workflow is checked as the server does it, against the classes that
`/object_info` lists. `jobs` says how old it is: "none" is from 2025 and has no `/api/jobs`,
"read" has it and cannot cancel there, "cancel" refuses an id that it has had. It lets
nobody in without a key, as a proxy before it does.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

from aiohttp import web

from upstreams.answers import HTML, ranged
from upstreams.standin import StandIn, Task

Graph = dict[str, dict[str, Any]]


def whole(least: int, most: int) -> list[Any]:
    return ["INT", {"min": least, "max": most}]


SIDE = whole(1, 16384)
NUMBER = ["FLOAT", {"min": 0.0, "max": 120.0}]
TEXT = ["STRING", {"multiline": True}]
#: By class: what it takes, what it gives, and whether it saves something.
CLASSES: dict[str, tuple[dict[str, list[Any]], list[str], bool]] = {
    "LoadImage": (
        {"image": [["example.png"], {"image_upload": True}]},
        ["IMAGE", "MASK"],
        False,
    ),
    "EmptyImage": (
        {"width": SIDE, "height": SIDE, "batch_size": whole(1, 4096), "color": whole(0, 2**24)},
        ["IMAGE"],
        False,
    ),
    "ImageStitch": (
        {
            "image1": ["IMAGE"],
            "image2": ["IMAGE"],
            "direction": [["right", "down", "left", "up"], {}],
            "match_image_size": ["BOOLEAN", {}],
            "spacing_width": whole(0, 1024),
            "spacing_color": [["white", "black", "red", "green", "blue"]],
        },
        ["IMAGE"],
        False,
    ),
    "ImageScale": (
        {
            "image": ["IMAGE"],
            "upscale_method": [["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]],
            "width": SIDE,
            "height": SIDE,
            "crop": [["disabled", "center"]],
        },
        ["IMAGE"],
        False,
    ),
    "RepeatImageBatch": ({"image": ["IMAGE"], "amount": whole(1, 4096)}, ["IMAGE"], False),
    "ImageAddNoise": (
        {"image": ["IMAGE"], "seed": whole(0, 2**64 - 1), "strength": NUMBER},
        ["IMAGE"],
        False,
    ),
    "PrimitiveStringMultiline": ({"value": TEXT}, ["STRING"], False),
    "PrimitiveInt": ({"value": whole(-(2**63), 2**63)}, ["INT"], False),
    "StringLength": ({"string": TEXT}, ["INT"], False),
    "EmptyLatentImage": ({"width": SIDE, "height": SIDE}, ["LATENT"], False),
    "VAEDecode": ({"samples": ["LATENT"], "vae": ["VAE"]}, ["IMAGE"], False),
    "VAELoader": ({"vae_name": [["pixel_space"]]}, ["VAE"], False),
    "CreateVideo": ({"images": ["IMAGE"], "fps": NUMBER}, ["VIDEO"], False),
    "SaveVideo": (
        {
            "video": ["VIDEO"],
            "filename_prefix": ["STRING", {}],
            "format": ["COMBO", {"options": ["auto", "mp4"]}],
            "codec": ["COMBO", {"options": ["auto", "h264"]}],
        },
        [],
        True,
    ),
}


@dataclass
class ComfyUI(StandIn):
    engine = "comfyui"

    jobs: str = "cancel"
    blind: int = 0  #: how many times more it does not find what it has
    uploads: dict[str, bytes] = field(default_factory=dict)  #: by folder and name
    interrupts: list[str | None] = field(default_factory=list)  #: what was told to stop
    runs: list[str] = field(default_factory=list)  #: ids, each time that one is queued
    waits: bool = False  #: something else runs, and every task waits behind it
    odd: str = ""  #: the status of whatever has not ended
    mints: str = ""  #: the id that it gives to every task, as the oldest do
    said: dict[str, Any] = field(default_factory=dict)  #: of the last refused workflow

    def routes(self) -> Sequence[web.RouteDef]:
        old = [
            web.get("/api/system_stats", self.stats),
            web.get("/api/object_info", self.object_info),
            web.post("/api/prompt", self.prompt),
            web.post("/api/upload/image", self.upload),
            web.get("/api/queue", self.queue),
            web.post("/api/queue", self.delete),
            web.get("/api/history/{id}", self.history),
            web.post("/api/interrupt", self.interrupt),
            web.get("/api/view", self.view),
        ]
        read = [web.get("/api/jobs/{id}", self.poll)] if self.jobs != "none" else []
        cancel = web.post("/api/jobs/{id}/cancel", self.cancel)
        # The files of its pages lie at the root, and are only read.
        return [
            *old,
            *read,
            *([cancel] if self.jobs == "cancel" else []),
            web.get("/{_:.*}", gone),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        if why == "rejected":
            return web.Response(status=401, text=HTML, content_type="text/html")
        if why == "invalid":
            said = self.said or refused("value_bigger_than_max", "ImageScale", "sized", "width")
            self.said = {}
            return web.json_response(said, status=400)
        return None

    def wrong(self, request: web.Request, body: Any) -> str | None:
        del request
        self.said = mistakes(body, self.uploads)
        return json.dumps(self.said) if self.said else None

    def prompt_of(self, body: Any) -> str:
        texts = [one for one in body["prompt"].values() if "String" in one["class_type"]]
        return str(next(one["inputs"]["value"] for one in texts if "value" in one["inputs"]))

    def pictures_of(self, body: Any) -> list[bytes]:
        loaded = [one for one in body["prompt"].values() if one["class_type"] == "LoadImage"]
        return [self.uploads[one["inputs"]["image"]] for one in loaded]

    def new_id(self) -> str:
        return self.runs[-1]

    def again(self, request: web.Request, body: Any) -> Task | None:
        """None: an old one runs it twice, and a new one has refused it already."""
        del request
        self.runs.append(body["prompt_id"])
        return None

    def created(self, task: Task) -> web.Response:
        said = {"prompt_id": self.mints or task.id, "number": 1, "node_errors": {}}
        return web.json_response(said)

    def polled(self, task: Task) -> web.Response:
        status = self.status_of(task)
        if status != "ended":
            return web.json_response({"id": task.id, "status": status, "outputs_count": 0})
        past = past_of(task)
        ended = {"success": "completed", "error": "cancelled" if task.cancelled else "failed"}
        return web.json_response(
            {
                "id": task.id,
                "status": ended[past["status"]["status_str"]],
                "outputs": past["outputs"],
                "execution_status": past["status"],
                "workflow": {"prompt": task.body["prompt"], "extra_data": {}},
            }
        )

    def unknown(self, task_id: str) -> web.Response:
        del task_id
        return web.json_response({"error": "Job not found"}, status=404)

    def cancelled(self, task: Task) -> web.Response:
        return web.json_response({"cancelled": not task.ready})

    def status_of(self, task: Task) -> str:
        if task.cancelled or task.ready:
            return "ended"
        return self.odd or ("pending" if self.waits else "in_progress")

    async def prompt(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        try:
            good = str(uuid.UUID(body["prompt_id"])) == body["prompt_id"]
        except ValueError:
            good = False
        if not good:
            return web.json_response(refused("invalid_prompt_id"), status=400)
        if self.jobs == "cancel" and body["prompt_id"] in self.tasks:
            return web.json_response({"error": "prompt_id already exists"}, status=409)
        return await self.create(request)

    async def poll(self, request: web.Request) -> web.StreamResponse:
        if self.blind:
            self.blind -= 1
            return self.unknown(request.match_info["id"])
        return await super().poll(request)

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["id"] not in self.tasks:
            return web.json_response({"cancelled": False})
        return await super().cancel(request)

    async def stats(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"system": {"comfyui_version": "0.9.0"}, "devices": []})

    async def object_info(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(
            {
                name: {"input": {"required": takes}, "output": gives, "output_node": saves}
                for name, (takes, gives, saves) in CLASSES.items()
            }
        )

    async def upload(self, request: web.Request) -> web.Response:
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        form = message_from_bytes(head + await request.read(), policy=HTTP)
        parts = {
            str(part.get_param("name", header="content-disposition")): part
            for part in form.iter_parts()
        }
        read: dict[str, Any] = {
            name: part.get_payload(decode=True) for name, part in parts.items()
        }
        if read.get("overwrite") != b"true" or "image" not in parts:
            return web.Response(status=400)
        folder, name = read["subfolder"].decode(), parts["image"].get_filename()
        self.uploads[f"{folder}/{name}"] = read["image"]
        said = {"name": name, "subfolder": folder, "type": read["type"].decode()}
        return web.json_response(said)

    async def queue(self, request: web.Request) -> web.Response:
        del request
        tasks = [(self.status_of(task), task) for task in self.tasks.values()]
        named = {"queue_running": "in_progress", "queue_pending": "pending"}
        return web.json_response(
            {
                name: [
                    [1, one.id, one.body["prompt"], {}, []] for is_, one in tasks if is_ == was
                ]
                for name, was in named.items()
            }
        )

    async def history(self, request: web.Request) -> web.Response:
        task = self.tasks.get(request.match_info["id"])
        if self.blind or task is None or self.status_of(task) != "ended":
            return web.json_response({})
        return web.json_response({task.id: past_of(task)})

    async def delete(self, request: web.Request) -> web.Response:
        for prompt_id in (await request.json())["delete"]:
            task = self.tasks.get(prompt_id)
            if task is not None and self.status_of(task) == "pending":
                del self.tasks[prompt_id]
        return web.Response()

    async def interrupt(self, request: web.Request) -> web.Response:
        prompt_id = (await request.json()).get("prompt_id")
        self.interrupts.append(prompt_id)
        self.tasks[prompt_id].cancelled = True
        return web.Response()

    async def view(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.query["filename"].removesuffix("_00001_.mp4"))
        if task is None or request.query["subfolder"] != "filmgate":
            return web.Response(status=404)
        answer, body, _ = ranged(request, self.film(task), etag=f'"{task.id}"')
        if answer.status != 416:
            await answer.prepare(request)
            await answer.write(body)
            await answer.write_eof()
        return answer


async def gone(request: web.Request) -> web.Response:
    del request
    return web.Response(status=404, content_type="application/octet-stream")


def past_of(task: Task) -> dict[str, Any]:
    """What the history keeps of a task."""
    messages: list[Any] = [["execution_start", {"prompt_id": task.id}]]
    if task.cancelled:
        messages.append(["execution_interrupted", {"prompt_id": task.id, "executed": []}])
    elif task.fails:
        said = {
            "fails": ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied"),
            "moderated": ("Exception", "Task failed: Content Moderated"),
        }[task.fails]
        error = dict(zip(("exception_type", "exception_message"), said, strict=True))
        node = {"prompt_id": task.id, "node_id": "grain", "node_type": "ImageAddNoise"}
        messages.append(["execution_error", {**node, **error, "traceback": [], "executed": []}])
    else:
        messages.append(["execution_success", {"prompt_id": task.id}])
    name = {"filename": f"{task.id}_00001_.mp4", "subfolder": "filmgate", "type": "output"}
    bad = task.cancelled or task.fails is not None
    status = {"status_str": "error" if bad else "success", "completed": not bad}
    return {
        "prompt": [1, task.id, task.body["prompt"], {}, ["saved"]],
        "outputs": {} if bad else {"saved": {"images": [name], "animated": [True]}},
        "status": {**status, "messages": messages},
        "meta": {},
    }


def refused(
    kind: str, class_type: str = "", node: str = "", name: str = "", value: Any = None
) -> dict[str, Any]:
    """A refusal; of one node's input, or of all if no class is named."""
    message = kind.replace("_", " ").capitalize()
    if not class_type:
        error = {"type": kind, "message": message, "details": node, "extra_info": {}}
        return {"error": error, "node_errors": {}}
    extra = {"input_name": name, "received_value": value}
    found = {"type": kind, "message": message, "details": name, "extra_info": extra}
    bad = {"errors": [found], "dependent_outputs": ["saved"], "class_type": class_type}
    error = {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": f"{message}: {name}",
        "extra_info": {},
    }
    return {"error": error, "node_errors": {node: bad}}


def mistakes(body: Any, uploads: dict[str, bytes]) -> dict[str, Any]:
    """What is wrong with a create; empty if nothing is."""
    graph = body.get("prompt")
    if not isinstance(graph, dict):
        return refused("no_prompt")
    for node, one in graph.items():
        if one.get("class_type") not in CLASSES:
            return refused("invalid_prompt", node=f"Node ID '#{node}'")
    if not any(CLASSES[one["class_type"]][2] for one in graph.values()):
        return refused("prompt_no_outputs")
    for node, one in graph.items():
        for kind, name, value in input_mistakes(graph, one, uploads):
            return refused(kind, one["class_type"], node, name, value)
    return {}


def input_mistakes(
    graph: Graph, one: dict[str, Any], uploads: dict[str, bytes]
) -> Iterator[tuple[str, str, Any]]:
    """The mistakes in one node: their kind, and the input's name and value."""
    for name, (kind, *more) in CLASSES[one["class_type"]][0].items():
        if name not in one["inputs"]:
            yield "required_input_missing", name, None
            continue
        value, extra = one["inputs"][name], more[0] if more else {}
        if isinstance(value, list):
            origin = graph.get(value[0])
            gives = CLASSES[origin["class_type"]][1] if origin else []
            found = None if kind in gives[value[1] : value[1] + 1] else "return_type_mismatch"
        elif extra.get("image_upload"):
            found = None if value in uploads else "custom_validation_failed"
        else:
            found = value_mistake(kind, extra, value)
        if found:
            yield found, name, value


def value_mistake(kind: Any, extra: dict[str, Any], value: Any) -> str | None:
    choices = kind if isinstance(kind, list) else extra.get("options")
    if choices is not None:
        return None if value in choices else "value_not_in_list"
    if kind in ("INT", "FLOAT") and not isinstance(value, int | float):
        return "invalid_input_type"
    if "min" in extra and value < extra["min"]:
        return "value_smaller_than_min"
    return "value_bigger_than_max" if "max" in extra and value > extra["max"] else None


STAND_IN = ComfyUI
