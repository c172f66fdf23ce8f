"""What a command cannot do, in a sentence."""

import pytest

from filmgate import cli
from filmgate.cli import keys
from filmgate.cli.problem import Problem
from filmgate.domain.errors import CannotStart, StorageUnavailable


@pytest.mark.parametrize("kind", [Problem, CannotStart, StorageUnavailable])
def test_a_problem_is_told_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: type[Exception]
) -> None:
    def broken(_: object) -> int:
        raise kind("PostgreSQL cannot be reached.")

    monkeypatch.setattr(keys, "run", broken)
    assert cli.main(["keys", "list"]) == 1
    assert capsys.readouterr().err == "filmgate: PostgreSQL cannot be reached.\n"
