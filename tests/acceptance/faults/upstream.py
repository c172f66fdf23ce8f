"""An upstream in a process of its own, seen from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from acceptance.faults.plan import Plan

SERVER = Path(__file__).parents[2] / "upstreams" / "videos.py"


@dataclass
class Remote:
    """Used as a context manager. *url* ends in `/v1`."""

    plan: Plan
    mode: str
    url: str = ""

    def __enter__(self) -> Remote:
        plan = self.plan
        command = [sys.executable, str(SERVER), "--mode", self.mode]
        command += ["--seconds", str(plan.seconds), "--poll-after", "200"]
        command += ["--submit-delay", str(plan.submit_delay)]
        command += ["--fetch-delay", str(plan.fetch_delay), "--seed", str(plan.seed)]
        command += ["--faults", json.dumps(plan.chances)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    async def ledger(self, client: aiohttp.ClientSession, part: str = "") -> Any:
        """Everything; or with *part* "/now", what is in flight."""
        async with client.get(self.url.removesuffix("/v1") + "/_ledger" + part) as answer:
            return await answer.json()

    async def behave(self, client: aiohttp.ClientSession) -> None:
        """No faults from now on."""
        url = self.url.removesuffix("/v1") + "/_faults"
        async with client.post(url, json={}) as answer:
            assert answer.status == 200
