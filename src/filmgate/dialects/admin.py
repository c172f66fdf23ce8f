"""filmgate's own endpoints, for whoever runs it: API keys."""

from __future__ import annotations

from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.caller import ApiKey
from filmgate.gateway.keys import Keys
from filmgate.web.auth import Door
from filmgate.web.reading import read


class KeyCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    value: str | None = None
    admin: bool = False


class KeyShown(msgspec.Struct, omit_defaults=True):
    """A key as it is shown; *key* itself only in the answer that made it."""

    id: str
    name: str
    hint: str
    admin: bool
    created_at: int
    revoked_at: int | None
    key: str | None = None


class Admin:
    """`/admin/keys`, for admin keys only. The CLI's `filmgate keys` speaks it."""

    def __init__(self, keys: Keys, door: Door) -> None:
        self._keys = keys
        self._door = door

    def routes(self) -> list[Route]:
        return [
            Route("/admin/keys", self.list, methods=["GET"]),
            Route("/admin/keys", self.create, methods=["POST"]),
            Route("/admin/keys/{key_id}", self.revoke, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        await self._door.admin(request)
        shown = [shown_key(key) for key in await self._keys.list()]
        return _json({"data": shown})

    async def create(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, KeyCreate) as body:
            made, key = await self._keys.create(body.name, value=body.value, admin=body.admin)
        return _json(shown_key(made, key))

    async def revoke(self, request: Request) -> Response:
        await self._door.admin(request)
        key_id = request.path_params["key_id"]
        await self._keys.revoke(key_id)
        return _json({"id": key_id, "revoked": True})


def shown_key(key: ApiKey, value: str | None = None) -> dict[str, object]:
    """A key as the answers and the command line show it."""
    shown = KeyShown(
        id=key.id,
        name=key.caller.name,
        hint=f"…{key.hint}",
        admin=key.caller.admin,
        created_at=int(key.created_at.timestamp()),
        revoked_at=int(key.revoked_at.timestamp()) if key.revoked_at else None,
        key=value,
    )
    return cast("dict[str, object]", msgspec.to_builtins(shown))


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
