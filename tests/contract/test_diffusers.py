"""The engine diffusers and its child process, with a renderer that needs no torch."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import msgspec
import psutil
import pytest

from diffusers_studio import ACCOUNT, Studio, studio_of
from filmgate import (
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Media,
    Output,
    Reference,
    Role,
    Size,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.request import GenerationRequest
from filmgate.engines import load
from filmgate.engines.diffusers import Diffusers
from filmgate.engines.diffusers.orders import order_of
from filmgate.outbound import Outbound
from filmgate.ports import Describes, Frees
from filmgate.system import ORPHANED

TOY = Path(__file__).parents[1] / "toy_renderer.py"
SETTINGS: dict[str, Any] = {"sizes": ["64x48"], "seconds": [0.5], "pipeline": "/secret/place"}
FIRST = Reference(
    asset_id="file_1", role=Role.FIRST_FRAME, media_type="image/png", size=Size(64, 48)
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_of(tmp_path, sys.executable, TOY) as found:
        yield found


async def making(studio: Studio, prompt: str = "slow") -> str:
    """The ticket of a film whose rendering has begun: no sooner, or its child lives on."""
    progress = await studio.begun("ltx-2", SETTINGS, prompt=prompt)
    while progress.percent < 1:
        progress = await studio.engine.poll(progress.ticket, ACCOUNT)
    return progress.ticket


async def failure(studio: Studio, prompt: str) -> FilmgateError:
    with pytest.raises(FilmgateError) as failed:
        await studio.film("ltx-2", SETTINGS, prompt=prompt)
    assert list(studio.folder.iterdir()) == []
    return failed.value


async def test_a_film_is_rendered_and_nothing_else_is_left(studio: Studio) -> None:
    path = await studio.film("ltx-2", SETTINGS, b"a picture", references=(FIRST,))
    with av.open(path) as film:
        assert [stream.codec_context.name for stream in film.streams] == ["h264", "aac"]
        frames = list(film.decode(video=0))
    assert len(frames) == 12
    assert (frames[0].width, frames[0].height) == (64, 48)
    assert list(studio.folder.iterdir()) == [path]
    assert studio.heard == sorted(studio.heard)
    assert studio.heard[-1] == 100


async def test_one_child_renders_one_film_after_another(studio: Studio) -> None:
    begun = [await studio.begun("ltx-2", SETTINGS) for _ in range(3)]
    await asyncio.gather(*(studio.ended(progress) for progress in begun))
    assert len(studio.children()) == 1


async def test_each_device_has_a_child_of_its_own(studio: Studio) -> None:
    for device in ("cuda:0", "cuda:1"):
        await studio.film("ltx-2", {**SETTINGS, "device": device})
    assert len(studio.children()) == 2


async def test_a_cancelled_film_ends_after_its_step_and_the_child_lives(
    studio: Studio,
) -> None:
    ticket = await making(studio)
    (child,) = studio.children()
    await studio.engine.cancel(ticket, ACCOUNT)
    await studio.engine.cancel(ticket, ACCOUNT)
    assert list(studio.folder.iterdir()) == []
    with pytest.raises(TicketLost):
        await studio.engine.poll(ticket, ACCOUNT)
    await studio.film("ltx-2", SETTINGS)
    assert studio.children() == {child}


async def test_a_film_that_waits_is_cancelled_at_once(studio: Studio) -> None:
    first = await making(studio)
    waiting = await studio.begun("ltx-2", SETTINGS)
    await studio.engine.cancel(waiting.ticket, ACCOUNT)
    assert (await studio.engine.poll(first, ACCOUNT)).ticket == first
    await studio.engine.cancel(first, ACCOUNT)


async def test_a_step_that_hangs_is_cancelled_with_its_child(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Diffusers, "patience", 0.2)
    ticket = await making(studio, "hang")
    await studio.engine.cancel(ticket, ACCOUNT)
    assert studio.children() == set()
    assert "diffusers.hangs" in caplog.text
    await studio.film("ltx-2", SETTINGS)


async def test_a_child_that_is_ended_while_it_starts_leaves_nothing(studio: Studio) -> None:
    progress = await studio.begun("ltx-2", SETTINGS)
    await studio.engine.cancel(progress.ticket, ACCOUNT)
    assert studio.children() == set()


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("die", "The renderer broke off with code 9: the card is gone"),
        ("chatter and die", "The renderer broke off with code 9: a library prints"),
        ("die in silence", "The renderer broke off with code 9: no word"),
        ("break", "The model broke off: RuntimeError: no kernel for *** at ***/"),
    ],
)
async def test_a_child_that_breaks_is_quoted_and_replaced(
    studio: Studio, prompt: str, said: str
) -> None:
    failed = await failure(studio, prompt)
    assert isinstance(failed, GenerationFailed)
    assert failed.message.startswith(said)
    assert studio.children() == set()
    await studio.film("ltx-2", SETTINGS)


async def test_a_repository_is_named_and_a_folder_is_not(studio: Studio) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != "pipeline"}
    with pytest.raises(GenerationFailed, match="no kernel for Lightricks/LTX-2 at"):
        await studio.film("ltx-2", settings, prompt="break")


async def test_a_child_that_died_while_it_waited_is_replaced(studio: Studio) -> None:
    await studio.film("ltx-2", SETTINGS)
    (child,) = studio.children()
    child.send_signal(signal.SIGKILL)
    while child in studio.children() and child.status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    await studio.film("ltx-2", SETTINGS)
    assert child not in studio.children()


async def test_a_child_that_forgets_the_film_misbehaves(studio: Studio) -> None:
    assert isinstance(await failure(studio, "forget"), EngineMisbehaved)


async def test_a_child_that_cannot_be_started_says_so(tmp_path: Path) -> None:
    async with studio_of(tmp_path, tmp_path / "nothing") as studio:
        failed = await failure(studio, "a kite")
        assert isinstance(failed, GenerationFailed)
        assert str(tmp_path) not in failed.message


async def test_freeing_ends_a_child_that_has_nothing_to_do(studio: Studio) -> None:
    await studio.film("ltx-2", SETTINGS)
    await studio.engine.free(ACCOUNT)
    assert studio.children() == set()


async def test_freeing_waits_for_the_film_that_is_rendered(studio: Studio) -> None:
    ticket = await making(studio)
    freeing = asyncio.create_task(studio.engine.free(ACCOUNT))
    await asyncio.sleep(0.1)
    assert not freeing.done()
    await studio.engine.cancel(ticket, ACCOUNT)
    await freeing
    assert studio.children() == set()


async def test_a_child_ends_with_its_parent_in_the_middle_of_a_film(tmp_path: Path) -> None:
    request = GenerationRequest(model="ltx-2", media=Media.VIDEO, prompt="hang")
    take = Take(engine="diffusers", model="ltx-2", request=request)
    order = order_of(take, "attempt_1", tmp_path / "film.mp4", {})
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(TOY)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(msgspec.json.encode(order) + b"\n")
    assert await child.stdout.readline() == b'{"percent": 0}\n'
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 20) == ORPHANED


async def test_the_real_child_says_what_it_lacks(tmp_path: Path) -> None:
    if find_spec("torch"):
        pytest.skip("torch is installed here")
    async with studio_of(
        tmp_path, sys.executable, "-m", "filmgate.engines.diffusers"
    ) as studio:
        failed = await failure(studio, "a kite")
        assert "No module named 'diffusers'" in failed.message


async def test_without_the_extra_it_says_what_to_install(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = await studio.begun("ltx-2", SETTINGS)
    await studio.ended(progress)
    monkeypatch.setattr(type(studio.engine), "needs", ("no_such_module",))
    said = r"pip install 'filmgate\[diffusers\]'"
    with pytest.raises(InvalidRequest, match=said):
        studio.engine.model_of("ltx-2", {})
    with pytest.raises(EngineUnavailable, match=said):
        await studio.engine.discover(ACCOUNT)
    monkeypatch.setattr(type(studio.engine), "model_of", lambda *_: ltx_2(studio.engine))
    with pytest.raises(EngineUnavailable, match=said):
        await studio.begun("ltx-2", SETTINGS)


def ltx_2(engine: Diffusers) -> Any:
    (found,) = [model for model in engine.models() if model.name == "ltx-2"]
    return found


async def test_it_knows_its_models_and_which_files_it_lacks(
    studio: Studio, tmp_path: Path
) -> None:
    assert await studio.engine.discover(ACCOUNT) == list(studio.engine.models())
    lacking = await studio.engine.missing({"pipeline": str(tmp_path)}, ACCOUNT)
    assert lacking == [str(tmp_path / "model_index.json")]
    (tmp_path / "model_index.json").write_text("{}")
    assert await studio.engine.missing({"pipeline": str(tmp_path)}, ACCOUNT) == []
    assert await studio.engine.missing({"pipeline": "Lightricks/LTX-2"}, ACCOUNT) == []
    assert await studio.engine.missing({}, ACCOUNT) == []


async def test_what_is_not_its_own_it_does_not_know(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(TicketLost):
        await studio.engine.poll("attempt_of_another_life", ACCOUNT)
    await studio.engine.cancel("attempt_of_another_life", ACCOUNT)
    with pytest.raises(EngineMisbehaved):
        await studio.engine.fetch(Output("video/mp4", path=tmp_path), ACCOUNT, tmp_path)


async def test_it_is_found_and_loads_nothing_heavy(tmp_path: Path) -> None:
    outbound = Outbound()
    engine = load("diffusers")(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    assert isinstance(engine, Diffusers)
    assert isinstance(engine, Describes)
    assert isinstance(engine, Frees)
    assert not {"torch", "diffusers"} & set(sys.modules)
    await outbound.close()
