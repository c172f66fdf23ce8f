"""How a stand-in upstream answers, well and badly."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from upstreams.ledger import Task

HTML = "<html><body><h1>504 Gateway Time-out</h1></body></html>"
LONGEST_SILENCE = 600.0


def failed(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """OpenAI's error envelope."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


def video_of(task: Task, poll_after: int | None) -> web.Response:
    """The video object as it is now."""
    now = time.time()
    ready = not task.open(now)
    whole = max(task.ready_at - task.at, 0.001)
    status = "in_progress"
    if ready:
        status = "failed" if task.failure else "completed"
    error: dict[str, Any] | None = None
    if ready and task.failure:
        error = dict(zip(("code", "message"), task.failure, strict=True))
    done = ready and not task.failure
    video = {
        "id": task.id,
        "object": "video",
        "model": task.model,
        "status": status,
        "progress": 100 if done else min(99, int(100 * (now - task.at) / whole)),
        "created_at": int(task.at),
        "completed_at": int(task.ready_at) if done else None,
        "expires_at": int(task.ready_at) + 3600 if done else None,
        "prompt": task.prompt,
        "size": task.size,
        "seconds": task.seconds,
        "remixed_from_video_id": None,
        "error": error,
    }
    headers = {} if ready or poll_after is None else {"openai-poll-after-ms": str(poll_after)}
    return web.json_response(video, headers=headers)


def ranged(
    request: web.Request, film: bytes, *, etag: str
) -> tuple[web.StreamResponse, bytes, int]:
    """The answer's head, what is to be sent, and its first byte."""
    headers = {"etag": etag, "accept-ranges": "bytes", "content-type": "video/mp4"}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if asked is None or not any(asked.groups()):
        headers["content-length"] = str(len(film))
        return web.StreamResponse(headers=headers), film, 0
    first, last = asked.groups()
    start = int(first) if first else max(0, len(film) - int(last))
    end = min(int(last), len(film) - 1) if first and last else len(film) - 1
    if start > end:
        headers["content-range"] = f"bytes */{len(film)}"
        return web.Response(status=416, headers=headers), b"", start
    body = film[start : end + 1]
    headers |= {
        "content-range": f"bytes {start}-{end}/{len(film)}",
        "content-length": str(len(body)),
    }
    return web.StreamResponse(status=206, headers=headers), body, start


def cut(request: web.Request, begun: web.StreamResponse | None = None) -> web.StreamResponse:
    """No answer, or no more of it: the line is cut."""
    if request.transport:
        request.transport.abort()
    return begun or web.Response()


async def half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """The line is cut in the middle of the answer."""
    body = bytes(answer.body) if isinstance(answer.body, bytes) else b"{}"
    begun = web.StreamResponse(
        headers={"content-type": "application/json", "content-length": str(len(body))}
    )
    with suppress(ConnectionError):  # whoever asked may have gone
        await begun.prepare(request)
        await begun.write(body[: len(body) // 2])
        await asyncio.sleep(0.01)  # so that the half leaves
    return cut(request, begun)


async def silence(request: web.Request) -> web.StreamResponse:
    """Nothing, until whoever asked hangs up."""
    until = time.monotonic() + LONGEST_SILENCE
    while request.transport and not request.transport.is_closing():
        if time.monotonic() > until:
            break
        await asyncio.sleep(0.05)
    return cut(request)
