"""A film with `replicate` 1.0, and a picture that it uploads for its first frame."""

import hashlib
import io
import json
import sys

import replicate  # type: ignore[import-not-found]

PROMPT = "a kite over the sea, 风筝"

url, secret = sys.argv[1:]
client = replicate.Client(api_token=secret, base_url=url.removesuffix("/v1"))
client.poll_interval = 0.02
assert client.accounts.current().username
frame = io.BytesIO(b"\x89PNG")
prediction = client.models.predictions.create(
    "google/veo-3.1", input={"prompt": PROMPT, "duration": 4, "image": frame}
)
prediction.wait()
assert prediction.status == "succeeded", prediction.error
film = replicate.helpers.FileOutput(prediction.output, replicate.Client(api_token="")).read()
print(json.dumps({"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}))  # noqa: T201
