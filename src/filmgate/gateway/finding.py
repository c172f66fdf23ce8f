"""A caller's job, by its id."""

from __future__ import annotations

from filmgate.domain.imported import not_here
from filmgate.domain.job import Job
from filmgate.ports import Jobs


async def known(jobs: Jobs, job_id: str, caller_id: str) -> Job:
    """Raise `NotFound` for another caller's job as for none."""
    job = await jobs.get(job_id, caller_id=caller_id)
    if job is None:
        raise not_here(job_id, param="video_id")
    return job
