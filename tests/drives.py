"""What the tests of drives share."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from fakes import done
from filmgate import EngineUnavailable, Output
from filmgate.domain.errors import StorageUnavailable
from filmgate.domain.job import Job
from house import House

HOUR = 3600  #: seconds, of a clock that jumps
LINK = Output("video/mp4", url="https://engine.test/film")
FETCHED = done(outputs=(LINK,))
CUT = EngineUnavailable("The connection was cut.", unanswered=True)
AWAY = StorageUnavailable("The store does not answer.")


async def code_of(house: House, job: Job) -> str | None:
    found = await house.now(job)
    return found.failure.code if found.failure else None


def breaking(call: Callable[..., Any], errors: Sequence[Exception]) -> Callable[..., Any]:
    """*call*, but for the first times."""
    left = list(errors)

    async def broken(*args: Any, **kwargs: Any) -> Any:
        if left:
            raise left.pop(0)
        return await call(*args, **kwargs)

    return broken


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError
