"""From a data folder to a cluster, on a real PostgreSQL and a real S3 server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from acceptance.installation import SETTINGS, Installation, installation
from object_store import PYTHON, ObjectStore
from postgres import Postgres
from servers import Server
from terminal import filmgate


@pytest.fixture
def here(tmp_path: Path, film: Path) -> Iterator[Installation]:
    with installation(tmp_path, film, seconds=8) as here:
        yield here


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[ObjectStore]:
    if not (PYTHON.parent / "swift-proxy-server").exists():
        pytest.skip("`make .venv-s3/.done` installs an S3 server, on Linux")
    (tmp_path / "s3").mkdir()
    with ObjectStore(tmp_path / "s3") as store:
        yield store


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """A new database, without any table yet."""
    url = postgres.new_database(empty=True)
    yield url
    postgres.drop(url)


def digests(folder: Path) -> dict[str, str]:
    """What is in every file, but for what SQLite keeps only while it is open."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".db-shm", ".db-wal", ".log")
    }


def test_an_installation_moves_to_a_cluster_and_goes_on_there(
    here: Installation, s3: ObjectStore, url: str, tmp_path: Path, film: Path
) -> None:
    jobs = [here.make() for _ in range(3)]
    films = {job: here.finish(job) for job in jobs}
    character = here.character(film.read_bytes())
    batch = here.batch(2, "sora-2")
    done = here.batch_ended(batch)
    hook = {"name": "hook", "url": "http://127.0.0.1:9/", "event_types": ["video.completed"]}
    hook_id = here.call("POST", "/v1/webhook_endpoints", hook)["id"]
    running = here.make(model="paid", prompt="running")
    here.running(running)
    arguments = ("--data", str(here.server.data), "--storage", s3.url, "--to-env", "DATABASE")
    cluster = {"DATABASE": url, **s3.environment}
    in_use = filmgate("migrate", *arguments, env=cluster)
    assert (in_use.returncode, in_use.stdout) == (1, "")
    assert "Another filmgate uses" in in_use.stderr
    here.server.kill()
    secret = (here.server.data / "secret.key").read_text()
    before = digests(here.server.data)

    moved = filmgate("migrate", *arguments, env=cluster)
    assert moved.returncode == 0, moved.stderr
    assert digests(here.server.data) == before
    assert secret not in moved.stdout
    assert f"what is in {here.server.data / 'secret.key'}." in moved.stdout
    again = filmgate("migrate", *arguments, env=cluster)
    assert (again.returncode, again.stdout) == (1, "")
    assert "is not empty: callers has rows" in again.stderr

    settings = (
        SETTINGS
        | s3.environment
        | {
            "FILMGATE_DATABASE_URL": url,
            "FILMGATE_STORAGE_URL": s3.url,
            "FILMGATE_SECRET_KEY": secret,
        }
    )
    with Server(tmp_path / "node", film=film, settings=settings) as node:
        assert here.finish(running, node)[4:8] == b"ftyp"
        for job, bytes_there in films.items():
            assert here.finish(job, node) == bytes_there
        for file_id, content in here.files.items():
            got = node.call("GET", f"/v1/files/{file_id}/content", key=here.key)
            assert got.body == content
        assert node.call("GET", f"/v1/batches/{batch}", key=here.key).json() == done
        hooks = node.call("GET", "/v1/webhook_endpoints", key=here.key).json()["data"]
        assert [one["id"] for one in hooks] == [hook_id]
        cast = {"prompt": "ada", "characters": [{"id": character}]}
        made = node.call("POST", "/v1/videos", cast, key=here.key).json()
        here.finish(made["id"], node)
        accounts = node.call("GET", "/admin/accounts").json()["data"]
        assert [one["secret_set"] for one in accounts if one["engine"] == "openai_videos"] == [
            True
        ]
    assert here.bought() == ["running"]


def test_one_that_was_interrupted_is_done_by_running_it_again(
    here: Installation, s3: ObjectStore, url: str
) -> None:
    films = [here.finish(here.make()) for _ in range(3)]
    here.server.stop()
    cluster = s3.environment | {
        "FILMGATE_DATABASE_URL": url,
        "FILMGATE_STORAGE_URL": s3.url,
    }
    arguments = ("migrate", "--data", str(here.server.data))
    s3.stop()
    failed = filmgate(*arguments, env=cluster)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Traceback" not in failed.stderr
    s3.start()
    with psycopg.connect(url, autocommit=True) as node:
        node.execute("INSERT INTO leases VALUES ('node/x', 'x', 0)")
        failed = filmgate(*arguments, env=cluster)
        assert "is not empty: leases has rows" in failed.stderr
        node.execute("DELETE FROM leases")
        # Too late for the rows, after the films: what holds the table is in the way.
        node.execute("BEGIN")
        node.execute("LOCK TABLE jobs IN SHARE MODE")
        failed = filmgate(*arguments, env=cluster)
        node.execute("ROLLBACK")
        assert "lock timeout" in failed.stderr
        assert node.execute("SELECT count(*) FROM callers").fetchone() == (0,)
    moved = filmgate(*arguments, env=cluster)
    assert moved.returncode == 0, moved.stderr
    assert "9 of them were there already." in moved.stdout
    assert len(s3.keys()) == 9
    assert len(films) == 3


def test_films_may_stay_and_the_wrong_key_is_told(tmp_path: Path, url: str) -> None:
    data = ("--data", str(tmp_path))
    assert filmgate("keys", *data, "create", "alice").returncode == 0
    settings = {"FILMGATE_DATABASE_URL": url}
    wrong = {"FILMGATE_SECRET_KEY": "another key than the first"}
    failed = filmgate("migrate", *data, env=settings | wrong)
    assert "another key than that of FILMGATE_SECRET_KEY" in failed.stderr
    moved = filmgate("migrate", *data, env=settings)
    assert moved.returncode == 0, moved.stderr
    assert "The films stay in the data folder" in moved.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "postgresql://me:hush@127.0.0.1:9/x"), "name that with --to-env"),
        (("--to", "postgresql://127.0.0.1:9/x?password=hush"), "name that with --to-env"),
        (("--to-env", "NOT_SET"), "NOT_SET is not set"),
        ((), "Set FILMGATE_DATABASE_URL"),
        (("--to-env", "WRONG"), "FILMGATE_DATABASE_URL cannot be read"),
        (("--to-env", "NOWHERE"), "cannot be used"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_problems_are_told_in_a_sentence_without_the_password(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    filmgate("keys", "--data", str(tmp_path / "data"), "list")
    urls = {"WRONG": "mysql://me:hush@x/", "NOWHERE": "postgresql://me:hush@127.0.0.1:9/x"}
    failed = filmgate("migrate", "--data", str(tmp_path / "data"), *arguments, env=urls)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert words in failed.stderr
    for unwanted in ("Traceback", "hush"):
        assert unwanted not in failed.stderr
