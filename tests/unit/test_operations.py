"""Remix, edit, extend, characters, several at once, and what a model cannot do."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes import A_KITE, A_STILL, HD, KITE, done, still_done
from filmgate import InvalidRequest, Operation, Role, Size
from filmgate.domain.errors import Conflict, FilmgateError, NotFound, Unsupported
from filmgate.domain.job import Job
from filmgate.domain.model import Model, Option
from filmgate.domain.request import GenerationRequest, Media, Reference, Source, Step
from filmgate.gateway.outputs import Inputs
from filmgate.gateway.submission import Given, JobWebhook, Upload
from filmgate.storage.sealing import FernetCipher
from house import House


def of(job_id: str, role: Role = Role.SOURCE) -> Given:
    return Given(role=role, param="video.id", job_id=job_id)


def upload(content: bytes, role: Role, param: str = "video") -> Given:
    file = io.BytesIO(content)
    return Given(role=role, param=param, upload=Upload(param=param, file=file))


def asked(operation: Operation, prompt: str = "at night", **fields: Any) -> GenerationRequest:
    return replace(A_KITE, operation=operation, prompt=prompt, **fields)


def take_of(job: Job) -> GenerationRequest:
    return job.take.request


async def test_a_remix_keeps_size_length_and_seed(house: House) -> None:
    source = await house.finished(replace(A_KITE, seconds=8.0, size=Size(720, 1280), seed=5))
    remix = await house.submitted(asked(Operation.REMIX), given=[of(source.id)])

    take = take_of(remix)
    assert (take.size, take.seconds, take.seed) == (Size(720, 1280), 8.0, 5)
    assert take.source is not None
    assert take.source.job_id == source.id
    assert take.source.history == (
        Step(operation=Operation.CREATE, prompt="a kite", seconds=8.0),
    )


async def test_a_seed_that_is_asked_for_wins(house: House) -> None:
    source = await house.finished(replace(A_KITE, seed=5))
    remix = await house.submitted(asked(Operation.REMIX, seed=9), given=[of(source.id)])
    assert take_of(remix).seed == 9


async def test_an_extension_is_as_long_as_both_together(house: House) -> None:
    source = await house.finished(replace(A_KITE, seconds=8.0))
    longer = await house.finished(
        asked(Operation.EXTEND, "it lands", seconds=4.0), given=[of(source.id)]
    )
    assert take_of(longer).total_seconds == 12.0

    again = await house.submitted(asked(Operation.EXTEND), given=[of(longer.id)])
    take = take_of(again)
    assert take.total_seconds == 16.0  # the model's own 4 s are added
    assert take.source is not None
    assert [step.prompt for step in take.source.history] == ["a kite", "it lands"]


async def test_a_film_has_a_longest_length(house: House) -> None:
    source = await house.finished(replace(A_KITE, seconds=8.0))
    for _ in range(14):
        source = await house.finished(
            asked(Operation.EXTEND, seconds=8.0), given=[of(source.id)]
        )
    with pytest.raises(InvalidRequest, match="128 s; the most is 120 s") as refused:
        await house.submitted(asked(Operation.EXTEND, seconds=8.0), given=[of(source.id)])
    assert refused.value.param == "seconds"


async def test_a_remix_of_a_long_film_is_as_long(house: House) -> None:
    source = await house.finished(replace(A_KITE, seconds=8.0))
    longer = await house.finished(asked(Operation.EXTEND, seconds=4.0), given=[of(source.id)])
    assert (
        take_of(await house.submitted(asked(Operation.REMIX), given=[of(longer.id)])).seconds
        == 12.0
    )


async def test_a_film_that_is_sent_can_be_edited(house: House) -> None:
    given = upload(b"a film", Role.SOURCE)
    job = await house.finished(asked(Operation.EDIT), given=[given])

    assert house.engine.inputs == [b"a film"]
    source = take_of(job).source
    assert source == Source(size=HD, seconds=4.0)
    # What began with somebody else's film has no history of ours.
    again = await house.submitted(asked(Operation.REMIX), given=[of(job.id)])
    later = take_of(again).source
    assert later is not None
    assert later.history == ()


@pytest.mark.parametrize("state", ["unknown", "unfinished", "expired", "still"])
async def test_only_a_completed_film_is_a_source(house: House, state: str) -> None:
    match state:
        case "unknown":
            source_id = "video_x"
        case "unfinished":
            source_id = (await house.submitted()).id
        case "expired":
            job = await house.finished()
            await house.jobs.expire(job.id, at=house.clock.now())
            source_id = job.id
        case _:
            house.engine.steps = [still_done()]
            still = await house.submitted(A_STILL)
            await house.work()
            source_id = still.id
    error = NotFound if state == "unknown" else InvalidRequest
    with pytest.raises(error) as refused:
        await house.submitted(asked(Operation.REMIX), given=[of(source_id)])
    assert refused.value.param == "video.id"


async def test_a_still_of_a_job_can_be_a_reference(house: House) -> None:
    house.engine.steps = [still_done()]
    still = await house.submitted(A_STILL)
    await house.work()
    job = await house.submitted(given=[of(still.id, Role.FIRST_FRAME)])
    assert take_of(job).references[0].media_type == "image/png"


@pytest.mark.parametrize(("given", "made"), [(b"720x1280", "720x1280"), (b"8x8", "1280x720")])
async def test_a_still_that_is_changed_keeps_its_size_if_it_can(
    house: House, given: bytes, made: str
) -> None:
    change = replace(A_STILL, operation=Operation.EDIT)
    job = await house.submitted(change, given=[upload(given, Role.SOURCE, "image")])
    assert str(take_of(job).size) == made


async def test_a_films_thumbnail_can_be_a_reference(house: House) -> None:
    film = await house.finished()
    job = await house.submitted(given=[of(film.id, Role.FIRST_FRAME)])
    assert take_of(job).references[0].media_type == "image/webp"


async def test_a_jobs_inputs_outlive_what_they_came_from(house: House) -> None:
    source = await house.finished()
    remix = await house.submitted(asked(Operation.REMIX), given=[of(source.id)])
    await house.gateway.delete(source.id, house.caller)
    house.engine.steps = [done()]
    await house.work()

    assert house.engine.inputs == [b"film.mp4"]
    assert (await house.now(remix)).status == "completed"


async def test_an_engine_may_have_an_input_as_a_file(house: House) -> None:
    source = await house.finished()
    remix = await house.submitted(asked(Operation.REMIX), given=[of(source.id)])
    (reference,) = take_of(remix).references
    await Inputs(remix.id, house.shelf).save(reference, Path("there.mp4"))
    assert house.shelf.blobs["there.mp4"] == b"film.mp4"


async def test_a_jobs_own_webhook_is_kept_unreadable(house: House) -> None:
    webhook = JobWebhook(url="https://hook.example/a", secret="s3cret")
    await house.submitted(webhook=webhook)
    (kept,) = await house.database.row("SELECT webhook FROM jobs")
    assert "s3cret" not in kept
    assert "hook.example" not in kept
    assert json.loads(FernetCipher("a secret").unseal(kept))["secret"] == "s3cret"


async def test_a_character_is_in_the_film(house: House) -> None:
    ann = await house.casting.create("Ann", upload(b"a clip", Role.SOURCE), house.caller, None)
    given = Given(role=Role.CHARACTER, param="characters[0].id", character_id=ann.id)
    job = await house.finished(given=[given])

    (reference,) = take_of(job).references
    assert (reference.role, reference.name) == (Role.CHARACTER, "Ann")
    assert house.engine.inputs == [str(house.folder / "thumbnail.webp").encode()]


async def test_an_unknown_character_is_named(house: House) -> None:
    given = Given(role=Role.CHARACTER, param="characters[0].id", character_id="char_x")
    with pytest.raises(NotFound, match="char_x") as refused:
        await house.submitted(given=[given])
    assert refused.value.param == "characters[0].id"


async def test_several_have_ids_seeds_and_inputs_of_their_own(house: House) -> None:
    first = await house.submitted(
        replace(A_KITE, seed=10),
        count=3,
        given=[upload(b"1280x720", Role.FIRST_FRAME, "input_reference")],
    )
    others = [await house.gateway.get(one, house.caller) for one in first.variants]

    assert len({first.id, *first.variants}) == 3
    assert [take_of(job).seed for job in (first, *others)] == [10, 11, 12]
    assert [job.plan.price for job in (first, *others)] == [400_000] * 3
    assert all(job.variants == () for job in others)
    inputs = [job.request.references[0].asset_id for job in (first, *others)]
    assert len(set(inputs)) == 3
    house.engine.steps = [done(), done(), done()]
    await house.work()
    assert house.engine.inputs == [b"1280x720"] * 3


async def test_of_several_that_came_twice_nothing_is_left_over(house: House) -> None:
    for _ in range(2):
        given = [upload(b"1280x720", Role.FIRST_FRAME, "input_reference")]
        await house.submitted(count=2, given=given, claim=house.claim())
    assert len(house.shelf.blobs) == 2


async def test_of_a_key_that_was_used_meanwhile_nothing_is_left_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.submitted(claim=house.claim())

    async def unseen(*_: object, **__: object) -> None:
        """The other was not there yet when this one looked."""

    monkeypatch.setattr(house.gateway._first_tries, "find", unseen)
    given = [upload(b"1280x720", Role.FIRST_FRAME, "input_reference")]
    with pytest.raises(Conflict):
        await house.submitted(given=given, claim=house.claim(fingerprint="f2"))
    again = [upload(b"1280x720", Role.FIRST_FRAME, "input_reference")]
    await house.submitted(given=again, claim=house.claim())
    assert house.shelf.blobs == {}


PICKY = Model(
    name="picky-1",
    media=Media.VIDEO,
    sizes=(HD,),
    seconds=(4.0,),
    default_size=HD,
    default_seconds=4.0,
    audio=frozenset({True}),
    options={
        "fps": Option(int, "frames a second", (24, 30)),
        "mood": Option(str, "how it feels"),
        "strength": Option(float, "how much"),
        "loop": Option(bool, "whether it loops"),
    },
)
PLAIN = GenerationRequest(model="picky-1", media=Media.VIDEO, prompt="a kite")
STILL = Model(
    name="still-1", media=Media.IMAGE, sizes=(HD,), default_size=HD, formats=("png", "webp")
)


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({"media": Media.IMAGE}, "model", "picky-1 makes films, not stills."),
        ({"operation": Operation.EDIT}, "model", "picky-1 cannot edit a film."),
        ({"negative_prompt": "rain"}, "negative_prompt", "picky-1 takes no negative_prompt."),
        ({"seed": 1}, "seed", "picky-1 takes no seed."),
        ({"audio": False}, "audio", "picky-1 cannot make a film without sound."),
        ({"engine_options": {"x": 1}}, "engine_options.x", "It has: fps, loop, mood, strength"),
        ({"engine_options": {"fps": "24"}}, "engine_options.fps", "expected an integer"),
        ({"engine_options": {"fps": 25}}, "engine_options.fps", "'24', and '30'"),
        ({"engine_options": {"loop": 1}}, "engine_options.loop", "expected a boolean"),
        ({"format": "png"}, "output_format", "Supported values are: none."),
        ({"size": Size(8, 8)}, "size", "Supported values are: '1280x720'."),
        ({"seconds": 5.0}, "seconds", "Supported values are: '4'."),
    ],
)
def test_what_a_model_cannot_do_is_refused_by_name(
    fields: dict[str, Any], param: str, message: str
) -> None:
    with pytest.raises(FilmgateError) as refused:
        PICKY.check(replace(PLAIN, **fields))
    assert refused.value.param == param
    assert message in refused.value.message


def test_what_a_model_declares_it_takes() -> None:
    PICKY.check(
        replace(
            PLAIN,
            audio=True,
            engine_options={"fps": 30, "mood": "calm", "strength": 1, "loop": True},
        )
    )


def test_a_still_has_no_seconds_and_one_of_its_formats() -> None:
    still = GenerationRequest(model="still-1", media=Media.IMAGE, prompt="a kite")
    assert STILL.fill(still).format == "png"
    with pytest.raises(Unsupported, match="leave seconds out"):
        STILL.check(replace(still, seconds=4.0))
    with pytest.raises(InvalidRequest, match="'png', and 'webp'"):
        STILL.check(replace(still, format="gif"))


def test_too_many_references_of_a_role_are_refused() -> None:
    with pytest.raises(Unsupported, match="kite-1 takes at most 2 character") as refused:
        KITE.check_roles([Role.CHARACTER] * 3)
    assert refused.value.param == "characters"


def test_a_first_frame_must_fit_where_that_is_promised() -> None:
    frame = Reference(
        asset_id="a", role=Role.FIRST_FRAME, media_type="image/png", size=Size(8, 8)
    )
    with pytest.raises(InvalidRequest, match="the image is 8x8, the film 1280x720"):
        KITE.check(replace(A_KITE, references=(frame,)))
