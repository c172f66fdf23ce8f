"""From an API key to the caller it stands for, and to what that caller may still ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.requests import Request

from filmgate.domain.caller import Caller
from filmgate.domain.errors import Forbidden, TooManyRequests, Unauthenticated
from filmgate.gateway.keys import Keys
from filmgate.ports import Clock, Counts

MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Door:
    """Lets in whoever has a key, as often as they may come."""

    def __init__(
        self, keys: Keys, *, clock: Clock, per_minute: int = 0, counts: Counts | None = None
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._per_minute = per_minute  #: POST requests of one caller; 0: any number
        self._counts = counts  #: of all nodes; without, this one counts alone
        # By caller: when the running minute began, and what was asked in it.
        self._asked: dict[str, tuple[datetime, int]] = {}

    async def caller(
        self, request: Request, *, header: str = "api-key", query: str | None = None
    ) -> Caller:
        """
        Who sends *request*; `Unauthenticated` if its key is missing or unknown.

        A key may also come in *header*, as Azure's clients send it, or in *query*.
        """
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            key = request.headers.get(header, "")
        if query and not key.strip():
            key = request.query_params.get(query, "")
        if not key.strip():
            message = (
                "You didn't provide an API key. Send it as `Authorization: Bearer YOUR_KEY`."
            )
            raise Unauthenticated(message)
        caller = await self._keys.caller(key.strip())
        if self._per_minute and request.method == "POST":
            request.state.headers = await self._count(caller)
        return caller

    async def admin(self, request: Request) -> Caller:
        """The same, and `Forbidden` unless the key may manage keys."""
        caller = await self.caller(request)
        if not caller.admin:
            raise Forbidden("This key may not manage keys. Use an admin key.")
        return caller

    async def _count(self, caller: Caller) -> dict[str, str]:
        """What tells the caller of the limit; `TooManyRequests` beyond it."""
        asked, wait = await self._ask(caller)
        if asked > self._per_minute:
            message = (
                f"You may send {self._per_minute} requests a minute. Try again in "
                f"{wait.total_seconds():.0f} s."
            )
            raise TooManyRequests(message, retry_after=wait)
        return {
            "x-ratelimit-limit-requests": str(self._per_minute),
            "x-ratelimit-remaining-requests": str(self._per_minute - asked),
            "x-ratelimit-reset-requests": f"{wait.total_seconds():.0f}s",
        }

    async def _ask(self, caller: Caller) -> tuple[int, timedelta]:
        """How often the caller has asked in this minute, and how long that still lasts."""
        now = self._clock.now()
        if self._counts:
            # All nodes begin their minutes together.
            minute, gone = divmod(now - _EPOCH, MINUTE)
            return await self._counts.count(caller.id, minute), MINUTE - gone
        began, asked = self._asked.get(caller.id, (now, 0))
        if now - began >= MINUTE:
            began, asked = now, 0
        self._asked[caller.id] = began, asked + 1
        return asked + 1, began + MINUTE - now
