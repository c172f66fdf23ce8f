"""Makes a film at a stand-in with Runway's own SDK: `runway_sdk.py URL SECRET`."""

import hashlib
import json
import sys
import time

import httpx
from runwayml import RunwayML  # type: ignore[import-not-found]

PROMPT = "a kite over the sea, 风筝"


def main(url: str, secret: str) -> None:
    client = RunwayML(api_key=secret, base_url=url.removesuffix("/v1"), max_retries=0)
    assert client.organization.retrieve().credit_balance > 0
    made = client.text_to_video.create(
        model="gen4.5", prompt_text=PROMPT, ratio="1280:720", duration=4, seed=7
    )
    assert made.estimated_cost.credits > 0
    task = client.tasks.retrieve(made.id)
    while task.status != "SUCCEEDED":
        assert task.status == "RUNNING"
        time.sleep(0.05)
        task = client.tasks.retrieve(made.id)
    assert task.cost.credits > 0
    film = httpx.get(task.output[0]).raise_for_status().content
    client.tasks.delete(made.id)
    sys.stdout.write(json.dumps({"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}))


main(*sys.argv[1:])
