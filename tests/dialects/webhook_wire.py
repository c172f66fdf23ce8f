"""A client of an app that has nothing but webhook endpoints, on real rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.webhook_endpoints import WebhookEndpoints
from filmgate.domain.errors import FilmgateError
from filmgate.gateway.keys import Keys
from filmgate.storage.database.callers import CallerRows
from filmgate.web.auth import Door
from post_office import HOOK, Office, open_office

BODY = {"name": "hook", "url": HOOK, "event_types": ["video.completed", "video.failed"]}


@dataclass
class Wire:
    """Two callers' keys and an operator's, and what is behind them."""

    office: Office
    client: httpx.AsyncClient
    key: str
    other_key: str
    admin_key: str

    async def call(
        self, method: str, path: str = "", body: object = None, *, key: str = "", **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(
            method,
            f"/v1/webhook_endpoints{path}",
            json=body,
            headers={"authorization": f"Bearer {key or self.key}"} | sent,
        )

    async def ok(self, method: str, path: str = "", body: object = None, **more: str) -> Any:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def error(
        self, status: int, method: str, path: str = "", body: object = None, **more: str
    ) -> dict[str, Any]:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == status, answer.text
        error: dict[str, Any] = answer.json()["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert error["message"].endswith(".")
        return error

    def secrets(self) -> tuple[str, ...]:
        """What signed the newest letter."""
        return self.office.postman.letters[-1].secrets


@asynccontextmanager
async def open_wire(folder: Path) -> AsyncIterator[Wire]:
    office = await open_office(folder)
    keys = Keys(
        CallerRows(office.database),
        clock=office.clock,
        new_id=office.new_id,
        new_secret=lambda: office.new_id("a-long-enough-secret-"),
    )
    _, key = await keys.create("alice")
    _, other_key = await keys.create("bob")
    _, admin_key = await keys.create("operator", admin=True)
    door = Door(keys, clock=office.clock)
    app = Starlette(
        routes=WebhookEndpoints(office.endpoints, door).routes(),
        exception_handlers={FilmgateError: envelope.filmgate_error},
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gate") as client:
        yield Wire(
            office=office, client=client, key=key, other_key=other_key, admin_key=admin_key
        )
    await office.database.close()
