"""previs as the gateway has it: a child process for each take."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from filmgate.domain.account import Account
from filmgate.domain.errors import FilmgateError, GenerationFailed
from filmgate.domain.job import Take
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import (
    GenerationRequest,
    Media,
    Operation,
    Reference,
    Role,
    Size,
    Source,
    Step,
)
from filmgate.engines.previs import PREVIS_1, PREVIS_STILL, Previs
from filmgate.outbound import Outbound
from filmgate.ports import Workshop
from unit.previs.studio import (
    HEIGHT,
    RED,
    WIDTH,
    apart,
    frames,
    heard,
    length,
    plain,
    portrait,
    share,
    somebodys_film,
)

ACCOUNT = Account(id="account_1", engine="previs", label="x", seats=1)
SIZE = Size(WIDTH, HEIGHT)
A_FILM = GenerationRequest(
    model="previs-1", media=Media.VIDEO, prompt="a lake", size=SIZE, seconds=1.0, seed=0
)
A_STILL = GenerationRequest(
    model="previs-still", media=Media.IMAGE, prompt="a dog on a lake", size=SIZE, seed=0
)


class Drawer:
    """Files of references, by their assets' ids."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    async def read(self, reference: Reference) -> bytes:
        return self._files[reference.asset_id].read_bytes()

    async def save(self, reference: Reference, path: Path) -> None:
        path.write_bytes(await self.read(reference))


async def sending() -> None:
    """Nothing leaves this machine."""


def refer(role: Role, asset_id: str, name: str | None = None) -> Reference:
    return Reference(asset_id=asset_id, role=role, media_type="image/png", name=name)


async def drawn(
    folder: Path, request: GenerationRequest, files: Mapping[str, Path] | None = None
) -> list[Progress]:
    """Everything that a worker hears until the take is done."""
    folder.mkdir(exist_ok=True)
    previs = Previs(Workshop(folder=folder, cores=1, outbound=Outbound()))
    model = PREVIS_1 if request.media is Media.VIDEO else PREVIS_STILL
    request = model.fill(request)
    model.check(request)
    take = Take(engine="previs", model=model.name, request=request)
    drawer = Drawer(files or {})
    said = [await previs.submit(take, ACCOUNT, attempt_id="a1", inputs=drawer, sending=sending)]
    async with asyncio.timeout(60):
        while not said[-1].done:
            said.append(await previs.poll("a1", ACCOUNT))
    return said


def path_of(said: list[Progress]) -> Path:
    (output,) = said[-1].outputs
    assert output.path is not None
    return output.path


async def test_a_source_is_extended_into_one_film(tmp_path: Path) -> None:
    first = path_of(await drawn(tmp_path / "a", A_FILM))
    source = Source(
        size=SIZE,
        seconds=1.0,
        job_id="video_1",
        history=(Step(operation=Operation.CREATE, prompt="a lake", seconds=1.0),),
        seed=0,
    )
    longer = replace(
        A_FILM,
        operation=Operation.EXTEND,
        prompt="and on",
        seconds=2.0,
        source=source,
        references=(refer(Role.SOURCE, "f1"),),
    )

    path = path_of(await drawn(tmp_path / "b", longer, {"f1": first}))

    whole, old = frames(path), frames(first)
    assert length(path) == pytest.approx(3.0)
    assert apart(whole[0], old[0]) < 3
    assert apart(whole[23][:88], whole[24][:88]) < 3
    assert list((tmp_path / "b").iterdir()) == [path]


async def test_another_seed_does_not_tear_an_extension_apart(tmp_path: Path) -> None:
    first = path_of(await drawn(tmp_path / "a", replace(A_FILM, seed=4)))
    source = Source(
        size=SIZE,
        seconds=1.0,
        history=(Step(operation=Operation.CREATE, prompt="a lake", seconds=1.0),),
        seed=4,
    )
    longer = replace(
        A_FILM,
        operation=Operation.EXTEND,
        prompt="and on",
        seed=5,
        source=source,
        references=(refer(Role.SOURCE, "f1"),),
    )

    whole = frames(path_of(await drawn(tmp_path / "b", longer, {"f1": first})))

    assert apart(whole[23][:88], whole[24][:88]) < 3


async def test_what_a_request_carries_reaches_the_film(tmp_path: Path) -> None:
    files = {
        "red": plain(tmp_path / "red.png", RED, (192, 108)),
        "ada": portrait(tmp_path / "ada.png"),
    }
    references = (refer(Role.LAST_FRAME, "red"), refer(Role.CHARACTER, "ada", "Ada"))
    wanted = replace(
        A_FILM,
        references=references,
        audio=False,
        negative_prompt="lake",
        engine_options={"fps": 30, "captions": False},
    )
    empty = replace(A_FILM, prompt="a meadow", engine_options={"captions": False})

    path = path_of(await drawn(tmp_path / "a", wanted, files))
    meadow = path_of(await drawn(tmp_path / "b", empty))

    shown = frames(path)
    assert len(shown) == 30
    assert heard(path) is None
    assert share(shown[10], RED) > 0.004
    assert share(shown[-1], RED, near=12) == 1
    # Without its lake it is the meadow that a prompt without a place gets.
    assert shown[0][-10:, :40].argmax(axis=2).mean() == pytest.approx(1, abs=0.3)
    assert frames(meadow)[0][-10:, :40].argmax(axis=2).mean() == pytest.approx(1, abs=0.3)


async def test_somebodys_film_is_edited(tmp_path: Path) -> None:
    film = somebodys_film(tmp_path / "f.mp4", fps=30)
    wanted = replace(
        A_FILM,
        operation=Operation.EDIT,
        prompt="at night",
        source=Source(size=SIZE, seconds=1.0),
        references=(refer(Role.SOURCE, "f1"),),
    )

    path = path_of(await drawn(tmp_path / "a", wanted, {"f1": film}))

    assert len(frames(path)) == 30
    assert frames(path)[12].mean() < 0.75 * frames(film)[12].mean()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_still_is_shown_while_it_grows(tmp_path: Path, kind: str) -> None:
    said = await drawn(tmp_path / "a", replace(A_STILL, format=kind))

    (output,) = said[-1].outputs
    assert output.media_type == f"image/{kind}"
    previews = said[-1].previews
    assert [preview.media_type for preview in previews] == ["image/png"] * 3
    # Each is told from then on, in the order in which they came.
    for earlier, later in pairwise(said):
        assert later.previews[: len(earlier.previews)] == earlier.previews
    for one in (output, *previews):
        assert one.path is not None
        with Image.open(one.path) as image:
            assert image.size == (WIDTH, HEIGHT)
    kept = set((tmp_path / "a").iterdir())
    assert kept == {output.path, *(preview.path for preview in previews)}


async def test_a_picture_is_edited_where_its_mask_is_clear(tmp_path: Path) -> None:
    mask = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 96, HEIGHT))
    mask.save(tmp_path / "mask.png")
    files = {
        "red": plain(tmp_path / "red.png", RED, (WIDTH, HEIGHT)),
        "mask": tmp_path / "mask.png",
        "ada": portrait(tmp_path / "ada.png"),
    }
    wanted = replace(
        A_STILL,
        operation=Operation.EDIT,
        prompt="a beach",
        references=(
            refer(Role.SOURCE, "red"),
            refer(Role.MASK, "mask"),
            refer(Role.SUBJECT, "ada"),
        ),
    )

    path = path_of(await drawn(tmp_path / "a", wanted, files))

    with Image.open(path) as image:
        half = image.crop((96, 0, WIDTH, HEIGHT)).getcolors()
    assert half == [(96 * HEIGHT, RED)]


async def failing(folder: Path, request: GenerationRequest, file: Path) -> FilmgateError:
    with pytest.raises(FilmgateError) as failed:
        await drawn(folder, request, {"f1": file})
    return failed.value


@pytest.mark.parametrize("operation", [Operation.EDIT, Operation.EXTEND])
async def test_an_unreadable_source_fails_with_a_sentence(
    tmp_path: Path, operation: Operation
) -> None:
    (tmp_path / "f.mp4").write_bytes(b"no film")
    wanted = replace(
        A_FILM,
        operation=operation,
        source=Source(size=SIZE, seconds=1.0),
        references=(refer(Role.SOURCE, "f1"),),
    )

    failed = await failing(tmp_path / "a", wanted, tmp_path / "f.mp4")

    assert isinstance(failed, GenerationFailed)
    assert failed.message == ("The source film cannot be read: it is no film, or it is broken.")
    assert list((tmp_path / "a").iterdir()) == []


async def test_an_unreadable_picture_fails_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "f.png").write_bytes(b"nothing")
    wanted = replace(A_STILL, operation=Operation.EDIT, references=(refer(Role.SOURCE, "f1"),))

    failed = await failing(tmp_path / "a", wanted, tmp_path / "f.png")

    assert isinstance(failed, GenerationFailed)
    assert "cannot be read" in failed.message
    assert list((tmp_path / "a").iterdir()) == []


async def test_a_cancelled_still_leaves_nothing(tmp_path: Path) -> None:
    previs = Previs(Workshop(folder=tmp_path, cores=1, outbound=Outbound()))
    wanted = PREVIS_STILL.fill(replace(A_STILL, size=Size(3840, 2160)))
    take = Take(engine="previs", model="previs-still", request=wanted)
    progress = await previs.submit(
        take, ACCOUNT, attempt_id="a1", inputs=Drawer({}), sending=sending
    )
    while not progress.previews:
        progress = await previs.poll("a1", ACCOUNT)

    await previs.cancel("a1", ACCOUNT)

    assert list(tmp_path.iterdir()) == []
    assert isinstance(progress.previews[0], Output)
