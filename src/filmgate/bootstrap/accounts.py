"""The accounts, for whoever runs or manages them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from filmgate.config import Settings, variable
from filmgate.dialects.admin_accounts import account_change, imported, shown_account
from filmgate.engines import installed
from filmgate.gateway.accounts import Accounts
from filmgate.ports import Cipher, Clock
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.installation import InstallationRows
from filmgate.storage.sealing import FernetCipher, check_key, read_reference, secret_of

__all__ = [
    "account_change",
    "accounts_of",
    "cipher_of",
    "imported",
    "own_secret_of",
    "shown_account",
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
    database: Database, cipher: Cipher, clock: Clock, new_id: Callable[[str], str]
) -> Accounts:
    return Accounts(
        AccountRows(database),
        engines=installed(),
        embedded=EMBEDDED,
        cipher=cipher,
        recall=partial(read_reference, variable=variable),
        clock=clock,
        new_id=new_id,
    )
