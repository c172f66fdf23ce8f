"""A server that takes reports, and what a browser's script sends it."""

from __future__ import annotations

import json
import socket
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ports import free_port
from servers import Server
from terminal import process

KEY = "the-key-of-the-intake"
SECRET = "eyJhbGciOi.the-secret-of-ada.s1gn"
ENGINE = "openai_videos"
REPORT = {
    "accessToken": SECRET,
    "user": {"id": "user-1", "name": "Ada", "email": "ada@example.com"},
    "account": {"id": "account-1", "planType": "plus"},
    "expires": "2026-12-21T00:00:00.000Z",
    "status": "active",
    "timestamp": "2026-11-21T00:00:00.000Z",
    "transport": "http",
}


def settings(port: int, **more: str) -> dict[str, str]:
    return {
        "FILMGATE_INTAKE_PORT": str(port),
        "FILMGATE_INTAKE_KEY": KEY,
        "FILMGATE_INTAKE_ENGINE": ENGINE,
        **more,
    }


def ask(port: int, path: str, body: Any = None, *, key: str = KEY) -> tuple[int, Any]:
    """As the script does it, with the key beside what it sends."""
    request = urllib.request.Request(
        f"http://localhost:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Intake-Key": key},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_report_is_an_account_that_outlives_the_server(tmp_path: Path) -> None:
    port = free_port()
    with Server(tmp_path, settings=settings(port)) as server:
        assert ask(port, "/health", key="")[1]["tokens_count"] == 0
        status, answer = ask(port, "/api/token", REPORT)
        assert (status, answer.pop("timestamp")[:2]) == (200, "20")
        assert answer == {"status": "success", "message": "Token received successfully"}
        assert ask(port, "/api/token", REPORT, key="wrong")[0] == 401
        assert ask(port, "/api/token", {"user": {}}) == (
            400,
            {"status": "error", "message": "Missing accessToken field"},
        )
        listed = server.call("GET", "/admin/accounts").json()["data"]
        (made,) = [one for one in listed if one["engine"] == ENGINE]
        assert made["label"] == "ada@example.com"
        assert made["secret_set"]
        # Neither listener has what the other one has.
        assert server.call("GET", "/api/tokens").status == 404
        assert ask(port, "/admin/accounts")[0] == 404
        # It is for this machine alone.
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=10)

        server.stop()
        server.start()
        _, listed = ask(port, "/api/tokens")
        assert listed["count"] == 1
        assert SECRET[-4:] not in json.dumps(listed)
        assert ask(port, "/api/stats")[1]["stats"]["port"] == port
    assert server.stop() == 0

    log = (tmp_path / "serve.log").read_text()
    for unwanted in (SECRET, KEY, "Traceback"):
        assert unwanted not in log
    with closing(sqlite3.connect(tmp_path / "filmgate.db")) as rows:
        ((kept,),) = rows.execute("SELECT secret FROM accounts WHERE engine = ?", (ENGINE,))
    assert kept
    assert SECRET not in kept


def test_without_a_port_there_is_no_intake(tmp_path: Path) -> None:
    port = free_port()
    with (
        Server(tmp_path, settings=settings(port, FILMGATE_INTAKE_PORT="")),
        pytest.raises(urllib.error.URLError),
    ):
        ask(port, "/health")


def test_what_cannot_be_is_told_at_the_start(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for wrong, words in (
            ({"FILMGATE_INTAKE_KEY": ""}, "FILMGATE_INTAKE_PORT needs a FILMGATE_INTAKE_KEY"),
            ({"FILMGATE_INTAKE_ENGINE": "oven"}, "FILMGATE_INTAKE_ENGINE='oven': No engine"),
            ({"FILMGATE_INTAKE_ENGINE": "previs"}, "FILMGATE_SEATS"),
            ({}, f"127.0.0.1:{port}: Address already in use. Choose another with FILMGATE_INT"),
        ):
            failed = process(
                *("serve", "--port", "0", "--data", tmp_path), env=settings(port) | wrong
            )
            assert failed.returncode == 1
            assert words in failed.stderr
            assert "Traceback" not in failed.stderr
