"""API keys: who a caller is, and who may manage that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from filmgate.domain.caller import ApiKey, Caller
from filmgate.domain.errors import (
    CannotStart,
    Conflict,
    InvalidRequest,
    NotFound,
    Unauthenticated,
)
from filmgate.ports import Callers, Clock

SHORTEST = 8  #: characters of a key that somebody brings along
LONG_ENOUGH = 20  #: characters of a key whose last four may be shown
LONGEST = 200  #: characters of a name or a key
FIRST_CALLER = "admin"
#: For so long a key counts that another process may have revoked.
REMEMBERED = timedelta(seconds=5)


class Keys:
    """Makes, lists, revokes and recognises API keys. Only their hashes are kept."""

    def __init__(
        self,
        callers: Callers,
        *,
        clock: Clock,
        new_id: Callable[[str], str],
        new_secret: Callable[[], str],
    ) -> None:
        self._callers = callers
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret
        self._guests: dict[str, Caller] = {}
        # By hash, and until when. Forgotten with every change that this process makes:
        # the row costs a create and a retrieve about 40 µs.
        self._known: dict[str, tuple[Caller, datetime]] = {}

    async def caller(self, key: str) -> Caller:
        """Who presents *key*; `Unauthenticated` if nobody that we know."""
        key_hash, now = _hash(key), self._clock.now()
        if guest := self._guests.get(key_hash):
            return guest
        known = self._known.get(key_hash)
        if known and now < known[1]:
            return known[0]
        caller = await self._callers.by_key(key_hash)
        if caller is None:
            self._known.pop(key_hash, None)
            message = "Incorrect API key provided. `filmgate keys create` makes one."
            raise Unauthenticated(message)
        self._known[key_hash] = caller, now + REMEMBERED
        return caller

    async def create(
        self, name: str, *, value: str | None = None, admin: bool = False
    ) -> tuple[ApiKey, str]:
        """
        A new key for the caller of that name, and the key itself, shown only here.

        *value* brings a key along that clients already use.
        """
        if not (name.strip() and name.isprintable() and len(name) <= LONGEST):
            message = f"A key needs its caller's name: 1 to {LONGEST} printable characters."
            raise InvalidRequest(message, param="name")
        if value is not None and not _usable(value):
            message = (
                f"A key has {SHORTEST} to {LONGEST} printable ASCII characters and no spaces."
            )
            raise InvalidRequest(message, param="value")
        key = value or f"fg-{self._new_secret()}"
        made = await self._callers.add_key(
            self._new_id("key_"),
            name.strip(),
            key_hash=_hash(key),
            hint=key[-4:] if len(key) >= LONG_ENOUGH else "",
            admin=admin,
            at=self._clock.now(),
        )
        self._known.clear()
        if made is None:
            raise Conflict("That key exists already.", param="value")
        return made, key

    async def first(self, preset: str | None) -> str | None:
        """
        See that somebody can come in: the operator's *preset* key, or a new one.

        Returns the new one, to be shown once; None when there is nothing to show.
        """
        if preset is not None:
            await self._take_along(preset)
            return None
        if await self._callers.keys():
            return None
        _, key = await self.create(FIRST_CALLER, admin=True)
        return key

    async def _take_along(self, preset: str) -> None:
        found = await self._callers.by_key(_hash(preset))
        if found is not None and found.admin:
            return
        try:
            await self.create(FIRST_CALLER, value=preset, admin=True)
        except Conflict:
            found = await self._callers.by_key(_hash(preset))
            if found is not None and found.admin:
                return  # another node has taken it along meanwhile
            message = "The preset admin key was revoked or is no admin key. Preset another."
            raise CannotStart(message) from None
        except InvalidRequest as error:
            message = f"The preset admin key cannot be used. {error.message}"
            raise CannotStart(message) from None

    async def guest(self, name: str) -> str:
        """A key for *name* that is kept nowhere and ends with this process."""
        key = f"fg-{self._new_secret()}"
        self._guests[_hash(key)] = await self._callers.ensure(
            self._new_id("caller_"), name, at=self._clock.now()
        )
        return key

    async def list(self) -> Sequence[ApiKey]:
        """Every key, revoked ones too, oldest first."""
        return await self._callers.keys()

    async def revoke(self, key_id: str) -> None:
        """Refuse a key from now on."""
        found = await self._callers.revoke(key_id, at=self._clock.now())
        self._known.clear()
        if not found:
            raise NotFound(f"There is no key '{key_id}'.", param="key_id")


def _hash(key: str) -> str:
    # Keys are long and random, so a plain hash is as good as a slow one.
    return sha256(key.encode()).hexdigest()


def _usable(value: str) -> bool:
    printable = value.isascii() and value.isprintable() and " " not in value
    return printable and SHORTEST <= len(value) <= LONGEST
