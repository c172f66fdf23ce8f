"""
Seedance, by the content generation API of Ark: BytePlus's abroad, Volcengine's in China.

https://docs.byteplus.com/en/docs/ModelArk/1520757 and, of Volcengine,
https://www.volcengine.com/docs/82379/1520757. Nothing makes a create safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    TicketLost,
    Unsupported,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Role
from filmgate.engines.ark.content import (
    ADAPTIVE,
    POLL_AFTER,
    Failure,
    Id,
    Tasks,
    call,
    content_of,
    tier_of,
)
from filmgate.engines.ark.models import SEEDANCE, sold_at
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Complaint, Sending, quoted

BASE = "https://ark.ap-southeast.bytepluses.com/api/v3"
TASKS = "/contents/generations/tasks"
LARGEST_SEED = 0x7FFF_FFFF

#: Of an operator's settings what is handed on as it is.
SETTINGS = frozenset(
    {"camera_fixed", "execution_expires_after", "priority", "service_tier", "watermark"}
)

#: What codes mean where their status says less. A code goes before the family it is of,
#: which is what stands before its dot.
KINDS: dict[str, type[FilmgateError]] = {
    "AccountOverdueError": AccountExhausted,
    "OperationDenied.ServiceOverdue": AccountExhausted,
    "InvalidEndpoint": AccountRejected,
    "InvalidEndpointOrModel": AccountRejected,
    "ModelNotOpen": AccountRejected,
    "ServerOverloaded": EngineUnavailable,
    "ContentSecurityDetectionError": EngineUnavailable,
}
REFUSALS = ("SensitiveContentDetected", "RiskDetection")  #: what such families end in


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    id: Id


class _Content(msgspec.Struct):
    video_url: str | None = None


class _Usage(msgspec.Struct):
    completion_tokens: int = 0


class _Task(msgspec.Struct):
    status: str
    model: str = ""
    resolution: str = ""
    content: _Content | None = None
    usage: _Usage | None = None
    error: Failure | None = None


class _Refused(msgspec.Struct):
    error: Failure


class Ark:
    """The API as BytePlus and Volcengine describe it."""

    name = "ark"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return [one.model for one in SEEDANCE.values()]

    async def discover(self, account: Account) -> Sequence[Model]:
        """Its tasks are listed, which is free; what it has opened nobody tells."""
        path = f"{TASKS}?page_num=1&page_size=1"
        asked = call("GET", account, base=BASE, path=path)
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
        asked = call("POST", account, base=BASE, path=TASKS, body=body)
        answer = await self._outbound.ask(asked, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.id, poll_after=POLL_AFTER)

    async def poll(self, ticket: str, account: Account) -> Progress:
        asked = call("GET", account, base=BASE, path=_path(ticket))
        answer = await self._outbound.ask(asked, _Task, explain=_explain_ticket)
        task = answer.body
        match task.status:
            case "queued" | "running":
                return Progress(ticket=ticket, poll_after=POLL_AFTER)
            case "succeeded" if task.content and task.content.video_url:
                film = Output("video/mp4", url=task.content.video_url)
                return Progress(ticket=ticket, percent=100, outputs=(film,), cost=_cost(task))
            case "failed":
                raise _failure(task.error or Failure(), account)
            case "cancelled" | "expired":
                raise GenerationFailed(f"The task was {task.status} at Ark.")
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task is {status!r}, and has no film.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        asked = call("GET", account, base=BASE, url=output.url)
        await self._outbound.download(asked, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Only what is queued can be stopped: one that runs is made, and paid for."""
        asked = call("DELETE", account, base=BASE, path=_path(ticket))
        with suppress(TicketLost):
            await self._outbound.ask(asked, bytes, explain=_explain_cancel)


async def body_of(take: Take, inputs: Inputs) -> dict[str, Any]:
    """A create's body. The setting `endpoint` stands for the model, as at Ark itself."""
    request, known = take.request, SEEDANCE.get(take.model)
    tier = tier_of(take, known.tiers if known else {})
    roles = {reference.role for reference in request.references}
    if Role.LAST_FRAME in roles and Role.FIRST_FRAME not in roles:
        message = f"{take.model} takes a last frame only with a first one."
        raise Unsupported(message, param="last_frame")
    framed = Role.FIRST_FRAME in roles
    body: dict[str, Any] = {
        "model": take.settings.get("endpoint", take.model),
        "content": await content_of(request, inputs),
        "resolution": tier.resolution,
        "ratio": ADAPTIVE if framed and known and known.follows else tier.ratio,
        "duration": int(request.seconds or 0),
    }
    if request.audio is not None:
        body["generate_audio"] = request.audio
    if request.seed is not None:
        body["seed"] = request.seed & LARGEST_SEED
    body |= {key: take.settings[key] for key in SETTINGS & take.settings.keys()}
    if request.watermark is not None:
        body["watermark"] = request.watermark
    return body


def _path(ticket: str) -> str:
    return f"{TASKS}/{quote(ticket, safe='')}"


def _cost(task: _Task) -> int | None:
    """Micro-dollars for its tokens, if its model and resolution have a price in dollars."""
    known = SEEDANCE.get(task.model)
    rate = known and known.rates.get(task.resolution)
    if not rate or task.usage is None:
        return None
    return round(task.usage.completion_tokens * rate / 1000)


def _kind(code: str) -> type[FilmgateError] | None:
    family = code.partition(".")[0]
    if family.endswith(REFUSALS):
        return ContentRejected
    return KINDS.get(code) or KINDS.get(family)


def _failure(failure: Failure, account: Account) -> FilmgateError:
    said = quoted(failure.message or "Ark gives no reason.", account.secret)
    if _kind(failure.code) is ContentRejected:
        return ContentRejected(said)
    code = f" ({quoted(failure.code, account.secret)})" if failure.code else ""
    return GenerationFailed(f"{said}{code}")


def _said(answer: Answer[bytes]) -> Failure | None:
    try:
        return msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None


def _explain(answer: Answer[bytes]) -> Complaint | None:
    said = _said(answer)
    return None if said is None else Complaint(message=said.message, kind=_kind(said.code))


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    said = _said(answer)
    if said is None or answer.status != 404:
        return _explain(answer)
    return Complaint(message=said.message, kind=TicketLost)


def _explain_cancel(answer: Answer[bytes]) -> Complaint | None:
    """A task that runs, or has been cancelled, is refused: there is nothing to stop."""
    said = _said(answer)
    if said is None or said.code.partition(".")[0] != "InvalidAction":
        return _explain_ticket(answer)
    return Complaint(message=said.message, kind=TicketLost)
