"""`/v1/moderations`, whoever judges."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialects.in_process import OpenDoor, new_house, opened
from filmgate.dialects.openai.moderations import MOST_TEXT, MOST_TEXTS, Moderations
from filmgate.gateway.moderation import WordList
from filmgate.ports import Category, Verdict

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def text(content: str) -> dict[str, str]:
    return {"type": "text", "text": content}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    house = await new_house(tmp_path)
    moderations = Moderations(WordList(), OpenDoor(house.caller), new_id=house.new_id)
    async with opened(house, moderations.routes()) as place:
        yield place.client


async def moderated(client: httpx.AsyncClient, given: object, **more: object) -> Any:
    answer = await client.post("/v1/moderations", json={"input": given, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(client: httpx.AsyncClient, body: object) -> Any:
    answer = await client.post("/v1/moderations", json=body)
    assert answer.status_code in (400, 404)
    return answer.json()["error"]


async def test_a_text_is_judged_in_every_category_of_the_contract(
    client: httpx.AsyncClient,
) -> None:
    made = await moderated(client, "a massacre")

    assert made["id"].startswith("modr-")
    assert made["model"] == "filmgate-words-1"
    [result] = made["results"]
    assert result["flagged"] is True
    names = {str(category) for category in Category}
    assert result["categories"] == {name: name == "violence" for name in names}
    assert result["category_scores"] == {name: float(name == "violence") for name in names}
    assert result["category_applied_input_types"] == {name: ["text"] for name in names}


async def test_each_text_of_a_list_has_a_result(client: httpx.AsyncClient) -> None:
    made = await moderated(client, ["a kite", "a massacre"])
    assert [result["flagged"] for result in made["results"]] == [False, True]


async def test_parts_are_judged_together_and_images_are_not_looked_at(
    client: httpx.AsyncClient,
) -> None:
    made = await moderated(client, [text("a kite"), IMAGE, text("a massacre")])
    assert [result["flagged"] for result in made["results"]] == [True]


@pytest.mark.parametrize("model", ["omni-moderation-latest", "filmgate-words-1", None])
async def test_the_names_that_clients_send_are_taken(
    client: httpx.AsyncClient, model: str | None
) -> None:
    made = await moderated(client, "a kite", model=model)
    assert made["model"] == "filmgate-words-1"


async def test_another_model_is_not_passed_off_as_there(client: httpx.AsyncClient) -> None:
    error = await refused(client, {"input": "a kite", "model": "gpt-4"})
    assert (error["code"], error["param"]) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "empty"),
        (["a kite", text("a kite")], "not both"),
        ([{"type": "text"}], "part"),
        ([{"type": "image_url", "text": "x"}], "part"),
        ([{"type": "video", "text": "x"}], "part"),
        ([{**IMAGE, "text": "x"}], "part"),
        (["a"] * (MOST_TEXTS + 1), str(MOST_TEXTS)),
        (["a" * MOST_TEXT, "b"], str(MOST_TEXT)),
    ],
    ids=["empty", "mixed", "no text", "no image", "kind", "both", "texts", "characters"],
)
async def test_what_cannot_be_judged_is_refused_by_name(
    client: httpx.AsyncClient, given: object, says: str
) -> None:
    error = await refused(client, {"input": given})
    assert error["param"] == "input"
    assert says in error["message"]


async def test_a_missing_input_is_named(client: httpx.AsyncClient) -> None:
    error = await refused(client, {})
    assert (error["code"], error["param"]) == ("missing_required_parameter", "input")


class Doubtful:
    """Another policy: never sure."""

    name = "doubts-1"

    async def judge(self, texts: Sequence[str]) -> Sequence[Verdict]:
        scores = dict.fromkeys(Category, 0.5)
        return [Verdict(flagged=frozenset(), scores=scores) for _ in texts]


async def test_another_policy_speaks_under_its_own_name(tmp_path: Path) -> None:
    house = await new_house(tmp_path)
    moderations = Moderations(Doubtful(), OpenDoor(house.caller), new_id=house.new_id)
    async with opened(house, moderations.routes()) as place:
        made = await moderated(place.client, "a kite")
    assert made["model"] == "doubts-1"
    assert made["results"][0]["category_scores"]["violence"] == 0.5
