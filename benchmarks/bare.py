"""
The least that a Starlette server on embedded granian can do with `/v1/videos`.

It is the ceiling that filmgate is held against, and the upstream, without any
latency of its own, behind the other gateways. Run it: `bare.py PORT FILM`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

VIDEO = json.dumps(
    {
        "id": "video_69101f2e8a5c81908e1d3c6b7a9f0d24",
        "object": "video",
        "model": "sora-2",
        "status": "completed",
        "progress": 100,
        "created_at": 1_760_000_000,
        "completed_at": 1_760_000_001,
        "expires_at": None,
        "prompt": "A kite over the sea",
        "size": "1280x720",
        "seconds": "4",
        "remixed_from_video_id": None,
        "error": None,
    }
).encode()


async def video(_: Request) -> Response:
    return Response(VIDEO, media_type="application/json")


def app(film: Path) -> Starlette:
    async def content(_: Request) -> Response:
        return FileResponse(film, media_type="video/mp4")

    return Starlette(
        routes=[
            Route("/v1/videos", video, methods=["POST"]),
            Route("/v1/videos/{video_id}", video, methods=["GET"]),
            Route("/v1/videos/{video_id}/content", content, methods=["GET"]),
        ]
    )


async def serve(port: int, film: Path) -> None:
    server = Server(
        app(film),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
