"""A short run of `make fuzz`, always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fuzz.fuzzing import NOBODY, Found, bugs, contract, own
from servers import Server

SEED = 20261121
CASES = "--max-examples=3"  #: of each operation: a time would leave out some on a busy machine


@pytest.fixture
def lonely(tmp_path: Path, film: Path) -> Iterator[Server]:
    """A server of its own: what is sent to it would be in the way of other tests."""
    with Server(tmp_path / "data", film=film, settings=dict(NOBODY)) as server:
        yield server


@pytest.mark.parametrize("run", [own, contract])
def test_every_answer_is_one_that_is_described(
    lonely: Server, run: Callable[..., Found]
) -> None:
    found = run(lonely, limit=CASES, seed=SEED, single="fuzzing")

    assert not found.failed, found.said
    assert bugs(lonely) == []
