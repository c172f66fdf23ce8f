"""What every engine promises, whatever is behind it."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import psutil
import pytest
from PIL import Image

from filmgate import (
    Account,
    AfterLoss,
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
from filmgate.outbound import Outbound
from films import image
from upstreams.videos import KEY, Upstream

#: And whether each drives an upstream, which is then the stand-in.
ENGINES = {"previs": False, "openai_videos": True, "filmgate": True}


class Inputs:
    def __init__(self, content: bytes = b"") -> None:
        self.content = content

    async def read(self, reference: Reference) -> bytes:
        del reference
        return self.content

    async def save(self, reference: Reference, path: Path) -> None:
        path.write_bytes(await self.read(reference))


async def sending() -> None:
    """Nothing to write down here."""


@dataclass
class Studio:
    """An engine, and an account that works."""

    engine: Engine
    account: Account
    workshop: Workshop
    upstream: Upstream | None = None

    def again(self) -> Engine:
        """The same engine after a restart."""
        return load(self.engine.name)(self.workshop)

    def take(self, **fields: Any) -> Take:
        """The smallest that it makes."""
        model = next(iter(self.engine.models()))
        small = Size(128, 72)
        request = GenerationRequest(
            model=model.name,
            media=Media.VIDEO,
            prompt="a kite",
            size=small if small in model.sizes else model.default_size,
            seconds=1.0 if 1.0 in model.seconds else model.default_seconds,
        )
        request = replace(request, **fields)
        return Take(engine=self.engine.name, model=model.name, request=request)

    async def begun(self, take: Take, content: bytes = b"") -> Progress:
        return await self.engine.submit(
            take,
            self.account,
            attempt_id="attempt_1",
            inputs=Inputs(content),
            sending=sending,
        )

    async def to_its_end(self, progress: Progress) -> Progress:
        async with asyncio.timeout(60):
            while not progress.done:
                wait = progress.poll_after or timedelta(seconds=0.02)
                await asyncio.sleep(wait.total_seconds())
                progress = await self.engine.poll(progress.ticket, self.account)
        return progress

    async def film(self, progress: Progress) -> Path:
        """The file that it ends with."""
        (output,) = (await self.to_its_end(progress)).outputs
        assert output.media_type == "video/mp4"
        if output.path is not None:
            return output.path
        path = self.workshop.folder / "fetched.mp4"
        await self.engine.fetch(output, self.account, path)
        return path


@asynccontextmanager
async def studio_of(name: str, folder: Path) -> AsyncIterator[Studio]:
    outbound = Outbound()
    workshop = Workshop(folder=folder, cores=1, outbound=outbound)
    engine = load(name)(workshop)
    account = Account(id="account_1", engine=name, label="x", seats=1)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(outbound.close)
        upstream = None
        if ENGINES[name]:
            mode = "by_id" if engine.after_loss is AfterLoss.ASK else "plain"
            upstream = await stack.enter_async_context(Upstream(mode=mode, seconds=0.05))
            account = replace(account, base_url=upstream.url, secret=KEY)
        yield Studio(engine, account, workshop, upstream)


@pytest.fixture(params=ENGINES)
async def studio(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_of(request.param, tmp_path) as found:
        yield found


@pytest.fixture
async def previs(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_of("previs", tmp_path) as found:
        yield found


def frame_of(take: Take) -> Reference:
    size = take.request.size
    return Reference(
        asset_id="file_1", role=Role.FIRST_FRAME, media_type="image/png", size=size
    )


def pixels(take: Take, kind: str = "PNG") -> bytes:
    size = take.request.size or Size(128, 72)
    return image((size.width, size.height), kind)


async def test_what_its_models_declare_they_take(studio: Studio) -> None:
    for model in studio.engine.models():
        request = replace(studio.take().request, media=model.media)
        if model.media is Media.IMAGE:
            request = replace(request, seconds=None)
        model.check(model.fill(request))
        for operation in model.operations:
            model.check(model.fill(replace(request, operation=operation)))


async def test_a_still_comes_in_every_format_that_its_model_has(
    previs: Studio, tmp_path: Path
) -> None:
    for model in [m for m in previs.engine.models() if m.media is Media.IMAGE]:
        for kind in model.formats:
            asked = replace(previs.take().request, media=Media.IMAGE, seconds=None, format=kind)
            take = Take(engine="previs", model=model.name, request=model.fill(asked))
            progress = await previs.to_its_end(await previs.begun(take))
            (output,) = progress.outputs
            assert output.media_type == f"image/{kind}"
            with Image.open(str(output.path)) as still:
                assert (still.size, str(still.format).lower()) == ((128, 72), kind)
            for path in tmp_path.iterdir():
                path.unlink()


async def test_a_task_runs_to_its_film(studio: Studio, tmp_path: Path) -> None:
    path = await studio.film(await studio.begun(studio.take()))
    with av.open(path) as film:
        assert film.streams.video
    assert list(tmp_path.iterdir()) == [path]


async def test_a_film_of_previs_plays_while_it_loads(previs: Studio) -> None:
    film = (await previs.film(await previs.begun(previs.take()))).read_bytes()
    assert film[4:8] == b"ftyp"
    assert film.index(b"moov") < film.index(b"mdat")


async def test_a_task_starts_from_a_reference(studio: Studio, tmp_path: Path) -> None:
    take = studio.take()
    given = studio.take(references=(frame_of(take),))
    await studio.film(await studio.begun(given, pixels(take)))
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]


async def test_a_task_outlives_its_process_or_is_known_to_be_lost(studio: Studio) -> None:
    progress = await studio.begun(studio.take())
    restarted = studio.again()
    if restarted.after_loss is AfterLoss.RERUN:
        with pytest.raises(TicketLost):
            await restarted.poll(progress.ticket, studio.account)
        await studio.engine.cancel(progress.ticket, studio.account)
        return
    studio.engine = restarted
    assert (await studio.film(progress)).stat().st_size > 0


async def test_another_filmgate_makes_one_task_of_a_repeated_submission(
    tmp_path: Path,
) -> None:
    async with studio_of("filmgate", tmp_path) as studio:
        first, again = [await studio.begun(studio.take()) for _ in range(2)]
        assert first.ticket == again.ticket
        assert studio.upstream is not None
        assert len(studio.upstream.ledger.tasks) == 1


async def test_a_cancelled_task_is_forgotten_and_leaves_nothing(
    studio: Studio, tmp_path: Path
) -> None:
    before = set(psutil.Process().children())
    model = next(iter(studio.engine.models()))
    long = 60.0 if 60.0 in model.seconds else 20.0
    progress = await studio.begun(studio.take(seconds=long))
    await studio.engine.poll(progress.ticket, studio.account)
    await studio.engine.cancel(progress.ticket, studio.account)
    await studio.engine.cancel(progress.ticket, studio.account)
    assert list(tmp_path.iterdir()) == []
    assert set(psutil.Process().children()) == before
    with pytest.raises(TicketLost):
        await studio.engine.poll(progress.ticket, studio.account)


async def test_an_unknown_ticket_is_lost(studio: Studio) -> None:
    with pytest.raises(TicketLost):
        await studio.engine.poll("attempt_of_another_life", studio.account)


async def failing(studio: Studio, progress: Progress) -> FilmgateError:
    with pytest.raises(FilmgateError) as failed:
        await studio.to_its_end(progress)
    return failed.value


async def test_previs_tells_why_a_reference_cannot_be_used(
    previs: Studio, tmp_path: Path
) -> None:
    take = previs.take(references=(frame_of(previs.take()),))
    failed = await failing(previs, await previs.begun(take, b"no image at all"))
    assert isinstance(failed, GenerationFailed)
    assert str(tmp_path) not in failed.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
async def test_previs_survives_the_death_of_its_child(
    previs: Studio, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = set(psutil.Process().children())
    progress = await previs.begun(previs.take(seconds=60.0))
    await previs.engine.poll(progress.ticket, previs.account)
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
        async with studio_of("previs", tmp_path / name) as previs:
            films.append(stills(await previs.film(await previs.begun(previs.take()))))
    assert films[0] == films[1]


def test_an_engine_that_is_not_installed_is_named() -> None:
    with pytest.raises(CannotStart, match="No engine 'sora'"):
        load("sora")


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
async def test_previs_reads_every_kind_of_image(previs: Studio, kind: str) -> None:
    take = previs.take(references=(frame_of(previs.take()),))
    await previs.to_its_end(await previs.begun(take, pixels(take, kind)))
