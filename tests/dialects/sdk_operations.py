"""
Makes films with Google's SDK as it was while it had `generate_videos` for API keys.

`sdk_operations.py URL KEY IMAGE` prints one JSON object: the names of the operations, and
the bytes of the films as SHA-256.
"""

import asyncio
import hashlib
import json
import sys
import time
from typing import Any

from google import genai  # type: ignore[import-not-found]
from google.genai import errors, types  # type: ignore[import-not-found]

PROMPT = "a kite over the sea, 风筝"
CONFIG = {"number_of_videos": 2, "duration_seconds": 4, "aspect_ratio": "9:16"}


def film(client: Any, operation: Any) -> tuple[str, list[str]]:
    while not operation.done:
        time.sleep(0.05)
        operation = client.operations.get(operation)
    assert operation.error is None, operation.error
    films = [
        hashlib.sha256(client.files.download(file=one.video)).hexdigest()
        for one in operation.response.generated_videos
    ]
    return operation.name, films


async def waited(client: Any) -> str:
    operation = await client.aio.models.generate_videos(model="sora-2", prompt=PROMPT)
    while not operation.done:
        await asyncio.sleep(0.05)
        operation = await client.aio.operations.get(operation)
    return str(operation.name)


def main(url: str, key: str, image: str) -> None:
    client = genai.Client(api_key=key, http_options={"base_url": url})
    made = client.models.generate_videos(model="sora-2", prompt=PROMPT, config=CONFIG)
    first, films = film(client, made)
    shown = types.Image.from_file(location=image)
    made = client.models.generate_videos(model="sora-2", prompt=PROMPT, image=shown)
    second, more = film(client, made)
    source = types.Video(uri=f"{url}/v1beta/files/{second.rpartition('/')[2]}:download")
    made = client.models.generate_videos(model="sora-2", prompt=PROMPT, video=source)
    third, longer = film(client, made)
    names = [first, second, third, asyncio.run(waited(client))]
    try:
        client.models.generate_videos(
            model="sora-2", prompt=PROMPT, config={"resolution": "4k"}
        )
    except errors.ClientError as error:
        refused = f"{error.code} {error.status} {error.message}"
    sys.stdout.write(
        json.dumps({"names": names, "films": [*films, *more, *longer], "refused": refused})
    )


main(*sys.argv[1:])
