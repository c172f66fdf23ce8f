"""Films that come from outside."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from filmgate.engines.previs.footage import Footage
from filmgate.engines.previs.picture.photo import BadReferenceError
from unit.previs.studio import HEIGHT, WIDTH, somebodys_film

RATE = 48_000


def late_film(path: Path, *, picture: float, sound: float) -> Path:
    """White noise that starts at *sound* seconds, beside pictures that start at *picture*."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = container.add_stream("aac", rate=RATE, layout="stereo")
        for number in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8))
            frame.pts, frame.time_base = number + round(picture * 24), Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        noise = np.random.default_rng(1).normal(0, 0.2, (2, RATE)).astype(np.float32)
        for start in range(0, RATE, 1024):
            piece = np.ascontiguousarray(noise[:, start : start + 1024])
            chunk = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            chunk.sample_rate, chunk.time_base = RATE, Fraction(1, RATE)
            chunk.pts = start + round(sound * RATE)
            container.mux(audio.encode(chunk))
        container.mux(audio.encode())
    return path


def begins(wave: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """The second in which something is heard first."""
    return float(np.flatnonzero(np.abs(wave[0]) > 0.05)[0]) / RATE


def test_footage_knows_its_rate_its_size_and_whether_it_has_sound(tmp_path: Path) -> None:
    film = Footage(somebodys_film(tmp_path / "f.mp4", fps=30))
    silent = Footage(somebodys_film(tmp_path / "g.mp4", fps=2, seconds=2, sound=False))

    assert (film.fps, film.size, film.has_sound) == (30, (WIDTH, HEIGHT), True)
    assert (silent.fps, silent.has_sound) == (12, False)
    assert not silent.sound(RATE, 1.0).any()


@pytest.mark.parametrize(("fps", "count"), [(24, 24), (12, 12), (48, 48), (24, 40)])
def test_pictures_come_at_any_rate_and_the_last_one_stays(
    tmp_path: Path, fps: int, count: int
) -> None:
    film = Footage(somebodys_film(tmp_path / "f.mp4"))

    shown = list(film.frames((96, 54), fps, count))

    assert len(shown) == count
    assert {(frame.width, frame.height, frame.format.name) for frame in shown} == {
        (96, 54, "yuv420p")
    }
    # The block wanders to the right, as fast as it did.
    lefts = [
        float(np.argwhere(f.to_ndarray(format="rgb24")[..., 0] > 180)[:, 1].mean())
        for f in shown
    ]
    assert lefts == sorted(lefts)
    second = min(fps, count) - 1
    assert lefts[second] == pytest.approx(lefts[-1], abs=0.5)
    assert lefts[second] - lefts[0] == pytest.approx(48, abs=3)


def test_each_picture_has_memory_of_its_own(tmp_path: Path) -> None:
    film = Footage(somebodys_film(tmp_path / "f.mp4"))

    first, second = list(film.frames((WIDTH, HEIGHT), 240, 2))

    first.pts = 7
    assert second.pts != 7


@pytest.mark.parametrize(
    ("picture", "sound", "heard"), [(0.0, 0.5, 0.5), (0.5, 0.0, 0.0), (0.0, 0.0, 0.0)]
)
def test_sound_stays_beside_its_picture(
    tmp_path: Path, picture: float, sound: float, heard: float
) -> None:
    film = Footage(late_film(tmp_path / "f.mp4", picture=picture, sound=sound))

    wave = film.sound(RATE, 2.0)

    assert wave.shape == (2, 2 * RATE)
    assert begins(wave) == pytest.approx(heard, abs=0.05)
    whole = film.sound(RATE, 2.0)[:, : RATE // 4]
    assert np.array_equal(film.sound(RATE, 0.25), whole)


def test_sound_is_brought_to_our_rate_and_to_two_sides(tmp_path: Path) -> None:
    film = Footage(somebodys_film(tmp_path / "f.mp4"))

    wave = film.sound(RATE, 1.0)

    assert np.abs(wave[:, -2000:-200]).max() > 0.2
    pitch = np.argmax(np.abs(np.fft.rfft(wave[0])))
    assert pitch == pytest.approx(0.03 * 44_100 / (2 * np.pi), abs=2)
    assert np.allclose(wave[0], wave[1])


def test_sound_without_a_picture_is_no_film(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "f.mp4"), "w") as container:
        audio = container.add_stream("aac", rate=RATE)
        piece = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        piece.sample_rate = RATE
        container.mux(audio.encode(piece))
        container.mux(audio.encode())

    with pytest.raises(BadReferenceError, match="it is no film, or it is broken"):
        Footage(tmp_path / "f.mp4")


def test_a_film_without_one_whole_picture_is_broken(tmp_path: Path) -> None:
    path = somebodys_film(tmp_path / "f.mp4")
    content = path.read_bytes()
    start = content.index(b"mdat") + 4
    path.write_bytes(content[:start] + b"\0" * (len(content) - start - 5000) + content[-5000:])

    with pytest.raises(BadReferenceError):
        list(Footage(path).frames((WIDTH, HEIGHT), 24, 4))


def test_a_film_without_pictures_is_none(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "f.mkv"), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()

    with pytest.raises(BadReferenceError):
        list(Footage(tmp_path / "f.mkv").frames((64, 64), 24, 4))
