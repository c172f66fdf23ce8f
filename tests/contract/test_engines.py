"""What every engine promises, whatever is behind it."""

import asyncio
import io
import os
import signal
from dataclasses import replace
from pathlib import Path

import av
import psutil
import pytest
from PIL import Image

from filmgate import (
    Account,
    Engine,
    FilmgateError,
    GenerationFailed,
    Media,
    Progress,
    Reference,
    Role,
    Size,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.errors import CannotStart
from filmgate.domain.request import GenerationRequest
from filmgate.engines import load
from films import image

ENGINES = ["previs"]
ACCOUNT = Account(id="account_1", engine="x", label="x", seats=1)
FRAME = Reference(
    asset_id="file_1", role=Role.FIRST_FRAME, media_type="image/png", size=Size(128, 72)
)


class Inputs:
    def __init__(self, content: bytes = b"") -> None:
        self.content = content

    async def read(self, reference: Reference) -> bytes:
        del reference
        return self.content

    async def save(self, reference: Reference, path: Path) -> None:
        path.write_bytes(await self.read(reference))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return load(request.param)(Workshop(folder=tmp_path, cores=1))


def a_take(engine: Engine, **fields: object) -> Take:
    model = next(iter(engine.models()))
    request = GenerationRequest(
        model=model.name,
        media=Media.VIDEO,
        prompt="a kite",
        size=Size(128, 72),
        seconds=1.0,
    )
    return Take(engine=engine.name, model=model.name, request=replace(request, **fields))  # type: ignore[arg-type]


async def to_its_end(engine: Engine, progress: Progress) -> Progress:
    async with asyncio.timeout(60):
        while not progress.done:
            await asyncio.sleep(progress.poll_after.total_seconds())
            progress = await engine.poll(progress.ticket, ACCOUNT)
    return progress


async def begun(engine: Engine, take: Take, content: bytes = b"") -> Progress:
    return await engine.submit(take, ACCOUNT, attempt_id="attempt_1", inputs=Inputs(content))


async def test_what_its_models_declare_they_take(engine: Engine) -> None:
    for model in engine.models():
        request = replace(a_take(engine).request, media=model.media)
        if model.media is Media.IMAGE:
            request = replace(request, seconds=None)
        model.check(model.fill(request))
        for operation in model.operations:
            model.check(model.fill(replace(request, operation=operation)))


async def test_a_still_comes_in_every_format_that_its_model_has(
    engine: Engine, tmp_path: Path
) -> None:
    for model in [model for model in engine.models() if model.media is Media.IMAGE]:
        for kind in model.formats:
            asked = replace(
                a_take(engine).request, media=Media.IMAGE, seconds=None, format=kind
            )
            take = Take(engine=engine.name, model=model.name, request=model.fill(asked))
            progress = await to_its_end(engine, await begun(engine, take))
            (output,) = progress.outputs
            assert output.media_type == f"image/{kind}"
            with Image.open(str(output.path)) as still:
                assert (still.size, str(still.format).lower()) == ((128, 72), kind)
            for path in tmp_path.iterdir():
                path.unlink()


async def test_a_task_runs_to_its_film(engine: Engine, tmp_path: Path) -> None:
    progress = await to_its_end(engine, await begun(engine, a_take(engine)))
    (output,) = progress.outputs
    assert output.media_type == "video/mp4"
    assert output.path is not None
    film = output.path.read_bytes()
    assert film[4:8] == b"ftyp"
    assert film.index(b"moov") < film.index(b"mdat")  # plays while it loads
    assert list(tmp_path.iterdir()) == [output.path]


async def test_a_task_starts_from_a_reference(engine: Engine, tmp_path: Path) -> None:
    take = a_take(engine, references=(FRAME,))
    progress = await to_its_end(engine, await begun(engine, take, image((128, 72))))
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]
    assert progress.percent == 100


async def test_a_cancelled_task_is_forgotten_and_leaves_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    before = set(psutil.Process().children())
    progress = await begun(engine, a_take(engine, seconds=60.0))
    await engine.poll(progress.ticket, ACCOUNT)
    await engine.cancel(progress.ticket, ACCOUNT)
    await engine.cancel(progress.ticket, ACCOUNT)
    assert list(tmp_path.iterdir()) == []
    assert set(psutil.Process().children()) == before
    with pytest.raises(TicketLost):
        await engine.poll(progress.ticket, ACCOUNT)


async def test_an_unknown_ticket_is_lost(engine: Engine) -> None:
    with pytest.raises(TicketLost):
        await engine.poll("attempt_of_another_life", ACCOUNT)


async def failing(engine: Engine, progress: Progress) -> FilmgateError:
    with pytest.raises(FilmgateError) as failed:
        await to_its_end(engine, progress)
    return failed.value


async def test_previs_tells_why_a_reference_cannot_be_used(tmp_path: Path) -> None:
    previs = load("previs")(Workshop(folder=tmp_path, cores=1))
    take = a_take(previs, references=(FRAME,))
    failed = await failing(previs, await begun(previs, take, b"no image at all"))
    assert isinstance(failed, GenerationFailed)
    assert str(tmp_path) not in failed.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
async def test_previs_survives_the_death_of_its_child(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    previs = load("previs")(Workshop(folder=tmp_path, cores=1))
    before = set(psutil.Process().children())
    progress = await begun(previs, a_take(previs, seconds=60.0))
    await previs.poll(progress.ticket, ACCOUNT)
    (child,) = set(psutil.Process().children()) - before
    child.send_signal(signal.SIGKILL)
    failed = await failing(previs, progress)
    assert isinstance(failed, GenerationFailed)
    assert "renderer.broken" in caplog.text
    assert list(tmp_path.iterdir()) == []


def stills(path: Path) -> bytes:
    with av.open(path) as container:
        file = io.BytesIO()
        for frame in container.decode(video=0):
            file.write(frame.to_ndarray(format="gray").tobytes())
        return file.getvalue()


async def test_previs_draws_the_same_film_for_the_same_request(tmp_path: Path) -> None:
    films = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        previs = load("previs")(Workshop(folder=tmp_path / name, cores=1))
        progress = await to_its_end(previs, await begun(previs, a_take(previs)))
        films.append(stills(Path(str(progress.outputs[0].path))))
    assert films[0] == films[1]


def test_an_engine_that_is_not_installed_is_named() -> None:
    with pytest.raises(CannotStart, match="No engine 'sora'"):
        load("sora")


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
async def test_previs_reads_every_kind_of_image(tmp_path: Path, kind: str) -> None:
    previs = load("previs")(Workshop(folder=tmp_path, cores=1))
    take = a_take(previs, references=(FRAME,))
    await to_its_end(previs, await begun(previs, take, image((128, 72), kind)))
