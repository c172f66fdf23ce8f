"""`/v1/videos` as an endpoint of batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from filmgate.dialects.openai.video_fields import VideoCreate
from filmgate.dialects.openai.video_objects import render
from filmgate.dialects.openai.video_reader import Reader, read_cast
from filmgate.domain.batch import Answer
from filmgate.domain.errors import Unsupported
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Submission
from filmgate.web.reading import shaped

PATH = "/v1/videos"


class FilmLines:
    """`gateway.batch_wire.Reader`: the same fields and objects as the endpoint's own."""

    def __init__(self, gateway: Gateway, *, new_id: Callable[[str], str]) -> None:
        self._gateway = gateway
        self._reader = Reader(gateway, new_id)

    def read(self, body: str) -> Submission:
        create = shaped(msgspec.json.decode(body), VideoCreate)
        if cast := read_cast(create):
            message = (
                "A line of a batch makes a film, not a character as well. Make that first by "
                "POST /v1/characters, and name it in the prompt."
            )
            raise Unsupported(message, param=cast.given.param)
        return self._reader.create(create)

    async def render(self, jobs: Sequence[Job], body: str) -> Answer:
        del body
        video = render(jobs[0], self._gateway.link(jobs[0]))
        return Answer(status=200, body=msgspec.json.encode(video).decode())
