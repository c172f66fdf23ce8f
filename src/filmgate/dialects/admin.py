"""filmgate's own endpoints, for whoever runs it: API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.caller import ApiKey
from filmgate.gateway.keys import Keys
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import const, says
from filmgate.web.reading import read


class KeyCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, says(minLength=1)]
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


class KeyList(msgspec.Struct):
    data: Sequence[KeyShown]


class KeyRevoked(msgspec.Struct):
    id: str
    revoked: Annotated[bool, const(True)] = True


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

    @endpoint("List the API keys", answer=KeyList, errors=(403,), ours=True)
    async def list(self, request: Request) -> Response:
        await self._door.admin(request)
        shown = [shown_key(key) for key in await self._keys.list()]
        return _json({"data": shown})

    @endpoint(
        "Make an API key; only this answer has it",
        body=KeyCreate,
        answer=KeyShown,
        errors=(403, 409),
        makes="key_id",
        ours=True,
        keyed=False,
    )
    async def create(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, KeyCreate) as body:
            made, key = await self._keys.create(body.name, value=body.value, admin=body.admin)
        return _json(shown_key(made, key))

    @endpoint("Revoke an API key", answer=KeyRevoked, errors=(403,), ours=True)
    async def revoke(self, request: Request) -> Response:
        await self._door.admin(request)
        key_id = request.path_params["key_id"]
        await self._keys.revoke(key_id)
        return _json(KeyRevoked(id=key_id))


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
