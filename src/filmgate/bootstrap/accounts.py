"""The accounts, for whoever runs or manages them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from filmgate.bootstrap.enhancing import enhancers, load_enhancer
from filmgate.config import Settings, variable
from filmgate.dialects.admin_accounts import imported, shown_check
from filmgate.dialects.admin_accounts.objects import account_change, shown_account
from filmgate.domain.account import Account
from filmgate.engines import installed
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.checking import Checks
from filmgate.gateway.names import Names
from filmgate.ports import Cipher, Clock, Engine, Streams
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.installation import InstallationRows
from filmgate.storage.sealing import FernetCipher, check_key, read_reference, secret_of

__all__ = [
    "account_change",
    "accounts_of",
    "checks_of",
    "cipher_of",
    "imported",
    "own_secret_of",
    "shown_account",
    "shown_check",
]

EMBEDDED = ("previs",)  #: engines that run inside us, without a login


def own_secret_of(settings: Settings) -> tuple[str, str]:
    """The gateway's own secret, and where it is from."""
    shared = settings.database_url is not None
    return secret_of(settings.secret_key, settings.data, shared=shared)


async def cipher_of(settings: Settings, database: Database) -> FernetCipher:
    """The gateway's own key, if it is the one that the *database* began with."""
    secret, at = own_secret_of(settings)
    cipher = FernetCipher(secret)
    await check_key(InstallationRows(database), cipher, at=at)
    return cipher


def accounts_of(
    settings: Settings,
    database: Database,
    cipher: Cipher,
    clock: Clock,
    new_id: Callable[[str], str],
) -> Accounts:
    return Accounts(
        AccountRows(database),
        engines=installed() | enhancers(),
        embedded=EMBEDDED,
        cipher=cipher,
        recall=partial(read_reference, variable=variable),
        clock=clock,
        most_errors=settings.account_errors,
        new_id=new_id,
    )


def checks_of(  # noqa: PLR0913 (wired in two places)
    database: Database,
    accounts: Accounts,
    *,
    names: Names,
    engines: Mapping[str, Engine],
    outbound: Streams,
    clock: Clock,
) -> Checks:
    """Whoever asks about accounts; those of chat models, too, which are no engines."""
    writers = {name: load_enhancer(name)(outbound) for name in enhancers()}

    async def ask(account: Account) -> int:
        if writer := writers.get(account.engine):
            return len(await writer.discover(account))
        return len(await names.discover(account.id))

    return Checks(
        AccountRows(database), accounts=accounts, ask=ask, engines=engines, clock=clock
    )
