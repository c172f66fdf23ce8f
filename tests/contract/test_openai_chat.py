"""Better prompts by chat models: what is asked, what comes of it, and who is to blame."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from openai import APIError, AsyncOpenAI

from filmgate import Account
from filmgate.bootstrap.enhancing import enhancers, load_enhancer
from filmgate.domain import errors
from filmgate.domain.enhancement import Detail, Enhancement
from filmgate.engines import openai_chat
from filmgate.engines.openai_chat import OpenAIChat
from filmgate.outbound import Outbound
from filmgate.ports import Enhancer
from upstreams.openai_chat import SAID
from upstreams.openai_chat import OpenAIChat as StandIn

WISH = Enhancement(prompt="a kite, 风筝", seconds=10)
WORDS = "".join(SAID)

#: What goes wrong before a word, and whether the model may have written all the same.
FAULTS: dict[str, tuple[type[errors.FilmgateError], bool]] = {
    "rejected": (errors.AccountRejected, False),
    "broke": (errors.AccountExhausted, False),
    "busy": (errors.AccountExhausted, False),
    "overloaded": (errors.EngineUnavailable, False),
    "moderated": (errors.ContentRejected, False),
    "invalid": (errors.InvalidRequest, False),
    "refuse_cut": (errors.EngineUnavailable, True),
    "accept_504": (errors.EngineUnavailable, True),
    "accept_silent": (errors.EngineUnavailable, True),
    "accept_garbage": (errors.EngineMisbehaved, True),
}
#: Refusals in the words of other servers.
REFUSALS: list[tuple[int, Any, type[errors.FilmgateError], str]] = [
    (400, {"error": {"message": "Too long.", "type": "invalid_request_error",
                     "code": "context_length_exceeded"}}, errors.InvalidRequest, "Too long."),
    (400, {"object": "error", "message": "Too long.", "type": "BadRequestError", "code": 400},
     errors.InvalidRequest, "Too long."),
    (404, {"object": "error", "message": "No model `x`.", "type": "NotFoundError", "code": 404},
     errors.EngineUnavailable, "127.0.0.1 answered 404: No model `x`."),
    (404, {"error": "model 'x' not found"}, errors.EngineUnavailable,
     "127.0.0.1 answered 404: model 'x' not found"),
    (402, {"error": {"message": "No credits.", "code": 402}}, errors.AccountExhausted,
     "127.0.0.1 answered 402: No credits."),
    (403, {"error": {"message": "Flagged.", "code": 403, "metadata": {"reasons": ["x"]}}},
     errors.ContentRejected, "Flagged."),
    (403, {"error": {"message": "Not from here.", "code": 403, "metadata": {}}},
     errors.AccountRejected, "127.0.0.1 answered 403: Not from here."),
    (500, {"detail": "boom"}, errors.EngineUnavailable, "127.0.0.1 answered 500."),
    (404, {"detail": "Not Found"}, errors.EngineMisbehaved, "127.0.0.1 answered 404."),
]  # fmt: skip
#: Errors that stand in a stream which has begun.
SAID_LATE: list[tuple[Any, type[errors.FilmgateError]]] = [
    ({"error": {"message": "Gone.", "type": "server_error"}}, errors.EngineUnavailable),
    ({"error": {"message": "Gone.", "code": 502}, "choices": []}, errors.EngineUnavailable),
    ({"error": {"message": "Slow down.", "code": 429}}, errors.AccountExhausted),
    ({"error": {"message": "No.", "type": "authentication_error"}}, errors.AccountRejected),
    ({"error": {"message": "No.", "code": "insufficient_quota"}}, errors.AccountExhausted),
    ({"error": {"message": "No.", "code": "content_filter"}}, errors.ContentRejected),
    ({"object": "error", "message": "No.", "type": "BadRequestError"}, errors.InvalidRequest),
    ({"error": "llama runner has stopped"}, errors.EngineUnavailable),
    ({"error": {}}, errors.EngineUnavailable),
]  # fmt: skip


@dataclass
class Bench:
    chat: Enhancer
    account: Account
    outbound: Outbound

    async def written(self, wish: Enhancement = WISH) -> str:
        async with aclosing(self.chat.enhance(wish, self.account)) as pieces:
            return "".join([piece async for piece in pieces])


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn() as standin:
        yield standin


@pytest.fixture
async def bench(standin: StandIn) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=0.5)
    chat = load_enhancer("openai_chat")(outbound)
    account = Account(
        id="account_1", engine=chat.name, label="x", seats=1, secret=standin.secret,
        base_url=standin.url,
    )  # fmt: skip
    yield Bench(chat, account, outbound)
    await outbound.close()


async def raised(doing: Any) -> errors.FilmgateError:
    with pytest.raises(errors.FilmgateError) as caught:
        await doing
    return caught.value


def test_it_is_found_among_the_enhancers() -> None:
    assert enhancers() == {"openai_chat"}
    assert load_enhancer("openai_chat") is OpenAIChat


async def test_what_is_asked(bench: Bench, standin: StandIn) -> None:
    assert await bench.written() == WORDS
    [models, asked] = standin.asked
    assert (models.method, models.path) == ("GET", "/v1/models")
    assert set(asked.body) == {"model", "messages", "stream"}
    assert (asked.body["model"], asked.body["stream"]) == ("kite-chat", True)
    system, user = asked.body["messages"]
    assert (system["role"], user) == ("system", {"role": "user", "content": WISH.prompt})
    assert standin.refused == []


@pytest.mark.parametrize(
    ("seconds", "detail", "said"),
    [
        (10, Detail.SHORT, ["2 shots", "[0-5s]", "ends at 10s", "About 80 words"]),
        (15, Detail.MEDIUM, ["4 shots", "[0-4s]", "ends at 15s", "About 160 words"]),
        (20, Detail.LONG, ["8 shots", "[0-2s]", "ends at 20s", "About 320 words"]),
        (4, Detail.MEDIUM, ["Then one shot,", "[0-4s]", "ends at 4s"]),
    ],
)
async def test_the_model_is_told_how_long_and_how_much(
    bench: Bench, standin: StandIn, seconds: float, detail: Detail, said: list[str]
) -> None:
    await bench.written(Enhancement(prompt="a kite", seconds=seconds, detail=detail))
    instructions = standin.asked[-1].body["messages"][0]["content"]
    assert [words for words in said if words not in instructions] == []
    labels = re.findall(r"^([A-Z]+):", instructions, re.MULTILINE)
    assert labels == ["PRIMARY", "SETTING", "LOOK", "CAMERA", "LIGHT"]
    assert "{" not in instructions


async def test_of_a_still_it_is_told_no_times(bench: Bench, standin: StandIn) -> None:
    await bench.written(Enhancement(prompt="a kite", seconds=None))
    instructions = standin.asked[-1].body["messages"][0]["content"]
    labels = re.findall(r"^([A-Z]+):", instructions, re.MULTILINE)
    assert labels == ["PRIMARY", "SETTING", "LOOK", "LIGHT"]
    assert "About 80 words" in instructions
    assert "{" not in instructions


async def test_the_accounts_first_model_writes(bench: Bench, standin: StandIn) -> None:
    standin.models = ("loom-chat", "kite-chat")
    error = await raised(bench.written())
    assert type(error) is errors.EngineUnavailable
    assert "'x' at openai_chat may use 2 models" in error.message
    bench.account = replace(bench.account, models=("kite-chat", "loom-chat"))
    assert await bench.written() == WORDS
    assert standin.asked[-1].body["model"] == "kite-chat"


async def test_an_account_is_tried_without_paying(bench: Bench, standin: StandIn) -> None:
    assert await bench.chat.discover(bench.account) == ["kite-chat"]
    bench.account = replace(bench.account, secret=None)
    assert type(await raised(bench.chat.discover(bench.account))) is errors.AccountRejected
    assert "authorization" not in standin.asked[-1].headers
    assert standin.tasks == {}


@pytest.mark.parametrize(
    "quirks",
    ["role", "comments", "crlf", "bare", "thinks", "slow", "role comments crlf thinks bare"],
)
async def test_servers_have_their_ways(bench: Bench, standin: StandIn, quirks: str) -> None:
    standin.quirks = frozenset(quirks.split())
    assert await bench.written() == WORDS


async def test_words_come_as_they_are_written(bench: Bench, standin: StandIn) -> None:
    standin.quirks = frozenset({"slow", "endless"})
    async with aclosing(bench.chat.enhance(WISH, bench.account)) as pieces:
        assert await anext(pieces) == SAID[0]
        assert standin.open == 1
    async with asyncio.timeout(5):
        while standin.open:
            await asyncio.sleep(0.01)
    assert standin.left == [WISH.prompt]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_refusal_is_told_from_a_lost_answer(
    bench: Bench, standin: StandIn, fault: str
) -> None:
    standin.faults.script = {"create": [fault]}
    error = await raised(bench.written())
    assert (type(error), error.unanswered) == FAULTS[fault]
    assert error.retry_after == (timedelta(seconds=7) if fault == "busy" else None)
    assert standin.secret not in f"{error!r} {error.message}"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: str(one[0]))
async def test_other_servers_refuse_in_other_words(
    bench: Bench, standin: StandIn, refusal: tuple[int, Any, type[errors.FilmgateError], str]
) -> None:
    status, body, kind, message = refusal
    standin.refuses_with = web.json_response(body, status=status)
    error = await raised(bench.written())
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize(("said", "kind"), SAID_LATE)
async def test_an_error_in_the_stream(
    bench: Bench, standin: StandIn, said: Any, kind: type[errors.FilmgateError]
) -> None:
    standin.error = said
    pieces = bench.chat.enhance(WISH, bench.account)
    assert [await anext(pieces), await anext(pieces)] == list(SAID[:2])
    error = await raised(anext(pieces))
    assert (type(error), bool(error.message)) == (kind, True)


@pytest.mark.parametrize(
    ("quirk", "kind", "message"),
    [
        ("refuses", errors.ContentRejected, "I can't help with that."),
        ("filtered", errors.ContentRejected, "The model's own filter stopped it."),
        ("empty", errors.GenerationFailed, "The model came to an end without a word."),
        ("breaks", errors.EngineUnavailable, "127.0.0.1 stopped before the end of its answer."),
        ("ends", errors.EngineUnavailable, "The model's answer stopped before its end."),
        ("garbage", errors.EngineMisbehaved, "An event cannot be read: <html>"),
        ("endless", errors.EngineMisbehaved, "The model wrote more than 32000 characters."),
        ("json", errors.EngineMisbehaved,
         "127.0.0.1 answered 200 with what is no stream of events."),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none(
    bench: Bench,
    standin: StandIn,
    quirk: str,
    kind: type[errors.FilmgateError],
    message: str,
) -> None:
    standin.quirks = frozenset({quirk})
    error = await raised(bench.written())
    assert (type(error), error.message) == (kind, message)


async def test_nothing_but_thoughts_is_nothing(
    bench: Bench, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_chat, "THOUGHT_OVER", "</never>")
    standin.quirks = frozenset({"thinks"})
    assert type(await raised(bench.written())) is errors.GenerationFailed


async def test_a_server_that_is_not_there(bench: Bench, standin: StandIn) -> None:
    await standin.__aexit__()
    bench.account = replace(bench.account, models=("kite-chat",))
    error = await raised(bench.written())
    assert (type(error), error.unanswered) == (errors.EngineUnreachable, False)


async def test_the_vendors_sdk_believes_the_stand_in(standin: StandIn) -> None:
    standin.quirks = frozenset({"role", "comments", "crlf"})
    async with AsyncOpenAI(
        base_url=standin.url, api_key=standin.secret, max_retries=0
    ) as client:
        said = ""
        stream = await client.chat.completions.create(
            model="kite-chat", messages=[{"role": "user", "content": "a kite"}], stream=True,
            stream_options={"include_usage": True},
        )  # fmt: skip
        async for chunk in stream:
            said += "".join(choice.delta.content or "" for choice in chunk.choices)
        assert (said, standin.refused) == (WORDS, [])
        assert [model.id async for model in client.models.list()] == ["kite-chat"]
        standin.error = {"error": {"message": "Gone.", "type": "server_error"}}
        with pytest.raises(APIError, match=r"Gone\."):
            async for _ in await client.chat.completions.create(
                model="kite-chat", messages=[{"role": "user", "content": "x"}], stream=True
            ):
                pass
