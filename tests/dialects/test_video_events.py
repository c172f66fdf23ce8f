"""A stream of a video's events, without a server in between."""

from pathlib import Path

from fakes import Scripted
from filmgate.dialects.openai.video_events import events
from filmgate.dialects.openai.video_objects import render
from house import open_house


async def test_a_stream_that_is_cut_by_a_stop_has_no_end(tmp_path: Path) -> None:
    """So the client comes back with the last id that it has seen."""
    house = await open_house(tmp_path, Scripted())
    job = await house.submitted()
    house.gateway.close()
    stream = events(
        house.gateway, job.id, house.caller, after=0, render=lambda found: render(found, None)
    )
    said = b"".join([chunk async for chunk in stream])
    assert b"video.completed" not in said
    assert b"video.failed" not in said
    assert b"video.deleted" not in said
    await house.database.close()
