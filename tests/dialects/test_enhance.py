"""`enhance` in the dialects that films are asked for in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialects.conversation import CHAT, jobs, said, talking
from dialects.in_process import Place
from dialects.talks import MESSAGES, MODELS, gemini_place, messages
from fakes import done, still_done
from filmgate import Media

GENERATE, PREDICT = f"{MODELS}/sora:generateContent", f"{MODELS}/sora:predictLongRunning"


@pytest.fixture
async def place(tmp_path: Path, path: str) -> AsyncIterator[Place]:
    async with (messages if path == MESSAGES else gemini_place)(tmp_path) as here:
        yield here


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Place]:
    async with talking(tmp_path) as here:
        yield here


def bodies(prompt: str) -> dict[str, dict[str, Any]]:
    turn = {"role": "user", "content": prompt}
    contents = [{"parts": [{"text": prompt}]}]
    return {
        MESSAGES: {"model": "sora", "messages": [turn], "enhance": True},
        GENERATE: {"contents": contents, "generationConfig": {"enhance": True}},
        PREDICT: {"instances": [{"prompt": prompt}], "parameters": {"enhance": True}},
    }


@pytest.mark.parametrize("path", [MESSAGES, GENERATE, PREDICT])
async def test_an_engine_gets_the_better_prompt(place: Place, path: str) -> None:
    place.house.engine.steps = [done()]
    answer = await place.client.post(path, json=bodies("一只风筝")[path])
    assert answer.status_code == 200, answer.text
    (job,) = await jobs(place)
    assert job.request.prompt == "一只风筝"
    assert job.take.request.prompt == job.request.enhanced
    assert job.take.request.prompt.startswith("PRIMARY: 一只风筝。")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (MESSAGES, "enhance"),
        (GENERATE, "generationConfig.enhance"),
        (PREDICT, "parameters.enhance"),
    ],
)
async def test_a_refusal_names_the_field_as_it_is_spelled(
    place: Place, path: str, field: str
) -> None:
    answer = await place.client.post(path, json=bodies("[0-2s] a kite [2-4s] a tree")[path])
    assert answer.status_code == 400
    assert f'"{field}"' in answer.text
    assert await jobs(place) == []


@pytest.mark.parametrize(
    ("model", "media"), [("sora-2", Media.VIDEO), ("gpt-image", Media.IMAGE)]
)
async def test_a_conversation_can_ask_for_it(chat: Place, model: str, media: Media) -> None:
    chat.house.engine.steps = [done() if media is Media.VIDEO else still_done()]
    answer = await chat.client.post(CHAT, json=said("a kite", model, enhance="true"))
    assert answer.status_code == 200, answer.text
    (job,) = await jobs(chat, media)
    told = job.take.request.prompt
    assert told.startswith("PRIMARY: A kite.")
    assert ("[0-4s]" in told) is (media is Media.VIDEO)


@pytest.mark.parametrize("model", ["prompt-enhance-short-10s", "sora2-landscape-10s"])
async def test_what_is_no_plain_prompt_is_refused(chat: Place, model: str) -> None:
    words = "[5s] a kite [5s] a tree"
    answer = await chat.client.post(CHAT, json=said(words, model, enhance=True))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "enhance")


@pytest.mark.parametrize("given", ["yes", 1])
async def test_it_is_true_or_false(chat: Place, given: object) -> None:
    answer = await chat.client.post(CHAT, json=said("a kite", enhance=given))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "enhance")
