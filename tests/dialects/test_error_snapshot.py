"""
Every error that a caller can be answered with, word for word.

`UPDATE_SNAPSHOTS=1 pytest tests/dialects/test_error_snapshot.py` writes the words anew.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from dialects import test_bad_input, test_video_refusals
from dialects.provoked import provoked
from docs.error_tables import Seen, codes
from docs.error_tables import seen as where
from servers import Answer, Server

SNAPSHOT = Path(__file__).with_name("errors.snapshot.json")

#: What a request or two cannot bring about; each has a test of its own.
ELSEWHERE = {
    "conflict",
    "engine_misbehaved",
    "engine_unavailable",
    "engine_unreachable",
    "file_missing",
    "generation_failed",
    "image_expired",
    "incomplete_body",
    "internal_error",
    "invalid_custom_id",
    "moderation_blocked",
    "no_account",
    "no_account_for_this",
    "queue_full",
    "range_not_satisfiable",
    "rate_limit_exceeded",
    "request_too_large",
    "shutting_down",
    "still_running",
    "storage_full",
    "storage_unavailable",
    "string_above_max_length",
    "submission_interrupted",
    "test_under_way",
    "ticket_lost",
    "video_private",
    "unreachable_url",
    "video_expired",
    "video_too_long",
}
_IDS = re.compile(r"(?<=[a-z][_-])[0-9a-f]{32}(_[0-9a-f]{32})?")
_HOW_FAR = re.compile(r"is (queued|in_progress)( \(\d+%\))?")  # it depends
_PORTS = re.compile(r"127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def found(server: Server, film: Path) -> dict[str, Any]:
    answers: dict[str, Answer] = {}
    for case in [*test_bad_input.EVERYTHING, *test_video_refusals.REFUSED]:
        answers[f"{case.id}"] = case.values[0].to(server)
    answers |= dict(provoked(server, film.read_bytes()))
    return {name: _shown(answer) for name, answer in answers.items()}


def test_every_error_says_what_it_said(found: dict[str, Any]) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):  # noqa: TID251
        text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
        SNAPSHOT.write_text(f"{text}\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_every_code_that_can_be_answered_is_among_them(found: dict[str, Any]) -> None:
    seen = {str(error["code"]) for error in found.values()}
    documented = {code.code for code in codes() if Seen.ANSWER in where(code.code)}
    assert documented - seen - ELSEWHERE == set()


def _shown(answer: Answer) -> dict[str, Any]:
    assert answer.status >= 400, answer.body
    text = _HOW_FAR.sub("is …", _IDS.sub("…", answer.body.decode()))
    text = _PORTS.sub("127.0.0.1:…", text)
    return {"status": answer.status, **json.loads(text)["error"]}
