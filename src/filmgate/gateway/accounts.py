"""Accounts at engines: which of them may be asked now, and what operators do with them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from filmgate.domain.account import Account, AccountState
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    EngineUnavailable,
    EngineUnreachable,
    FilmgateError,
    InvalidRequest,
    NotFound,
    SubmissionInterrupted,
    TimedOut,
)
from filmgate.domain.job import Take
from filmgate.gateway.account_fields import (
    DEFAULT_LABEL,
    USUAL_SEATS,
    AccountFields,
    checked,
    is_reference,
    machine_seats,
)
from filmgate.gateway.account_secrets import Secrets, refers
from filmgate.gateway.copies import Copies
from filmgate.gateway.pool import Pool
from filmgate.ports import AccountChange, Cipher, Clock, KeptAccounts

log = logging.getLogger(__name__)

REST_EXHAUSTED = timedelta(minutes=1)  #: where the engine does not say how long
REST_ERRORS = timedelta(minutes=5)
MOST_ERRORS = 3
LONGEST_REST = timedelta(hours=1)  #: whatever the engine says: its owner may have paid
SHORTEST_REST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class ShownAccount:
    """An account for people to see."""

    account: Account  #: without its secret and its proxy
    state: AccountState
    machine_seats: int | None  #: that the accounts of its machine have between them
    secret_set: bool
    reference: str | None  #: where the secret is read, if it lies elsewhere
    proxy: str | None  #: without its user and password, or where it is read


class Accounts:
    """
    The accounts at every engine.

    *engines* are the installed ones; those that are *embedded* need no account of an
    operator's. *recall* reads the secret that a reference (`env:NAME`, `file:PATH`) leads
    to; `LookupError` says why it cannot. After *most_errors* in a row an account rests.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        rows: KeptAccounts,
        *,
        engines: Collection[str],
        embedded: Collection[str],
        cipher: Cipher,
        recall: Callable[[str], str],
        clock: Clock,
        most_errors: int = MOST_ERRORS,
        new_id: Callable[[str], str],
    ) -> None:
        self._rows = rows
        self._engines = engines
        self._embedded = embedded
        self._secrets = Secrets(cipher, recall)
        self._clock = clock
        self._new_id = new_id
        self._most_errors = most_errors
        self._of = Copies[Pool](clock)
        self._pools: dict[str, tuple[int | None, Pool]] = {}
        self._by_id = Copies[Account](clock)
        self._unreadable: set[str] = set()

    async def pool(self, engine: str) -> Pool:
        """
        The accounts of *engine* with their secrets, and whose turn it is.

        Changes by this process are seen at once, others' within `KEPT`.
        """

        async def read() -> Pool:
            version, kept = await self._rows.version(), self._pools.get(engine)
            if kept is not None and kept[0] == version:
                return kept[1]
            rows = await self._rows.of(engine)
            opened = [one for row in rows if (one := self._usable(row))]
            pool = Pool(opened, like=kept[1] if kept else None)
            # What is written elsewhere may change without a row's doing so.
            still = len(opened) == len(rows) and not any(map(refers, rows))
            self._pools[engine] = (version if still else None, pool)
            return pool

        return await self._of.get(engine, read)

    async def active(self, engine: str) -> Sequence[Account]:
        """Those that may get new work now."""
        pool, now = await self.pool(engine), self._clock.now()
        return [one for one in pool.accounts if one.state(now) is AccountState.ACTIVE]

    async def check(self, take: Take) -> bool:
        """
        Whether an account may be given *take* now; else one will be, without the operator.

        If not, it raises: `EngineUnavailable` (`no_account`) for an engine that nobody can
        use, `Unsupported` (`no_account_for_this`) for what none of its accounts may run.
        """
        pool = await self.pool(take.engine)
        return pool.check(take, self._clock.now())

    async def get(self, account_id: str) -> Account:
        """
        The account with its secret, even if it rests or is removed.

        `AccountRejected` when the secret cannot be read now.
        """

        async def read() -> Account:
            return self._secrets.opened(await self._row(account_id))

        return await self._by_id.get(account_id, read)

    async def blame(self, account: Account, error: FilmgateError) -> None:
        """No new work for *account* for a while, if *error* says that it is to blame."""
        now = self._clock.now()
        match error:
            case AccountRejected():
                if await self._rows.reject(account.id, at=now, reason=error.code):
                    _tell("rejected", account, error)
            case AccountExhausted():
                asked = error.retry_after or REST_EXHAUSTED
                span = min(max(asked, SHORTEST_REST), LONGEST_REST)
                await self._rest(account, error, span)
            case _ if _counts(error):
                if await self._rows.err(account.id) >= self._most_errors:
                    await self._rest(account, error, REST_ERRORS)
            case _:
                return
        await self.renew(account)

    async def worked(self, account: Account) -> None:
        """*account* has made something: what failed before it is forgotten."""
        # It may have failed others since the job was given to it.
        row = await self._rows.get(account.id)
        if row is not None and row.errors:
            await self._rows.work(account.id)
            await self.renew(account)

    async def renew(self, account: Account) -> None:
        """See one account's changed row at once; the pool is read again when it is due."""
        self._by_id.forget()
        row, kept = await self._rows.get(account.id), self._pools.get(account.engine)
        if row is not None and kept is not None and (opened := self._usable(row)):
            kept[1].put(opened)

    async def _rest(self, account: Account, error: FilmgateError, span: timedelta) -> None:
        now = self._clock.now()
        until, reason = now + span, error.code
        if await self._rows.rest(account.id, at=now, until=until, reason=reason):
            _tell(f"rests seconds={span.total_seconds():.0f}", account, error)

    async def add(self, engine: str, fields: AccountFields) -> ShownAccount:
        """A new account at *engine*, of `USUAL_SEATS` unless *fields* say otherwise."""
        await self.check_engine(engine)
        given = _new(self._checked(fields))
        shared = machine_seats(fields, given.get("machine"))
        account = Account(id=self._new_id("account_"), engine=engine, **given)
        await self._rows.add(account, at=self._clock.now())
        return await self._changed(account.id, shared)

    async def check_engine(self, engine: str) -> None:
        """Raise `InvalidRequest` for an engine that operators can add no account at."""
        if engine not in self._engines:
            known = ", ".join(sorted(self._engines))
            message = f"No engine '{engine[:80]}' is installed. There is: {known}."
            raise InvalidRequest(message, param="engine")
        if engine in self._embedded or any(one.per_node for one in await self._rows.of(engine)):
            raise _embedded(engine)

    def check_fields(self, fields: AccountFields) -> None:
        """Raise `InvalidRequest` for what no account can be given at once."""
        machine_seats(fields, self._checked(fields).get("machine"))

    async def keep(
        self, given: Sequence[tuple[str, AccountFields]]
    ) -> tuple[Sequence[ShownAccount], int]:
        """
        The account of each engine and label, made or changed, and how many were made.

        All of them, or none. One that has all that is given goes on resting if it rests.
        """
        rows: dict[tuple[str, str], Account] = {}
        for engine in {engine for engine, _ in given}:
            await self.check_engine(engine)
            rows |= {(engine, one.label): one for one in await self._rows.of(engine)}
        entries = [self._entry(engine, fields, rows) for engine, fields in given]
        shared = [machine_seats(fields, fields.get("machine")) for _, fields in given]
        ids = await self._rows.keep(entries, at=self._clock.now())
        made = {account.id for account, _ in entries} & set(ids)
        for machine, seats in filter(None, shared):
            await self._rows.machine(machine, seats=seats)
        self._forget()
        machines = await self._rows.machines()
        return [self._shown(await self._row(one), machines) for one in ids], len(made)

    def _entry(
        self, engine: str, fields: AccountFields, rows: Mapping[tuple[str, str], Account]
    ) -> tuple[Account, AccountChange]:
        """The account as it is made, and what changes if it is there."""
        kept = self._checked(fields)
        given = _new(kept)
        made = Account(id=self._new_id("account_"), engine=engine, **given)
        row, news = rows.get((engine, made.label)), kept.copy()
        if row is not None:
            if "base_url" in kept and kept["base_url"] == row.base_url:
                del news["base_url"]
            if "secret" in kept and self._secrets.same(row.secret, kept["secret"]):
                del news["secret"]
            if "proxy" in kept and self._secrets.same(row.proxy, kept["proxy"]):
                del news["proxy"]
        return made, news

    async def since(self, engine: str) -> Sequence[tuple[ShownAccount, datetime | None]]:
        """
        The accounts of *engine*, oldest first, and since when each has its secret.

        None if it has none, or if it lies elsewhere.
        """
        rows, machines = await self._rows.of(engine), await self._rows.machines()
        return [(self._shown(row, machines), self._secrets.since(row)) for row in rows]

    async def list(self) -> Sequence[ShownAccount]:
        """Every account that is not removed, oldest first."""
        rows, machines = await self._rows.all(), await self._rows.machines()
        return [self._shown(one, machines) for one in rows]

    async def show(self, account_id: str) -> ShownAccount:
        """The account, even if it is removed."""
        return self._shown(await self._row(account_id), await self._rows.machines())

    async def change(self, account_id: str, fields: AccountFields) -> ShownAccount:
        """The account with *fields* changed; what it is doing goes on."""
        row = await self._row(account_id)
        if row.per_node:
            raise _embedded(row.engine)
        change = self._checked(fields)
        shared = machine_seats(fields, change.get("machine", row.machine))
        if not await self._rows.change(account_id, change):
            raise _unknown(account_id)
        return await self._changed(account_id, shared)

    async def _changed(self, account_id: str, shared: tuple[str, int] | None) -> ShownAccount:
        if shared:
            machine, seats = shared
            await self._rows.machine(machine, seats=seats)
        self._forget()
        return await self.show(account_id)

    async def remove(self, account_id: str) -> None:
        """It gets no new work; what it has begun it finishes."""
        row = await self._row(account_id)
        if row.per_node:
            raise _embedded(row.engine)
        if not await self._rows.remove(account_id, at=self._clock.now()):
            raise _unknown(account_id)
        self._forget()

    async def _row(self, account_id: str) -> Account:
        row = await self._rows.get(account_id)
        if row is None:
            raise _unknown(account_id)
        return row

    def _checked(self, fields: AccountFields) -> AccountChange:
        """*fields* as rows keep them."""
        change = checked(fields)
        if (secret := change.get("secret")) is not None:
            change["secret"] = self._secrets.kept(secret, param="secret")
        if (proxy := change.get("proxy")) is not None:
            change["proxy"] = self._secrets.kept(proxy, param="proxy")
        return change

    def _usable(self, row: Account) -> Account | None:
        """The account with its secret; None, logged once, when that cannot be read."""
        try:
            opened = self._secrets.opened(row)
        except AccountRejected as error:
            if row.id not in self._unreadable:
                self._unreadable.add(row.id)
                log.warning("account.unreadable account=%s: %s", row.id, error.message)
            return None
        self._unreadable.discard(row.id)
        return opened

    def _shown(self, row: Account, machines: Mapping[str, int]) -> ShownAccount:
        secret = row.secret
        return ShownAccount(
            account=replace(row, secret=None, proxy=None),
            state=row.state(self._clock.now()),
            machine_seats=None if row.machine is None else machines.get(row.machine),
            secret_set=secret is not None,
            reference=secret if secret and is_reference(secret) else None,
            proxy=self._secrets.proxy_shown(row),
        )

    def _forget(self) -> None:
        self._of.forget()
        self._by_id.forget()


def _new(fields: AccountChange) -> AccountChange:
    return {"label": DEFAULT_LABEL, "seats": USUAL_SEATS, **fields}


def _counts(error: FilmgateError) -> bool:
    """Whether the account has failed: not the content, not its load, and not we."""
    if isinstance(error, EngineUnreachable | SubmissionInterrupted | TimedOut):
        return True
    return isinstance(error, EngineUnavailable) and error.unanswered


def _tell(what: str, account: Account, error: FilmgateError) -> None:
    log.warning(
        "account.%s account=%s engine=%s label=%r code=%s",
        what, account.id, account.engine, account.label, error.code,
    )  # fmt: skip


def _embedded(engine: str) -> InvalidRequest:
    message = (
        f"The engine '{engine}' runs inside filmgate and has the one account that it needs. "
        "FILMGATE_SEATS sets its seats."
    )
    return InvalidRequest(message, param="engine")


def _unknown(account_id: str) -> NotFound:
    return NotFound(f"There is no account '{account_id[:80]}'.", param="account_id")
