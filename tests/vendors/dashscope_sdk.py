"""A film by the SDK dashscope: `dashscope_sdk.py URL SECRET`, see test_vendors.py."""

import hashlib
import json
import sys
import urllib.request

import dashscope  # type: ignore[import-not-found]

PROMPT = "a kite over a white beach"

dashscope.base_http_api_url, dashscope.api_key = sys.argv[1:]
made = dashscope.VideoSynthesis.call(
    model="wan3.0-video",
    prompt=PROMPT,
    resolution="720P",
    ratio="16:9",
    duration=5,
    seed=7,
)
assert made.status_code == 200, made
assert dashscope.VideoSynthesis.list(page_size=1).status_code == 200
with urllib.request.urlopen(made.output.video_url) as answer:
    film = answer.read()
json.dump({"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}, sys.stdout)
