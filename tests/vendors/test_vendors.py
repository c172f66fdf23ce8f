"""
The vendors' own SDKs against the stand-ins: whoever mocks a vendor must convince it.

`tests/vendors/ENGINE_sdk.py URL SECRET` makes a film with the SDK and prints one JSON
object: `{"prompt": …, "film": …}`, the bytes of the film as hexadecimal SHA-256. It runs in
`.venv-vendors`, which has the SDKs and nothing of ours.
"""

import asyncio
import hashlib
import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-vendors" / "bin" / "python"
SCRIPTS = sorted(Path(__file__).parent.glob("*_sdk.py"))


@pytest.mark.skipif(not PYTHON.exists(), reason="`make .venv-vendors/.done` installs the SDKs")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
async def test_the_vendors_sdk_believes_the_stand_in(script: Path) -> None:
    module = importlib.import_module(f"upstreams.{script.stem.removesuffix('_sdk')}")
    async with module.STAND_IN() as standin:
        child = await asyncio.create_subprocess_exec(
            *(str(PYTHON), str(script), standin.url, standin.secret),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, said = await asyncio.wait_for(child.communicate(), 60)
        assert child.returncode == 0, said.decode()
        told = json.loads(printed)
        (task,) = standin.tasks.values()
        assert standin.prompt_of(task.body) == told["prompt"]
        assert hashlib.sha256(standin.film(task)).hexdigest() == told["film"]
        assert standin.refused == []
