"""`/v1/videos` as an endpoint of batches."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from filmgate.dialects.openai.video_fields import Reader, VideoCreate
from filmgate.dialects.openai.video_objects import render
from filmgate.domain.batch import Answer
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Submission
from filmgate.web.reading import shaped

PATH = "/v1/videos"


class FilmLines:
    """`gateway.batch_wire.Reader`: the same fields and objects as the endpoint's own."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._reader = Reader(gateway)

    def read(self, body: str) -> Submission:
        return self._reader.create(shaped(msgspec.json.decode(body), VideoCreate))

    async def render(self, jobs: Sequence[Job], body: str) -> Answer:
        del body
        video = render(jobs[0], self._gateway.link(jobs[0]))
        return Answer(status=200, body=msgspec.json.encode(video).decode())
