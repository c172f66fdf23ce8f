"""Makes small films and pictures with previs, and looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from filmgate.domain.request import Operation, Step
from filmgate.engines.previs import film, stills
from filmgate.engines.previs.footage import Footage
from filmgate.engines.previs.scene import Order

Picture = NDArray[np.int16]

WIDTH, HEIGHT = 192, 108
FPS = 24
RED, GREEN, BLUE = (224, 32, 40), (40, 190, 80), (40, 80, 220)


def order(folder: Path, prompt: str, **changes: object) -> Order:
    fields: dict[str, object] = {
        "prompt": prompt,
        "width": WIDTH,
        "height": HEIGHT,
        "seconds": 1.0,
        "seed": 0,
        "output": str(folder / "film.mp4"),
    }
    return Order(**(fields | changes))  # type: ignore[arg-type]


def made(ordered: Order) -> Path:
    film.render(ordered, progress=lambda _: None)
    return Path(ordered.output)


def on(source: Path, ordered: Order, *before: Order) -> Order:
    """*ordered*, starting from the film *source*, which the orders *before* have made."""
    steps = tuple(
        Step(operation=step.operation, prompt=step.prompt, seconds=step.seconds)
        for step in before
    )
    return replace(
        ordered,
        source=str(source),
        source_seconds=length(source),
        source_seed=before[-1].seed if before else 0,
        history=steps,
        follows=True,
    )


def after(source: Path, prompt: str, *before: Order, **changes: object) -> Order:
    """An extension of *source*, beside it."""
    fields: dict[str, object] = {"operation": Operation.EXTEND} | changes
    name = f"{source.stem}+.mp4"
    plain = order(source.parent, prompt, output=str(source.parent / name), **fields)
    return on(source, plain, *before)


def frames(path: Path) -> list[Picture]:
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.int16)
            for frame in container.decode(video=0)
        ]


def length(path: Path) -> float:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return float((stream.duration or 0) * (stream.time_base or 0))


def heard(path: Path) -> NDArray[np.float32] | None:
    """The film's sound; None if it has no track for it."""
    footage = Footage(path)
    return footage.sound(48_000, length(path)) if footage.has_sound else None


def loudness(wave: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))


def apart(one: Picture, other: Picture) -> float:
    """How far two pictures are apart, 0..255."""
    return float(np.abs(one - other).mean())


def share(picture: Picture, colour: tuple[int, int, int], *, near: int = 60) -> float:
    """How much of *picture* is about in that colour."""
    away = np.abs(picture - np.array(colour, np.int16)).max(axis=2)
    return float((away < near).mean())


def pixels(image: Image.Image) -> Picture:
    return np.asarray(image.convert("RGB"), np.int16)


def plain(path: Path, colour: tuple[int, int, int], size: tuple[int, int]) -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def portrait(path: Path) -> Path:
    """A face half red and half blue on green: colours that no scene has together."""
    image = Image.new("RGB", (120, 120), GREEN)
    pen = ImageDraw.Draw(image)
    pen.pieslice((25, 10, 95, 110), 90, 270, fill=RED)
    pen.pieslice((25, 10, 95, 110), 270, 90, fill=BLUE)
    image.save(path)
    return path


def somebodys_film(
    path: Path, *, seconds: float = 1.0, fps: int = 24, sound: bool = True
) -> Path:
    """A film that previs did not draw: a yellow block crosses a green field, over a hum."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
        count = round(seconds * fps)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(_block(number / count), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio is not None:
            for piece in _hum(seconds):
                container.mux(audio.encode(piece))
            container.mux(audio.encode())
    return path


def _block(share_of_way: float) -> NDArray[np.uint8]:
    picture = np.full((HEIGHT, WIDTH, 3), (70, 150, 80), np.uint8)
    left = round(20 + share_of_way * 100)
    picture[40:70, left : left + 30] = (250, 220, 40)
    return picture


def _hum(seconds: float) -> Iterator[av.AudioFrame]:
    wave = (0.3 * np.sin(np.arange(round(seconds * 44_100)) * 0.03)).astype(np.float32)
    for start in range(0, len(wave), 1024):
        piece = av.AudioFrame.from_ndarray(
            wave[None, start : start + 1024], format="fltp", layout="mono"
        )
        piece.sample_rate, piece.pts = 44_100, start
        piece.time_base = Fraction(1, 44_100)
        yield piece


def still(ordered: Order, shown: list[Path] | None = None) -> Image.Image:
    """The still of *ordered*; *shown* gets the paths of what was seen on the way."""
    previews = [] if shown is None else shown
    stills.draw(ordered, progress=lambda _: None, preview=previews.append)
    with Image.open(ordered.output) as image:
        image.load()
        return image
