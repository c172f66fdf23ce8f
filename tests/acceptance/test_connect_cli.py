"""`filmgate connect` and `filmgate models`, as somebody at a terminal runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from acceptance.serving import served
from servers import KEY, Server
from terminal import Done, filmgate
from upstreams.videos import KEY as SECRET
from upstreams.videos import Upstream

ENGINE = "openai_videos"
Run = Callable[..., Done]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    found = Upstream(keys=(SECRET,), seconds=0.1)
    with served(found):
        yield found


def runner(folder: Path, **settings: str) -> Run:
    env = {"FILMGATE_DATA": str(folder / "data"), "UPSTREAM_KEY": SECRET, **settings}
    return partial(filmgate, folder=folder, env=env)


@pytest.fixture(params=["over HTTP", "in the folder"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    if request.param == "in the folder":
        return runner(tmp_path)
    server: Server = request.getfixturevalue("server")
    return runner(tmp_path, FILMGATE_URL=server.url, FILMGATE_API_KEY=KEY)


def connect(run: Run, upstream: Upstream, *more: str, key: str = SECRET) -> str:
    done = run(
        *("connect", ENGINE, "--url", upstream.url, "--secret-stdin", "--label", "up"),
        *more,
        given=f"{key}\n",
    )
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def test_a_key_is_checked_a_model_chosen_and_a_name_pointed(
    run: Run, upstream: Upstream
) -> None:
    refused = connect(run, upstream, key="sk-of-somebody-else")
    assert refused.startswith("1\nfilmgate: 127.0.0.1 answered 401")
    assert "sk-of-somebody-else" not in refused
    assert ENGINE not in run("accounts", "list").stdout

    listed = connect(run, upstream)
    assert listed.startswith("1\nThe account works. It may use 2 models:\n")
    assert "sora-2-pro  720x1280 … 1920x1080  4 … 20 s\n" in listed
    assert listed.endswith("Say which is to make the films: --model NAME.\n")
    assert "There is no model 'sora-3'" in connect(run, upstream, "--model", "sora-3")

    named = connect(run, upstream, "--model", "sora-2-pro", "--name", "mine")
    assert named.startswith("0\nmine means openai_videos/sora-2-pro from now on.\n")
    assert "mine  openai_videos/sora-2-pro\n" in run("models", "list").stdout
    (account,) = [one for one in run("accounts", "list").stdout.splitlines() if ENGINE in one]
    assert run("models", "of", account.split()[0]).stdout.count("\n") == 2

    assert run("models", "remove", "mine").stdout == (
        "mine is not pointed at anything any more\n"
    )
    again = run("models", "remove", "mine")
    assert (again.returncode, again.stderr) == (
        1,
        "filmgate: The name 'mine' is not pointed at anything here.\n",
    )
    assert run("accounts", "remove", account.split()[0]).returncode == 0
    assert upstream.ledger.creates == []


def test_an_operator_names_a_model_with_settings(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"steps": 4}))
    point = ("models", "point", "quick", "previs-1", "--engine", "previs")
    done = run(*point, "--settings", str(settings))
    assert done.stdout == "quick means previs/previs-1\n", done.stderr
    for content in ("[]", "{", None):
        settings.unlink() if content is None else settings.write_text(content)
        refused = run(*point, "--settings", str(settings))
        assert (refused.returncode, "--settings" in refused.stderr) == (1, True)
    assert run("models", "remove", "quick").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("connect", "sora"), "No engine 'sora' is installed."),
        (("connect", ENGINE, "--secret", "sk-1"), "--secret env:NAME or --secret file:PATH"),
        (("models", "point", "x", "y", "--engine", "previs"), "previs has no model 'y' here"),
    ],
)
def test_problems_are_told_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = runner(tmp_path)(*arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_with_previs_off_a_name_that_points_nowhere_says_what_to_do(tmp_path: Path) -> None:
    settings = {"FILMGATE_PREVIS": "off"}
    with Server(tmp_path, settings=settings) as server:
        run = runner(tmp_path, FILMGATE_URL=server.url, FILMGATE_API_KEY=KEY)
        refused = run("create", "a kite")
        assert refused.returncode == 1
        assert "filmgate connect ENGINE" in refused.stderr
