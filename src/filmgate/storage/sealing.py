"""Secrets at rest: encrypted by Fernet, with a key that lies outside the database."""

from __future__ import annotations

import base64
import os
from hashlib import sha256
from pathlib import Path

from filmgate.domain.errors import CannotStart

FILE = "secret.key"


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
            message = (
                "A secret in the database was encrypted with another key. Start with the "
                f"FILMGATE_SECRET_KEY, or the {FILE}, that it was written with."
            )
            raise CannotStart(message) from None


def own_secret(folder: Path) -> str:
    """The secret that lies in the data *folder*, made if there is none; for its owner only."""
    path = folder / FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
        file.flush()
        os.fsync(file.fileno())
    return path.read_text().strip()
