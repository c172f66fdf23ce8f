"""`enhance`: the engine gets a better prompt, which is written once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from fakes import A_KITE, A_STILL, KITE, done
from filmgate import Account, Operation, Role
from filmgate.domain.enhancement import Enhancement, wish_of
from filmgate.domain.errors import (
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
    NotFound,
    ShuttingDown,
    TooManyRequests,
    Unsupported,
)
from filmgate.domain.job import Job
from filmgate.domain.model import PROMPT_LIMIT, Alias
from filmgate.domain.request import GenerationRequest, Shot, Size
from filmgate.gateway.enhancing import Enhancing
from filmgate.gateway.routing import Routes
from filmgate.gateway.submission import Given, Submission, Upload
from house import PATIENT, House

BETTER = "A red kite rises over the sea."


@dataclass
class Writer:
    """Writes what it is told to, on the accounts of the house's engine."""

    name: str = "scripted"
    says: str = BETTER
    fails: FilmgateError | None = None
    going: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Enhancement] = field(default_factory=list)

    async def discover(self, account: Account) -> Sequence[str]:
        raise NotImplementedError

    async def enhance(self, wish: Enhancement, account: Account) -> AsyncGenerator[str]:
        del account
        self.asked.append(wish)
        await self.going.wait()
        if self.fails is not None:
            raise self.fails
        yield self.says


@pytest.fixture
def writer(house: House) -> Writer:
    writer = Writer()
    writer.going.set()
    house.submitting._enhancing = Enhancing(
        [writer], accounts=house.accounts, clock=house.clock
    )
    return writer


def picture(size: str = "1280x720") -> Given:
    upload = Upload(param="input_reference", file=io.BytesIO(size.encode()))
    return Given(role=Role.FIRST_FRAME, param="input_reference", upload=upload)


async def enhanced(house: House, request: GenerationRequest = A_KITE, **more: Any) -> Job:
    return await house.submitted(request, enhance=True, **more)


async def nothing_is_kept(house: House) -> bool:
    return await house.page() == ([], False) and house.shelf.blobs == {}


async def test_the_engine_gets_it_and_the_caller_sees_both(
    house: House, writer: Writer
) -> None:
    job = await enhanced(house, replace(A_KITE, seconds=8.0), given=[picture()])
    found = await house.gateway.get(job.id, house.caller)
    assert (found.request.prompt, found.request.enhanced) == ("a kite", BETTER)
    assert (found.take.request.prompt, found.take.request.enhanced) == (BETTER, None)
    assert writer.asked == [Enhancement(prompt="a kite", seconds=8.0)]


async def test_several_have_the_same(house: House, writer: Writer) -> None:
    job = await enhanced(house, count=3)
    jobs = [await house.gateway.get(one, house.caller) for one in (job.id, *job.variants)]
    assert [one.take.request.prompt for one in jobs] == [BETTER] * 3
    assert len(writer.asked) == 1


async def test_what_follows_goes_on_from_it(house: House, writer: Writer) -> None:
    house.engine.steps = [done()]
    film = await enhanced(house)
    await house.work()
    given = Given(role=Role.SOURCE, param="video", job_id=film.id)
    longer = replace(A_KITE, operation=Operation.EXTEND, seconds=4.0, prompt="it lands")
    job = await enhanced(house, longer, given=[given])
    assert job.take.request.source is not None
    assert [step.prompt for step in job.take.request.source.history] == [BETTER]
    assert writer.asked[1] == Enhancement(prompt="it lands", seconds=4.0)


async def test_a_still_is_asked_for_as_one(house: House, writer: Writer) -> None:
    await enhanced(house, A_STILL)
    assert writer.asked == [Enhancement(prompt="a kite", seconds=None)]


@pytest.mark.parametrize("how", ["key", "retry"])
async def test_a_retry_asks_nobody_again(house: House, writer: Writer, how: str) -> None:
    keyed = {"claim": house.claim()} if how == "key" else {"fingerprint": "f1"}
    writer.going.clear()
    first = asyncio.create_task(enhanced(house, **keyed))
    while not writer.asked:
        await asyncio.sleep(0.001)
    others = [asyncio.create_task(enhanced(house, **keyed, retry=n)) for n in (1, 2)]
    await asyncio.sleep(0.01)
    writer.going.set()
    made = [await first, *[await other for other in others]]
    made.append(await enhanced(house, **keyed, retry=3))

    assert {one.id for one in made} == {made[0].id}
    assert len(writer.asked) == 1


SHOTS = (Shot(seconds=4.0, prompt="a kite"),)
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], type[FilmgateError], str | None]] = {
    "model": ({"model": "kite-9"}, {}, NotFound, "model"),
    "size": ({"size": Size(1, 1)}, {}, InvalidRequest, "size"),
    "seconds": ({"seconds": 5.0}, {}, InvalidRequest, "seconds"),
    "prompt": ({"prompt": " "}, {}, InvalidRequest, "prompt"),
    "role": ({}, {"sizes": ["1280x720"] * 2}, Unsupported, "input_reference"),
    "frame": ({}, {"sizes": ["8x8"]}, InvalidRequest, "input_reference"),
    "metadata": ({}, {"metadata": {"a": "x" * 600}}, InvalidRequest, "metadata.a"),
    "storyboard": ({"storyboard": SHOTS}, {}, Unsupported, "storyboard"),
    "times": ({"prompt": "[0-2s] a kite [2-4s] a tree"}, {}, Unsupported, "enhance"),
    "的时间": ({"prompt": "【2秒】风筝"}, {}, Unsupported, "enhance"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_is_written_by_nobody(
    house: House, writer: Writer, case: str
) -> None:
    changes, more, kind, param = REFUSED[case]
    more = {**more, "given": [picture(size) for size in more.get("sizes", ())]}
    more.pop("sizes", None)
    with pytest.raises(kind) as caught:
        await enhanced(house, replace(A_KITE, **changes), **more)
    assert caught.value.param == param
    assert writer.asked == []
    assert await nothing_is_kept(house)


def test_a_storyboard_says_it_already() -> None:
    with pytest.raises(Unsupported, match="storyboard says already") as caught:
        wish_of(replace(A_KITE, storyboard=SHOTS, seconds=4.0))
    assert caught.value.param == "enhance"


async def test_for_a_full_queue_nobody_writes(house: House, writer: Writer) -> None:
    house.submitting._most_waiting = 1
    await house.submitted()
    with pytest.raises(TooManyRequests):
        await enhanced(house)
    assert writer.asked == []


@pytest.mark.parametrize("operation", [Operation.REMIX, Operation.EDIT])
async def test_what_changes_a_film_is_not_written_better(
    house: House, writer: Writer, operation: Operation
) -> None:
    film = await house.finished()
    given = Given(role=Role.SOURCE, param="video", job_id=film.id)
    change = replace(A_KITE, operation=operation, prompt="at night")
    with pytest.raises(Unsupported, match="Leave 'enhance' out") as caught:
        await enhanced(house, change, given=[given])
    assert caught.value.param == "enhance"
    assert writer.asked == []


async def test_when_nobody_can_write_there_is_no_job(house: House, writer: Writer) -> None:
    writer.fails = EngineUnavailable("The model is away.")
    with pytest.raises(EngineUnavailable, match="The model is away") as caught:
        await enhanced(house, given=[picture()])
    assert caught.value.param == "enhance"
    assert await nothing_is_kept(house)
    assert [*house.folder.iterdir()] == []


@pytest.mark.parametrize("said", [" \n", "x" * (PROMPT_LIMIT + 1), "a\0kite"])
async def test_what_no_film_can_be_made_of_is_no_prompt(
    house: House, writer: Writer, said: str
) -> None:
    writer.says = said
    with pytest.raises(EngineMisbehaved) as caught:
        await enhanced(house)
    assert caught.value.param == "enhance"
    assert await nothing_is_kept(house)


async def test_when_we_stop_meanwhile_there_is_no_job(house: House, writer: Writer) -> None:
    writer.going.clear()
    making = asyncio.create_task(enhanced(house))
    while not writer.asked:
        await asyncio.sleep(0.001)
    house.gateway.close()
    writer.going.set()
    with pytest.raises(ShuttingDown):
        await making
    assert await nothing_is_kept(house)


async def test_a_dry_run_asks_nobody_and_refuses_the_same(house: House, writer: Writer) -> None:
    async def error_of(request: GenerationRequest) -> FilmgateError | None:
        asked = Submission(request=request, enhance=True)
        return (await house.gateway.explain(asked, house.caller)).error

    assert await error_of(A_KITE) is None
    refused = await error_of(replace(A_KITE, prompt="[4s] a kite"))
    assert refused is not None
    assert refused.param == "enhance"
    assert writer.asked == []


LONG = " ".join(f"In scene {number} a kite flies." for number in range(99))
CASES = {
    "english": (A_KITE, "a red kite at dawn", ["PRIMARY: A red kite at dawn.", "[0-4s] "]),
    "chinese": (A_KITE, "一只红色的风筝", ["PRIMARY: 一只红色的风筝。", "[0-4s] 全景"]),
    "long": (A_KITE, LONG, [f"{LONG}\nSETTING: ", "[0-4s] "]),
    "marked": (A_KITE, "[red] kite {anime}", ["[red] kite {anime}\nSETTING: "]),
    "still": (A_STILL, "a red kite", ["PRIMARY: A red kite.", "LIGHT: "]),
}


@pytest.mark.parametrize("case", CASES)
async def test_without_a_model_rules_write_and_leave_nothing_out(
    house: House, case: str
) -> None:
    request, prompt, parts = CASES[case]
    job = await enhanced(house, replace(request, prompt=prompt))
    told = job.take.request.prompt
    assert [part for part in parts if part not in told] == []
    assert ("CAMERA: " in told) is (request is A_KITE)
    assert job.request.prompt == prompt


async def test_a_prompt_that_cannot_grow_is_refused(house: House) -> None:
    with pytest.raises(InvalidRequest, match="32000") as caught:
        await enhanced(house, replace(A_KITE, prompt="a kite " * 4500))
    assert (caught.value.param, caught.value.code) == ("enhance", "string_above_max_length")


async def test_a_prompt_that_the_engine_has_no_room_for_is_refused(
    house: House, writer: Writer
) -> None:
    brief = replace(KITE, longest_prompt=len(BETTER))
    name = Alias(promise=KITE, engine="scripted", model=brief)
    house.submitting._routes = house.submitting._chooser._routes = Routes(
        [house.engine], [name], {"*": PATIENT}
    )
    assert (await enhanced(house)).take.request.prompt == BETTER
    said = "The prompt has 45 UTF-16 code units; the most is 30."
    writer.says = f"{BETTER} Then it falls."
    with pytest.raises(InvalidRequest, match=f"Written better: {said}") as caught:
        await enhanced(house)
    assert (caught.value.param, caught.value.code) == ("enhance", "string_above_max_length")
    with pytest.raises(InvalidRequest, match=f"^{said}$") as caught:
        await house.submitted(replace(A_KITE, prompt=writer.says))
    assert caught.value.param == "prompt"
