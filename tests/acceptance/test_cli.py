"""The commands, as somebody at a terminal runs them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import av
import pytest

from dialects.wire import new_film
from films import image
from servers import KEY, Server
from terminal import NONE, PROGRAM, Done, process

ROOT = Path(__file__).parents[2]
WHEEL = ROOT / ".venv-wheel" / ("Scripts" if os.name == "nt" else "bin") / "filmgate"


def filmgate(
    *arguments: str,
    folder: Path,
    program: tuple[str, ...] = PROGRAM,
    env: Mapping[str, str] = NONE,
) -> Done:
    env = {"FILMGATE_DATA": str(folder / "data"), **env}
    return process(*arguments, folder=folder, env=env, program=program)


@pytest.fixture
def there(server: Server) -> dict[str, str]:
    """How a command finds the server."""
    return {"FILMGATE_URL": server.url, "FILMGATE_API_KEY": KEY}


def probed(film: Path) -> tuple[int, int, float, list[str]]:
    with av.open(film) as container:
        video = container.streams.video[0]
        codecs = [stream.codec_context.name for stream in container.streams]
        seconds = (container.duration or 0) / av.time_base
        return video.codec_context.width, video.codec_context.height, seconds, codecs


def test_create_against_a_server(tmp_path: Path, there: dict[str, str]) -> None:
    reference = tmp_path / "first.png"
    reference.write_bytes(image((1280, 720)))
    arguments = ("--size", "1280x720", "--seconds", "8", "--reference", str(reference))
    made = filmgate(
        "create", "a kite", *arguments, "-o", "kite.mp4", folder=tmp_path, env=there
    )
    assert made.returncode == 0, made.stderr
    assert "kite.mp4: 1280x720, 8 s, made by standin as video_" in made.stdout
    assert (tmp_path / "kite.mp4").read_bytes()[4:8] == b"ftyp"


def test_create_without_a_server_draws_here(tmp_path: Path) -> None:
    size = ("--model", "previs-1", "--size", "320x180", "--seconds", "2")
    made = filmgate("create", "snow on mountains", *size, "-o", "snow.mp4", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    width, height, seconds, codecs = probed(tmp_path / "snow.mp4")
    assert (width, height, codecs) == (320, 180, ["h264", "aac"])
    assert abs(seconds - 2) < 0.1
    assert filmgate("keys", "list", folder=tmp_path).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "a kite", "--size", "9x9"), "Supported values are"),
        (("create", "a kite", "--model", "sora-9"), "`sora-9` does not exist"),
        (("create", "a kite", "--reference", "nowhere.png"), "nowhere.png: No such file"),
        (("keys", "revoke", "key_none"), "There is no key 'key_none'."),
    ],
)
def test_problems_are_told_in_a_sentence(
    tmp_path: Path, there: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    for settings in (there, {}):
        failed = filmgate(*arguments, folder=tmp_path, env=settings)
        assert failed.returncode == 1
        assert words in failed.stderr
        assert "Traceback" not in failed.stderr


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = {"FILMGATE_URL": "http://127.0.0.1:9", "FILMGATE_API_KEY": "k"}
    failed = filmgate("create", "a kite", folder=tmp_path, env=nowhere)
    assert (failed.returncode, "Is `filmgate serve` running?" in failed.stderr) == (1, True)
    half = filmgate(
        "create", "a kite", folder=tmp_path, env={"FILMGATE_URL": "http://127.0.0.1:9"}
    )
    assert (half.returncode, "FILMGATE_API_KEY is not" in half.stderr) == (1, True)
    odd = filmgate(
        "keys",
        "list",
        folder=tmp_path,
        env={"FILMGATE_URL": "ftp://x", "FILMGATE_API_KEY": "k"},
    )
    assert (odd.returncode, "not an http address" in odd.stderr) == (1, True)


@pytest.mark.parametrize("over_http", [True, False])
def test_keys_are_made_listed_and_revoked(
    tmp_path: Path, there: dict[str, str], over_http: bool
) -> None:
    settings = there if over_http else {}
    value = f"a-deployed-key-{over_http}"
    made = filmgate("keys", "create", "bob", "--value", value, folder=tmp_path, env=settings)
    assert made.returncode == 0, made.stderr
    key_id = made.stdout.split()[0]
    assert f"API key, shown only now: {value}" in made.stdout

    listed = filmgate("keys", "list", folder=tmp_path, env=settings).stdout
    assert (key_id in listed, value in listed, "bob" in listed) == (True, False, True)

    assert filmgate("keys", "revoke", key_id, folder=tmp_path, env=settings).returncode == 0
    assert "revoked" in filmgate("keys", "list", folder=tmp_path, env=settings).stdout


def test_a_key_made_in_the_folder_opens_the_server(tmp_path: Path) -> None:
    made = filmgate("keys", "create", "bob", "--admin", folder=tmp_path)
    key = made.stdout.split()[-1]
    with Server(tmp_path / "data") as server:
        assert server.call("GET", "/admin/keys", key=key).status == 200
        busy = filmgate("keys", "list", folder=tmp_path)
        assert (busy.returncode, "Another filmgate uses" in busy.stderr) == (1, True)


def test_the_doctor_finds_what_works(tmp_path: Path, there: dict[str, str]) -> None:
    found = filmgate("doctor", folder=tmp_path, env=there)
    assert found.returncode == 0, found.stdout
    assert "previs makes films (H.264 and AAC)" in found.stdout
    assert re.search(r"http://127.0.0.1:\d+ answers with [1-9]\d* models", found.stdout)
    broken = {**there, "FILMGATE_API_KEY": "wrong"}
    failed = filmgate("doctor", folder=tmp_path, env=broken)
    assert (failed.returncode, "NO  http" in failed.stdout) == (1, True)


def test_the_doctor_tries_a_link_as_a_browser_would(tmp_path: Path, film: Path) -> None:
    def findings(**settings: str) -> str:
        with Server(tmp_path / "data", film=film, settings=settings) as server:
            there = {"FILMGATE_URL": server.url, "FILMGATE_API_KEY": KEY}
            new_film(server)
            return filmgate("doctor", folder=tmp_path, env=there).stdout

    assert "ok  links to films work: they begin with http://127.0.0.1:" in findings()
    wrong = findings(FILMGATE_PUBLIC_URL="http://127.0.0.1:9")
    assert "NO  links to films begin with http://127.0.0.1:9, where they do not" in wrong


def test_wrong_usage_is_told(tmp_path: Path) -> None:
    assert filmgate(folder=tmp_path).returncode == 2
    assert filmgate("--version", folder=tmp_path).stdout.startswith("filmgate 0.")
    bad = filmgate("serve", folder=tmp_path, env={"FILMGATE_PORT": "eighty"})
    assert (bad.returncode, "FILMGATE_PORT='eighty'" in bad.stderr) == (1, True)


@pytest.mark.parametrize("wheel", [False, True], ids=["here", "wheel"])
def test_the_demo_makes_the_film_that_it_tells_of(tmp_path: Path, wheel: bool) -> None:
    if wheel and not WHEEL.exists():
        pytest.skip("no .venv-wheel: `make test` makes it")
    made = filmgate("demo", folder=tmp_path, program=(str(WHEEL),) if wheel else PROGRAM)
    assert made.returncode == 0, made.stderr
    width, height, seconds, codecs = probed(tmp_path / "film.mp4")
    assert (width, height, codecs) == (1280, 720, ["h264", "aac"])
    assert abs(seconds - 8) < 0.1
    assert "film.mp4   1280x720, 8.00 s, h264 + aac, 24 fps" in made.stdout
    assert (tmp_path / "thumbnail.webp").read_bytes()[8:12] == b"WEBP"
    script = made.stdout.split("`filmgate serve`:")[1]
    compile("\n".join(line[4:] for line in script.splitlines()), "sdk", "exec")
