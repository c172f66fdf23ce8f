"""Films on their way from an engine to our disk, which go on where they broke off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filmgate.domain.errors import (
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    OutputExpired,
    StorageUnavailable,
)
from filmgate.outbound.addresses import NotReached, next_link
from filmgate.outbound.calls import is_home, whole
from filmgate.outbound.detours import Detour, DownloadProxy
from filmgate.outbound.verdicts import failed
from filmgate.outbound.wire import CHUNK, IDLE, MOVED, REDIRECTS, Wire, reaching
from filmgate.ports.calls import Call, Explain

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from yarl import URL

MOST = 4 << 30  #: bytes of one film
GONE = frozenset({404, 410})
REFUSED = frozenset({403, *GONE})  #: a store's answers to a link that has expired

_AT_PROXY = "is the proxy for downloads, and answered {}"
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


async def download(  # noqa: PLR0913 (all keywords)
    wire: Wire,
    call: Call,
    path: Path,
    *,
    explain: Explain,
    most: int = MOST,
    proxy: DownloadProxy | None = None,
) -> None:
    """`ports.Upstreams.download`; *proxy* is asked for what is not the engine's own."""
    try:
        with _disk():
            have = await asyncio.to_thread(_size, path)
            # Once more if what is here is not the beginning of what is there.
            for first in (have, 0):
                detour = Detour(wire, call, proxy)
                if await _downloaded(detour, path, have=first, explain=explain, most=most):
                    return
    except NotReached as error:
        raise EngineUnavailable(str(error), unanswered=True) from None
    message = "The engine sends a part of its film that it was not asked for."
    raise EngineMisbehaved(message)


async def _downloaded(
    detour: Detour, path: Path, *, have: int, explain: Explain, most: int
) -> bool:
    """Whether the film is there now. If not, it is not to be had from byte *have* on."""
    wire, call = detour.wire, detour.call
    link = await wire.link(call.url)
    for _ in range(REDIRECTS + 1):
        link, way, headers = await detour.to(link)
        if have:
            headers["range"] = f"bytes={have}-"
        answer = await wire.request(
            call.method, link, way=way, headers=headers, proxy=call.proxy,
            decompress=False, idle=IDLE,
        )  # fmt: skip
        with closing(answer):
            if answer.status in MOVED:
                link = next_link(link, answer.headers.get("location"))
                continue
            if answer.status == 416 and have:
                return False
            if answer.status not in (200, 206) and detour.through:
                # Maybe only the proxy has it not: the film is paid for, and is tried again.
                raise NotReached(str(link.raw_host), _AT_PROXY.format(answer.status))
            if answer.status not in (200, 206):
                raise await _refusal(call, link, answer, explain)
            first, total = _announced(answer)
            if first != (have if answer.status == 206 else 0):
                return False
            await _save(answer, path, first=first, total=total, most=most)
            return True
    raise NotReached(str(link.raw_host), f"redirects more than {REDIRECTS} times")


async def _refusal(
    call: Call, link: URL, answer: ClientResponse, explain: Explain
) -> FilmgateError:
    host, home = str(link.raw_host), is_home(call, link)
    gone = OutputExpired(f"{host} answered {answer.status}: the film is not there any more.")
    if not home and answer.status in REFUSED:
        return gone
    said = await whole(answer)
    # A 404 that is not in the engine's own words may be a proxy's, while the engine restarts.
    if home and answer.status in GONE and explain(said) is not None:
        return gone
    return failed(host, call, said, explain if home else _nobody)


def _nobody(_: object) -> None:
    """A store's words are not the engine's."""


def _announced(answer: ClientResponse) -> tuple[int, int | None]:
    """The first byte that comes, and how many the whole film has."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        host = answer.url.raw_host
        raise EngineMisbehaved(f"{host} sends its film compressed, though asked not to.")
    if answer.status == 200:
        return 0, answer.content_length
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None:
        return -1, None
    return int(found[1]), None if found[2] == "*" else int(found[2])


async def _save(
    answer: ClientResponse, path: Path, *, first: int, total: int | None, most: int
) -> None:
    """Write the film from its byte *first* on; what came before an error stays."""
    host, come = str(answer.url.raw_host), first
    too_large = EngineMisbehaved(f"{host} sends a film of more than {most} bytes.")
    if total is not None and total > most:
        raise too_large
    file = await asyncio.to_thread(path.open, "ab" if first else "wb")
    try:
        while True:
            with reaching(host):
                chunk = await answer.content.read(CHUNK)
            if not chunk:
                break
            come += len(chunk)
            if come > most:
                raise too_large
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
    if total is not None and come < total:
        raise NotReached(host, f"sent {come} of {total} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _disk() -> Iterator[None]:
    """What the network does wrong is told by `NotReached`: the rest is our own disk."""
    try:
        yield
    except OSError as error:
        message = f"The film cannot be written to this machine's disk: {error.strerror}."
        raise StorageUnavailable(message) from None
