"""`/v1/models`: the gateway's own names, and those of the gateways before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from dialects.in_process import FILM, OpenDoor, Place, new_house, opened
from filmgate.dialects.openai.models import Models
from filmgate.domain.model import Alias

OWN = ["dall-e-2", "gpt-image-2", "sora"]  # there is no sora-2
STILLS = ["gpt-image", "sora-image-portrait", "sora_image"]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    house = await new_house(tmp_path)
    models = Models(house.gateway, OpenDoor(house.caller), since=house.clock.now())
    async with opened(house, models.routes()) as place:
        yield place


async def listed(place: Place) -> dict[str, str]:
    """Each name, and who owns it."""
    models = (await place.client.get("/v1/models")).json()["data"]
    names = [model["id"] for model in models]
    assert len(set(names)) == len(names)
    return {model["id"]: model["owned_by"] for model in models}


async def test_names_of_other_gateways_are_listed_if_something_here_makes_them(
    place: Place,
) -> None:
    names = await listed(place)
    assert [*names][:3] == OWN
    assert {names.pop(name) for name in (*OWN, *STILLS)} == {"scripted"}
    assert names.pop("prompt-enhance-short-10s") == "filmgate"
    assert {"avatar-create", "gpt-image-landscape"} <= names.keys()
    assert not [name for name in names if name.startswith(("sora2", "sora_video"))]

    place.house.routes.point(
        [Alias(promise=replace(FILM, name=name), engine="scripted", model=FILM)
         for name in ("sora-2", "sora2-portrait-10s")], {}
    )  # fmt: skip
    films = await listed(place)
    assert {"sora2-landscape-15s", "sora2-extension-10s", "sora_video2"} <= films.keys()
    assert "sora2pro-hd-portrait-10s" not in films
    assert [*films].index("sora2-portrait-10s") < [*films].index("sora2-landscape-15s")


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("sora_image", 200, "scripted"),
        ("sora-image|[pro]", 200, "scripted"),
        ("avatar-create", 200, "filmgate"),
        ("sora_image-15s", 404, "参数 '15s' 不存在"),
        ("sora_video2-15s", 404, "`sora_video2-15s` does not exist"),
        ("nobody", 404, "`nobody` does not exist"),
    ],
)
async def test_such_a_name_is_a_model(place: Place, name: str, status: int, said: str) -> None:
    answer = await place.client.get(f"/v1/models/{name}")
    assert answer.status_code == status
    if status == 200:
        assert (answer.json()["id"], answer.json()["owned_by"]) == (name, said)
        assert (await place.client.delete(f"/v1/models/{name}")).status_code == 403
    else:
        assert said in answer.json()["error"]["message"]
        assert answer.json()["error"]["code"] == "model_not_found"
