"""What the engine diffusers asks of a model, and the film that is written of what it makes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from filmgate import InvalidRequest, Media, Reference, Role, Size, Take
from filmgate.domain.request import GenerationRequest
from filmgate.engines.diffusers import film
from filmgate.engines.diffusers.film import Sound
from filmgate.engines.diffusers.orders import Order, order_of, rounded
from filmgate.engines.diffusers.profiles import PROFILES
from filmgate.engines.diffusers.settings import model_of

PICTURES = {
    role: Reference(asset_id=f"file_{role}", role=role, media_type="image/png")
    for role in (Role.FIRST_FRAME, Role.LAST_FRAME)
}


def ordered(
    model: str,
    *roles: Role,
    settings: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Order:
    references = tuple(PICTURES[role] for role in roles)
    request = GenerationRequest(
        model=model, media=Media.VIDEO, prompt="a kite", references=references, **fields
    )
    take = Take(engine="diffusers", model=model, request=request, settings=settings or {})
    paths = {reference: Path(f"/{reference.role}") for reference in references}
    return order_of(take, "attempt_1", Path("/film.mp4"), paths)


@pytest.mark.parametrize("name", PROFILES)
def test_every_size_and_length_is_one_that_the_model_can_make(name: str) -> None:
    profile = PROFILES[name]
    model = profile.model
    roles = () if profile.words else (Role.FIRST_FRAME,)
    assert isinstance(model.sizes, tuple)
    for size in model.sizes:
        for seconds in (1.0, 2.3, 4.0, 5.0):
            order = ordered(name, *roles, size=size, seconds=seconds)
            given = order.arguments
            assert given["num_frames"] % profile.every == 1
            assert 0 <= given["num_frames"] - order.frames < profile.every + 1
            assert order.frames == round(seconds * profile.fps)
            for side, whole in (("width", size.width), ("height", size.height)):
                assert given[side] % profile.sides == 0
                assert 0 <= given[side] - whole < profile.sides


def test_a_number_is_rounded_up() -> None:
    assert [rounded(number, 8) for number in (0, 1, 8, 9)] == [0, 8, 8, 16]


def test_what_is_left_out_the_model_knows() -> None:
    order = ordered("ltx-2")
    assert (order.pipeline, order.kind) == ("Lightricks/LTX-2", "LTX2Pipeline")
    assert (order.width, order.height, order.frames, order.fps) == (1280, 720, 96, 24)
    assert (order.device, order.offload, order.tiling) == ("auto", "none", False)
    assert order.sound
    assert order.seed == ordered("ltx-2").seed
    assert order.arguments == {
        "prompt": "a kite",
        "negative_prompt": None,
        "width": 1280,
        "height": 736,
        "num_frames": 97,
        "frame_rate": 24.0,
        "num_inference_steps": 40,
        "guidance_scale": 4.0,
    }


def test_callers_say_more_than_operators_and_they_more_than_makers() -> None:
    settings = {
        "pipeline": "/weights",
        "steps": 4,
        "guidance": 1,
        "device": "cuda:1",
        "offload": "model",
        "tiling": True,
        "arguments": {"guidance_scale_2": 1.0, "max_sequence_length": 256},
    }
    order = ordered(
        "wan2.2-t2v-a14b",
        settings=settings,
        seed=7,
        audio=False,
        negative_prompt="rain",
        engine_options={"steps": 8},
    )
    assert (order.pipeline, order.device, order.offload) == ("/weights", "cuda:1", "model")
    assert (order.tiling, order.seed, order.sound, order.exact) == (True, 7, False, ("vae",))
    assert order.arguments["num_inference_steps"] == 8
    assert order.arguments["guidance_scale"] == 1.0
    assert order.arguments["negative_prompt"] == "rain"
    assert order.further == {"guidance_scale_2": 1.0, "max_sequence_length": 256}
    assert ordered("wan2.2-t2v-a14b").further == {"guidance_scale_2": 3.0}


def test_a_first_frame_is_given_to_the_class_that_takes_it() -> None:
    one = ordered("ltx-2", Role.FIRST_FRAME)
    assert (one.kind, one.pictures) == ("LTX2ImageToVideoPipeline", {"image": "/first_frame"})
    both = ordered("wan2.2-i2v-a14b", Role.FIRST_FRAME, Role.LAST_FRAME)
    assert both.pictures == {"image": "/first_frame", "last_image": "/last_frame"}


@pytest.mark.parametrize(
    ("model", "roles", "fields", "param"),
    [
        ("wan2.2-i2v-a14b", (), {}, "input_reference"),
        ("wan2.2-i2v-a14b", (Role.LAST_FRAME,), {}, "input_reference"),
        ("ltx-2", (Role.LAST_FRAME,), {}, "input_reference"),
        ("wan2.2-t2v-a14b", (Role.FIRST_FRAME,), {}, "input_reference"),
        ("ltx-2", (), {"engine_options": {"steps": 0}}, "engine_options.steps"),
        ("ltx-2", (), {"engine_options": {"steps": 101}}, "engine_options.steps"),
        ("ltx-3", (), {}, "model"),
    ],
)
def test_what_a_model_cannot_make_is_refused(
    model: str, roles: tuple[Role, ...], fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ordered(model, *roles, **fields)
    assert refused.value.param == param


def test_an_operator_says_what_callers_may_ask_for() -> None:
    assert model_of("ltx-2", {}) is PROFILES["ltx-2"].model
    model = model_of("ltx-2", {"sizes": ["640x360", "360x640"], "seconds": [2, 1]})
    assert model.sizes == (Size(640, 360), Size(360, 640))
    assert (model.default_size, model.seconds) == (Size(640, 360), (2.0, 1.0))
    assert model.default_seconds == 2.0
    assert model.options.keys() == {"steps", "guidance"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"colour": "red"}, "unknown field `colour`"),
        ({"steps": 0}, r"\$.steps"),
        ({"offload": "cloud"}, r"\$.offload"),
        ({"pipeline": ""}, r"\$.pipeline"),
        ({"sizes": ["big"]}, "'big' is no size"),
        ({"sizes": ["641x360"]}, "'641x360' is no size"),
        ({"sizes": ["16x16"]}, "'16x16' is no size"),
        ({"seconds": [0]}, "up to 60 seconds, not 0"),
        ({"seconds": [61]}, "up to 60 seconds, not 61"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as refused:
        model_of("ltx-2", settings)
    assert refused.value.param == "settings"


def frames(count: int, height: int, width: int) -> NDArray[np.float32]:
    """Grey, from black to white, with a black frame around the middle."""
    made = np.linspace(0, 1, count, dtype=np.float32)[:, None, None, None]
    pictures = np.repeat(np.repeat(np.repeat(made, height, 1), width, 2), 3, 3)
    pictures[:, :4] = pictures[:, -4:] = 0
    return pictures


def written(path: Path, pictures: NDArray[Any], sound: Sound | None) -> list[float]:
    told: list[float] = []
    film.write(path, pictures, size=(64, 32), fps=10, sound=sound, tell=told.append)
    return told


def test_what_is_rendered_around_a_film_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    assert written(path, frames(10, 40, 64), None)[-1] == 1
    with av.open(path) as opened:
        seen = [one.to_ndarray(format="gray") for one in opened.decode(video=0)]
        assert [stream.type for stream in opened.streams] == ["video"]
    assert [one.shape for one in seen] == [(32, 64)] * 10
    assert seen[-1].min() > 200
    assert list(tmp_path.iterdir()) == [path]
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_what_is_smaller_than_a_film_is_scaled(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    written(path, frames(3, 16, 32), None)
    with av.open(path) as opened:
        assert [(one.width, one.height) for one in opened.decode(video=0)] == [(64, 32)] * 3


@pytest.mark.parametrize(
    ("rate", "channels", "seconds", "written_rate"),
    [
        (24_000, 2, 1.0, 24_000),
        (24_000, 2, 1.7, 24_000),
        (16_000, 1, 0.4, 16_000),
        (22_000, 2, 1.0, 22_050),
        (48_000, 6, 1.0, 48_000),
    ],
)
def test_sound_is_as_long_as_the_film(
    tmp_path: Path, rate: int, channels: int, seconds: float, written_rate: int
) -> None:
    tone = np.sin(np.arange(round(rate * seconds)) * (2 * np.pi * 440 / rate)) * 0.5
    samples = np.repeat(tone[None].astype(np.float32), channels, 0)
    path = tmp_path / "film.mp4"
    written(path, frames(10, 32, 64), Sound(samples, rate))
    with av.open(path) as opened:
        (track,) = opened.streams.audio
        assert (track.rate, track.channels) == (written_rate, min(channels, 2))
        heard = np.concatenate([one.to_ndarray() for one in opened.decode(audio=0)], axis=1)
    assert abs(heard.shape[1] - written_rate) <= 3 * 1024
    begun = heard[0, : round(written_rate * min(seconds, 0.9))]
    assert np.abs(begun).max() == pytest.approx(0.5, abs=0.1)
    loud = np.fft.rfft(begun * np.hanning(len(begun)))
    assert np.argmax(np.abs(loud)) * written_rate / len(begun) == pytest.approx(440, abs=5)
    if seconds < 1:
        assert np.abs(heard[0, round(written_rate * (seconds + 0.1)) :]).max() < 0.01


def test_sound_that_is_no_number_is_silence(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    samples = np.full((2, 16_000), np.nan, np.float32)
    written(path, frames(10, 32, 64), Sound(samples, 16_000))
    with av.open(path) as opened:
        heard = np.concatenate([one.to_ndarray() for one in opened.decode(audio=0)], axis=1)
    assert np.abs(heard).max() == 0
