"""First and last frames that have another size than the film."""

import io
from dataclasses import replace

import pytest

from fakes import A_KITE, A_STILL, HD, still_done
from filmgate import InvalidRequest, Operation, Role, Size
from filmgate.domain.request import Fit, GenerationRequest
from filmgate.gateway.submission import Given, Upload
from house import House

TALL = Size(720, 1280)
TO_TALL = replace(A_KITE, size=TALL)


def frame(size: str) -> Given:
    upload = Upload(param="input_reference", file=io.BytesIO(size.encode()))
    return Given(role=Role.FIRST_FRAME, param="input_reference", upload=upload)


async def test_who_does_not_say_how_to_fit_is_told_what_can_be_done(house: House) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await house.submitted(given=[frame("640x640")])
    assert refused.value.message == (
        "Inpaint image must match the requested width and height: the image is 640x640, the "
        "film 1280x720. Send one of that size, or `reference_fit`: 'crop' or 'pad'."
    )


@pytest.mark.parametrize(
    ("request_", "given", "fit", "kept"),
    [
        (A_KITE, "640x640", Fit.CROP, b"1280x720 crop"),
        (A_KITE, "1280x720", Fit.CROP, b"1280x720"),
        (TO_TALL, "1280x720", Fit.PAD, b"720x1280 pad"),
    ],
)
async def test_a_frame_is_made_as_large_as_the_film(
    house: House, request_: GenerationRequest, given: str, fit: Fit, kept: bytes
) -> None:
    job = await house.finished(request_, given=[frame(given)], fit=fit)

    (reference,) = job.take.request.references
    assert reference.size == job.take.request.size == job.request.size
    assert job.request.size == (request_.size or HD)
    assert house.engine.inputs == [kept]


async def test_a_still_is_made_as_large_as_the_film_that_it_begins(house: House) -> None:
    house.engine.steps = [still_done()]
    still = await house.submitted(A_STILL)
    await house.work()
    given = Given(role=Role.FIRST_FRAME, param="input_reference", job_id=still.id)
    await house.finished(TO_TALL, given=[given], fit=Fit.CROP)
    await house.finished(given=[given], fit=Fit.CROP)
    assert house.engine.inputs == [b"720x1280 crop", b"still.png"]


async def test_a_frame_is_fitted_to_the_film_that_the_new_one_is_made_of(
    house: House,
) -> None:
    film = await house.finished(TO_TALL)
    edit = replace(A_KITE, operation=Operation.EDIT)
    source = Given(role=Role.SOURCE, param="video", job_id=film.id)
    await house.finished(edit, given=[frame("9x9"), source], fit=Fit.PAD)
    assert house.engine.inputs == [b"720x1280 pad", b"film.mp4"]
