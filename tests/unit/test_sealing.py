"""Secrets at rest."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.installation import InstallationRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import (
    FernetCipher,
    check_key,
    own_secret,
    read_reference,
    secret_of,
)

VARIABLES = {"FILM_KEY": " s3cret\n", "EMPTY": "", "TWO_LINES": "a\nb", "FILMGATE_PROXY": "x"}


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[InstallationRows]:
    prepare(tmp_path / "test.db")
    database = SQLite(tmp_path / "test.db")
    yield InstallationRows(database)
    await database.close()


def read(reference: str) -> str:
    return read_reference(reference, variable=VARIABLES.get)


def test_what_is_sealed_is_read_again_and_by_nobody_else() -> None:
    sealed = FernetCipher("one").seal("s3cret")
    assert "s3cret" not in sealed
    assert FernetCipher("one").unseal(sealed) == "s3cret"
    with pytest.raises(CannotStart, match="FILMGATE_SECRET_KEY"):
        FernetCipher("two").unseal(sealed)


def test_when_it_was_sealed_is_known() -> None:
    sealed = FernetCipher("one").seal("s3cret")
    ago = datetime.now(UTC) - FernetCipher("one").sealed_at(sealed)
    assert abs(ago) < timedelta(minutes=5)
    with pytest.raises(CannotStart, match="FILMGATE_SECRET_KEY"):
        FernetCipher("two").sealed_at(sealed)


def test_a_data_folder_has_a_secret_of_its_own(tmp_path: Path) -> None:
    secret = own_secret(tmp_path)
    assert len(secret) >= 40
    assert own_secret(tmp_path) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    if os.name != "nt":
        assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_start_that_was_killed_leaves_no_empty_secret(tmp_path: Path) -> None:
    (tmp_path / "secret.key.new").write_text("hal")
    (tmp_path / "secret.key").write_text("")
    secret = own_secret(tmp_path)
    assert len(secret) >= 40
    assert own_secret(tmp_path) == secret


def test_the_secret_that_is_given_goes_before_the_one_in_the_folder(tmp_path: Path) -> None:
    given = secret_of("a long enough secret", tmp_path, shared=False)
    assert given == ("a long enough secret", "FILMGATE_SECRET_KEY")
    assert not (tmp_path / "secret.key").exists()
    assert secret_of(None, tmp_path, shared=False) == (
        own_secret(tmp_path),
        str(tmp_path / "secret.key"),
    )


def test_machines_that_share_a_database_must_be_given_the_secret(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="FILMGATE_SECRET_KEY is not set"):
        secret_of(None, tmp_path, shared=True)
    assert secret_of("a long enough secret", tmp_path, shared=True)


async def test_an_installation_starts_with_the_key_that_it_began_with(
    installation: InstallationRows, tmp_path: Path
) -> None:
    for _ in range(2):
        await check_key(installation, FernetCipher("one"), at="FILMGATE_SECRET_KEY")
    with pytest.raises(CannotStart) as refused:
        await check_key(installation, FernetCipher("two"), at="/data/secret.key")
    assert "another key than that of /data/secret.key" in str(refused.value)
    assert "Start with the key that was used first" in str(refused.value)
    await check_key(installation, FernetCipher("one"), at="FILMGATE_SECRET_KEY")

    with closing(sqlite3.connect(tmp_path / "test.db")) as rows:
        (kept,) = rows.execute("SELECT value FROM installation WHERE name = 'key_check'")
    assert "one" not in kept[0]


def test_a_secret_is_read_where_its_reference_leads(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("s3cret\n")
    assert read("env:FILM_KEY") == "s3cret"
    assert read(f"file:{tmp_path / 'key.txt'}") == "s3cret"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:NONE", "NONE is not set where the gateway runs"),
        ("env:EMPTY", "env:EMPTY does not hold one line"),
        ("env:TWO_LINES", "env:TWO_LINES does not hold one line"),
        ("env:FILMGATE_PROXY", "filmgate's own"),
        ("env:filmgate_proxy", "filmgate's own"),
        ("file:key.txt", "file:/PATH"),
        ("file:{folder}/none.txt", "none.txt cannot be read: No such file"),
        ("file:{folder}", "cannot be read: Is a directory"),
        ("file:{folder}/bytes", "holds no text"),
        ("file:{folder}/long", "does not hold one line of 1 to 8192"),
        ("file:{folder}/link", "filmgate's own"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(
    tmp_path: Path, reference: str, says: str
) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_text("x" * 10_000)
    (tmp_path / "link").symlink_to(tmp_path / "secret.key")
    own_secret(tmp_path)
    with pytest.raises(LookupError) as refused:
        read(reference.format(folder=tmp_path))
    assert says in str(refused.value)
