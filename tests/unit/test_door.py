"""How often a caller may come, to one process or to several."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.requests import Request

from fakes import MovedClock, ids
from filmgate.domain.errors import TooManyRequests
from filmgate.gateway.keys import Keys
from filmgate.ports import Counts
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.counts import CountRows
from filmgate.web.auth import Door

LIMIT = 3


class Street:
    """Doors of one installation, and a caller."""

    def __init__(self, database: Database) -> None:
        self.clock = MovedClock()
        self.counts = CountRows(database)
        self.keys = Keys(
            CallerRows(database), clock=self.clock, new_id=ids(), new_secret=lambda: "s" * 30
        )
        self.key = ""

    def door(self, counts: Counts | None = None) -> Door:
        return Door(self.keys, clock=self.clock, per_minute=LIMIT, counts=counts)

    async def knock(self, door: Door, method: str = "POST") -> dict[str, str]:
        headers = [(b"authorization", f"Bearer {self.key}".encode())]
        request = Request({"type": "http", "method": method, "headers": headers})
        await door.caller(request)
        return dict(getattr(request.state, "headers", {}))


@pytest.fixture
async def street(database: Database) -> Street:
    street = Street(database)
    _, street.key = await street.keys.create("ann")
    return street


async def test_a_process_alone_counts_a_minute_from_the_first_request(street: Street) -> None:
    door = street.door()
    street.clock.move(timedelta(seconds=30))
    said = [await street.knock(door) for _ in range(LIMIT)]
    assert [one["x-ratelimit-remaining-requests"] for one in said] == ["2", "1", "0"]
    assert said[0]["x-ratelimit-reset-requests"] == "60s"
    with pytest.raises(TooManyRequests, match=r"3 requests a minute\. Try again in 60 s"):
        await street.knock(door)
    assert await street.knock(door, "GET") == {}
    street.clock.move(timedelta(minutes=1))
    assert (await street.knock(door))["x-ratelimit-remaining-requests"] == "2"


async def test_several_count_the_minutes_of_the_clock_together(street: Street) -> None:
    doors = [street.door(street.counts), street.door(street.counts)]
    street.clock.move(timedelta(seconds=45))
    said = [await street.knock(doors[number % 2]) for number in range(LIMIT)]
    assert [one["x-ratelimit-remaining-requests"] for one in said] == ["2", "1", "0"]
    for door in doors:
        with pytest.raises(TooManyRequests, match="Try again in 15 s") as refused:
            await street.knock(door)
        assert refused.value.retry_after == timedelta(seconds=15)
        assert await street.knock(door, "GET") == {}
    street.clock.move(timedelta(seconds=15))
    for left in ("2", "1"):
        door = doors.pop()
        assert (await street.knock(door))["x-ratelimit-remaining-requests"] == left
