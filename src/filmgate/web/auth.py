"""From an API key to the caller it stands for."""

from __future__ import annotations

from starlette.requests import Request

from filmgate.domain.caller import Caller
from filmgate.domain.errors import Forbidden, Unauthenticated
from filmgate.gateway.keys import Keys


class Door:
    """Lets in whoever has a key."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def caller(self, request: Request) -> Caller:
        """Who sends *request*; `Unauthenticated` if its Bearer key is missing or unknown."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            message = (
                "You didn't provide an API key. Send it as `Authorization: Bearer YOUR_KEY`."
            )
            raise Unauthenticated(message)
        return await self._keys.caller(key.strip())

    async def admin(self, request: Request) -> Caller:
        """The same, and `Forbidden` unless the key may manage keys."""
        caller = await self.caller(request)
        if not caller.admin:
            raise Forbidden("This key may not manage keys. Use an admin key.")
        return caller
