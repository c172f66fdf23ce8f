"""schemathesis against a real server: no 5xx, and no answer that is not described."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import surroundings
from dialects.wire import BOUNDARY, MULTIPART, Sent, file, text
from servers import KEY, Server

HERE = Path(__file__).parent
CONTRACT = HERE.parent / "dialects" / "contract.openapi.json"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "use_after_free",
)
SINGLE = "examples,coverage,fuzzing"
SKIPPED = "Time limit reached"  #: of an operation that was never tried
#: Nothing that callers name is reached: what is sent out goes to a port where nobody is.
NOBODY = {"FILMGATE_PROXY": "http://127.0.0.1:9"}


@dataclass(frozen=True, kw_only=True)
class Found:
    """How a run ended: *failed* says whether anything was found; *said* is its report."""

    failed: bool
    said: str


def own(server: Server, *, limit: str, seed: int, single: str = SINGLE) -> Found:
    """
    What `/openapi.json` says: first right and wrong requests, then what follows on them.

    A wrong request leads nowhere, so what follows on one is not tried. *limit* is an option
    of schemathesis, `--max-time=…` or `--max-examples=…`, and is for each of the two;
    *single* says in which phases requests stand alone.
    """
    where = f"{server.url}/openapi.json"
    alone = _run(server, where, mode="all", phases=single, limit=limit, seed=seed)
    following = _run(server, where, mode="positive", phases="stateful", limit=limit, seed=seed)
    return Found(
        failed=alone.failed or following.failed or SKIPPED in alone.said,
        said=f"{alone.said}\n{following.said}",
    )


def contract(server: Server, *, limit: str, seed: int, single: str = SINGLE) -> Found:
    """
    What the contract says of the same endpoints.

    Right requests only: of wrong ones it says nothing, and to some of them we answer more
    than it has words for, such as a film of another size.
    """
    where = (str(CONTRACT), "--url", f"{server.url}/v1")
    phases = f"{single},stateful"
    found = _run(server, *where, mode="positive", phases=phases, limit=limit, seed=seed)
    return Found(failed=found.failed or SKIPPED in found.said, said=found.said)


def bugs(server: Server) -> list[str]:
    """What the server itself took for a mistake of its own."""
    log = (server.data / "serve.log").read_text()
    return [
        line for line in log.splitlines() if "request.broken" in line or "Traceback" in line
    ]


def _batch_file(server: Server) -> str:
    """The id of a batch's input."""
    line = b'{"custom_id":"1","method":"POST","url":"/v1/videos","body":{"prompt":"a kite"}}'
    parts = text("purpose", "batch") + file("file", line, filename="batch.jsonl")
    body = parts + f"--{BOUNDARY}--\r\n".encode()
    made = Sent(path="/v1/files", body=body, headers={"content-type": MULTIPART}).to(server)
    return str(made.json()["id"])


def _run(server: Server, *where: str, mode: str, phases: str, limit: str, seed: int) -> Found:
    command = [
        *(str(Path(sys.executable).with_name("st")), "run", *where),
        *("--header", f"Authorization: Bearer {KEY}"),
        *("--checks", ",".join(CHECKS)),
        *("--mode", mode, "--phases", phases),
        *(limit, "--seed", str(seed)),
        *("--request-timeout", "30", "--continue-on-failure", "--no-color"),
        *("--generation-database", "none", "--suppress-health-check", "all"),
        *("--warnings", "off", "--output-truncate", "false"),
    ]
    environment = {
        **surroundings.environment(),
        "SCHEMATHESIS_HOOKS": "fuzz.hooks",
        "FUZZ_BATCH_FILE": _batch_file(server),
        "FUZZ_FILM": str(server.film),
        "FUZZ_OWN_KEY": server.call("GET", "/admin/keys").json()["data"][0]["id"],
        "PYTHONPATH": str(HERE.parent),
    }
    done = subprocess.run(
        command, env=environment, cwd=server.data, capture_output=True, text=True, check=False
    )
    return Found(failed=done.returncode != 0, said=done.stdout + done.stderr)
