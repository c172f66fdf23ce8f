"""The servers that filmgate is measured beside: LiteLLM's proxy, bare Starlette, nginx."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contender import (
    PROMPT,
    Contender,
    free_address,
    process,
    wait_until_up,
)

ROOT = Path(__file__).parent.parent
LITELLM = ROOT / ".venv-litellm"
REQUIREMENTS = ROOT / "requirements" / "litellm.txt"

_CONFIG = """\
model_list:
  - model_name: sora-2
    litellm_params:
      model: openai/sora-2
      api_base: http://{upstream}/v1
      api_key: sk-upstream
general_settings:
  master_key: {key}
litellm_settings:
  telemetry: false
"""
# One process that serves a file as nginx is known for it: sendfile, nothing logged.
_NGINX = """\
daemon off; master_process off;
pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off; sendfile on; tcp_nopush on;
  types {{ video/mp4 mp4; }}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen {host}:{port}; root {root}; }}
}}
"""


@contextmanager
def bare(folder: Path, film: Path, *, name: str = "bare Starlette") -> Iterator[Contender]:
    """`bare.py`, which is the upstream of others as well."""
    address = free_address()
    log = folder / "bare.log"
    script: list[str | Path] = [
        sys.executable,
        Path(__file__).parent / "bare.py",
        str(address[1]),
        film,
    ]
    with process(script, log=log) as pid:
        wait_until_up(address, "/v1/videos/up", pid=pid, log=log)
        yield Contender(name=name, address=address, pid=pid)


def install_litellm() -> None:
    """An environment of its own, unless it is there and as new as its requirements."""
    done = LITELLM / ".done"
    if done.exists() and done.stat().st_mtime >= REQUIREMENTS.stat().st_mtime:
        return
    print("installing LiteLLM …", flush=True)
    uv = ROOT / ".venv" / "bin" / "uv"
    python = LITELLM / "bin" / "python"
    subprocess.run(
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, LITELLM], check=True
    )
    subprocess.run(
        [
            *(uv, "pip", "install", "--quiet", "--python", python),
            *("--require-hashes", "-r", REQUIREMENTS),
        ],
        check=True,
    )
    done.touch()


def litellm_version() -> str:
    code = "from importlib.metadata import version; print(version('litellm'))"
    return subprocess.check_output([LITELLM / "bin" / "python", "-c", code], text=True).strip()


@contextmanager
def litellm_process(folder: Path, upstream: tuple[str, int]) -> Iterator[Contender]:
    """LiteLLM's proxy from its first 200 on: one worker, one key, no database, no logging."""
    address, key = free_address(), "sk-nobody"
    config, log = folder / "litellm.yaml", folder / "litellm.log"
    config.write_text(_CONFIG.format(upstream=f"{upstream[0]}:{upstream[1]}", key=key))
    command: list[str | Path] = [
        *(LITELLM / "bin" / "litellm", "--config", config, "--num_workers", "1"),
        *("--host", address[0], "--port", str(address[1])),
    ]
    environment = {
        **os.environ,  # noqa: TID251
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no call to the outside
        "PYTHONWARNINGS": "ignore",
    }
    with process(command, log=log, environment=environment) as pid:
        wait_until_up(address, "/health/liveliness", pid=pid, log=log)
        yield Contender(name="LiteLLM", address=address, pid=pid, key=key)


@contextmanager
def litellm(folder: Path, film: Path) -> Iterator[Contender]:
    """
    LiteLLM's proxy over an upstream without latency, and a film that it knows.

    It is asked for the id that its own create returned: an id of the upstream's
    would be looked for elsewhere.
    """
    with (
        bare(folder, film, name="upstream") as upstream,
        litellm_process(folder, upstream.address) as started,
    ):
        made = started.call("POST", "/v1/videos", {"model": "sora-2", "prompt": PROMPT})
        yield Contender(
            name=started.name,
            address=started.address,
            pid=started.pid,
            key=started.key,
            video=made["id"],
        )


def nginx_version() -> str | None:
    """None: it is not installed here."""
    if not shutil.which("nginx"):
        return None
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    return said.strip().rpartition("/")[2]


@contextmanager
def nginx(folder: Path, film: Path) -> Iterator[Contender]:
    """The film as a static file."""
    address = free_address()
    config, log = folder / "nginx.conf", folder / "nginx.log"
    host, port = address
    config.write_text(_NGINX.format(folder=folder, host=host, port=port, root=film.parent))
    with process(["nginx", "-p", folder, "-c", config], log=log) as pid:
        wait_until_up(address, "/", pid=pid, log=log)
        yield Contender(name="nginx", address=address, pid=pid, film=f"/{film.name}")
