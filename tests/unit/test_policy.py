from datetime import timedelta

import pytest

from filmgate.domain.errors import (
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    TicketLost,
)
from filmgate.gateway.policy import (
    BACKOFF,
    MAX_ATTEMPTS,
    MAX_INTERRUPTIONS,
    Fail,
    Phase,
    Retry,
    RunAgain,
    decide,
)
from filmgate.ports import AfterLoss

RERUN, ASK, NEVER = AfterLoss.RERUN, AfterLoss.ASK, AfterLoss.NEVER
UNSENT, UNKNOWN, TICKETED = Phase.UNSENT, Phase.UNKNOWN, Phase.TICKETED
DOWN = EngineUnavailable("down")


@pytest.mark.parametrize(
    ("error", "phase", "after_loss", "kind"),
    [
        (DOWN, UNSENT, NEVER, Retry),
        (DOWN, UNKNOWN, NEVER, Fail),
        (DOWN, UNKNOWN, ASK, Fail),
        (DOWN, UNKNOWN, RERUN, RunAgain),
        (GenerationFailed("no"), TICKETED, NEVER, Fail),
        (GenerationFailed("no"), TICKETED, RERUN, Retry),
        (ContentRejected("no"), UNSENT, RERUN, Fail),
        (EngineMisbehaved("what"), TICKETED, RERUN, Fail),
        (TicketLost("gone"), TICKETED, RERUN, RunAgain),
        (TicketLost("gone"), TICKETED, NEVER, Fail),
    ],
)
def test_blame_and_phase_decide(
    error: FilmgateError, phase: Phase, after_loss: AfterLoss, kind: type
) -> None:
    decision = decide(error, phase=phase, after_loss=after_loss, failures=0, interruptions=0)
    assert isinstance(decision, kind)


def test_an_unknown_submission_is_never_sent_again() -> None:
    decision = decide(DOWN, phase=UNKNOWN, after_loss=NEVER, failures=0, interruptions=0)
    assert isinstance(decision, Fail)
    assert decision.error.code == "submission_interrupted"


def test_backoff_doubles_and_ends() -> None:
    def after(failures: int) -> object:
        return decide(DOWN, phase=UNSENT, after_loss=NEVER, failures=failures, interruptions=0)

    assert after(0) == Retry(BACKOFF)
    assert after(1) == Retry(2 * BACKOFF)
    assert after(MAX_ATTEMPTS - 1) == Fail(DOWN)


def test_the_engines_own_wish_is_the_backoff() -> None:
    error = EngineUnavailable("down", retry_after=timedelta(seconds=77))
    decision = decide(error, phase=UNSENT, after_loss=NEVER, failures=0, interruptions=0)
    assert decision == Retry(timedelta(seconds=77))


def test_a_job_that_kills_its_worker_is_stopped() -> None:
    decision = decide(
        TicketLost("gone"),
        phase=TICKETED,
        after_loss=RERUN,
        failures=0,
        interruptions=MAX_INTERRUPTIONS - 1,
    )
    assert isinstance(decision, Fail)
    assert decision.error.code == "interrupted_too_often"
