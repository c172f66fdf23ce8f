"""Better prompts: by a chat model if there is an account for one, by rules otherwise."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import timedelta

from filmgate.domain.account import PASSING, Account, AccountState
from filmgate.domain.composer import compose
from filmgate.domain.enhancement import Enhancement
from filmgate.domain.errors import (
    Blame,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
)
from filmgate.domain.model import PROMPT_LIMIT
from filmgate.gateway.accounts import Accounts
from filmgate.ports import Clock, Enhancer

log = logging.getLogger(__name__)

ELSEWHERE = (Blame.ACCOUNT, Blame.ENGINE)  #: another account may do


class Enhancing:
    """
    Prompts written by *enhancers*, on whichever of their accounts works.

    An account's seats hold in this process alone: nothing is kept, and a prompt that is
    lost is asked for again. Whoever finds all of them taken waits.
    """

    def __init__(
        self, enhancers: Iterable[Enhancer], *, accounts: Accounts, clock: Clock
    ) -> None:
        self._enhancers = {enhancer.name: enhancer for enhancer in enhancers}
        self._accounts = accounts
        self._clock = clock
        self._seats: dict[str, tuple[int, asyncio.Semaphore]] = {}
        self._wanted = Counter[str]()  #: prompts that an account writes, or is waited for with

    async def enhance(self, wish: Enhancement) -> AsyncGenerator[str]:
        """
        The better prompt, piece by piece; whoever stops early closes it.

        What goes wrong before the first piece is tried with the next account, unless
        another would do no better; what goes wrong after it is raised.
        """
        accounts = await self._accounts_now()
        if not accounts:
            yield _composed(wish)
            return
        async with aclosing(self._told(wish, accounts)) as pieces:
            async for piece in pieces:
                yield piece

    async def better(self, wish: Enhancement) -> str:
        """
        The whole of a prompt that engines are given in place of the caller's.

        Rules tell only the gist of a long prompt: it stands before what they write. What
        goes wrong names `enhance`.
        """
        try:
            accounts = await self._accounts_now()
            if not accounts:
                return _kept(wish)
            async with aclosing(self._told(wish, accounts)) as pieces:
                text = "".join([piece async for piece in pieces]).strip()
        except FilmgateError as error:
            error.param = "enhance"
            raise
        if not text or len(text) > PROMPT_LIMIT or "\0" in text:
            message = (
                f"The model that writes prompts wrote one of {len(text)} characters, of which "
                "no film can be made. Try again, or leave 'enhance' out."
            )
            raise EngineMisbehaved(message, param="enhance")
        return text

    async def _told(self, wish: Enhancement, accounts: list[Account]) -> AsyncGenerator[str]:
        """What the first of *accounts* that can writes."""
        while True:
            # Nothing is waited for between this and taking the seat.
            account = min(accounts, key=lambda one: (self._rounds(one), -one.priority))
            accounts.remove(account)
            begun = False
            try:
                async with aclosing(self._written(wish, account)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
            except FilmgateError as error:
                await self._accounts.blame(account, error)
                if begun or not accounts or error.blame not in ELSEWHERE:
                    raise
                log.info("enhancement.moves account=%s code=%s", account.id, error.code)
            else:
                await self._accounts.worked(account)
                return

    async def _accounts_now(self) -> list[Account]:
        """
        Those that may write.

        None, if nobody can write but the rules; `EngineUnavailable` if somebody can later.
        """
        now = self._clock.now()
        known = [
            account
            for name in self._enhancers
            for account in (await self._accounts.pool(name)).accounts
        ]
        found = [one for one in known if one.state(now) is AccountState.ACTIVE]
        later = [one for one in known if one.state(now) in PASSING]
        if later and not found:
            times = [one.rests_until for one in later if one.rests_until]
            wait = max(min(times) - now, timedelta()) if times else None
            message = (
                "No account that writes prompts may be used now: all rest or are rejected."
            )
            raise EngineUnavailable(message, retry_after=wait)
        return found

    def _rounds(self, account: Account) -> int:
        """How often all of its seats would be taken by those who want one."""
        return self._wanted[account.id] // max(1, account.seats)

    async def _written(self, wish: Enhancement, account: Account) -> AsyncGenerator[str]:
        self._wanted[account.id] += 1
        try:
            async with (
                self._seats_of(account),
                aclosing(self._enhancers[account.engine].enhance(wish, account)) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        finally:
            self._wanted[account.id] -= 1

    def _seats_of(self, account: Account) -> asyncio.Semaphore:
        seats, semaphore = self._seats.get(account.id, (0, asyncio.Semaphore(0)))
        if seats != account.seats:  # it is new, or its operator has changed them
            semaphore = asyncio.Semaphore(max(1, account.seats))
            self._seats[account.id] = account.seats, semaphore
        return semaphore


def _composed(wish: Enhancement) -> str:
    """What the rules write."""
    told = compose(wish.prompt, seconds=wish.seconds or 1, detail=wish.detail)
    return told.still if wish.seconds is None else told.text


def _kept(wish: Enhancement) -> str:
    """The same, with every word of the prompt in it."""
    text = _composed(wish)
    if _bare(wish.prompt) not in _bare(text):
        _, _, rest = text.partition("\n")
        text = f"{wish.prompt}\n{rest}"
    if len(text) > PROMPT_LIMIT:
        message = (
            f"The prompt has {len(wish.prompt)} characters, and a better one would have "
            f"{len(text)}; the most is {PROMPT_LIMIT}. Leave 'enhance' out."
        )
        raise InvalidRequest(message, param="enhance", code="string_above_max_length")
    return text


def _bare(text: str) -> str:
    """Its letters and digits, whatever stands between them."""
    return "".join(filter(str.isalnum, text)).casefold()
