"""
MiniMax H3, by the second version of its video API.

https://platform.minimax.io/docs/api-reference/video-generation-v2-create; in China
https://platform.minimaxi.com. Nothing makes a create safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.engines.ark.content import (
    ADAPTIVE,
    PEOPLE,
    POLL_AFTER,
    Failure,
    Id,
    Tasks,
    call,
    content_of,
    tier_of,
)
from filmgate.engines.ark.h3 import H3, MODELS
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Complaint, Sending, quoted

BASE = "https://api.minimax.io"
IN_YUAN = (".minimaxi.com", ".minimax.cn")  #: where the prices are others
CREATE = "/v2/video_generation"
QUERY = "/v2/query/video_generation"
FREE_IMAGES = 5
IMAGE = 40_000  #: micro-dollars for each further one
REFUSALS = frozenset({"1026", "1027"})  #: what was sent, and what came of it
SETTINGS = frozenset({"aigc_watermark", "extra"})  #: handed on as they are


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    task_id: Id


class _Content(msgspec.Struct):
    url: str | None = None


class _Usage(msgspec.Struct):
    total_seconds: int = 0
    input_image_count: int = 0


class _Task(msgspec.Struct):
    status: str
    model: str = ""
    resolution: str = ""
    content: _Content | None = None
    usage: _Usage | None = None
    error: Failure | None = None


class _Answer(msgspec.Struct):
    task: _Task


class _Said(msgspec.Struct):
    type: str
    message: str


class _Refused(msgspec.Struct):
    error: _Said


class MiniMax:
    """The API as MiniMax describes it."""

    name = "minimax"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return MODELS.values()

    async def discover(self, account: Account) -> Sequence[Model]:
        """Its tasks are listed, which is free."""
        asked = call("GET", account, base=BASE, path=f"{QUERY}?page_num=1&page_size=1")
        await self._outbound.ask(asked, Tasks, explain=_explain)
        return sold_at(account.base_url or BASE)

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del attempt_id  # nobody there would remember it
        body = await body_of(take, inputs)
        asked = call("POST", account, base=BASE, path=CREATE, body=body)
        answer = await self._outbound.ask(asked, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.task_id, poll_after=POLL_AFTER)

    async def poll(self, ticket: str, account: Account) -> Progress:
        asked = call("GET", account, base=BASE, path=f"{QUERY}/{quote(ticket, safe='')}")
        answer = await self._outbound.ask(asked, _Answer, explain=_explain_ticket)
        task = answer.body.task
        match task.status:
            case "queued" | "running":
                return Progress(ticket=ticket, poll_after=POLL_AFTER)
            case "succeeded" if task.content and task.content.url:
                film = Output("video/mp4", url=task.content.url)
                cost = _cost(task) if in_dollars(account.base_url or BASE) else None
                return Progress(ticket=ticket, percent=100, outputs=(film,), cost=cost)
            case "failed":
                raise _failure(task.error or Failure(), account)
            case "cancelled" | "expired":
                raise GenerationFailed(f"The task was {task.status} at MiniMax.")
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task is {status!r}, and has no film.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        asked = call("GET", account, base=BASE, url=output.url)
        await self._outbound.download(asked, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Only what is queued can be stopped: one that runs is made, and paid for."""
        path = f"{CREATE}/{quote(ticket, safe='')}"
        asked = call("DELETE", account, base=BASE, path=path)
        with suppress(TicketLost):
            await self._outbound.ask(asked, bytes, explain=_explain_ticket)


async def body_of(take: Take, inputs: Inputs) -> dict[str, Any]:
    """A create's body."""
    request, known = take.request, H3.get(take.model)
    tier = tier_of(take, known.tiers if known else {})
    framed = any(one.role not in PEOPLE for one in request.references)
    body: dict[str, Any] = {
        "model": take.model,
        "content": await content_of(request, inputs),
        "resolution": tier.resolution,
        "ratio": ADAPTIVE if framed else tier.ratio,
        "duration": int(request.seconds or 0),
    }
    body |= {key: take.settings[key] for key in SETTINGS & take.settings.keys()}
    if request.watermark is not None:
        body["aigc_watermark"] = request.watermark
    return body


def sold_at(base_url: str) -> tuple[Model, ...]:
    """The models, with prices if those of the platform at *base_url* are known."""
    if in_dollars(base_url):
        return tuple(MODELS.values())
    return tuple(replace(model, price=0, prices=()) for model in MODELS.values())


def in_dollars(base_url: str) -> bool:
    """Whether the prices known here are those of the platform at *base_url*."""
    return not (urlsplit(base_url).hostname or "").endswith(IN_YUAN)


def _cost(task: _Task) -> int | None:
    known = H3.get(task.model)
    rate = known and known.rates.get(task.resolution)
    if not rate or task.usage is None:
        return None
    further = max(0, task.usage.input_image_count - FREE_IMAGES)
    return task.usage.total_seconds * rate + further * IMAGE


def _failure(failure: Failure, account: Account) -> FilmgateError:
    said = quoted(failure.message or "MiniMax gives no reason.", account.secret)
    if failure.code in REFUSALS:
        return ContentRejected(said)
    code = f" ({quoted(failure.code, account.secret)})" if failure.code else ""
    return GenerationFailed(f"{said}{code}")


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None
    refused = said.type == "unprocessable_entity_error"
    return Complaint(message=said.message, kind=ContentRejected if refused else None)


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    """An id is all that is sent: what is wrong with the request is wrong with it."""
    complaint = _explain(answer)
    if complaint is None or answer.status not in (400, 404):
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)
