"""A film by the SDK volcengine-ark-runtime: `ark_sdk.py URL SECRET`, see test_vendors.py."""

import hashlib
import json
import sys
import time
import urllib.request

from volcenginesdkarkruntime import Ark  # type: ignore[import-not-found]

PROMPT = "a kite over a white beach"

url, secret = sys.argv[1:]
client = Ark(base_url=url, api_key=secret, max_retries=0)
created = client.content_generation.tasks.create(
    model="dreamina-seedance-2-5-260628",
    content=[{"type": "text", "text": PROMPT}],
    resolution="720p",
    ratio="16:9",
    duration=5,
    generate_audio=True,
)
task = client.content_generation.tasks.get(task_id=created.id)
while task.status in ("queued", "running"):
    time.sleep(0.05)
    task = client.content_generation.tasks.get(task_id=created.id)
assert client.content_generation.tasks.list(page_num=1, page_size=1).total == 1
with urllib.request.urlopen(task.content.video_url) as answer:
    film = answer.read()
json.dump({"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}, sys.stdout)
