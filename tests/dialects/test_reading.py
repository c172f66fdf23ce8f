"""Bodies become structs, the same from JSON and from a form, in one piece or in many."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from dialects.wire import BOUNDARY, MULTIPART, file, text
from filmgate.dialects.openai.video_fields import VideoCreate
from filmgate.dialects.openai.video_objects import render
from filmgate.dialects.openai.video_rules import contract
from filmgate.domain.errors import InvalidRequest, TooLarge
from filmgate.domain.job import Failure, Job, Plan, Status, Take
from filmgate.domain.request import GenerationRequest, Media, Role, Size
from filmgate.media.images import read as read_image
from filmgate.web.multipart import IN_MEMORY, Part, parts
from filmgate.web.reading import shaped, unfold
from filmgate.web.references import image_given
from films import image


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    least: Annotated[float, msgspec.Meta(ge=0)]
    names: list[str] = []


NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

#: What a field's name may be made of; brackets have a meaning.
NAMES = st.text(st.characters(exclude_characters="[]", codec="utf-8"), min_size=1, max_size=8)
TEXTS = st.text(max_size=20)
FIELDS = st.dictionaries(
    NAMES,
    TEXTS
    | st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)
    | st.lists(TEXTS, min_size=1, max_size=3)
    | st.lists(st.fixed_dictionaries({"id": TEXTS, "at": TEXTS}), min_size=1, max_size=3),
    max_size=5,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


TYPE_ERRORS = ("missing_required_parameter", "unknown_parameter", "invalid_type")


def refusal_of(call: Callable[[], object]) -> InvalidRequest | None:
    try:
        call()
    except InvalidRequest as error:
        return error
    return None


def fold(fields: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """*fields* as the pairs of a form, the way that the SDKs write them."""
    for name, value in fields.items():
        match value:
            case dict():
                yield from ((f"{name}[{inner}]", item) for inner, item in value.items())
            case [dict(), *_]:
                for entry in value:
                    yield from ((f"{name}[][{inner}]", item) for inner, item in entry.items())
            case list():
                yield from ((f"{name}[]", item) for item in value)
            case _:
                yield name, value


@given(FIELDS)
def test_a_forms_bracketed_names_are_the_values_of_json(fields: dict[str, Any]) -> None:
    assert unfold(fold(fields)) == fields


@given(st.lists(st.tuples(st.text("ab[]", max_size=9), TEXTS), max_size=8))
@example([("a[b]", ""), ("a[][c]", "")])
@example([("a[]", ""), ("a[][b]", "")])
def test_any_names_of_a_form_are_read_or_refused(pairs: list[tuple[str, object]]) -> None:
    with suppress(InvalidRequest):
        unfold(pairs)


def test_a_new_entry_of_a_list_begins_where_a_name_comes_again() -> None:
    pairs = [("c[][id]", "1"), ("c[][at]", "x"), ("c[][id]", "2"), ("c[]", "3")]

    assert unfold(pairs) == {"c": [{"id": "1", "at": "x"}, {"id": "2"}, "3"]}


@given(
    st.dictionaries(st.sampled_from(["prompt", "model", "seconds", "size", "x"]), JSON) | JSON
)
def test_any_json_is_a_create_or_refused_in_the_contracts_words(value: object) -> None:
    error = refusal_of(lambda: shaped(value, VideoCreate))

    if error is not None:
        assert error.code in TYPE_ERRORS
        assert error.message.startswith(("Missing req", "Unknown par", "Invalid type for "))
        assert len(error.message) < 300


@given(JSON)
def test_any_json_is_a_reference_or_refused(value: object) -> None:
    error = refusal_of(
        lambda: image_given(value, role=Role.FIRST_FRAME, param="input_reference")
    )

    assert str(getattr(error, "param", "")).startswith("input_reference")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "Missing required parameter: 'within.least'."),
        (
            {"least": "x"},
            "Invalid type for 'within.least': expected a number",
        ),
        ({"least": 1, "x`y": 2}, "Unknown parameter: 'within.x`y'."),
        ({"least": 1, "names": [5]}, "Invalid type for 'within.names[0]': expected a string"),
        ({"least": -1}, "Expected `float` >= 0.0 - at `$.least`."),
    ],
)
def test_a_part_of_a_body_is_named_from_the_bodys_top(value: object, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        shaped(value, Shape, at="within")

    assert refused.value.message.startswith(message.removesuffix("."))
    assert str(refused.value.param).startswith("within")


async def chunks(body: bytes, cuts: Iterable[int]) -> AsyncIterator[bytes]:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, stop in pairwise(edges):
        yield body[start:stop]


async def parsed(
    body: bytes, cuts: Iterable[int] = (), *, largest: int = 1 << 30
) -> list[tuple[str, bool, bytes]]:
    """Name, whether it is a file, and bytes of each part; the parts' files are closed."""
    found = await parts(MULTIPART, chunks(body, cuts), largest_part=largest)
    return [(part.name, part.filename is not None, whole(part)) for part in found]


def whole(part: Part) -> bytes:
    with part.file as file:
        file.seek(0)
        return file.read()


#: Bytes that look like the boundary, or its beginning, or a line's end.
TRICKY = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"--", b"\r\n--", b"\r\n--the-bound", b"\0", b"a"])
).map(b"".join)
PARTS = st.lists(
    st.tuples(st.text("abc[]", min_size=1), st.booleans(), TRICKY | st.binary()), max_size=5
)


def joined(made: list[tuple[str, bool, bytes]]) -> bytes:
    fields = [(file if is_file else text)(name, content) for name, is_file, content in made]
    return b"".join([*fields, f"--{BOUNDARY}--\r\n".encode()])


@given(PARTS, st.lists(st.integers(min_value=0), max_size=8))
async def test_a_form_is_the_same_however_it_is_cut(
    made: list[tuple[str, bool, bytes]], cuts: list[int]
) -> None:
    assert await parsed(joined(made), cuts) == made


@given(PARTS)
async def test_a_form_is_the_same_byte_by_byte(made: list[tuple[str, bool, bytes]]) -> None:
    body = joined(made)

    assert await parsed(body, range(len(body))) == made


@given(PARTS, st.integers(min_value=0))
async def test_a_form_that_breaks_off_is_refused(
    made: list[tuple[str, bool, bytes]], where: int
) -> None:
    body = joined(made).removesuffix(b"--\r\n")

    with pytest.raises(InvalidRequest) as refused:
        await parsed(body[: where % (len(body) + 1)])

    assert refused.value.code == "invalid_multipart"


@given(PARTS, st.integers(min_value=0), TRICKY | st.binary(min_size=1))
async def test_a_damaged_form_is_read_or_refused(
    made: list[tuple[str, bool, bytes]], where: int, damage: bytes
) -> None:
    body = joined(made)
    where %= len(body)
    with suppress(InvalidRequest):
        await parsed(body[:where] + damage + body[where + len(damage) :])


async def test_a_large_part_goes_to_the_disk() -> None:
    content = bytes(2 * IN_MEMORY)
    body = joined([("video", True, content)])

    (found,) = await parts(MULTIPART, chunks(body, ()), largest_part=1 << 30)

    assert found.file.fileno() >= 0
    assert whole(found) == content


async def test_a_part_that_is_too_large_is_named_and_nothing_stays_open() -> None:
    body = joined([("prompt", False, b"a"), ("input_reference", True, bytes(3 << 20))])

    with pytest.raises(TooLarge, match="'input_reference' is larger than 2 MB") as refused:
        await parsed(body, range(0, len(body), 1 << 16), largest=2 << 20)

    assert refused.value.param == "input_reference"


PROMPTS = st.text(min_size=1, max_size=50)
SIZES = st.builds(Size, st.integers(1, 99_999), st.integers(1, 99_999))
SECONDS = st.integers(1, 999_999).map(lambda thousandths: thousandths / 1000)
REQUESTS = st.builds(
    GenerationRequest,
    model=st.sampled_from(["sora-2", "previs-1"]),
    media=st.just(Media.VIDEO),
    prompt=PROMPTS,
    size=SIZES,
    seconds=SECONDS,
)


def a_job(request: GenerationRequest, **changes: Any) -> Job:
    job = Job(
        id="video_1",
        caller_id="caller_1",
        status=Status.QUEUED,
        request=request,
        plan=Plan(takes=(Take(engine="previs", model="previs-1", request=request),)),
        percent=0,
        created_at=NOON,
    )
    return replace(job, **changes)


@given(REQUESTS)
def test_what_is_rendered_is_read_back_as_the_same_request(request: GenerationRequest) -> None:
    shown = json.loads(msgspec.json.encode(render(a_job(request), None)))

    asked = {name: shown[name] for name in ("prompt", "model", "seconds", "size")}
    assert contract(shaped(asked, VideoCreate)) == request


@given(SECONDS)
def test_seconds_may_be_a_number_or_its_text(seconds: float) -> None:
    as_number = shaped({"prompt": "a", "seconds": seconds}, VideoCreate)
    as_text = shaped({"prompt": "a", "seconds": str(seconds)}, VideoCreate)

    assert contract(as_number) == contract(as_text)
    assert contract(as_number).seconds == seconds


def test_what_is_left_out_is_left_to_the_model() -> None:
    request = contract(VideoCreate(prompt="a kite"))

    assert request == GenerationRequest(model="sora-2", media=Media.VIDEO, prompt="a kite")


REQUEST = GenerationRequest(
    model="sora-2", media=Media.VIDEO, prompt="a kite", size=Size(1280, 720), seconds=4.0
)
LATER = NOON + timedelta(minutes=5)


def test_a_finished_job_says_when_it_was_and_when_it_goes() -> None:
    job = a_job(
        REQUEST, status=Status.COMPLETED, percent=100, finished_at=LATER, expires_at=LATER
    )

    video = render(job, None)

    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    assert video.completed_at == video.expires_at == video.created_at + 300


@pytest.mark.parametrize(
    ("status", "failure", "code"),
    [
        (
            Status.FAILED,
            Failure(code="generation_failed", message="It rained."),
            "generation_failed",
        ),
        (Status.CANCELLED, None, "cancelled"),
    ],
)
def test_a_job_without_a_film_says_why(
    status: Status, failure: Failure | None, code: str
) -> None:
    video = render(a_job(REQUEST, status=status, failure=failure, finished_at=LATER), None)

    assert (video.status, video.completed_at) == ("failed", None)
    assert video.error is not None
    assert video.error.code == code


def short(value: int) -> bytes:
    """A number of EXIF: its type, their count, and itself."""
    return b"\0\3\0\0\0\1" + bytes([0, value, 0, 0])


@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.data())
def test_a_damaged_image_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    content = bytearray(image((64, 48), kind))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, 120)) % len(content)] = data.draw(st.integers(0, 255))
    stop = data.draw(st.integers(0, len(content)) | st.none())
    damaged = io.BytesIO(bytes(content[:stop]))

    error = refusal_of(lambda: read_image(damaged, param="input_reference"))

    if error is not None:
        assert error.param == "input_reference"
        assert error.code in ("invalid_image", "image_too_large")


@pytest.mark.parametrize(
    ("orientation", "size"),
    [
        (short(1), Size(64, 48)),
        (short(5), Size(48, 64)),
        (short(8), Size(48, 64)),
        (short(9), Size(64, 48)),
        (b"\0\2\0\0\0\2" + b"6\0\0\0", Size(64, 48)),  # a text, which it must not be
        (b"", Size(64, 48)),
    ],
)
def test_an_image_has_the_size_in_which_it_is_shown(orientation: bytes, size: Size) -> None:
    metadata = b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\1" + b"\x01\x12" + orientation + bytes(4)
    picture = io.BytesIO()
    Image.new("RGB", (64, 48)).save(picture, "PNG", exif=metadata)

    assert read_image(picture, param="input_reference").size == size
