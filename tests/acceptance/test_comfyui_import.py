"""`filmgate engines comfyui import`, as somebody with a workflow runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.serving import served
from acceptance.test_connect_cli import Run, runner
from filmgate.engines.comfyui.card import test_card as card
from servers import KEY, Server
from terminal import Done
from upstreams.comfyui import ComfyUI

DESCRIBED = (
    *("--slot", "prompt=prompt.inputs.value", "--slot", "frames=frames.inputs.amount"),
    *("--slot", "width=sized.inputs.width", "--slot", "height=sized.inputs.height"),
    *("--size", "640x360", "--size", "360x640", "--set", "frames_rule=1k+0"),
)


@pytest.fixture
def upstream() -> Iterator[ComfyUI]:
    found = ComfyUI()
    with served(found):
        yield found


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """Colour bars for 4 s, and a node that is not for the film."""
    graph: dict[str, Any] = card()["workflows"][0]["workflow"]
    graph["sized"]["inputs"] |= {"width": 640, "height": 360}
    graph["frames"]["inputs"]["amount"] = 32
    graph["preview"] = {"class_type": "NeverHeardOf", "inputs": {}}
    (tmp_path / "bars.json").write_text(json.dumps(graph))
    return tmp_path / "bars.json"


def account_of(run: Run, upstream: ComfyUI) -> str:
    added = run(
        *("accounts", "add", "comfyui", "--url", upstream.url, "--secret-stdin"),
        given=f"{upstream.secret}\n",
    )
    assert added.returncode == 0, added.stderr
    lines = run("accounts", "list").stdout.splitlines()
    return next(line.split()[0] for line in lines if "comfyui" in line)


def bring(run: Run, file: Path, account: str, *more: str) -> Done:
    named = ("--name", "bars-fast", "--account", account)
    return run("engines", "comfyui", "import", str(file), *named, *more)


@pytest.mark.parametrize("over_http", [True, False])
def test_a_workflow_becomes_a_name_and_a_film(
    tmp_path: Path, upstream: ComfyUI, workflow: Path, over_http: bool
) -> None:
    server, run = Server(tmp_path / "data"), runner(tmp_path)
    try:
        if over_http:
            server.start()
            run = runner(tmp_path, FILMGATE_URL=server.url, FILMGATE_API_KEY=KEY)
        done = bring(run, workflow, account_of(run, upstream), *DESCRIBED)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("A workflow of 23 nodes.\nprompt: prompt.inputs.value\n")
        assert done.stdout.endswith(
            "output: saved\n"
            "frames_rule: 1k+0\n"
            "bars  640x360 360x640  4 s\n"
            "bars-fast means comfyui/bars from now on.\n"
            'Next: filmgate create --model bars-fast "a kite over the sea"\n'
        )
        if not over_http:
            server.start()
        run = runner(tmp_path, FILMGATE_URL=server.url, FILMGATE_API_KEY=KEY)
        asked = ("create", "--model", "bars-fast", "--size")
        refused = run(*asked, "1280x720", "a kite")
        assert "Supported values are: '640x360', and '360x640'" in refused.stderr
        made = run(*asked, "360x640", "a kite over the sea", "-o", str(tmp_path / "film.mp4"))
        assert made.returncode == 0, made.stderr
        (task,) = upstream.tasks.values()
        graph = task.body["prompt"]
        assert "preview" not in graph
        assert graph["prompt"]["inputs"]["value"] == "a kite over the sea"
        assert graph["sized"]["inputs"]["width"] == 360
        assert graph["frames"]["inputs"]["amount"] == 32
        assert (tmp_path / "film.mp4").stat().st_size > 1000
    finally:
        server.end()


def test_what_only_an_operator_knows_is_asked(tmp_path: Path, workflow: Path) -> None:
    asked = bring(runner(tmp_path), workflow, "account_x")
    assert asked.returncode == 1
    assert asked.stdout.startswith("A workflow of 23 nodes.\nseed: grain.inputs.seed\n")
    assert asked.stderr == (
        "filmgate: Some of it only you can say.\n"
        "Which input takes the prompt? --slot prompt=NODE.inputs.NAME.\n"
    )
    asked = bring(runner(tmp_path), workflow, "account_x", *DESCRIBED[:2])
    assert asked.stderr.splitlines()[1:] == [
        "Which size does it make? --size WIDTHxHEIGHT.",
        "How long is its film? --seconds SECONDS.",
    ]


def test_a_file_of_the_editors_is_refused_with_the_menu_item(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.json"
    drawn.write_text(json.dumps({"nodes": [{"type": "SaveVideo"}], "links": []}))
    refused = bring(runner(tmp_path), drawn, "account_x")
    assert refused.returncode == 1
    assert "as the editor saves it: 1 nodes" in refused.stderr
    assert "File > Export (API)" in refused.stderr
    gone = bring(runner(tmp_path), tmp_path / "gone.json", "account_x")
    assert (gone.returncode, "gone.json cannot be read" in gone.stderr) == (1, True)


def test_what_the_server_lacks_is_listed_before_anything_is_kept(
    tmp_path: Path, upstream: ComfyUI, workflow: Path
) -> None:
    run = runner(tmp_path)
    graph = json.loads(workflow.read_text())
    graph["vae"] = {"class_type": "VAELoader", "inputs": {"vae_name": "wan.safetensors"}}
    graph["odd"] = {"class_type": "NeverHeardOf", "inputs": {"vae": ["vae", 0]}}
    graph["film"]["inputs"]["more"] = ["odd", 0]
    workflow.write_text(json.dumps(graph))
    account = account_of(run, upstream)
    refused = bring(run, workflow, account, *DESCRIBED)
    assert refused.returncode == 1
    lacks = "node NeverHeardOf; model file wan.safetensors (VAELoader, node vae)"
    assert f"lacks what this needs: {lacks}." in refused.stderr
    assert run("models", "list").stdout == ""
    assert bring(run, workflow, account, *DESCRIBED, "--anyway").returncode == 0
    assert run("models", "list").stdout == "bars-fast  comfyui/bars\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("engines", "loom", "import"), 1, "No engine 'loom' is installed."),
        (("engines", "fal", "import"), 1, "fal has no files to import: filmgate connect fal"),
        (("engines", "comfyui", "import", "--slot", "prompt"), 2, "is not NAME=VALUE"),
        (("engines", "comfyui", "import", "--set", "cfg=4"), 1, "cannot be read"),
        (("engines", "comfyui", "import", "--set", "lora=x.pt"), 1, "--slot lora="),
    ],
)
def test_problems_are_told_in_a_sentence(
    tmp_path: Path, workflow: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    given = (*DESCRIBED, str(workflow), "--name", "x", "--account", "account_x")
    done = runner(tmp_path)(*arguments, *given)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
