"""Requests for stills, and what comes of them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from dialects.in_process import OpenDoor, Place, new_house, opened
from fakes import Step
from filmgate.dialects.openai.images import Images
from filmgate.domain.job import Job
from filmgate.domain.request import Media

GENERATE, EDIT, VARY = (f"/v1/images/{name}" for name in ("generations", "edits", "variations"))
KITE = {"prompt": "a kite over the sea"}
SQUARE = b"64x64"  # the inspector of the house reads sizes


@asynccontextmanager
async def drawing(folder: Path, *, patience: float = 10) -> AsyncIterator[Place]:
    """A place where stills are drawn."""
    house = await new_house(folder)
    images = Images(house.gateway, OpenDoor(house.caller), house.shelf, patience=patience)
    async with opened(house, images.routes()) as place:
        yield place


async def jobs(place: Place) -> list[Job]:
    """All of them, oldest first."""
    found, _ = await place.house.gateway.list(
        place.house.caller,
        media=Media.IMAGE,
        metadata={},
        after=None,
        limit=20,
        newest_first=False,
    )
    return [*found]


async def made(place: Place, path: str, *steps: Step, **sent: Any) -> Any:
    place.house.engine.steps = [*steps]
    answer = await place.client.post(path, **sent)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(place: Place, path: str, **sent: Any) -> tuple[int, str, str]:
    answer = await place.client.post(path, **sent)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["param"]


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def data_url(content: bytes = SQUARE) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


async def failing(place: Place, step: Step) -> httpx.Response:
    place.house.engine.steps = [step]
    return await place.client.post(GENERATE, json=KITE)
