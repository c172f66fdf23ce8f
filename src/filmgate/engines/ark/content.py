"""What both services understand: the content array, tiers of sizes, and how to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import Unsupported
from filmgate.domain.job import Take
from filmgate.domain.request import GenerationRequest, Role, Size
from filmgate.ports import Inputs
from filmgate.ports.calls import Call, data_url

ROLES: Mapping[Role, str] = {
    Role.FIRST_FRAME: "first_frame",
    Role.LAST_FRAME: "last_frame",
    Role.SUBJECT: "reference_image",
    Role.CHARACTER: "reference_image",
}
PEOPLE = frozenset({Role.SUBJECT, Role.CHARACTER})  #: which go with no frame
RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
ADAPTIVE = "adaptive"  #: the ratio of the first picture
POLL_AFTER = timedelta(seconds=10)  #: what both vendors recommend

Id = Annotated[str, msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class Tier:
    """What a size is called there."""

    resolution: str
    ratio: str


class Failure(msgspec.Struct):
    """Why a task failed."""

    code: str = ""
    message: str = ""


class Tasks(msgspec.Struct):
    """The list of an account's tasks, of which only is of interest that it is told."""

    total: int = 0


def tiers_of(table: Mapping[str, str]) -> dict[Size, Tier]:
    """Tiers by size, of rows such as `{"720p": "1280x720 …"}`, in the order of `RATIOS`."""
    return {
        size: Tier(resolution, ratio)
        for resolution, row in table.items()
        for ratio, size in zip(RATIOS, sizes(row), strict=True)
    }


def sizes(row: str) -> Iterable[Size]:
    """The sizes that *row* lists, with spaces between."""
    return filter(None, map(Size.read, row.split()))


def tier_of(take: Take, tiers: Mapping[Size, Tier]) -> Tier:
    """The tier of a take's size; `Unsupported` if the model has lost it meanwhile."""
    tier = tiers.get(take.request.size) if take.request.size else None
    if tier is None:
        message = f"{take.model} does not make {take.request.size}: ask for another size."
        raise Unsupported(message, param="size")
    return tier


async def content_of(request: GenerationRequest, inputs: Inputs) -> list[dict[str, Any]]:
    """
    The content array, whose text says which picture shows a character of what name.

    Raises `Unsupported` for what may not stand in one together.
    """
    people = [one for one in request.references if one.role in PEOPLE]
    if people and len(people) < len(request.references):
        message = "A film is made from frames or from references, not from both."
        raise Unsupported(message, param="references")
    names = [f"Image {n} is {one.name}." for n, one in enumerate(people, 1) if one.name]
    text = " ".join([request.prompt, *names])
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    for reference in request.references:
        url = data_url(reference.media_type, await inputs.read(reference))
        role = ROLES[reference.role]
        content.append({"type": "image_url", "image_url": {"url": url}, "role": role})
    return content


def call(  # noqa: PLR0913 (all keywords)
    method: str,
    account: Account,
    *,
    base: str,
    path: str = "",
    url: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> Call:
    """A request to *path* below the account's URL or *base*, or to *url*."""
    return Call(
        method=method,
        url=url or f"{(account.base_url or base).rstrip('/')}{path}",
        home=account.base_url or base,
        headers={} if body is None else {"content-type": "application/json"},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=None if body is None else msgspec.json.encode(body),
        proxy=account.proxy,
    )
