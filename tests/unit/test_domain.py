from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import HD, KITE
from filmgate.domain.errors import FilmgateError, InvalidRequest, Unsupported
from filmgate.domain.job import STEPS, Status
from filmgate.domain.model import Model, SecondsRange, SizeRange
from filmgate.domain.progress import Output
from filmgate.domain.request import GenerationRequest, Media, Operation, Reference, Role, Size

ANY = Model(
    name="any-1",
    media=Media.VIDEO,
    sizes=SizeRange(least=64, most=2560),
    seconds=SecondsRange(least=1, most=120),
    default_size=HD,
    default_seconds=4.0,
)


def request(**fields: object) -> GenerationRequest:
    values = {"model": "kite-1", "media": Media.VIDEO, "prompt": "a kite"} | fields
    return GenerationRequest(**values)  # type: ignore[arg-type]


def first_frame(size: Size) -> Reference:
    return Reference(
        asset_id="file_1", role=Role.FIRST_FRAME, media_type="image/png", size=size
    )


@pytest.mark.parametrize("text", ["1280", "x", "1280x", "x720", "1x2x3", "-1x5", "1280×720"])
def test_what_is_no_size_is_not_read_as_one(text: str) -> None:
    assert Size.read(text) is None


@given(st.integers(1, 99999), st.integers(1, 99999))
def test_a_size_reads_what_it_says(width: int, height: int) -> None:
    assert Size.read(str(Size(width, height))) == Size(width, height)


def test_a_model_takes_what_it_declares() -> None:
    KITE.check(request(size=HD, seconds=8.0, references=(first_frame(HD),)))
    KITE.check(request())
    ANY.check(request(size=Size(64, 2560), seconds=1.5))


@pytest.mark.parametrize(
    ("model", "fields", "param", "words"),
    [
        (KITE, {"size": Size(1, 1)}, "size", "'1280x720', and '720x1280'"),
        (KITE, {"seconds": 5.0}, "seconds", "'4', and '8'"),
        (KITE, {"seconds": 0.0}, "seconds", "'0'"),
        (KITE, {"prompt": " \n"}, "prompt", "empty"),
        (KITE, {"prompt": "x" * 32_001}, "prompt", "32001"),
        (
            replace(KITE, longest_prompt=6),
            {"prompt": "a🪁 kite"},
            "prompt",
            "has 8 UTF-16 code",
        ),
        (KITE, {"prompt": "a\0b"}, "prompt", "NUL"),
        (KITE, {"references": (first_frame(Size(8, 8)),)}, "input_reference", "8x8"),
        (ANY, {"size": Size(65, 64)}, "size", "even sides from 64 to 2560"),
        (ANY, {"seconds": 121.0}, "seconds", "from 1 to 120"),
    ],
)
def test_a_model_refuses_the_rest_by_field(
    model: Model, fields: dict[str, object], param: str, words: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        model.check(request(**fields))
    assert (refused.value.param, words in refused.value.message) == (param, True)


def test_a_single_choice_is_listed_alone() -> None:
    only = Model(
        name="one",
        media=Media.VIDEO,
        sizes=(HD,),
        seconds=(4.0,),
        default_size=HD,
        default_seconds=4.0,
    )
    with pytest.raises(InvalidRequest, match=r"Supported values are: '4'\."):
        only.check(request(seconds=5.0))


def test_what_a_model_lacks_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="takes no first frame"):
        ANY.check(request(references=(first_frame(HD),)))
    still = Model(
        name="still",
        media=Media.VIDEO,
        sizes=(HD,),
        seconds=(4.0,),
        default_size=HD,
        default_seconds=4.0,
        operations=frozenset(),
    )
    with pytest.raises(Unsupported, match="still cannot create"):
        still.check(request(operation=Operation.CREATE))


def test_ended_jobs_have_no_next_step() -> None:
    assert {status for status in Status if status.ended} == {
        Status.COMPLETED,
        Status.FAILED,
        Status.CANCELLED,
    }
    assert set(STEPS) == set(Status)


def test_an_output_is_a_path_or_a_link() -> None:
    assert Output("video/mp4", url="https://example.com/f.mp4").path is None
    with pytest.raises(ValueError, match="either"):
        Output("video/mp4")
    with pytest.raises(ValueError, match="either"):
        Output("video/mp4", path=Path("f"), url="https://example.com/f")


def test_an_error_keeps_what_it_is_given() -> None:
    error = FilmgateError("m", param="p", code="c", retry_after=timedelta(seconds=1))
    assert (error.message, error.param, error.code) == ("m", "p", "c")
    assert error.retry_after == timedelta(seconds=1)
