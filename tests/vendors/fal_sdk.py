"""
A film with `fal-client` 1.0.

Its queue is always at https; where it looks for it is a value of its module.
"""

import hashlib
import json
import sys

import fal_client.client  # type: ignore[import-not-found]
import httpx

PROMPT = "a kite over the sea, 风筝"

url, secret = sys.argv[1:]
fal_client.client.QUEUE_URL_FORMAT = f"{url}/"
client = fal_client.SyncClient(key=secret)
handle = client.submit("fal-ai/kling-video/v3/pro/text-to-video", {"prompt": PROMPT})
handle.status(with_logs=True)
made = handle.get(interval=0.02)
film = httpx.get(made["video"]["url"]).raise_for_status().content
handle.client.close()
print(json.dumps({"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}))  # noqa: T201
