"""Secrets at rest: encrypted by Fernet, with a key that lies outside the database."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.installation import InstallationRows

FILE = "secret.key"
VARIABLE = "FILMGATE_SECRET_KEY"
KNOWN = "filmgate"  #: what the check of the key seals; the key decides whether it is read
LONGEST = 8192  #: characters of a secret that lies elsewhere


class FernetCipher:
    """`ports.Cipher`. The library is loaded when the first secret is sealed or read."""

    def __init__(self, secret: str) -> None:
        self._key = base64.urlsafe_b64encode(sha256(secret.encode()).digest())

    def seal(self, text: str) -> str:
        from cryptography.fernet import Fernet  # noqa: PLC0415

        return Fernet(self._key).encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415

        try:
            return Fernet(self._key).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise _another_key() from None

    def sealed_at(self, sealed: str) -> datetime:
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415

        try:
            seconds = Fernet(self._key).extract_timestamp(sealed.encode())
        except InvalidToken:
            raise _another_key() from None
        return datetime.fromtimestamp(seconds, UTC)


def _another_key() -> CannotStart:
    return CannotStart(
        "A secret in the database was encrypted with another key. Start with the "
        f"{VARIABLE}, or the {FILE}, that it was written with."
    )


def secret_of(given: str | None, folder: Path, *, shared: bool) -> tuple[str, str]:
    """
    The gateway's own secret, and where it is from, for people.

    *given* is `FILMGATE_SECRET_KEY`; else it lies in the data *folder*. `CannotStart` when
    the database is *shared* and none is given: another machine would make another one.
    """
    if given is not None:
        return given, VARIABLE
    if shared:
        message = (
            f"{VARIABLE} is not set. With PostgreSQL every machine must encrypt with the same "
            "key: set it to the same 16 or more random characters on each."
        )
        raise CannotStart(message)
    return own_secret(folder), str(folder / FILE)


def own_secret(folder: Path) -> str:
    """The secret that lies in the data *folder*, made if there is none; for its owner only."""
    path = folder / FILE
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    # Whoever is killed here leaves no half of one.
    fresh = folder / f"{FILE}.new"
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path.read_text().strip()


async def check_key(installation: InstallationRows, cipher: FernetCipher, *, at: str) -> None:
    """
    Raise `CannotStart` unless *cipher* has the key that this installation began with.

    *at* is where its key is from. The first start decides.
    """
    kept = await installation.first("key_check", cipher.seal(KNOWN))
    try:
        cipher.unseal(kept)
    except CannotStart:
        message = (
            f"The secrets in the database were encrypted with another key than that of {at}. "
            f"Start with the key that was used first: in {VARIABLE}, or in the file {FILE} of "
            "the data folder."
        )
        raise CannotStart(message) from None


def read_reference(reference: str, *, variable: Callable[[str], str | None]) -> str:
    """
    The secret that `env:NAME` or `file:PATH` leads to.

    *variable* reads the environment. `LookupError` says why there is none. What protects
    this gateway is not handed on: a secret goes to the address that came with it.
    """
    kind, _, name = reference.partition(":")
    secret = _in_environment(name, variable) if kind == "env" else _in_file(Path(name))
    if not (secret and secret.isprintable() and len(secret) <= LONGEST):
        message = f"{reference} does not hold one line of 1 to {LONGEST} printable characters."
        raise LookupError(message)
    return secret


def _in_environment(name: str, variable: Callable[[str], str | None]) -> str:
    if name.upper().startswith("FILMGATE_"):
        message = f"{name} is filmgate's own. Use a variable of another name."
        raise LookupError(message)
    value = variable(name)
    if value is None:
        message = f"the variable {name} is not set where the gateway runs."
        raise LookupError(message)
    return value.strip()


def _in_file(path: Path) -> str:
    if not path.is_absolute():
        message = f"file:{path} is not a whole path. Begin with the root: file:/PATH."
        raise LookupError(message)
    try:
        if path.resolve().name == FILE:
            message = f"{path} is filmgate's own. Use another file."
            raise LookupError(message)
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST + 2).strip()
    except OSError as error:
        message = f"the file {path} cannot be read: {error.strerror}."
        raise LookupError(message) from None
    except ValueError:
        message = f"the file {path} holds no text."
        raise LookupError(message) from None
