"""
Processes are killed while they submit, fetch and store, and upstreams misbehave.

`make soak` runs the same for long; what is checked stands in `faults/verdict.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.faults.cluster import Cluster, cluster
from acceptance.faults.evidence import Evidence
from acceptance.faults.outages import filled, one_by_one, small_disk
from acceptance.faults.plan import Plan
from acceptance.faults.run import play
from acceptance.faults.stage import Trouble
from acceptance.faults.table import table
from acceptance.faults.verdict import interrupted, judge
from object_store import PYTHON as SWIFT

FEW: dict[str, Any] = {"jobs": 40, "kills": 4, "calm": 5}


def played(plan: Plan, folder: Path, *trouble: Trouble) -> Evidence:
    """The run, of which every promise has been kept."""
    seen = asyncio.run(play(plan, folder, *trouble))
    verdict = judge(seen)
    assert verdict.broken == {}, table(seen, verdict)
    assert len(seen.accepted) == plan.jobs
    return seen


def test_no_promise_breaks_under_kills_on_one_machine(tmp_path: Path) -> None:
    seen = played(Plan(**FEW), tmp_path)
    assert len(seen.kills) == seen.plan.kills


def test_clients_that_hang_up_change_nothing(tmp_path: Path) -> None:
    seen = played(Plan(jobs=30, kills=0, over=5, seats=3, rude=1, chances={}), tmp_path)
    assert [attempt.state for attempt in seen.attempts] == ["succeeded"] * 30


def test_a_full_disk_loses_nothing_and_is_recovered_from(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 160) as mounted:
        if not mounted:
            pytest.skip("no tmpfs can be mounted")
        settings = {"FILMGATE_LEAST_FREE": "20"}
        plan = Plan(jobs=60, kills=0, over=12, chances={}, settings=settings)
        seen = played(plan, tmp_path / "disk", filled(tmp_path / "disk", 8, left=0))
    refusals = {told for told in seen.answers if told[0] >= 400}
    assert refusals
    assert all(status in (503, 507) and code for status, code in refusals)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Cluster]:
    """PostgreSQL and S3, of this test alone."""
    if not SWIFT.exists():
        pytest.skip("`make .venv-s3/.done` installs the S3 server")
    folder = tmp_path / "shared"
    folder.mkdir()
    with cluster(folder) as running:
        yield running


def test_no_promise_breaks_under_kills_on_three_nodes(
    services: Cluster, tmp_path: Path
) -> None:
    seen = played(Plan(**FEW, **services.fields), tmp_path)
    assert len(seen.kills) == seen.plan.kills


def test_a_cluster_lives_through_outages(services: Cluster, tmp_path: Path) -> None:
    # Submissions take long enough for a slow machine to stop a node in the middle of one.
    plan = Plan(jobs=80, kills=0, over=50, chances={}, submit_delay=0.6, **services.fields)
    trouble = one_by_one(services, node=20, database=2, store=4)
    seen = played(plan, tmp_path, trouble)
    # What a node was answered while it slept is written down when it wakes.
    assert len(interrupted(seen).late) >= 1
    assert all(code for status, code in seen.answers if status >= 400)
