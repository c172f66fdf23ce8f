"""What the inspector makes of films: a part of one, and one with a mark on it."""

import shutil
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from filmgate import EngineMisbehaved, InvalidRequest, Size
from filmgate.domain.errors import StorageUnavailable
from filmgate.media.inspector import MediaInspector
from films import image, tiny_film
from unit.previs.studio import frames, made, order

WIDTH, HEIGHT = 320, 180


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second by previs, with sound."""
    folder = tmp_path_factory.mktemp("film")
    return made(order(folder, "a boat on the sea", width=WIDTH, height=HEIGHT))


@pytest.fixture
async def inspector() -> AsyncIterator[MediaInspector]:
    inspector = MediaInspector()
    yield inspector
    await inspector.close()


def heard(path: Path) -> list[tuple[int | None, bytes]]:
    """The sound as it is encoded."""
    with av.open(path) as container:
        packets = container.demux(container.streams.audio[0])
        return [(packet.pts, bytes(packet)) for packet in packets if packet.size]


def times(path: Path) -> list[Fraction]:
    """When each picture is shown."""
    with av.open(path) as container:
        shown = container.decode(container.streams.video[0])
        return [(frame.pts or 0) * (frame.time_base or Fraction(1)) for frame in shown]


def apart(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float(np.abs(one - other).mean())


async def test_a_marked_film_is_the_same_but_for_its_corner(
    inspector: MediaInspector, film: Path, tmp_path: Path
) -> None:
    marked = tmp_path / "marked"
    await inspector.mark(film, marked)

    assert heard(marked) == heard(film)
    assert times(marked) == times(film)
    for before, after in zip(frames(film), frames(marked), strict=True):
        corner = np.s_[-HEIGHT // 4 : -HEIGHT // 9, -WIDTH // 4 :]
        assert apart(before[corner], after[corner]) > 10
        opposite = np.s_[: HEIGHT // 2, : WIDTH // 2]
        assert apart(before[opposite], after[opposite]) < 4


async def test_what_is_no_film_cannot_be_marked(
    inspector: MediaInspector, tmp_path: Path
) -> None:
    (tmp_path / "film").write_bytes(b"no film")
    with pytest.raises(EngineMisbehaved, match="not a playable film"):
        await inspector.mark(tmp_path / "film", tmp_path / "marked")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
async def test_a_full_disk_is_nobodys_fault(
    inspector: MediaInspector, film: Path, tmp_path: Path
) -> None:
    full, still = Path("/dev/full"), tmp_path / "still"
    still.write_bytes(image((WIDTH, HEIGHT)))
    for marking in (inspector.mark(film, full), inspector.mark_still(still, full)):
        with pytest.raises(StorageUnavailable) as caught:
            await marking
        assert caught.value.code == "storage_full"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_marked_still_keeps_its_format(
    inspector: MediaInspector, tmp_path: Path, kind: str
) -> None:
    still, marked = tmp_path / "still", tmp_path / "marked"
    still.write_bytes(image((WIDTH, HEIGHT), kind))
    await inspector.mark_still(still, marked)

    with Image.open(still) as before, Image.open(marked) as after:
        assert (after.format, after.size, after.mode) == (kind, before.size, before.mode)
        one, other = (np.asarray(each, np.int16) for each in (before, after))
    assert apart(one[-40:-20, -80:], other[-40:-20, -80:]) > 10
    assert apart(one[:90, :160], other[:90, :160]) < 2


async def test_what_is_no_image_cannot_be_marked(
    inspector: MediaInspector, tmp_path: Path
) -> None:
    (tmp_path / "still").write_bytes(b"no image")
    with pytest.raises(EngineMisbehaved, match="damaged"):
        await inspector.mark_still(tmp_path / "still", tmp_path / "marked")


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (0.25, 0.5)])
async def test_a_part_of_a_film_is_exact_to_a_frame(
    inspector: MediaInspector, film: Path, tmp_path: Path, start: float, end: float
) -> None:
    first, count = round(start * 24), round((end - start) * 24)
    part = await inspector.cut(film, tmp_path, start, end, param="timestamps")

    assert (part.size, part.seconds) == (Size(WIDTH, HEIGHT), end - start)
    pictures = frames(part.path)
    assert len(pictures) == count
    whole = frames(film)
    for number in (0, count - 1):
        distances = [apart(pictures[number], one) for one in whole]
        assert distances[first + number] == min(distances)
    found = await inspector.film(part.path, tmp_path)
    assert found.codecs == ("h264", "aac")
    assert abs(found.seconds - (end - start)) < 0.03
    with Image.open(part.still) as still:
        assert (still.format, still.size) == ("WEBP", (WIDTH, HEIGHT))


@pytest.mark.parametrize(("start", "end"), [(0, 3), (1.5, 2), (0.5, 0.5), (-1, 1)])
async def test_what_a_film_does_not_have_cannot_be_cut_out(
    inspector: MediaInspector, film: Path, tmp_path: Path, start: float, end: float
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await inspector.cut(film, tmp_path, start, end, param="timestamps")
    assert refused.value.param == "timestamps"
    assert f"the film has 1 s; the window is {start:g}-{end:g}" in refused.value.message


async def test_a_part_of_a_turned_and_silent_film_stands_upright(
    inspector: MediaInspector, film: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mp4"
    with av.open(film) as container, av.open(turned, "w") as out:
        video = container.streams.video[0]
        copied = out.add_stream_from_template(video)
        copied.set_display_rotation(-90)
        for packet in container.demux(video):
            if packet.dts is not None:
                packet.stream = copied
                out.mux(packet)
    part = await inspector.cut(turned, tmp_path, 0, 0.5, param="timestamps")

    assert part.size == Size(HEIGHT, WIDTH)
    assert (await inspector.film(part.path, tmp_path)).codecs == ("h264",)
    clockwise = np.rot90(frames(film)[0], -1)
    assert apart(frames(part.path)[0], clockwise) < 6


async def test_a_film_is_cut_whatever_its_name_is(
    inspector: MediaInspector, tmp_path: Path
) -> None:
    tiny_film(tmp_path / "film.mp4")
    shutil.move(tmp_path / "film.mp4", tmp_path / "given_1")
    part = await inspector.cut(tmp_path / "given_1", tmp_path, 0, 1, param="timestamps")
    assert part.path.exists()
    assert (tmp_path / "given_1").exists()
