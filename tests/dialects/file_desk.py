"""Files and uploads behind HTTP, without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
from openai import AsyncOpenAI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request

from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.files import FileEndpoints
from filmgate.dialects.openai.uploads import UploadEndpoints
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError
from filmgate.web.auth import Door
from filmgate.web.edge import Edge
from unit.file_shop import ANN, BOB, Shop, opened

NAMES = {"ann": ANN, "bob": BOB}


class DoorByName(Door):
    """A key is its caller's name."""

    def __init__(self) -> None:
        pass

    async def caller(
        self, request: Request, *, header: str = "", query: str | None = None
    ) -> Caller:
        del header, query
        return NAMES[request.headers["authorization"].removeprefix("Bearer ")]


@dataclass
class Desk:
    """A shop with HTTP before it."""

    shop: Shop
    client: httpx.AsyncClient
    app: Edge
    stack: AsyncExitStack

    async def call(
        self, method: str, path: str, *, name: str = "ann", **more: Any
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {name}"} | more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        keys = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, json=body, headers=keys)

    async def given(
        self, content: bytes = b"a story", filename: str = "story.txt", **fields: str
    ) -> str:
        fields = {"purpose": "user_data"} | fields
        made = await self.call(
            "POST", "/v1/files", data=fields, files={"file": (filename, content)}
        )
        assert made.status_code == 200, made.text
        return str(made.json()["id"])

    async def sdk(self) -> AsyncOpenAI:
        transport = httpx2.ASGITransport(self.app)
        client = AsyncOpenAI(
            api_key="ann",
            base_url="http://filmgate/v1",
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=transport),
        )
        return await self.stack.enter_async_context(client)


@asynccontextmanager
async def opened_desk(folder: Path) -> AsyncIterator[Desk]:
    async with opened(folder) as shop, AsyncExitStack() as stack:
        door = DoorByName()
        app = Edge(
            Starlette(
                routes=[
                    *FileEndpoints(shop.files, door, shop.blobs).routes(),
                    *UploadEndpoints(shop.uploads, door).routes(),
                ],
                exception_handlers={
                    FilmgateError: envelope.filmgate_error,
                    HTTPException: envelope.http_error,
                },
            ),
            largest_body=1 << 30,
            render=envelope.render,
        )
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://filmgate")
        yield Desk(shop, await stack.enter_async_context(client), app, stack)


async def begun(desk: Desk, *, size: int | str = 6, **more: object) -> dict[str, Any]:
    body = {"filename": "a.bin", "mime_type": "video/mp4", "purpose": "vision", "bytes": size}
    made = await desk.post("/v1/uploads", body | more)
    assert made.status_code == 200, made.text
    return dict(made.json())
