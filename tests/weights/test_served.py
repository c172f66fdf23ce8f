"""A film with sound by a real pipeline with tiny weights, asked for as anybody asks."""

import io
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from servers import Server

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-diffusers"
PYTHON = FOLDER / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not (FOLDER / ".done").exists(),
    reason="`make diffusers` installs torch and diffusers, and runs this",
)


def test_a_server_makes_a_film_with_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Path(__file__).with_name("tiny.py")
    subprocess.run([PYTHON, tiny, tmp_path], check=True, capture_output=True, timeout=120)
    monkeypatch.setattr(sys, "executable", str(PYTHON))
    with Server(tmp_path / "data") as server:
        settings = {
            "pipeline": str(tmp_path / "ltx"), "sizes": ["96x64"], "seconds": [1], "steps": 2,
        }  # fmt: skip
        pointed = {"engine": "diffusers", "model": "ltx-2", "settings": settings}
        assert server.call("PUT", "/admin/models/tiny", pointed).status == 200
        asked = {"model": "tiny", "prompt": "a kite 风筝", "size": "96x64", "seconds": "1"}
        video = server.call("POST", "/v1/videos", asked).json()
        path, until = f"/v1/videos/{video['id']}", time.monotonic() + 120
        while video["status"] in {"queued", "in_progress"} and time.monotonic() < until:
            time.sleep(0.2)
            video = server.call("GET", path).json()
        assert (video["status"], video["error"]) == ("completed", None)
        film = server.call("GET", f"{path}/content").body
        children = psutil.Process(server.pid).children(recursive=True)
        server.kill()
    _, living = psutil.wait_procs(children, timeout=20)
    assert living == []
    with av.open(io.BytesIO(film), "r") as opened:
        pictures = list(opened.decode(video=0))
    with av.open(io.BytesIO(film), "r") as opened:
        heard = np.concatenate([one.to_ndarray() for one in opened.decode(audio=0)], axis=1)
    assert [(one.width, one.height) for one in pictures] == [(96, 64)] * 24
    assert heard.shape[0] == 2
    assert np.abs(heard).max() > 0.01
