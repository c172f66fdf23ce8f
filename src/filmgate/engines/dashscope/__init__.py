"""
Wan, by the DashScope API of Alibaba Cloud Model Studio.

https://www.alibabacloud.com/help/en/model-studio/wan3-video-generation-api-reference; each
generation of Wan is asked in another way. Nothing makes a create safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    TicketLost,
    Unsupported,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import GenerationRequest
from filmgate.engines.dashscope.wan import ROLES, WAN, Use, use_of
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, data_url, quoted

BASE = "https://dashscope-intl.aliyuncs.com/api/v1"
CREATE = "/services/aigc/video-generation/video-synthesis"
POLL_AFTER = timedelta(seconds=15)  #: recommended
LARGEST_SEED = 0x7FFF_FFFF
SETTINGS = frozenset({"prompt_extend", "shot_type", "watermark"})  #: handed on as they are

#: What codes mean where their status says less. A code goes before the family it is of,
#: which is what stands before its dot.
KINDS: dict[str, type[FilmgateError]] = {
    "AllocationQuota": AccountExhausted,
    "Arrearage": AccountExhausted,
    "DataInspectionFailed": ContentRejected,
    "IPInfringementSuspect": ContentRejected,
    "ModelNotFound": AccountRejected,
    "Throttling": AccountExhausted,
}


class _Begun(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    task_id: Annotated[str, msgspec.Meta(min_length=1)]


class _Taken(msgspec.Struct):
    output: _Begun


class _Task(msgspec.Struct):
    task_status: str
    video_url: str | None = None
    code: str = ""
    message: str = ""


class _Told(msgspec.Struct):
    output: _Task


class _List(msgspec.Struct):
    request_id: str


class _Refused(msgspec.Struct):
    code: str
    message: str = ""


class DashScope:
    """The API as Alibaba Cloud describes it."""

    name = "dashscope"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return [wan.model for wan in WAN.values()]

    async def discover(self, account: Account) -> Sequence[Model]:
        """Its tasks are listed, which is free."""
        call = _call("GET", account, "/tasks?page_no=1&page_size=1")
        await self._outbound.ask(call, _List, explain=_explain)
        return [wan.model for wan in WAN.values()]

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
        body = msgspec.json.encode(await body_of(take, inputs))
        call = _call("POST", account, CREATE, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.output.task_id, poll_after=POLL_AFTER)

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", account, _path(ticket))
        answer = await self._outbound.ask(call, _Told, explain=_explain_ticket)
        task = answer.body.output
        match task.task_status:
            case "PENDING" | "RUNNING":
                return Progress(ticket=ticket, poll_after=POLL_AFTER)
            case "SUCCEEDED" if task.video_url:
                film = Output("video/mp4", url=task.video_url)
                return Progress(ticket=ticket, percent=100, outputs=(film,))
            case "FAILED":
                raise _failure(task, account)
            case "CANCELED":
                raise GenerationFailed("The task was cancelled at DashScope.")
            case "UNKNOWN":
                raise TicketLost("DashScope knows the task no more: it forgets after a day.")
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task is {status!r}, and has no film.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", account, "", url=output.url)
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Only what is pending can be stopped: one that runs is made, and paid for."""
        call = _call("POST", account, f"{_path(ticket)}/cancel")
        with suppress(TicketLost):
            await self._outbound.ask(call, bytes, explain=_explain_ticket)


async def body_of(take: Take, inputs: Inputs) -> dict[str, Any]:
    """A create's body, as the generation of the model wants it."""
    request, wan = take.request, WAN.get(take.model)
    tier = wan and request.size and wan.tiers.get(request.size)
    if wan is None or request.size is None or not tier:
        message = f"{take.model} does not make {request.size}: ask for another size."
        raise Unsupported(message, param="size")
    use, (resolution, ratio) = use_of(request), tier
    asked: dict[str, Any] = {"prompt": _told(request)}
    if request.negative_prompt is not None:
        asked["negative_prompt"] = request.negative_prompt
    parameters: dict[str, Any] = {"resolution": resolution}
    media = [
        {"type": ROLES[one.role], "url": data_url(one.media_type, await inputs.read(one))}
        for one in request.references
    ]
    if media and wan.by_size:
        asked["img_url"] = media[0]["url"]
    elif media:
        asked["media"] = media
    if use is Use.FRAMES:
        parameters |= {"ratio": wan.follows} if wan.follows else {}
    elif wan.by_size:
        parameters = {"size": f"{request.size.width}*{request.size.height}"}
    else:
        parameters["ratio"] = ratio
    parameters["duration"] = int(request.seconds or 0)
    if request.seed is not None:
        parameters["seed"] = request.seed & LARGEST_SEED
    if False in wan.model.audio and request.audio is not None:
        parameters["audio"] = request.audio
    parameters |= {key: take.settings[key] for key in SETTINGS & take.settings.keys()}
    if request.watermark is not None:
        parameters["watermark"] = request.watermark
    return {"model": wan.ids[use], "input": asked, "parameters": parameters}


def _told(request: GenerationRequest) -> str:
    """The prompt, and which picture shows a character of what name."""
    pictures = enumerate(request.references, 1)
    names = [f"Image {n} is {one.name}." for n, one in pictures if one.name]
    return " ".join([request.prompt, *names])


def _call(
    method: str,
    account: Account,
    path: str,
    *,
    url: str | None = None,
    body: bytes | None = None,
) -> Call:
    home = account.base_url or BASE
    sent = {"content-type": "application/json", "x-dashscope-async": "enable"}
    return Call(
        method=method,
        url=url or f"{home.rstrip('/')}{path}",
        home=home,
        headers={} if body is None else sent,
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _path(ticket: str) -> str:
    return f"/tasks/{quote(ticket, safe='')}"


def _kind(code: str) -> type[FilmgateError] | None:
    return KINDS.get(code) or KINDS.get(code.partition(".")[0])


def _failure(task: _Task, account: Account) -> FilmgateError:
    said = quoted(task.message or "DashScope gives no reason.", account.secret)
    if _kind(task.code) is ContentRejected:
        return ContentRejected(said)
    code = f" ({quoted(task.code, account.secret)})" if task.code else ""
    return GenerationFailed(f"{said}{code}")


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.MsgspecError, ValueError):
        return None
    return Complaint(message=said.message, kind=_kind(said.code))


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    """A task that is not pending any more cannot be stopped: there is nothing to do."""
    complaint = _explain(answer)
    if complaint is None or answer.status not in (400, 404) or complaint.kind:
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)
