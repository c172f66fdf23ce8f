"""Secrets at rest."""

import os
from pathlib import Path

import pytest

from filmgate.domain.errors import CannotStart
from filmgate.storage.sealing import FernetCipher, own_secret


def test_what_is_sealed_is_read_again_and_by_nobody_else() -> None:
    sealed = FernetCipher("one").seal("s3cret")
    assert "s3cret" not in sealed
    assert FernetCipher("one").unseal(sealed) == "s3cret"
    with pytest.raises(CannotStart, match="FILMGATE_SECRET_KEY"):
        FernetCipher("two").unseal(sealed)


def test_a_data_folder_has_a_secret_of_its_own(tmp_path: Path) -> None:
    secret = own_secret(tmp_path)
    assert len(secret) >= 40
    assert own_secret(tmp_path) == secret
    if os.name != "nt":
        assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
