"""`/v1/images/generations` as an endpoint of batches."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from filmgate.dialects.openai.envelope import render
from filmgate.dialects.openai.image_answers import Stills
from filmgate.dialects.openai.image_fields import ImageGenerate, Reader, Wanted
from filmgate.domain.batch import Answer
from filmgate.domain.errors import FilmgateError, Unsupported
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Submission
from filmgate.ports import Blobs
from filmgate.web.reading import shaped

PATH = "/v1/images/generations"


class StillLines:
    """`gateway.batch_wire.Reader`: the same fields and answers as the endpoint's own."""

    def __init__(self, gateway: Gateway, blobs: Blobs) -> None:
        self._reader = Reader(gateway)
        self._stills = Stills(gateway, blobs)

    def read(self, body: str) -> Submission:
        wanted = self._wanted(body)
        if wanted.stream:
            message = "A batch has no streams: leave 'stream' out."
            raise Unsupported(message, param="stream")
        return wanted.submission

    async def render(self, jobs: Sequence[Job], body: str) -> Answer:
        wanted = self._wanted(body)
        wanted.close()
        try:
            content = await self._stills.answer(jobs, wanted)
        except FilmgateError as error:
            refused = render(error)
            return Answer(status=refused.status_code, body=bytes(refused.body).decode())
        return Answer(status=200, body=msgspec.json.encode(content).decode())

    def _wanted(self, body: str) -> Wanted:
        return self._reader.generate(shaped(msgspec.json.decode(body), ImageGenerate))
