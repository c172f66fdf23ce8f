"""
Creates 200 films with the official SDK, and prints their ids as JSON.

Run as `python sdk_creates.py URL KEY IMAGE` by the interpreters of several SDKs. A third
are JSON, a third forms, a third forms with a file; all of a kind are the same request.
"""

import asyncio
import json
import sys
from pathlib import Path

from openai import AsyncOpenAI

FILMS, AT_ONCE = 200, 40


async def main() -> None:
    url, key, image = sys.argv[1:4]
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=4)
    frame = Path(image).read_bytes()
    places = asyncio.Semaphore(AT_ONCE)

    async def create(number: int) -> str:
        async with places:
            match number % 3:
                case 0:
                    made = await client.videos.create(
                        prompt="a kite",
                        extra_headers={"Content-Type": "application/json"},
                    )
                case 1:
                    made = await client.videos.create(prompt="a kite", seconds="8")
                case _:
                    made = await client.videos.create(
                        prompt="a kite", size="720x1280", input_reference=("a.png", frame)
                    )
            return made.id

    ids = await asyncio.gather(*(create(number) for number in range(FILMS)))
    sys.stdout.write(json.dumps(ids))


asyncio.run(main())
