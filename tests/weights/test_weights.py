"""
Films made by real pipelines of diffusers, whose weights are tiny and random.

`make diffusers` installs what they need and runs them; without it they are skipped.
"""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from diffusers_studio import ACCOUNT, Studio, studio_of
from filmgate import FilmgateError, GenerationFailed, Reference, Role, Size
from films import image

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-diffusers"
PYTHON = FOLDER / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not (FOLDER / ".done").exists(),
    reason="`make diffusers` installs torch and diffusers, and runs this",
)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    script = Path(__file__).with_name("tiny.py")
    subprocess.run([PYTHON, script, folder], check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_of(tmp_path, PYTHON, "-m", "filmgate.engines.diffusers") as found:
        yield found


@dataclass
class Seen:
    pictures: list[Any]
    rate: float
    sound: Any  #: channels by samples
    codecs: list[str]


def seen(path: Path) -> Seen:
    with av.open(path) as film:
        streams = [*film.streams.video, *film.streams.audio]
        codecs = [stream.codec_context.name for stream in streams]
        assert film.streams.video[0].codec_context.pix_fmt == "yuv420p"
        rate = float(film.streams.video[0].average_rate or 0)
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    sound: Any = None
    if "aac" in codecs:
        with av.open(path) as film:
            sound = np.concatenate([one.to_ndarray() for one in film.decode(audio=0)], axis=1)
    return Seen(pictures, rate, sound, codecs)


def picture_of(size: str, name: str = "first") -> tuple[Reference, bytes]:
    read = Size.read(size)
    assert read is not None
    reference = Reference(
        asset_id=f"file_{name}", role=Role.FIRST_FRAME, media_type="image/png", size=read
    )
    return reference, image((read.width, read.height), "PNG")


WAN = {"sizes": ["96x64"], "seconds": [0.375], "steps": 2}
LTX = {"sizes": ["96x64"], "seconds": [1], "steps": 2}


async def test_wan_makes_a_silent_film(studio: Studio, tiny: Path) -> None:
    settings = {**WAN, "pipeline": str(tiny / "wan")}
    film = seen(await studio.film("wan2.2-ti2v-5b", settings))
    assert film.codecs == ["h264"]
    assert [one.shape for one in film.pictures] == [(64, 96, 3)] * 9
    assert film.rate == 24
    assert studio.heard[-1] == 100
    assert any(0 < percent < 100 for percent in studio.heard)


async def test_ltx_2_makes_a_film_with_sound(studio: Studio, tiny: Path) -> None:
    settings = {**LTX, "pipeline": str(tiny / "ltx")}
    film = seen(await studio.film("ltx-2", settings))
    assert film.codecs == ["h264", "aac"]
    assert [one.shape for one in film.pictures] == [(64, 96, 3)] * 24
    assert film.sound.shape[0] == 2
    assert 16_000 <= film.sound.shape[1] <= 16_000 + 3 * 1024
    assert np.abs(film.sound).max() > 0.01


async def test_sound_is_left_out_if_nobody_wants_it(studio: Studio, tiny: Path) -> None:
    settings = {**LTX, "pipeline": str(tiny / "ltx")}
    film = seen(await studio.film("ltx-2", settings, audio=False))
    assert film.codecs == ["h264"]


async def test_hunyuanvideo_tells_its_steps_too(studio: Studio, tiny: Path) -> None:
    """Its pipeline has no callback, and no argument for the guidance."""
    settings = {**WAN, "pipeline": str(tiny / "hunyuan"), "guidance": 2.0, "steps": 3}
    film = seen(await studio.film("hunyuanvideo-1.5-480p-t2v", settings))
    assert [one.shape for one in film.pictures] == [(64, 96, 3)] * 9
    assert {30, 60, 90} <= set(studio.heard)


async def test_a_size_between_is_cut_from_a_larger_one(studio: Studio, tiny: Path) -> None:
    settings = {**WAN, "sizes": ["90x50"], "pipeline": str(tiny / "wan")}
    film = seen(await studio.film("wan2.2-ti2v-5b", settings))
    assert film.pictures[0].shape == (50, 90, 3)


async def test_a_seed_makes_the_same_film_again(studio: Studio, tiny: Path) -> None:
    settings = {**WAN, "pipeline": str(tiny / "wan")}
    films = [
        seen(await studio.film("wan2.2-ti2v-5b", settings, seed=seed)).pictures[0]
        for seed in (7, 7, 8)
    ]
    assert np.array_equal(films[0], films[1])
    assert not np.array_equal(films[0], films[2])


@pytest.mark.parametrize(("model", "name"), [("wan2.2-ti2v-5b", "wan"), ("ltx-2", "ltx")])
async def test_a_first_frame_is_taken_by_the_pipeline_that_is_loaded(
    studio: Studio, tiny: Path, model: str, name: str
) -> None:
    settings = {**WAN, "pipeline": str(tiny / name)}
    await studio.film(model, settings)
    (child,) = studio.children()
    reference, content = picture_of("96x64")
    film = seen(await studio.film(model, settings, content, references=(reference,)))
    assert len(film.pictures) == 9
    assert studio.children() == {child}
    await studio.film(model, settings)
    assert studio.children() == {child}


async def test_a_model_is_loaded_once_and_freed(studio: Studio, tiny: Path) -> None:
    settings = {**WAN, "pipeline": str(tiny / "wan")}
    await studio.film("wan2.2-ti2v-5b", settings)
    (child,) = studio.children()
    await studio.film("ltx-2", {**LTX, "seconds": [0.375], "pipeline": str(tiny / "ltx")})
    assert studio.children() == {child}
    await studio.engine.free(ACCOUNT)
    assert studio.children() == set()
    assert not psutil.pid_exists(child.pid)


async def test_a_film_is_cancelled_after_a_step(studio: Studio, tiny: Path) -> None:
    settings = {**WAN, "pipeline": str(tiny / "wan"), "steps": 100}
    progress = await studio.begun("wan2.2-ti2v-5b", settings)
    while progress.percent == 0:
        progress = await studio.engine.poll(progress.ticket, ACCOUNT)
    (child,) = studio.children()
    await studio.engine.cancel(progress.ticket, ACCOUNT)
    assert list(studio.folder.iterdir()) == []
    await studio.film("wan2.2-ti2v-5b", {**settings, "steps": 1})
    assert studio.children() == {child}


async def failure(studio: Studio, model: str, settings: dict[str, Any]) -> FilmgateError:
    with pytest.raises(FilmgateError) as failed:
        await studio.film(model, settings)
    return failed.value


@pytest.mark.parametrize(
    ("pipeline", "said"), [("nobody/has-this", "nobody/has-this"), ("/no/folder", "***")]
)
async def test_weights_that_are_not_here_are_not_fetched(
    studio: Studio, pipeline: str, said: str
) -> None:
    failed = await failure(studio, "ltx-2", {**LTX, "pipeline": pipeline})
    assert isinstance(failed, GenerationFailed)
    assert failed.message.endswith(f"There are no weights of {said} on this machine")


async def test_an_argument_that_a_pipeline_does_not_have_is_named(
    studio: Studio, tiny: Path
) -> None:
    settings = {**WAN, "pipeline": str(tiny / "wan"), "arguments": {"colour": "red"}}
    failed = await failure(studio, "wan2.2-ti2v-5b", settings)
    assert "colour" in failed.message
    assert str(tiny) not in failed.message
