"""Accounts asked about, without paying: by an operator, or because something is amiss."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from filmgate.domain.account import Account, AccountState
from filmgate.domain.errors import AccountExhausted, AccountRejected, FilmgateError
from filmgate.gateway.account_fields import AccountFields, is_reference
from filmgate.gateway.accounts import Accounts
from filmgate.ports import Clock, Engine, KeptAccounts, Refreshes

log = logging.getLogger(__name__)

EVERY = 60.0  #: seconds after which is looked for what is due
AT_ONCE = 8  #: accounts that are asked about at the same time
SHORTEST_GAP, LONGEST_GAP = timedelta(minutes=5), timedelta(hours=1)
TELL_BEFORE = timedelta(days=7)  #: a secret expires
REFRESH_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What an engine said of an account, and what has become of it."""

    account: Account  #: without its secret and its proxy
    state: AccountState
    models: int | None  #: that it may use; None: it was not let in
    error: FilmgateError | None  #: why not

    @property
    def ok(self) -> bool:
        return self.error is None


class Checks:
    """
    Asks engines about accounts, and keeps what they say.

    *ask* says how many models an account may use, or raises why it is of no use.
    """

    def __init__(
        self,
        rows: KeptAccounts,
        *,
        accounts: Accounts,
        ask: Callable[[Account], Awaitable[int]],
        engines: Mapping[str, Engine],
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._accounts = accounts
        self._ask = ask
        self._engines = engines
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tried: dict[str, datetime] = {}  #: when a refresh failed last, by account

    async def check(self, account_id: str) -> Checked:
        """
        Ask the engine, without paying, whether it lets the account in.

        If so, its rest, its rejection and its errors are over. `NotFound` if there is no
        such account; whatever else is wrong is in the answer.
        """
        found: int | None = None
        error: FilmgateError | None = None
        row = (await self._accounts.show(account_id)).account
        try:
            account = await self._accounts.get(account_id)
        except AccountRejected as unreadable:  # by this node: nobody was asked
            error = unreadable
        else:
            try:
                found = await self._ask(account)
            except FilmgateError as refused:
                error = refused
            await self._keep(account, error)
        shown = await self._accounts.show(account_id)
        if error is None and row.rejected_at is not None:
            log.info("account.accepted account=%s engine=%s", row.id, row.engine)
        return Checked(account=shown.account, state=shown.state, models=found, error=error)

    async def sweep(self) -> None:
        """See to accounts that expire, and ask about those that were rejected."""
        now = self._clock.now()
        rows = [one for one in await self._rows.all() if not (one.disabled or one.per_node)]
        for row in rows:
            if row.expires_at is not None and row.expires_at - now <= TELL_BEFORE:
                await self._watch(row, row.expires_at, now)
        rejected = [one for one in rows if one.state(now) is AccountState.REJECTED]
        due = [one for one in rejected if _is_due(one.rejected_at, one.checked_at, now)]
        await asyncio.gather(*(self._again(one) for one in due))

    async def _again(self, row: Account) -> None:
        async with self._places:
            await self.check(row.id)

    async def _keep(self, account: Account, error: FilmgateError | None) -> None:
        rejected = account.rejected_at is not None
        if isinstance(error, AccountRejected) or (
            isinstance(error, AccountExhausted) and not rejected
        ):
            await self._accounts.blame(account, error)
        at = self._clock.now()
        await self._rows.check(account.id, at=at, accepted=error is None)
        await self._accounts.renew(account)

    async def _watch(self, row: Account, expires_at: datetime, now: datetime) -> None:
        """Have the secret of an account refreshed, or tell once that it expires."""
        engine = self._engines.get(row.engine)
        # Who keeps it elsewhere has to renew it there.
        kept_here = row.secret is not None and not is_reference(row.secret)
        if kept_here and isinstance(engine, Refreshes):
            since = expires_at - REFRESH_BEFORE
            if now < since:
                return
            if not _is_due(since, self._tried.get(row.id), now):
                return
            if await self._refreshed(row, engine):
                self._tried.pop(row.id, None)
                return
            self._tried[row.id] = now
        if row.warned_at is None and await self._rows.warn(row.id, at=now):
            log.warning(
                "account.expires account=%s engine=%s label=%r at=%s",
                *(row.id, row.engine, row.label, expires_at.isoformat()),
            )

    async def _refreshed(self, row: Account, engine: Refreshes) -> bool:
        """Whether the engine gave the account a new secret, or its own more time."""
        try:
            new = await engine.refresh(await self._accounts.get(row.id))
            if new is None:
                return False
            change: AccountFields = {"expires_at": new.expires_at}
            if new.secret is not None:
                change["secret"] = new.secret
            await self._accounts.change(row.id, change)
        except FilmgateError as error:
            log.warning("account.unrefreshed account=%s code=%s", row.id, error.code)
            return False
        log.info("account.refreshed account=%s engine=%s", row.id, row.engine)
        return True


def _is_due(since: datetime | None, last: datetime | None, now: datetime) -> bool:
    """Whether to try again what is amiss *since* then: ever more seldom."""
    if since is None or last is None:
        return True
    gap = min(max((last - since) / 2, SHORTEST_GAP), LONGEST_GAP)
    return now - last >= gap
