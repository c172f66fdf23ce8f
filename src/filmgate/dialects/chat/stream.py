"""What happens to a request, piece by piece, until it is done."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from filmgate.dialects.chat.answers import DONE, ChatMade, Head, made_of, refused, shown
from filmgate.domain.caller import Caller
from filmgate.domain.character import Character
from filmgate.domain.errors import FilmgateError
from filmgate.domain.events import Event, EventKind
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.web.failures import link_to

STEP = 5  #: percent between two lines of progress

_LINES = {
    EventKind.STARTED: "It is being made now.",
    EventKind.INTERRUPTED: "Interrupted. It goes on by itself.",
    EventKind.RETRIED: "A try has failed. There is another.",
    EventKind.COMPLETED: "Done.",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A job whose making is told."""

    head: Head
    job: Job
    notes: Sequence[str] = ()
    character: Character | None = None  #: that was made for it


async def film(
    gateway: Gateway, told: Told, caller: Caller, *, usage: bool = False
) -> AsyncGenerator[bytes]:
    """
    The making of a film or a still, line by line; then the film.

    What goes wrong is told too: the status has been sent by then. Whoever stops reading
    stops nothing else.
    """
    head, job = told.head, told.job
    yield head.begins(made_of(job, character=told.character))
    try:
        for note in told.notes:
            yield head.thinks(note)
        async for line in _lines(gateway, job, caller):
            yield head.thinks(line)
        job = await gateway.ended(job.id, caller)
        url = link_to(gateway, job)
        made = made_of(job, url, told.character)
        yield head.says(shown(job.request.media, url), made)
        yield head.stops(usage=usage)
    except FilmgateError as error:
        yield head.thinks(f"Failed: {error.message}")
        yield refused(error)
    yield DONE


async def text(
    head: Head, pieces: AsyncGenerator[str], made: ChatMade, *, usage: bool
) -> AsyncGenerator[bytes]:
    """A prompt or a sentence, as it is written."""
    yield head.begins(made)
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                yield head.says(piece)
        yield head.stops(usage=usage)
    except FilmgateError as error:
        yield refused(error)
    yield DONE


async def _lines(gateway: Gateway, job: Job, caller: Caller) -> AsyncIterator[str]:
    take = job.take
    what = f"{take.request.size}"
    if take.request.total_seconds:
        what += f", {take.request.total_seconds:g} s"
    yield f"{job.id}: {what}, by {take.engine}/{take.model}."
    last = 0
    async for news in gateway.watch(job.id, caller):
        if news.kind is EventKind.PROGRESS:
            if news.percent - last >= STEP:
                last = news.percent
                yield f"Progress: {last}%"
        elif line := await _line(gateway, news, caller):
            yield line


async def _line(gateway: Gateway, news: Event, caller: Caller) -> str | None:
    if news.kind is not EventKind.CREATED:
        return _LINES.get(news.kind)
    place = await gateway.queue(await gateway.get(news.job_id, caller))
    if place is None:
        return None
    when = "" if place.seconds is None else f", about {place.seconds:.0f} s until it begins"
    return f"Queued: place {place.place}{when}."
