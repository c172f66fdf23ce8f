"""Makes a film at a stand-in with Google's own SDK: `gemini_omni_sdk.py URL SECRET`."""

import hashlib
import json
import sys
import time

from google import genai  # type: ignore[import-not-found]

PROMPT = "a kite over the sea, 风筝"


def main(url: str, secret: str) -> None:
    base, _, version = url.rpartition("/")
    client = genai.Client(
        api_key=secret, http_options={"base_url": base, "api_version": version}
    )
    made = client.interactions.create(
        model="gemini-omni-1.2-flash",
        input=[{"type": "text", "text": PROMPT}],
        background=True,
        response_format={"type": "video", "delivery": "uri", "duration": "4s"},
        generation_config={"video_config": {"task": "text_to_video"}, "seed": 7},
    )
    while made.status != "completed":
        assert made.status == "in_progress"
        time.sleep(0.05)
        made = client.interactions.get(made.id)
    name = "files/" + made.output_video.uri.rpartition("/")[2].partition(":")[0]
    assert client.files.get(name=name).state == "ACTIVE"
    film = client.files.download(file=name)
    client.interactions.cancel(made.id)
    sys.stdout.write(json.dumps({"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}))


main(*sys.argv[1:])
