"""What is told of a job's end, and of why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from filmgate.domain.errors import (
    ContentRejected,
    EngineUnavailable,
    FilmgateError,
    Forbidden,
    GenerationFailed,
    NotFound,
)
from filmgate.domain.job import Job, Status
from filmgate.gateway.jobs import Gateway


def link_to(gateway: Gateway, job: Job) -> str:
    """Where a browser finds what an ended job made; raises why it finds nothing."""
    if job.status is not Status.COMPLETED:
        raise reason(job)
    if job.request.private:
        message = (
            f"'{job.id}' is private, and there are no links to it. Fetch it with its caller's "
            f"key: GET /v1/videos/{job.id}/content."
        )
        raise Forbidden(message, code="video_private")
    link = gateway.link(job)
    if link is None:
        message = f"What '{job.id}' made has expired: its file is gone. Make it again."
        raise NotFound(message, code="video_expired")
    return link


@contextmanager
def renamed(params: Mapping[str, str]) -> Iterator[None]:
    """Let errors name the fields that the caller sent: *params*, by the gateway's names."""
    try:
        yield
    except FilmgateError as error:
        error.param = params.get(error.param or "", error.param)
        raise


def reason(job: Job) -> FilmgateError:
    """A job's failure as the error that it was, as near as its code tells."""
    if job.failure is None:
        return GenerationFailed(f"'{job.id}' was cancelled.", code="cancelled")
    kinds = (ContentRejected, EngineUnavailable, FilmgateError)
    kind = next((kind for kind in kinds if kind.code == job.failure.code), GenerationFailed)
    return kind(job.failure.message, code=job.failure.code)
