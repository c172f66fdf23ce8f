"""`filmgate usage`, as somebody at a terminal runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from fakes import Scripted
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from house import open_house
from servers import KEY, Server
from terminal import NONE, Done, filmgate
from till import Till

LINE = "alice  1 job  charged $0.30  refunded $0.10  engines took $0.30\n"


def usage(data: Path, *arguments: str, settings: Mapping[str, str] = NONE) -> Done:
    return filmgate("usage", *arguments, env={"FILMGATE_DATA": str(data), **settings})


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A data folder, with a job of 2026-11-21 that was cancelled."""
    data = tmp_path / "data"
    data.mkdir()
    prepare(data / "filmgate.db")
    database = SQLite(data / "filmgate.db")
    till = Till(await open_house(tmp_path, Scripted(), seats=9, database=database))
    await till.add()
    await till.own(ticket=True)
    await till.cancel()
    await till.stop()
    await database.close()
    return data


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), LINE),
        (("--since", "2026-11-21", "--until", "2026-11-22"), LINE),
        (("--since", "2026-11-22"), ""),
    ],
)
def test_a_folder_says_what_was_charged(
    data: Path, arguments: Sequence[str], said: str
) -> None:
    done = usage(data, *arguments)
    assert (done.returncode, done.stdout) == (0, said), done.stderr


def test_a_server_says_the_same(data: Path) -> None:
    with Server(data) as running:
        over_http = {"FILMGATE_URL": running.url, "FILMGATE_API_KEY": KEY}
        assert usage(data, settings=over_http).stdout == LINE
        later = usage(data, "--since", "2026-11-22", settings=over_http)
        assert (later.returncode, later.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "settings", "told"),
    [
        (("--since", "november"), {}, "--since november is no day such as 2026-11-01."),
        (
            ("--data", "here"),
            {"FILMGATE_URL": "http://127.0.0.1:9", "FILMGATE_API_KEY": KEY},
            "--data and FILMGATE_URL are both given. Which installation is meant?",
        ),
    ],
)
def test_what_cannot_be_told(
    tmp_path: Path, arguments: Sequence[str], settings: dict[str, str], told: str
) -> None:
    done = usage(tmp_path, *arguments, settings=settings)
    assert (done.returncode, done.stderr) == (1, f"filmgate: {told}\n")
