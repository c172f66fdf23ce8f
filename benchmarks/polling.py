"""
The least that following films costs with aiohttp: a task for each, which asks and sleeps.

`polling.py URL COUNT EVERY`: begins COUNT films at URL, and asks for each every EVERY
seconds, with as many connections as filmgate keeps. Until SIGTERM; nothing is kept.
"""

from __future__ import annotations

import asyncio
import random
import sys

import aiohttp

CONNECTIONS = 64


async def follow(session: aiohttp.ClientSession, url: str, every: float) -> None:
    async with session.post(f"{url}/videos", json={"prompt": "A kite"}) as answer:
        name = (await answer.json())["id"]
    while True:
        await asyncio.sleep(every * random.uniform(0.9, 1.1))
        async with session.get(f"{url}/videos/{name}") as answer:
            if (await answer.json())["status"] == "completed":
                return


async def main(url: str, count: int, every: float) -> None:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(count):
            group.create_task(follow(session, url, every))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
