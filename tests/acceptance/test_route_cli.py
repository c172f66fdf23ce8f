"""Names of several models, and `filmgate route`, as somebody at a terminal runs them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from servers import KEY, Server
from terminal import Done, filmgate

Run = Callable[..., Done]


@pytest.fixture(params=["over HTTP", "in the folder"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    settings = {"FILMGATE_DATA": str(tmp_path / "data")}
    if request.param == "over HTTP":
        server: Server = request.getfixturevalue("server")
        settings |= {"FILMGATE_URL": server.url, "FILMGATE_API_KEY": KEY}
    return partial(filmgate, folder=tmp_path, env=settings)


def test_a_name_means_several_models_and_says_which_is_taken(run: Run) -> None:
    first = run("models", "point", "mixed", "previs-1", "--engine", "previs")
    assert first.stdout == "mixed means previs/previs-1\n"
    more = run(
        *("models", "point", "mixed", "kling-2.6", "--engine", "kling", "--also"),
        *("--plan", "pro", "--plan", "plus", "--weight", "3", "--pick", "weighted"),
    )
    means = (
        "previs/previs-1 weight 1, else kling/kling-2.6 weight 3 plan pro or plus  (weighted)"
    )
    assert (more.stderr, more.stdout) == ("", f"mixed means {means}\n")
    assert f"mixed  {means}\n" in run("models", "list").stdout

    routed = run("route", "mixed", "--size", "640x360", "--seconds", "4")
    assert (routed.returncode, routed.stderr) == (0, "")
    lines = routed.stdout.splitlines()
    assert lines[:3] == [
        "mixed  (weighted)",
        "1  previs/previs-1  chosen",
        "   It is the only one that can make this.",
    ]
    assert lines[3].startswith("   accounts: 1 active; 1 may make this; ")
    assert lines[4].endswith("  this machine  active")
    assert lines[5] == "-  kling/kling-2.6"

    refused = run("route", "mixed|[nobody]").stdout
    assert "It is in none of the groups nobody." in refused
    assert refused.endswith("It would be refused now: no_account_for_this\n")
    for arguments, said in (
        (("route", "swallow"), "filmgate: The model `swallow` does not exist"),
        (("route", "mixed", "--size", "big"), "filmgate: Invalid value: 'big'."),
        (("route", "mixed|pro"), "Groups of accounts follow a model's name like this"),
        (
            ("models", "point", "mixed", "previs-1", "--engine", "previs", "--weight", "101"),
            "filmgate: 'weight' is 101.",
        ),
    ):
        done = run(*arguments)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    run("models", "remove", "mixed")


def test_one_installation_is_meant(run: Run, request: pytest.FixtureRequest) -> None:
    done = run("route", "--data", ".", "sora-2")
    if "HTTP" in request.node.name:
        assert done.stderr.endswith("Which installation is meant?\n")
    else:
        assert done.returncode == 0


def test_a_key_that_is_no_admins_is_told_less(server: Server, tmp_path: Path) -> None:
    made = server.call("POST", "/admin/keys", {"name": "of the route"}).json()
    there = {"FILMGATE_URL": server.url, "FILMGATE_API_KEY": made["key"]}
    done = filmgate("route", "sora-2", folder=tmp_path, env=there)
    assert done.stdout == (
        "sora-2  (first)\n"
        "1  standin/instant  $0.4  chosen\n"
        "   It is the only one that can make this.\n"
    )
