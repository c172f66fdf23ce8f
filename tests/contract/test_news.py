"""What happens at one node is heard of at the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import psycopg
import pytest

from filmgate.bootstrap.folder import SystemClock
from filmgate.gateway.watching import Watchers
from filmgate.storage.database import news
from filmgate.storage.database import postgres as rows
from filmgate.storage.database.news import LONGEST, News
from filmgate.storage.database.postgres import PostgreSQL
from postgres import Postgres


class Node:
    """A node's watchers, and what it has heard."""

    def __init__(self, url: str) -> None:
        self.database = PostgreSQL(url, size=1)
        self.messages: list[Sequence[str]] = []
        self.missed = 0
        self.news = News(
            self.database, url, heard=self._heard, missed=self._missed, clock=SystemClock()
        )
        self.watchers = Watchers(self.news.tell)

    @property
    def heard(self) -> list[str]:
        return [job_id for message in self.messages for job_id in message]

    def _heard(self, ids: Sequence[str]) -> None:
        self.messages.append(ids)
        self.watchers.heard(ids)

    def _missed(self) -> None:
        self.missed += 1
        self.watchers.tell_all()


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Node]:
    node = Node(url)
    running = asyncio.create_task(node.news.run())
    await until(lambda: node.missed == 1)
    yield node
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await node.database.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_watcher_is_told_of_a_job_that_another_node_drives(postgres_url: str) -> None:
    async with listening(postgres_url) as one, listening(postgres_url) as two:
        with one.watchers.on("video_a") as bell, one.watchers.on("video_b") as other:
            two.watchers.tell("video_a")
            await asyncio.wait_for(bell.wait(), 10)
            assert not other.is_set()
            assert one.heard == ["video_a"]


async def test_what_is_heard_is_not_told_again(postgres_url: str) -> None:
    async with listening(postgres_url) as one, listening(postgres_url) as two:
        one.watchers.tell("a")
        await until(lambda: two.heard == ["a"])
        two.watchers.tell("b")  # after whatever two might have said of a
        await until(lambda: "b" in one.heard)
        assert one.heard == ["a", "b"]


async def test_who_tells_rings_at_once_here(postgres_url: str) -> None:
    watchers = Node(postgres_url).watchers
    with watchers.on("a") as bell:
        watchers.tell("a")
        assert bell.is_set()


async def test_what_changes_together_is_told_together(postgres_url: str) -> None:
    async with listening(postgres_url) as one, listening(postgres_url) as two:
        ids = [f"video_{number:032d}" for number in range(1000)]
        for job_id in ids * 3:
            one.watchers.tell(job_id)
        await until(lambda: len(two.heard) >= len(ids))
        assert two.heard == ids
        assert len(two.messages) == 1 + 1000 * 39 // LONGEST
        assert all(len(",".join(message)) <= LONGEST for message in two.messages)


async def test_a_lost_connection_is_made_again_and_everybody_looks(
    postgres: Postgres,
    postgres_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "PATIENCE", 0.2)
    async with listening(postgres_url) as one, listening(postgres_url) as two:
        with one.watchers.on("a") as bell:
            with postgres.away():
                await until(lambda: "news.away" in caplog.text)
                two.watchers.tell("b")
                await asyncio.sleep(0.5)  # which is tried, and kept
            await asyncio.wait_for(bell.wait(), 30)
        await until(lambda: (one.missed, two.missed) == (2, 2))
        # Each listens again, and may have done so after b was told.
        two.watchers.tell("c")
        await until(lambda: "c" in one.heard)
    assert caplog.text.count("news.away") == 2


async def test_a_cut_connection_alone_is_made_again(
    postgres: Postgres, postgres_url: str
) -> None:
    async with listening(postgres_url) as one:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'filmgate news'"
            )
        await until(lambda: one.missed == 2)
        one.watchers.tell("a")
        await until(lambda: one.heard == ["a"])


async def test_too_many_ids_are_dropped_while_nobody_takes_them(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "KEPT", 3)
    async with listening(postgres_url) as one:
        for number in range(10):
            one.news.tell(str(number))
        await until(lambda: one.heard == ["0", "1", "2"])
