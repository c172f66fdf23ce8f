"""What a run of the fault harness does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SECRET = "sk-upstream-key-of-nobody"

#: The two ways of an upstream, each with the model and the engine of ours that use it.
MODES: dict[str, tuple[str, str]] = {
    "plain": ("sora-2", "openai_videos"),
    "by_id": ("sora-2-pro", "filmgate"),
}
CHANCES: dict[str, dict[str, float]] = {
    "create": {
        "accept_cut": 0.02,
        "accept_half": 0.01,
        "accept_504": 0.02,
        "accept_silent": 0.005,
        "accept_garbage": 0.01,
        "refuse_503": 0.02,
        "refuse_429": 0.01,
        "refuse_cut": 0.01,
    },
    "poll": {"500": 0.02, "429": 0.005, "502": 0.02, "cut": 0.02, "garbage": 0.01},
    "content": {
        "cut": 0.08,
        "short": 0.03,
        "corrupt": 0.03,
        "html": 0.02,
        "503": 0.03,
        "slow": 0.01,
    },
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    How many jobs, kills and nodes, and where rows and bytes lie.

    Half of the jobs go to each upstream of *modes*. Without a database URL it is one
    node on SQLite.
    """

    jobs: int = 60
    kills: int = 6
    over: float = 20  #: seconds in which the jobs are created if there are no kills
    seed: int = 1
    nodes: int = 1
    modes: tuple[str, ...] = ("plain", "by_id")
    database_url: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)  #: of every node, beside ours
    chances: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: CHANCES)
    seats: int = 8  #: of the one account at each upstream
    seconds: float = 0.5  #: that a film takes upstream
    submit_delay: float = 0.2  #: seconds
    fetch_delay: float = 0.2  #: seconds
    ahead: int = 20  #: jobs accepted before the first kill
    rude: float = 0.1  #: of the callers hang up, at each chance to
    calm: float = 60  #: seconds from the last kill until the upstreams behave
    within: float = 120  #: seconds from the last kill until all has settled

    @property
    def cluster(self) -> bool:
        return self.database_url is not None

    def mode(self, number: int) -> str:
        return self.modes[number % len(self.modes)]

    def prompt(self, number: int) -> str:
        return f"film {number} of run {self.seed}"
