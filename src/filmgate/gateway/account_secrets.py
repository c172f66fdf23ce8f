"""The secrets and the proxies of accounts: sealed in their rows, or read where they lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from filmgate.domain.account import Account
from filmgate.domain.errors import AccountRejected, CannotStart, InvalidRequest
from filmgate.domain.proxy import NO_PROXY, read_proxy
from filmgate.gateway.account_fields import check_proxy, is_reference
from filmgate.ports import Cipher

UNSEALED = 50_000  #: secrets that are not unsealed again each time: that takes 84 µs


class Secrets:
    """
    Nobody else reads them.

    *recall* reads the secret that a reference (`env:NAME`, `file:PATH`) leads to;
    `LookupError` says why it cannot.
    """

    def __init__(self, cipher: Cipher, recall: Callable[[str], str]) -> None:
        self._cipher = cipher
        self._unseal = lru_cache(maxsize=UNSEALED)(cipher.unseal)
        self._recall = recall
        self._unchanged = lru_cache(maxsize=UNSEALED)(self._opened)

    def kept(self, given: str, *, param: str) -> str:
        """What a row keeps of a secret or a proxy; `InvalidRequest` if it is of no use."""
        if given == NO_PROXY and param == "proxy":
            return given
        if not is_reference(given):
            return self._cipher.seal(given)
        try:
            found = self._recall(given)
        except LookupError as error:
            message = f"'{param}' cannot be read: {error}"
            raise InvalidRequest(message, param=param) from None
        if param == "proxy":
            check_proxy(found)
        return given

    def opened(self, row: Account) -> Account:
        """The account with its secret and proxy; `AccountRejected` if one cannot be read."""
        return self._opened(row) if refers(row) else self._unchanged(row)

    def _opened(self, row: Account) -> Account:
        return replace(
            row,
            secret=self._found(row.secret, "secret", row),
            proxy=self._found(row.proxy, "proxy", row),
        )

    def same(self, kept: str | None, given: str | None) -> bool:
        """Whether a row's secret or proxy is what it would get."""
        if kept is None or given is None or not (_is_sealed(kept) and _is_sealed(given)):
            return kept == given
        return self._unseal(kept) == self._unseal(given)

    def since(self, row: Account) -> datetime | None:
        """Since when it has its secret; None if it has none, or if it lies elsewhere."""
        if row.secret is None or is_reference(row.secret):
            return None
        return self._cipher.sealed_at(row.secret)

    def proxy_shown(self, row: Account) -> str | None:
        """Its proxy without user and password, or where it is read."""
        if row.proxy is None or not _is_sealed(row.proxy):
            return row.proxy
        return read_proxy(self._unseal(row.proxy)).shown

    def _found(self, kept: str | None, what: str, row: Account) -> str | None:
        """The secret or the proxy that a row has *kept*."""
        if kept is None or (kept == NO_PROXY and what == "proxy"):
            return kept
        try:
            found = self._recall(kept) if is_reference(kept) else self._unseal(kept)
            if what == "proxy":
                check_proxy(found)
        except (LookupError, CannotStart, InvalidRequest) as error:
            message = f"The {what} of the account '{row.label}' cannot be read: {error}"
            raise AccountRejected(message) from None
        return found


def refers(row: Account) -> bool:
    """Whether something of the account lies elsewhere."""
    return any(kept is not None and is_reference(kept) for kept in (row.secret, row.proxy))


def _is_sealed(kept: str) -> bool:
    return kept != NO_PROXY and not is_reference(kept)
