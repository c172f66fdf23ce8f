"""Asking an engine: the one place where the wire becomes an error."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from filmgate.domain.errors import EngineMisbehaved, EngineUnavailable, EngineUnreachable
from filmgate.outbound.addresses import NotReached, origin, read_link
from filmgate.outbound.verdicts import READS, failed, read
from filmgate.outbound.wire import CHUNK, Departure, Way, Wire, reaching
from filmgate.ports.calls import Answer, Call, Explain, Sending

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from yarl import URL

T = TypeVar("T")

MOST_ANSWERED = 32 << 20  #: bytes of an answer that is kept in memory


async def ask(  # noqa: PLR0913 (all keywords)
    wire: Wire,
    call: Call,
    shape: type[T],
    *,
    explain: Explain,
    sending: Sending | None,
    within: float,
) -> Answer[T]:
    """`ports.Upstreams.ask`."""
    departure = Departure(sending, within)
    try:
        link = await wire.link(call.url)
        host = str(link.raw_host)
        way, headers = way_of(call, link, once=sending is not None)
        async with departure.limit:
            response = await wire.request(
                call.method, link, way=way, body=call.body, headers=headers,
                departure=departure, proxy=call.proxy,
            )  # fmt: skip
            with closing(response):
                answer = await whole(response)
    except (NotReached, TimeoutError) as error:
        if departure.refusal is not None:
            raise departure.refusal from None
        said = str(error) or f"{host} did not answer within {within:g} s."
        if departure.left:
            raise EngineUnavailable(said, unanswered=True) from None
        raise EngineUnreachable(said) from None
    finally:
        departure.over()
    if 200 <= answer.status < 300:
        return read(host, call, answer, shape)
    raise failed(host, call, answer, explain)


def is_home(call: Call, link: URL) -> bool:
    """Whether *link* leads to the engine itself, to the same scheme, host and port."""
    home = read_link(call.home)
    return home.raw_host is not None and origin(home) == origin(link)


def way_of(call: Call, link: URL, *, once: bool) -> tuple[Way, dict[str, str]]:
    """How to go there, and which headers may come along."""
    if not is_home(call, link):
        return Way.GUARDED, dict(call.headers)
    kept = call.method in READS and not once
    return (Way.KEPT if kept else Way.NEW), {**call.headers, **call.credentials}


async def whole(response: ClientResponse) -> Answer[bytes]:
    """An answer with its body, which must not be endless."""
    host, body = str(response.url.raw_host), bytearray()
    while True:
        with reaching(host):
            chunk = await response.content.read(CHUNK)
        if not chunk:
            break
        body += chunk
        if len(body) > MOST_ANSWERED:
            message = f"{host} answered with more than {MOST_ANSWERED >> 20} MB."
            raise EngineMisbehaved(message, unanswered=True)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status, headers=headers, body=bytes(body))
