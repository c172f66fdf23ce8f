"""
Runway's API, which has models of its own and other makers': https://docs.dev.runwayml.com.

A film's size is its `ratio`, in pixels. Films that are edited, and images that are large,
are uploaded first, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Reference
from filmgate.engines.runway.bodies import body_of, check
from filmgate.engines.runway.models import CREDIT, KNOWN
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import (
    Answer,
    Call,
    Complaint,
    FormFile,
    Sending,
    data_url,
    form,
    quoted,
)

BASE = "https://api.dev.runwayml.com/v1"
VERSION = "2024-11-06"
OFTEN = timedelta(seconds=5)  #: a task has no news sooner
INLINE = 3 << 20  #: bytes of a file in the request itself: 5 MB, once they are base64
UPLOAD = 120.0  #: seconds for a file to arrive
NO_MONEY = "not have enough credits"  #: says a 400 that nothing else tells from others


class _Taken(msgspec.Struct):
    """Of a create's answer only the id: whatever else it says, this may be paid for."""

    id: Annotated[str, msgspec.Meta(min_length=1)]


class _Cost(msgspec.Struct):
    credits: float


class _Task(msgspec.Struct, rename="camel"):
    status: str
    progress: float | None = None  #: from 0 to 1
    output: list[str] | None = None
    failure: str | None = None
    failure_code: str | None = None
    cost: _Cost | None = None


class _Upload(msgspec.Struct, rename="camel"):
    upload_url: str
    runway_uri: str
    fields: dict[str, str] = {}


class _Tier(msgspec.Struct):
    models: dict[str, msgspec.Raw]


class _Organization(msgspec.Struct):
    tier: _Tier


class _Issue(msgspec.Struct):
    message: str = ""
    path: list[str | int] = []


class _Refused(msgspec.Struct):
    error: str
    issues: list[_Issue] = []


class Runway:
    """The API of 2024-11-06."""

    name = "runway"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return [known.model for known in KNOWN.values()]

    async def discover(self, account: Account) -> Sequence[Model]:
        """Those that the organization's tier has."""
        call = _call("GET", "/organization", account)
        answer = await self._outbound.ask(call, _Organization, explain=_explain)
        return [model for model in self.models() if model.name in answer.body.tier.models]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del attempt_id  # it has no use for ours
        check(take)
        files = [
            (reference.role, await self._uri(reference, inputs, account))
            for reference in take.request.references
        ]
        path, body = body_of(take, files)
        call = _call("POST", path, account, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        return Progress(ticket=answer.body.id, poll_after=OFTEN)

    async def poll(self, ticket: str, account: Account) -> Progress:
        call = _call("GET", _path(ticket), account)
        answer = await self._outbound.ask(call, _Task, explain=_explain_ticket)
        task = answer.body
        match task.status:
            case "PENDING" | "THROTTLED" | "RUNNING":
                percent = int(100 * max(0.0, min(1.0, task.progress or 0.0)))
                return Progress(ticket=ticket, percent=percent, poll_after=OFTEN)
            case "SUCCEEDED" if task.output:
                film = Output("video/mp4", url=task.output[0])
                cost = round(task.cost.credits * CREDIT) if task.cost else None
                return Progress(ticket=ticket, percent=100, outputs=(film,), cost=cost)
            case "FAILED" | "CANCELLED":
                raise _failure(task, account)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task is {status!r}, and without a film.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = Call(
            method="GET", url=output.url or "", home=_home(account), proxy=account.proxy
        )
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Deletes one that is done. What was running is charged."""
        call = _call("DELETE", _path(ticket), account)
        with suppress(TicketLost):
            await self._outbound.ask(call, bytes, explain=_explain_ticket)

    async def _uri(self, reference: Reference, inputs: Inputs, account: Account) -> str:
        content = await inputs.read(reference)
        if len(content) <= INLINE:
            return data_url(reference.media_type, content)
        try:
            return await self._uploaded(content, reference.media_type, account)
        except FilmgateError as error:
            error.unanswered = False  # nothing that costs anything has left us
            raise

    async def _uploaded(self, content: bytes, media_type: str, account: Account) -> str:
        """Where Runway finds the file, for a day."""
        name = f"file.{media_type.rpartition('/')[2]}"
        asked = {"filename": name, "type": "ephemeral"}
        call = _call("POST", "/uploads", account, body=asked)
        upload = (await self._outbound.ask(call, _Upload, explain=_explain)).body
        kind, body = form(upload.fields, FormFile("file", name, media_type, content))
        call = Call(
            method="POST",
            url=upload.upload_url,
            home=_home(account),
            headers={"content-type": kind},
            body=body,
            proxy=account.proxy,
        )
        await self._outbound.ask(call, bytes, explain=_explain_upload, within=UPLOAD)
        return upload.runway_uri


def _home(account: Account) -> str:
    return account.base_url or BASE


def _call(
    method: str, path: str, account: Account, *, body: Mapping[str, Any] | None = None
) -> Call:
    kind = {} if body is None else {"content-type": "application/json"}
    return Call(
        method=method,
        url=f"{_home(account).rstrip('/')}{path}",
        home=_home(account),
        headers={"x-runway-version": VERSION, **kind},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=None if body is None else msgspec.json.encode(body),
        proxy=account.proxy,
    )


def _path(ticket: str) -> str:
    return f"/tasks/{quote(ticket, safe='')}"


def _failure(task: _Task, account: Account) -> FilmgateError:
    code = task.failure_code or task.status
    reason = task.failure or "Runway gives no reason."
    said = quoted(f"{reason} ({code})", account.secret)
    # SAFETY.INPUT.TEXT, and INPUT_PREPROCESSING.SAFETY.TEXT of older tasks.
    return ContentRejected(said) if "SAFETY" in code.split(".") else GenerationFailed(said)


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        refused = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.MsgspecError, ValueError):
        return None
    issues = [
        f"{issue.message} ({'.'.join(map(str, issue.path))})"
        for issue in refused.issues
        if issue.message
    ]
    kind = AccountExhausted if answer.status == 400 and NO_MONEY in refused.error else None
    return Complaint(message=" ".join([refused.error, *issues]), kind=kind)


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)


def _explain_upload(_: Answer[bytes]) -> Complaint:
    """The store's words are not Runway's, nor about the account."""
    return Complaint(message="The store does not take the upload.", kind=EngineUnavailable)
