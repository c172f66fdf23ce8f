"""
What every engine that drives somebody else's API promises, against its stand-in.

An engine takes part by having a module of its own name in `tests/upstreams/`, whose
`STAND_IN` is a `StandIn`. What a vendor does not have is skipped, and said.
"""

import asyncio
import importlib
import importlib.util
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    Account,
    AccountExhausted,
    AccountRejected,
    AfterLoss,
    ContentRejected,
    Engine,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Media,
    Progress,
    Reference,
    Role,
    Size,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.errors import OutputExpired
from filmgate.domain.model import Model, SecondsRange, SizeRange
from filmgate.domain.request import GenerationRequest
from filmgate.engines import installed, load
from filmgate.outbound import DownloadProxy, Outbound
from films import image
from upstreams.proxies import RealProxy
from upstreams.reverse import ReverseProxy
from upstreams.standin import StandIn

ENGINES = sorted(name for name in installed() if importlib.util.find_spec(f"upstreams.{name}"))

WHYS: dict[str, type[FilmgateError]] = {
    "rejected": AccountRejected,
    "broke": AccountExhausted,
    "busy": AccountExhausted,
    "overloaded": EngineUnavailable,
    "moderated": ContentRejected,
    "invalid": InvalidRequest,
}
LINES: dict[str, type[FilmgateError]] = {
    "refuse_cut": EngineUnavailable,
    "accept_cut": EngineUnavailable,
    "accept_half": EngineUnavailable,
    "accept_504": EngineUnavailable,
    "accept_silent": EngineUnavailable,
    "accept_garbage": EngineMisbehaved,
}
POLLS: dict[str, type[FilmgateError]] = {
    "cut": EngineUnavailable,
    "502": EngineUnavailable,
    "garbage": EngineMisbehaved,
    "rejected": AccountRejected,
    "busy": AccountExhausted,
    "overloaded": EngineUnavailable,
}
FRAMES = (Role.FIRST_FRAME, Role.LAST_FRAME)


class Inputs:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, role: Role, size: Size) -> Reference:
        number = len(self.files) + 1
        content = image((size.width, size.height), "PNG") + bytes([number])
        self.files[f"file_{number}"] = content
        return Reference(
            asset_id=f"file_{number}", role=role, media_type="image/png", size=size
        )

    async def read(self, reference: Reference) -> bytes:
        return self.files[reference.asset_id]

    async def save(self, reference: Reference, path: Path) -> None:
        path.write_bytes(await self.read(reference))


@dataclass
class Set:
    """An engine, its stand-in, and an account that works there."""

    engine: Engine
    standin: StandIn
    account: Account
    workshop: Workshop
    inputs: Inputs
    sent: int = 0
    attempts: int = 0

    @property
    def films(self) -> list[Model]:
        return [model for model in self.engine.models() if model.media is Media.VIDEO]

    def take(self, model: Model | None = None, **fields: Any) -> Take:
        model = model or self.films[0]
        asked = GenerationRequest(model=model.name, media=model.media, prompt="a kite, 风筝")
        request = model.fill(replace(asked, **fields))
        model.check(request)
        return Take(engine=self.engine.name, model=model.name, request=request)

    async def sending(self) -> None:
        self.sent += 1

    async def begun(self, take: Take | None = None, attempt: str | None = None) -> Progress:
        self.attempts += 1
        return await self.engine.submit(
            take or self.take(),
            self.account,
            attempt_id=attempt or f"attempt_{self.attempts}",
            inputs=self.inputs,
            sending=self.sending,
        )

    async def ended(self, progress: Progress) -> Progress:
        async with asyncio.timeout(30):
            while not progress.done:
                await asyncio.sleep(0.02)
                progress = await self.engine.poll(progress.ticket, self.account)
        return progress

    async def fetched(self, progress: Progress) -> bytes:
        (output,) = progress.outputs
        assert output.media_type == "video/mp4"
        path = self.workshop.folder / "fetched.mp4"
        await self.engine.fetch(output, self.account, path)
        return path.read_bytes()

    async def raised(self, doing: Any) -> FilmgateError:
        """What an engine raised, which never has the secret in it."""
        with pytest.raises(FilmgateError) as caught:
            await doing
        said = f"{caught.value!r} {caught.value.message}"
        assert self.standin.secret not in said
        assert all(part not in said for part in self.standin.secret.split(":") if part)
        return caught.value


@pytest.fixture(params=ENGINES)
async def on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Set]:
    outbound = Outbound(private=True, submit=0.5)
    workshop = Workshop(folder=tmp_path, cores=1, outbound=outbound)
    engine = load(request.param)(workshop)
    module = importlib.import_module(f"upstreams.{request.param}")
    async with module.STAND_IN() as standin:
        account = Account(
            id="account_1",
            engine=engine.name,
            label="x",
            seats=1,
            base_url=standin.url,
            secret=standin.secret,
        )
        yield Set(engine, standin, account, workshop, Inputs())
    await outbound.close()


async def test_a_task_runs_to_its_film(on: Set) -> None:
    begun = await on.begun()
    assert (on.sent, len(on.standin.tasks)) == (1, 1)
    ended = await on.ended(begun)
    (task,) = on.standin.tasks.values()
    assert await on.fetched(ended) == on.standin.film(task)
    assert ended.ticket == begun.ticket
    assert ended.percent == 100
    assert ended.cost == on.standin.cost
    assert not on.standin.refused


@pytest.mark.parametrize("kind", ["http_proxy", "socks_proxy"])
async def test_everything_goes_through_the_accounts_own_proxy(
    on: Set, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    proxy: RealProxy = request.getfixturevalue(kind)
    before, called = len(proxy.passed), set()
    connect = BaseSelectorEventLoop.sock_connect

    async def connecting(loop: BaseSelectorEventLoop, sock: Any, address: Any) -> None:
        called.add(address[1])
        await connect(loop, sock, address)

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connecting)
    on.account = replace(on.account, proxy=proxy.url)
    for model in on.films:
        if model.roles.get(Role.FIRST_FRAME):
            on.inputs.files.clear()
            frame = on.inputs.add(Role.FIRST_FRAME, model.default_size)
            await on.begun(on.take(model, references=(frame,)))
            break
    await on.engine.discover(on.account)
    begun = await on.begun()
    assert await on.fetched(await on.ended(begun))
    await on.engine.cancel(begun.ticket, on.account)
    assert called == {proxy.port}
    assert await proxy.counted(before + 1)
    assert on.standin.refused == []


@pytest.mark.parametrize("replaces", [False, True], ids=["prefix", "replace"])
async def test_a_film_elsewhere_comes_through_the_download_proxy(
    on: Set, *, replaces: bool
) -> None:
    store = f"127.0.0.1:{on.standin.films_port}"
    async with ReverseProxy({store: f"http://{store}"}, store if replaces else None) as proxy:
        downloads = DownloadProxy(url=proxy.url, replaces=replaces)
        outbound = Outbound(private=True, downloads=downloads)
        on.engine = load(on.engine.name)(replace(on.workshop, outbound=outbound))
        ended = await on.ended(await on.begun())
        (task,) = on.standin.tasks.values()
        assert await on.fetched(ended) == on.standin.film(task)
        await outbound.close()
    assert all(part not in f"{proxy.headers}" for part in on.standin.secret.split(":") if part)
    if not proxy.asked:
        pytest.skip(f"{on.engine.name} has its films itself")


async def test_a_task_outlives_its_process(on: Set) -> None:
    begun = await on.begun()
    on.engine = load(on.engine.name)(on.workshop)
    assert await on.fetched(await on.ended(begun))


async def test_a_repeated_submission_is_one_task_where_that_is_promised(on: Set) -> None:
    if on.engine.after_loss is not AfterLoss.ASK:
        pytest.skip(f"{on.engine.name} is never asked again")
    first, again = [await on.begun(attempt="attempt_1") for _ in range(2)]
    assert first.ticket == again.ticket
    assert len(on.standin.tasks) == 1


async def test_a_task_is_cancelled_and_so_is_one_that_is_unknown(on: Set) -> None:
    on.standin.seconds = 60
    begun = await on.begun()
    await on.engine.cancel(begun.ticket, on.account)
    await on.engine.cancel(begun.ticket, on.account)
    await on.engine.cancel("ticket-of-another-life", on.account)
    if not on.standin.cancels:
        pytest.skip(f"{on.engine.name} cannot be stopped")
    assert [task.cancelled for task in on.standin.tasks.values()] == [True]


async def test_what_it_declares_it_takes(on: Set) -> None:
    """Every size and length of every model, against the vendor's own schema."""
    for model in on.films:
        sizes = [model.sizes.least] if isinstance(model.sizes, SizeRange) else model.sizes
        seconds = (
            (model.seconds.least, model.seconds.most)
            if isinstance(model.seconds, SecondsRange)
            else model.seconds
        )
        asked: chain[dict[str, Any]] = chain(
            ({"size": Size(size, size) if isinstance(size, int) else size} for size in sizes),
            ({"seconds": length} for length in seconds),
            ({"audio": sound} for sound in model.audio),
            ({"seed": 7} for _ in range(model.seeds)),
            ({"negative_prompt": "rain"} for _ in range(model.negative_prompts)),
        )
        for fields in asked:
            await on.begun(on.take(model, **fields))
    assert on.standin.refused == []


async def test_frames_reach_it_as_they_are(on: Set) -> None:
    tried = 0
    for model in on.films:
        size = model.default_size
        roles = [role for role in FRAMES if model.roles.get(role)]
        if not roles:
            continue
        on.inputs.files.clear()
        given = tuple(on.inputs.add(role, size) for role in roles)
        before = set(on.standin.tasks)
        await on.begun(on.take(model, references=given))
        (new,) = set(on.standin.tasks) - before
        found = on.standin.pictures_of(on.standin.tasks[new].body)
        assert sorted(found) == sorted(on.inputs.files.values())
        tried += 1
    assert on.standin.refused == []
    if not tried:
        pytest.skip(f"{on.engine.name} takes no frames")


@pytest.mark.parametrize("why", WHYS)
async def test_a_refused_task_names_the_one_to_blame(on: Set, why: str) -> None:
    if on.standin.refusal(why) is None:
        pytest.skip(f"{on.engine.name} never says {why}")
    on.standin.faults.script = {"create": [why]}
    error = await on.raised(on.begun())
    assert (type(error), error.unanswered) == (WHYS[why], False)
    assert not on.standin.tasks


@pytest.mark.parametrize("fault", LINES)
async def test_a_lost_answer_is_known_to_be_lost(on: Set, fault: str) -> None:
    on.standin.faults.script = {"create": [fault]}
    error = await on.raised(on.begun())
    assert (type(error), error.unanswered, on.sent) == (LINES[fault], True, 1)


@pytest.mark.parametrize("fault", POLLS)
async def test_a_poll_that_goes_wrong_leaves_the_task(on: Set, fault: str) -> None:
    if fault in WHYS and on.standin.refusal(fault) is None:
        pytest.skip(f"{on.engine.name} never says {fault}")
    begun = await on.begun()
    # A question whose line breaks is asked once more by the HTTP library.
    on.standin.faults.script = {"poll": [fault] * (2 if fault == "cut" else 1)}
    assert type(await on.raised(on.engine.poll(begun.ticket, on.account))) is POLLS[fault]
    assert await on.fetched(await on.ended(begun))


@pytest.mark.parametrize(
    ("why", "kind"), [("fails", GenerationFailed), ("moderated", ContentRejected)]
)
async def test_a_task_that_fails_says_why(on: Set, why: str, kind: type[FilmgateError]) -> None:
    begun = await on.begun(on.take(prompt=f"a kite #{why}"))
    error = await on.raised(on.ended(begun))
    assert type(error) is kind
    assert error.message


async def test_an_unknown_ticket_is_lost(on: Set) -> None:
    error = await on.raised(on.engine.poll("ticket-of-another-life", on.account))
    assert type(error) is TicketLost


async def test_a_film_that_is_gone_is_expired(on: Set) -> None:
    ended = await on.ended(await on.begun())
    on.standin.tasks.clear()
    error = await on.raised(on.fetched(ended))
    assert type(error) is OutputExpired


async def test_an_account_is_tried_without_paying(on: Set) -> None:
    found = await on.engine.discover(on.account)
    assert {model.name for model in found}
    assert not on.standin.tasks
    assert on.sent == 0
    stranger = replace(on.account, secret="of-a-stranger:0123456789")
    error = await on.raised(on.engine.discover(stranger))
    assert type(error) is AccountRejected


async def test_polls_are_not_asked_for_too_often(on: Set) -> None:
    begun = await on.begun()
    assert begun.poll_after is None or begun.poll_after >= timedelta(0)
