"""Backups of real servers, and what becomes of them when they are restored."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from acceptance.installation import SETTINGS, Installation, installation, soon
from filmgate.storage.database.prepare import HEAD
from servers import Server
from terminal import filmgate, process


@pytest.fixture
def here(tmp_path: Path, film: Path) -> Iterator[Installation]:
    with installation(tmp_path, film, seconds=5) as here:
        yield here


@pytest.fixture
def other(tmp_path: Path, film: Path) -> Iterator[Server]:
    """A server on the folder that backups are restored to. It has not started yet."""
    server = Server(tmp_path / "other", film=film, settings=SETTINGS)
    yield server
    server.end()


def backed_up(here: Installation, file: Path, *options: str) -> Path:
    done = filmgate("backup", str(file), "--data", str(here.server.data), *options)
    assert done.returncode == 0, done.stderr
    return file


def restored(file: Path, other: Server, *options: str) -> str:
    done = filmgate("restore", str(file), "--data", str(other.data), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_running_server_is_backed_up_and_every_film_of_its_rows_is_there(
    here: Installation, other: Server, tmp_path: Path
) -> None:
    character = here.character(here.server.film.read_bytes() if here.server.film else b"")
    file_id = here.file(b"{}\n")
    hook = here.call(
        "POST",
        "/v1/webhook_endpoints",
        {"name": "hook", "url": "http://127.0.0.1:9/", "event_types": ["video.completed"]},
    )["id"]
    with ThreadPoolExecutor(1) as thread:
        making = thread.submit(lambda: [here.make() for _ in range(60)])
        soon(lambda: here.call("GET", "/v1/videos?limit=20")["data"][10:])
        done = filmgate("backup", "b.tar.gz", "--data", str(here.server.data), folder=tmp_path)
        making.result()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("*part*")] == []
    here.server.stop()

    restored(tmp_path / "b.tar.gz", other, "--resume")
    (other.data / "secret.key").write_text((here.server.data / "secret.key").read_text())
    with other:
        jobs = other.call("GET", "/v1/videos?limit=100", key=here.key).json()["data"]
        films = [here.finish(job["id"], other) for job in jobs]
        content = other.call("GET", f"/v1/files/{file_id}/content", key=here.key)
        endpoints = other.call("GET", "/v1/webhook_endpoints", key=here.key).json()["data"]
        cast = {"prompt": "ada", "characters": [{"id": character}]}
        assert other.call("POST", "/v1/videos", cast, key=here.key).status == 200

    assert len(films) > 10
    assert set(films) == {here.server.film.read_bytes() if here.server.film else b""}
    assert content.body == b"{}\n"
    assert [endpoint["id"] for endpoint in endpoints] == [hook]


def test_a_restored_backup_buys_nothing_that_was_bought_since(
    here: Installation, other: Server, tmp_path: Path
) -> None:
    running = here.make(model="paid", prompt="running")
    here.running(running)
    queued = here.make(model="paid", prompt="queued")
    batch = here.batch(2, "paid")
    soon(lambda: here.call("GET", f"/v1/batches/{batch}")["status"] == "in_progress")
    file = backed_up(here, tmp_path / "films.tar", "--with-secret-key")
    film = here.finish(running)
    here.finish(queued)
    here.batch_ended(batch)
    here.server.kill()
    bought = here.bought()
    assert sorted(bought) == ["a kite", "a kite", "queued", "running"]

    said = restored(file, other)
    with other:
        assert here.finish(running, other) == film
        failed = here.ended(queued, other)
        counts = here.batch_ended(batch, other)["request_counts"]

    assert failed["error"]["code"] == "restored"
    assert counts == {"completed": 0, "failed": 2, "total": 2}
    assert here.bought() == bought
    assert "Not made again" in said
    assert "secret key" not in said
    open_attempts = "SELECT count(*) FROM attempts WHERE state = 'open'"
    with sqlite3.connect(other.data / "filmgate.db") as rows:
        assert rows.execute(open_attempts).fetchone() == (0,)


def test_who_says_so_has_unfinished_jobs_made_again(
    here: Installation, other: Server, tmp_path: Path
) -> None:
    running = here.make(model="paid", prompt="running")
    here.running(running)
    queued = here.make(model="paid", prompt="queued")
    file = backed_up(here, tmp_path / "films.tar", "--with-secret-key")
    here.finish(queued)
    here.server.kill()

    restored(file, other, "--resume")
    with other:
        here.finish(running, other)
        here.finish(queued, other)

    assert sorted(here.bought()) == ["queued", "queued", "running"]


def test_without_its_key_a_backup_does_not_start_and_with_it_it_does(
    here: Installation, other: Server, tmp_path: Path
) -> None:
    key = (here.server.data / "secret.key").read_text()
    file = backed_up(here, tmp_path / "films.tar")
    with tarfile.open(file) as archive:
        names = archive.getnames()
        manifest = json.load(archive.extractfile("manifest.json") or file.open())
    assert "secret.key" not in names
    assert key.encode() not in file.read_bytes()
    assert manifest["schema"] == HEAD

    assert f"{other.data / 'secret.key'}, or set FILMGATE_SECRET_KEY" in restored(file, other)
    refused = process("serve", "--data", str(other.data), "--port", "0")
    assert refused.returncode == 1
    assert "encrypted with another key" in refused.stderr
    other.settings = SETTINGS | {"FILMGATE_SECRET_KEY": key}
    with other:
        assert other.call("GET", "/v1/videos", key=here.key).status == 200


def test_what_is_elsewhere_is_backed_up_by_other_means(tmp_path: Path) -> None:
    url = "postgresql://me:hush@127.0.0.1:9/filmgate"
    for settings in ({"FILMGATE_DATABASE_URL": url}, {"FILMGATE_STORAGE_URL": "s3://films"}):
        done = filmgate(
            "backup", str(tmp_path / "x.tar"), "--data", str(tmp_path), env=settings
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert "rows first, films after them" in done.stderr
        assert "hush" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("backup", "b.tar"), "There is no"),
        (("backup", "none/b.tar"), "There is no folder"),
        (("backup", "here"), "here exists. Name a new file."),
        (("restore", "none.tar"), "There is no backup none.tar."),
        (("restore", "here"), "here is no backup"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_problems_are_told_in_a_sentence(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    (tmp_path / "here").write_text("something else")
    done = filmgate(*arguments, "--data", "data", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) in (["here"], ["data", "here"])
