"""The official SDKs of Anthropic and Google, unchanged but for address and key."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import surroundings
from dialects.wire import get, new_key
from films import image
from servers import Answer, Server

ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
NEWEST, OLDER = (ROOT / name / BIN / "python" for name in (".venv-vendors", ".venv-sdk2"))


def ran(script: str, server: Server, *more: str | Path, python: Path = NEWEST) -> Any:
    """What a script prints, and the key that it had."""
    if not python.with_name(python.name + ".exe" * (os.name == "nt")).exists():
        pytest.skip(f"`make {python.parents[1].name}/.done` installs the SDKs")
    key = new_key(server)
    done = subprocess.run(
        [
            *(python, "-W", "ignore", Path(__file__).with_name(script)),
            *(server.url, key, *more),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=surroundings.environment(),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), key


def got(server: Server, key: str, video_id: str) -> Answer:
    return server.call("GET", f"/v1/videos/{video_id}", key=key)


def test_anthropics_sdk_makes_films_and_stills(server: Server) -> None:
    told, key = ran("sdk_messages.py", server)

    made = [one["media"] for one in told["made"]]
    assert made == ["video", "image", "video", "image", "video"]
    for one in told["made"]:
        assert server.call("GET", one["url"].removeprefix(server.url), key=None).status == 200
    assert got(server, key, told["made"][0]["id"]).json()["size"] == "720x1280"
    assert told["refused"] == [
        "seconds: Invalid value: '5'. Supported values are: '4', '8', '12', '16', and '20'.",
        "'tools' is not supported: films are made of the words alone. Leave it out.",
        "The model `claude` does not exist or you do not have access to it.",
        "authentication_error",
    ]


@pytest.mark.parametrize("python", [NEWEST, OLDER], ids=["newest", "older"])
def test_googles_sdk_makes_films_and_stills(server: Server, python: Path) -> None:
    told, key = ran("sdk_gemini.py", server, python=python)

    film = got(server, key, told["made"][0]).json()
    assert (film["status"], film["size"], film["seconds"]) == ("completed", "720x1280", "4")
    assert len(set(told["stills"])) == 1
    assert {"models/sora-2", "models/gpt-image-2"} <= set(told["names"])
    assert [said[:23] for said in told["refused"]] == [
        "400 INVALID_ARGUMENT In",
        "400 INVALID_ARGUMENT Un",
        "404 NOT_FOUND The model",
    ]


def test_googles_sdk_makes_films_as_operations(
    server: Server, film: Path, tmp_path: Path
) -> None:
    first_frame = tmp_path / "first.png"
    first_frame.write_bytes(image((720, 1280)))

    told, key = ran("sdk_operations.py", server, first_frame, python=OLDER)

    assert set(told["films"]) == {hashlib.sha256(film.read_bytes()).hexdigest()}
    assert len(told["films"]) == 4
    for name in told["names"]:
        video = got(server, key, "video_" + name.rpartition("/")[2]).json()
        assert (video["status"], video["model"]) == ("completed", "sora-2")
    assert told["refused"].startswith("400 INVALID_ARGUMENT Invalid value: '3840x2160'.")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/v1/messages", "authentication_error"), ("/v1beta/models", "UNAUTHENTICATED")],
)
def test_a_key_is_needed(server: Server, path: str, kind: str) -> None:
    method = "POST" if path == "/v1/messages" else "GET"
    answer = server.call(method, path, {} if method == "POST" else None, key=None)
    assert answer.status == 401
    assert kind in answer.body.decode()


def test_a_key_may_come_in_the_query_and_is_not_written_down(server: Server) -> None:
    key = new_key(server)
    assert server.call("GET", f"/v1beta/models?key={key}", key=None).status == 200
    assert server.call("GET", f"/v1/models?key={key}", key=None).status == 401
    assert key not in (server.data / "serve.log").read_text()


@pytest.mark.parametrize("path", ["/v1beta/modls", "/v1beta/models/a/b/c:generateMusic"])
def test_a_path_that_is_not_there_is_told_in_googles_words(server: Server, path: str) -> None:
    answer = server.call("POST", path, {})
    assert answer.json()["error"]["status"] in ("NOT_FOUND", "UNIMPLEMENTED")


def test_a_wrong_method_is_told_in_anthropics_words(server: Server) -> None:
    answer = get("/v1/messages").to(server)
    assert answer.status == 405
    assert answer.json()["type"] == "error"
    assert answer.headers["request-id"] == answer.json()["request_id"]
