"""
A ComfyUI server, as its own `server.py`, `execution.py` and `comfy_execution/jobs.py` answer.

There is no schema: a workflow is checked as the server does it, against the classes that
`/object_info` lists. `jobs` says how old it is: "none" is from 2025 and has no `/api/jobs`,
"read" has it and cannot cancel there, "cancel" refuses an id that it has had. It lets
nobody in without a key, as a proxy before it does. How far a film is it tells the socket
of who sent it, as `main.py` and `comfy_execution/progress.py` do.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

import msgspec
from aiohttp import web

from upstreams.answers import HTML, ranged
from upstreams.comfyui_nodes import CLASSES, mistakes, refused
from upstreams.standin import StandIn, Task


class Free(msgspec.Struct, forbid_unknown_fields=True):
    unload_models: bool = False
    free_memory: bool = False


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
    freed: list[Free] = field(default_factory=list)
    deaf: bool = False  #: no socket can be opened
    sockets: dict[str, web.WebSocketResponse] = field(default_factory=dict)  #: by client

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
            web.get("/api/ws", self.socket),
            web.post("/api/free", self.free),
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

    async def free(self, request: web.Request) -> web.Response:
        try:
            self.freed.append(msgspec.json.decode(await request.read(), type=Free))
        except msgspec.ValidationError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.Response()

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if self.deaf:
            return await gone(request)
        client, socket = request.query["clientId"], web.WebSocketResponse()
        await socket.prepare(request)
        assert client not in self.sockets, "one is enough"
        self.sockets[client] = socket
        try:
            await socket.send_json({"type": "status", "data": {"status": {}, "sid": client}})
            async for _ in socket:
                raise AssertionError("nobody is to be told anything")
        finally:
            del self.sockets[client]
        return socket

    async def tell(self, task: Task, kind: str, **data: Any) -> None:
        """Who sent *task*, something of it; and a picture of what it looks like."""
        socket = self.sockets[task.body["client_id"]]
        await socket.send_json({"type": kind, "data": {"prompt_id": task.id, **data}})
        await socket.send_bytes(bytes([0, 0, 0, 1, 0, 0, 0, 1]) + b"\xff\xd8\xff")

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


STAND_IN = ComfyUI
