"""Files that callers link to, and posts to where they say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filmgate.domain.errors import InvalidRequest, TooLarge
from filmgate.outbound.addresses import NotReached, next_link
from filmgate.outbound.wire import CHUNK, MOVED, REDIRECTS, Wire, reaching, within

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from yarl import URL

TOTAL = 60.0  #: seconds for a whole file, redirects included
DRAIN = 1.0  #: seconds for the body of an answer that nobody reads


async def fetch(wire: Wire, url: str, path: Path, *, most: int, param: str) -> None:
    """Write what *url* answers to *path*, *most* bytes at the most."""
    try:
        link = await wire.link(url)
        async with within(TOTAL, link):
            with closing(await _found(wire, link)) as answer:
                async with aclosing(_body(answer, most=most, param=param)) as chunks:
                    await _save(chunks, path)
    except NotReached as error:
        raise InvalidRequest(
            f"'{param}': {error} Send the file itself.",
            param=param,
            code="refused_url" if error.refused else "unreachable_url",
        ) from None


async def post(
    wire: Wire, url: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> int:
    """
    The status of the answer; its body is of no interest.

    A redirect is an answer. `NotReached` if there is none within *seconds*.
    """
    link = await wire.link(url)
    async with within(seconds, link):
        # Nobody reads what a post is answered.
        answer = await wire.request("POST", link, body=body, headers=headers, decompress=False)
    with closing(answer):
        await _drain(answer)
        return answer.status


async def _found(wire: Wire, link: URL) -> ClientResponse:
    """The answer at the end of all redirects. Whoever gets it closes it."""
    for _ in range(REDIRECTS + 1):
        answer = await wire.request("GET", link)
        if answer.status not in MOVED:
            return answer
        with closing(answer):
            link = next_link(link, answer.headers.get("location"))
    raise NotReached(str(link.raw_host), f"redirects more than {REDIRECTS} times")


async def _body(
    answer: ClientResponse, *, most: int, param: str
) -> AsyncGenerator[bytes, None]:
    """The file, counted as it is after decompression."""
    host = str(answer.url.raw_host)
    if answer.status != 200:
        raise NotReached(host, f"answered {answer.status}")
    amount = f"{most >> 20} MB" if most >= 1 << 20 else f"{most} bytes"
    message = f"'{param}': {host} sends more than {amount}. Send a smaller file."
    if (answer.content_length or 0) > most:
        raise TooLarge(message, param=param)
    received = 0
    while True:
        with reaching(host):
            chunk = await answer.content.read(CHUNK)
        if not chunk:
            return
        received += len(chunk)
        if received > most:
            raise TooLarge(message, param=param)
        yield chunk


async def _save(chunks: AsyncIterator[bytes], path: Path) -> None:
    """Write a whole file, or none."""
    file = await asyncio.to_thread(path.open, "wb")
    whole = False
    try:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)
        whole = True
    finally:
        await asyncio.to_thread(file.close)
        if not whole:
            await asyncio.to_thread(path.unlink, missing_ok=True)


async def _drain(answer: ClientResponse) -> None:
    """Let the other side finish its sentence, so that it sees no broken connection."""
    with suppress(NotReached, asyncio.IncompleteReadError):
        async with within(DRAIN, answer.url):
            with reaching(str(answer.url.raw_host)):
                await answer.content.readexactly(CHUNK)
