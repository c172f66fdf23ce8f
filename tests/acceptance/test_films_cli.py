"""`filmgate films`, as somebody at a terminal runs it, and what becomes of its films."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import terminal
from dialects.wire import wait
from films import tiny_film
from servers import KEY, Server
from terminal import Done

OLD = "s_" + "0123456789abcdef" * 2
ANOTHER = "s_" + "f" * 32
ADAS = "fg-key-of-ada-alone"


def filmgate(*arguments: object, **settings: object) -> Done:
    env = {f"FILMGATE_{name.upper()}": str(value) for name, value in settings.items()}
    return terminal.filmgate(*arguments, env=env)


@dataclass
class Place:
    """A server, and a film that its folder got before it was started."""

    server: Server
    film: Path
    said: str  #: by the import

    def kept(self, *arguments: object, key: str = KEY) -> Done:
        """An import while the server runs."""
        return filmgate("films", "import", *arguments, url=self.server.url, api_key=key)

    def ada(self, method: str, path: str, body: Any = None) -> Any:
        return self.server.call(method, path, body, key=ADAS)

    def done(self, made: Any) -> Any:
        assert made.status == 200, made.body
        path = f"/v1/videos/{made.json()['id']}"
        wait(lambda: self.ada("GET", path).json()["status"] not in ("queued", "in_progress"))
        return self.ada("GET", path).json()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("films")
    data, film = folder / "data", folder / "old.mp4"
    tiny_film(film, size=(96, 64))
    filmgate("keys", "create", "ada", "--value", ADAS, data=data)
    done = filmgate("films", "import", film, "--as", OLD, data=data)
    assert done.returncode == 0, done.stderr
    with Server(data, measured=True) as server:
        yield Place(server, film, done.stdout)


def test_a_folder_keeps_a_film_which_a_server_then_has(place: Place) -> None:
    assert place.said == f"{OLD}: 96x64, 1 s, ada's\n"
    video = place.ada("GET", f"/v1/videos/{OLD}").json()
    assert (video["status"], video["engine"], video["size"], video["seconds"]) == (
        "completed", "imported", "96x64", "1",
    )  # fmt: skip
    assert (video["expires_at"], video["error"]) == (None, None)
    assert OLD in [one["id"] for one in place.ada("GET", "/v1/videos").json()["data"]]
    film = place.film.read_bytes()
    content = f"/v1/videos/{OLD}/content"
    part = place.server.call("GET", content, key=ADAS, headers={"range": "bytes=4-11"})
    assert (part.status, part.body) == (206, film[4:12])
    assert place.ada("GET", f"{content}?variant=thumbnail").body[8:12] == b"WEBP"
    shown = place.server.call("GET", video["url"].removeprefix(place.server.url), key=None)
    assert (shown.status, shown.body) == (200, film)
    assert place.server.call("GET", f"/v1/videos/{OLD}").status == 404  # another's


def test_other_apis_have_it_too(place: Place) -> None:
    azure = "/openai/v1/video/generations"
    ids = [job["id"] for job in place.ada("GET", f"{azure}/jobs").json()["data"]]
    assert f"task_{OLD}" in ids
    assert place.ada("GET", f"{azure}/jobs/task_{OLD}").json()["status"] == "succeeded"
    film = place.ada("GET", f"{azure}/gen_{OLD}/content/video").body
    gemini = place.ada("GET", f"/v1beta/files/{OLD}:download?alt=media")
    assert film == gemini.body == place.film.read_bytes()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/videos/edits", {"video": {"id": OLD}}),
        ("/v1/videos/extensions", {"video": {"id": OLD}, "seconds": "4"}),
    ],
)
def test_films_are_made_of_it(place: Place, path: str, body: dict[str, Any]) -> None:
    video = place.done(place.ada("POST", path, body | {"prompt": "at night"}))
    assert (video["status"], video["size"]) == ("completed", "96x64")
    assert video["remixed_from_video_id"] == OLD


def test_a_conversation_remixes_it_by_soras_link(place: Place) -> None:
    text = f"https://sora.chatgpt.com/p/{OLD}?psh=x at night"
    body = {"model": "sora2-landscape-10s", "messages": [{"role": "user", "content": text}]}
    answer = place.ada("POST", "/v1/chat/completions", body).json()
    assert (answer["filmgate"]["operation"], answer["filmgate"]["size"]) == ("remix", "96x64")


def test_a_server_keeps_a_film_once(place: Place) -> None:
    arguments = (place.film, "--as", ANOTHER, "--caller", "ada")
    for _ in range(2):
        done = place.kept(*arguments)
        assert (done.returncode, done.stdout) == (0, f"{ANOTHER}: 96x64, 1 s, ada's\n")
    nobodys = place.kept(place.film, "--as", ANOTHER)
    assert nobodys.returncode == 1
    assert "'ada', 'admin'. Name one of them." in nobodys.stderr
    refused = place.kept(*arguments, key="fg-nobodys-key")
    assert refused.stderr.startswith("filmgate: Incorrect API key")
    assert place.ada("DELETE", f"/v1/videos/{ANOTHER}").status == 200
    assert place.ada("GET", f"/v1/videos/{ANOTHER}").status == 404


def test_what_is_no_film_is_not_kept(place: Place, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film")
    said = place.kept(text, "--as", "video_abc12345", "--caller", "ada").stderr
    assert said.startswith("filmgate: 'file' is not a playable film")
    missing = place.kept(tmp_path / "nothing.mp4", "--as", OLD)
    assert missing.stderr.endswith("nothing.mp4: No such file or directory\n")
    fields = {"file": "no film", "id": "video_abc12345"}
    bare = place.server.call("POST", "/admin/films", fields)
    assert (bare.status, bare.json()["error"]["param"]) == (400, "file")
    both = filmgate(
        "films", "--data", tmp_path, "import", place.film, "--as", OLD,
        url=place.server.url, api_key=KEY,
    )  # fmt: skip
    assert "Which installation is meant?" in both.stderr


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v1/videos/{old}", "video_id"),
        ("/v1/videos/{gen}/content", "video_id"),
        ("/openai/v1/video/generations/{gen}", "id"),
        ("/v1beta/models/veo/operations/{old}", None),
    ],
)
def test_an_unknown_id_of_sora_says_how_to_keep_its_film(
    place: Place, path: str, param: str | None
) -> None:
    ids = {"old": f"s_{'0' * 32}", "gen": "gen_01jqxyz0123456789abcdefghi"}
    answer = place.ada("GET", path.format(**ids))
    error = answer.json()["error"]
    assert answer.status == 404
    assert "filmgate films import FILE --as " in error["message"]
    assert error.get("param") == param
