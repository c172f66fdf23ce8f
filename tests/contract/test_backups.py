"""A backup is whole or refused, whatever happened to the file."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from filmgate.domain.errors import CannotStart
from filmgate.storage.backup import BackedUp, back_up
from filmgate.storage.database.prepare import HEAD, prepare
from filmgate.storage.database.schema import metadata
from filmgate.storage.database.source import named
from filmgate.storage.database.sqlite import connect
from filmgate.storage.restoring import WORK, check_empty, installed, unpacked

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FILM = b"a film" * 1000
ROWS = """
    INSERT INTO callers VALUES ('caller_1', 'alice', 1);
    INSERT INTO jobs (id, caller_id, status, engine, request, plan, created_at, due_at)
        VALUES ('video_1', 'caller_1', 'completed', 'x', '{}', '{}', 1, 1);
    INSERT INTO assets VALUES ('asset_1', 'video_1', 'video', 'video/mp4', 'video_1/a/film',
        6000, '{digest}');
    INSERT INTO characters VALUES ('char_1', 'caller_1', 'a', 'char_1/clip', 'char_1/face', 1);
    INSERT INTO files (id, caller_id, filename, purpose, key, size, sha256, created_at,
        deleted_at)
        VALUES ('file_1', 'caller_1', 'a', 'batch', 'file_1/file', 1, '', 1, NULL),
               ('file_2', 'caller_1', 'a', 'batch', 'file_2/file', 1, '', 1, 2);
    INSERT INTO uploads VALUES ('upload_1', 'caller_1', 'a', 'batch', 'x', 9, 'pending', 1, 9,
        NULL, NULL);
    INSERT INTO upload_parts VALUES ('part_1', 'upload_1', 'part_1/part', 5, 1),
        ('part_2', 'upload_1', 'part_2/part', -1, 1), ('part_3', 'upload_1', '', 5, 1);
"""
KEYS = {"video_1/a/film", "char_1/clip", "char_1/face", "file_1/file", "part_1/part"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one of each blob; nobody's blob lies beside them."""
    data = tmp_path / "data"
    data.mkdir()
    prepare(data / "filmgate.db")
    with closing(connect(data / "filmgate.db")) as rows:
        rows.executescript(ROWS.replace("{digest}", sha256(FILM).hexdigest()))
    for key in (*KEYS, "file_2/file", "nobody"):
        path = data / "films" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILM)
    return data


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def written(data: Path, name: str = "b.tar", secret: str | None = None) -> BackedUp:
    return back_up(data, data.parent / name, program="1", at=NOW, secret=secret)


def restored(file: Path, folder: Path) -> None:
    check_empty(folder)
    with unpacked(file, folder) as (_, work):
        installed(work, folder)


def there(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_every_column_with_keys_of_blobs_is_read(data: Path) -> None:
    columns = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in ("key", "clip", "portrait") and table.name != "claims"
    }
    assert columns == {
        ("assets", "key"),
        ("files", "key"),
        ("upload_parts", "key"),
        ("characters", "clip"),
        ("characters", "portrait"),
    }
    with closing(sqlite3.connect(data / "filmgate.db")) as rows:
        assert {blob.key for blob in named(rows)} == KEYS


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b.tgz"])
def test_what_was_backed_up_is_restored(data: Path, empty: Path, name: str) -> None:
    done = written(data, name, secret="a secret key")
    assert (done.manifest.jobs, done.manifest.blobs, done.left_out) == (1, 5, [])
    # One file's row has another checksum than its blob.
    assert done.damaged == ["file_1/file"]
    restored(data.parent / name, empty)
    assert there(empty) == {"filmgate.db", "secret.key", *(f"films/{key}" for key in KEYS)}
    assert (empty / "secret.key").read_text() == "a secret key"
    assert all((empty / "films" / key).read_bytes() == FILM for key in KEYS)
    assert (empty / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_backup_can_be_checked_without_us(data: Path, tmp_path: Path) -> None:
    written(data)
    with tarfile.open(tmp_path / "b.tar") as archive:
        members = {m.name: archive.extractfile(m) for m in archive}
        bytes_of = {name: file.read() for name, file in members.items() if file}
    lines = bytes_of.pop("checksums").decode().splitlines()
    assert lines == [f"{sha256(c).hexdigest()}  {name}" for name, c in bytes_of.items()]


def test_a_film_that_was_deleted_meanwhile_is_left_out_and_said_so(data: Path) -> None:
    (data / "films" / "char_1" / "clip").unlink()
    assert written(data).left_out == ["char_1/clip"]


def test_one_that_was_killed_leaves_nothing_to_the_next(data: Path) -> None:
    for name in ("b.tar.part", "b.tar.db.part", "b.tar.db.part-wal", "b.tar.db.part-journal"):
        (data.parent / name).write_bytes(b"half" * 1000)
    written(data)
    assert [path.name for path in data.parent.glob("b.*")] == ["b.tar"]


def test_a_full_disk_is_found_out_first(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Disk", (), {"free": 1000}))
    with pytest.raises(CannotStart, match="0 MB free, and this takes up to 1 MB"):
        written(data)
    assert there(data.parent) == {f"data/{name}" for name in there(data)}


def rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """The same tar with other members."""
    with tarfile.open(file) as archive:
        members = [(m.name, (archive.extractfile(m) or io.BytesIO()).read()) for m in archive]
    with tarfile.open(file, "w") as archive:
        for name, content in members:
            if changed := change(name, content):
                member = tarfile.TarInfo(changed[0])
                member.size = len(changed[1])
                archive.addfile(member, io.BytesIO(changed[1]))


def named_film(name: str) -> Callable[[str, bytes], tuple[str, bytes] | None]:
    return lambda old, content: (name if old == "films/char_1/clip" else old, content)


def without(name: str) -> Callable[[str, bytes], tuple[str, bytes] | None]:
    return lambda old, content: None if old == name else (old, content)


CHANGES = {
    "an end": (without("checksums"), "ends before the backup does"),
    "a film less": (without("films/char_1/clip"), "is not as it was written|is missing"),
    "no rows": (without("filmgate.db"), "is not as it was written"),
    "no manifest": (without("manifest.json"), "is no backup of filmgate"),
    "another byte": (lambda n, c: (n, c.replace(b"a film", b"a Film")), "is not as it was"),
    "a newer schema": (
        lambda n, c: (n, c.replace(f'"{HEAD}"'.encode(), b'"9998"')),
        "with schema 9998",
    ),
    "a way out": (named_film("films/../../out"), "out' is outside|not of a backup|would be"),
    "a root": (named_film("/films/char_1/clip"), "not of a backup"),
    "another file": (named_film("lock"), "'lock', which is not of a backup"),
    "a bad manifest": (lambda n, c: (n, c.replace(b'"jobs"', b'"boys"')), "manifest"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_refused_and_leaves_nothing(
    data: Path, empty: Path, what: str
) -> None:
    change, words = CHANGES[what]
    written(data)
    rewritten(data.parent / "b.tar", change)
    with pytest.raises(CannotStart, match=words):
        restored(data.parent / "b.tar", empty)
    assert there(empty) == set()
    assert there(data.parent) == {"b.tar", *(f"data/{name}" for name in there(data))}


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_refused(
    data: Path, empty: Path, name: str, share: float
) -> None:
    written(data, name)
    file = data.parent / name
    content = file.read_bytes().rstrip(b"\0")
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CannotStart, match=name):
        restored(file, empty)
    assert there(empty) == set()


def test_a_link_is_refused(data: Path, empty: Path) -> None:
    written(data)
    rewritten(data.parent / "b.tar", lambda n, c: (n, c) if n == "manifest.json" else None)
    for kind, target in ((tarfile.SYMTYPE, "../filmgate.db"), (tarfile.SYMTYPE, "/etc/passwd")):
        with tarfile.open(data.parent / "b.tar", "a") as archive:
            link = tarfile.TarInfo("films/link")
            link.type, link.linkname = kind, target
            archive.addfile(link)
        with pytest.raises(CannotStart, match=r"not of a backup|damaged"):
            restored(data.parent / "b.tar", empty)
        assert there(empty) == set()


def test_only_an_empty_folder_is_taken(data: Path, empty: Path) -> None:
    written(data)
    (empty / "lock").touch()
    restored(data.parent / "b.tar", empty)
    for folder in (data, empty):
        with pytest.raises(CannotStart, match="is not empty"):
            restored(data.parent / "b.tar", folder)


def test_one_that_was_killed_is_begun_again(data: Path, empty: Path) -> None:
    written(data)
    (empty / WORK / "films").mkdir(parents=True)
    (empty / "films" / "old").mkdir(parents=True)
    (empty / "secret.key").write_text("half")
    restored(data.parent / "b.tar", empty)
    assert there(empty) == {"filmgate.db", *(f"films/{key}" for key in KEYS)}


def test_an_older_database_is_backed_up_too(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "filmgate.db")) as rows:
        rows.execute("CREATE TABLE alembic_version (version_num TEXT)")
        rows.execute("INSERT INTO alembic_version VALUES ('0001')")
        rows.execute("CREATE TABLE jobs (id TEXT)")
        rows.commit()
    done = back_up(tmp_path, tmp_path / "b.tar", program="1", at=NOW, secret=None)
    assert (done.manifest.schema, done.manifest.blobs) == ("0001", 0)


def test_a_newer_database_and_no_database_are_refused(data: Path) -> None:
    with closing(sqlite3.connect(data / "filmgate.db")) as rows:
        rows.execute("UPDATE alembic_version SET version_num = '0999'")
        rows.commit()
    with pytest.raises(CannotStart, match="A newer filmgate made"):
        written(data)
    (data / "filmgate.db").write_bytes(b"something else, and long enough" * 100)
    with pytest.raises(CannotStart, match="cannot be read"):
        written(data)
