"""What is wrong with a batch's file, and where."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from filmgate.domain.batch import Batch, BatchStatus, Fault
from filmgate.gateway import batch_lines
from filmgate.gateway.batches import NewBatch
from unit.batch_office import VIDEOS, Office, jsonl, line, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


def changed(**fields: Any) -> bytes:
    """A line that would be good but for *fields*; None leaves one out."""
    mapping = line("a") | fields
    return json.dumps({name: it for name, it in mapping.items() if it is not None}).encode()


BAD_LINES: dict[str, tuple[bytes, str, str | None]] = {
    "no JSON": (b"{", "invalid_json_line", None),
    "no object": (b"[]", "invalid_json_line", None),
    "null": (b"null", "invalid_json_line", None),
    "two objects": (b"{} {}", "invalid_json_line", None),
    "no UTF-8": (changed(custom_id="x").replace(b"x", b"\xff"), "invalid_json_line", None),
    "no UTF-8 in the body": (
        changed(body={"prompt": "#"}).replace(b"#", b"\xff"),
        "invalid_json_line",
        None,
    ),
    "half a character": (changed(custom_id="\ud800"), "invalid_json_line", None),
    "too deep": (b'{"body": ' + b"[" * 5000 + b"]" * 5000 + b"}", "invalid_json_line", None),
    "no custom_id": (changed(custom_id=None), "missing_required_parameter", "custom_id"),
    "no method": (changed(method=None), "missing_required_parameter", "method"),
    "no url": (changed(url=None), "missing_required_parameter", "url"),
    "no body": (changed(body=None), "missing_required_parameter", "body"),
    "custom_id a number": (changed(custom_id=7), "invalid_type", "custom_id"),
    "custom_id empty": (changed(custom_id=""), "invalid_custom_id", "custom_id"),
    "custom_id with NUL": (changed(custom_id="a\0"), "invalid_custom_id", "custom_id"),
    "custom_id long": (changed(custom_id="x" * 513), "invalid_custom_id", "custom_id"),
    "custom_id huge": (
        changed(custom_id="x" * 100_000),
        "string_above_max_length",
        "custom_id",
    ),
    "GET": (changed(method="GET"), "invalid_method", "method"),
    "other url": (changed(url="/v1/images/generations"), "mismatched_url", "url"),
    "body an array": (changed(body=[1]), "invalid_type", "body"),
    "body a text": (changed(body="x"), "invalid_type", "body"),
}


async def failed(office: Office, content: bytes) -> Batch:
    ended = await office.reaches(await office.batch(content))
    await office.turns()
    assert ended.status is BatchStatus.FAILED
    assert (ended.total, ended.completed, ended.failed) == (0, 0, 0)
    assert (office.count("batch_lines"), office.jobs()) == (0, [])
    assert list(office.work.iterdir()) == []
    return ended


@pytest.mark.parametrize(("bad", "code", "param"), BAD_LINES.values(), ids=BAD_LINES)
async def test_a_line_that_is_no_request_fails_the_batch(
    office: Office, bad: bytes, code: str, param: str | None
) -> None:
    content = jsonl([line("good")]) + b"\n" + bad + b"\n" + jsonl([line("better")])
    (fault,) = (await failed(office, content)).faults
    assert (fault.code, fault.param, fault.line) == (code, param, 3)
    assert fault.message.endswith(".")
    assert len(fault.message) < 300


async def test_a_custom_id_is_used_once(office: Office) -> None:
    lines = [line("a"), line("b"), line("a"), line("a")]
    faults = (await failed(office, jsonl(lines))).faults
    assert [(fault.code, fault.line) for fault in faults] == [
        ("duplicate_custom_id", 3),
        ("duplicate_custom_id", 4),
    ]
    assert "line 1 too" in faults[0].message


async def test_every_fault_is_told_up_to_a_hundred(office: Office) -> None:
    few = await failed(office, b"x\n" * 3 + jsonl([line("a")]) + b"x\n" * 2)
    assert [fault.line for fault in few.faults] == [1, 2, 3, 5, 6]
    many = await failed(office, b"x\n" * 1000)
    assert [fault.line for fault in many.faults] == list(range(1, 101))
    most = await failed(office, jsonl([line("a")]) + b"x\n" * 199)
    assert [fault.line for fault in most.faults] == list(range(2, 102))


async def test_a_custom_id_may_have_512_characters(office: Office) -> None:
    ended = await office.reaches(await office.batch(jsonl([line("ÿ" * 512)])))
    assert ended.status is BatchStatus.COMPLETED


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\r\n"])
async def test_an_empty_file_fails(office: Office, content: bytes) -> None:
    assert (await failed(office, content)).faults == (
        Fault(
            code="empty_file",
            message="The file has no lines. Put one request on each.",
            param="input_file_id",
        ),
    )


async def test_editors_of_all_kinds_write_lines_that_we_read(office: Office) -> None:
    first, second = jsonl([line("a")]).strip(), jsonl([line("b")]).strip()
    content = b"\xef\xbb\xbf" + first + b"\r\n\r\n  \n" + second  # and no end of the last
    ended = await office.reaches(await office.batch(content))
    assert (ended.status, ended.total) == (BatchStatus.COMPLETED, 2)


async def test_a_line_has_a_longest_length(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = jsonl([line("a", prompt="x" * 400)])
    monkeypatch.setattr(batch_lines, "LONGEST_LINE", len(longest))
    monkeypatch.setattr(batch_lines, "GROUP_BYTES", 150)
    ended = await office.reaches(await office.batch(longest + longest.replace(b'"a"', b'"b"')))
    assert (ended.status, ended.total) == (BatchStatus.COMPLETED, 2)

    before = len(office.jobs())
    content = longest + jsonl([line("b", prompt="x" * 900)]) + b"x\n" + b"y" * 900
    ended = await office.reaches(await office.batch(content))
    assert [(fault.code, fault.line) for fault in ended.faults] == [
        ("line_too_long", 2),
        ("invalid_json_line", 3),
        ("line_too_long", 4),
    ]
    assert len(office.jobs()) == before


async def test_a_file_has_a_largest_size(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = jsonl([line("a")])
    monkeypatch.setattr(batch_lines, "MOST_BYTES", len(content))
    assert (await office.reaches(await office.batch(content))).status is BatchStatus.COMPLETED
    ended = await office.reaches(await office.batch(content + b"\n"))
    assert [fault.code for fault in ended.faults] == ["file_too_large"]


async def test_a_batch_has_a_largest_number_of_requests(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_lines, "MOST_LINES", 3)
    ended = await office.reaches(await office.batch(jsonl(map(line, "abc")) + b"\n\n"))
    assert (ended.status, ended.total) == (BatchStatus.COMPLETED, 3)
    ended = await office.reaches(await office.batch(jsonl(map(line, "abcd"))))
    assert [(fault.code, fault.param, fault.line) for fault in ended.faults] == [
        ("too_many_requests", "input_file_id", None)
    ]


async def test_a_file_is_for_a_batch_or_fails_it(office: Office) -> None:
    file = await office.file(jsonl([line("a")]), purpose="vision")
    new = NewBatch(input_file_id=file.id, endpoint=VIDEOS)
    batch = await office.batching.create(new, office.house.caller, None)
    (fault,) = (await office.reaches(batch)).faults
    assert (fault.code, fault.param) == ("invalid_file_purpose", "input_file_id")


async def test_a_file_that_is_deleted_before_it_is_read_fails_its_batch(
    office: Office,
) -> None:
    batch = await office.batch(jsonl([line("a")]))
    await office.files.delete(batch.input_file_id, office.house.caller)
    (fault,) = (await office.reaches(batch)).faults
    assert (fault.code, fault.param) == ("file_not_found", "input_file_id")


async def test_a_file_that_is_deleted_later_is_not_needed_any_more(office: Office) -> None:
    batch = await office.batch(jsonl(line(str(number)) for number in range(20)))
    await office.reaches(batch, BatchStatus.IN_PROGRESS)
    await office.files.delete(batch.input_file_id, office.house.caller)
    await office.files.tidy()
    assert (await office.reaches(batch)).completed == 20


async def test_a_model_that_all_lines_name_is_the_batchs(office: Office) -> None:
    same = [line("a", model="kite-1"), line("b", model="kite-1")]
    mixed = [line("a", model="kite-1"), line("b")]
    strange = [{**line("a"), "body": {"prompt": "x", "model": 7}}]
    assert (await office.reaches(await office.batch(jsonl(same)))).model == "kite-1"
    assert (await office.reaches(await office.batch(jsonl(mixed)))).model is None
    batch = await office.batch(jsonl(strange))
    begun = await office.reaches(batch, BatchStatus.IN_PROGRESS)
    assert begun.model is None
    await office.batching.cancel(batch.id, office.house.caller)
