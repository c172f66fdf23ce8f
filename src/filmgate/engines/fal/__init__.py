"""
fal's queue, behind which several hundred models wait: https://fal.ai/docs/api-reference.

One name here stands for a family of endpoints: films from a prompt, from a first frame,
and from a first and a last one. What it takes, and what it calls it, is in `families`.

A request whose runner broke fal begins anew by itself, and takes nothing for what broke.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    NotFound,
    OutputExpired,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.engines.fal.families import FAMILIES, input_of
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending, data_url, quoted

BASE = "https://queue.fal.run"
PLATFORM = "https://api.fal.ai"  #: tells what an account pays; an account's URL stands for both
KINDS: Mapping[str | None, type[FilmgateError]] = {
    "content_policy_violation": ContentRejected,
    "no_media_generated": GenerationFailed,
}


class _Taken(msgspec.Struct):
    """Of a create's answer only where to ask: whatever else it says, it may be paid for."""

    status_url: str
    response_url: str
    cancel_url: str


class _Status(msgspec.Struct):
    status: str
    error: str | None = None
    error_type: str | None = None


class _File(msgspec.Struct):
    url: str
    content_type: str | None = None


class _Made(msgspec.Struct):
    video: _File


class _Price(msgspec.Struct):
    endpoint_id: str


class _Prices(msgspec.Struct):
    prices: list[_Price]


class _Detail(msgspec.Struct):
    msg: str = ""
    type: str | None = None


class _Said(msgspec.Struct):
    message: str = ""


class _Refused(msgspec.Struct):
    """Details of a model or of the queue, a cancel's status, or an error of the platform."""

    detail: str | list[_Detail] | None = None
    error_type: str | None = None
    status: str | int | None = None
    error: _Said | str | None = None


class Fal:
    """The queue. A ticket is the three places where a request is asked about."""

    name = "fal"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return tuple(family.model for family in FAMILIES)

    async def discover(self, account: Account) -> Sequence[Model]:
        """Those that have a price for *account*; all, if one of them is not known any more."""
        endpoints = {family.text.format(family.name): family for family in FAMILIES}
        base = (account.base_url or PLATFORM).rstrip("/")
        asked = urlencode({"endpoint_id": list(endpoints)}, doseq=True)
        call = _call("GET", f"{base}/v1/models/pricing?{asked}", account, home=base)
        try:
            answer = await self._outbound.ask(call, _Prices, explain=_explain_prices)
        except NotFound:
            return list(self.models())
        named = {price.endpoint_id for price in answer.body.prices}
        return [family.model for name, family in endpoints.items() if name in named]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """Never with outputs: so the ticket is kept first."""
        del attempt_id  # nothing there would know it again
        frames = {
            reference.role: data_url(reference.media_type, await inputs.read(reference))
            for reference in take.request.references
        }
        endpoint, fields = input_of(take.model, take.request, frames)
        body = msgspec.json.encode({**take.settings, **fields})
        call = _call("POST", f"{_base(account)}/{endpoint}", account, body=body)
        answer = await self._outbound.ask(call, _Taken, explain=_explain, sending=sending)
        taken = answer.body
        places = (taken.status_url, taken.response_url, taken.cancel_url)
        return Progress(ticket=" ".join(_path(url, account) for url in places))

    async def poll(self, ticket: str, account: Account) -> Progress:
        where, result, _ = _places(ticket)
        call = _call("GET", f"{_base(account)}{where}", account)
        answer = await self._outbound.ask(call, _Status, explain=_explain_ticket)
        match answer.body.status:
            case "IN_QUEUE" | "IN_PROGRESS":
                return Progress(ticket=ticket)
            case "COMPLETED":
                film = await self._film(result, answer.body, account)
                return Progress(ticket=ticket, percent=100, outputs=(film,))
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A request has the unknown status {status!r}.")

    async def _film(self, where: str, status: _Status, account: Account) -> Output:
        """Its film, or why there is none: the result says more than the status does."""
        call = _call("GET", f"{_base(account)}{where}", account)
        try:
            answer = await self._outbound.ask(call, _Made, explain=_explain_result)
        except EngineUnavailable:
            if status.error is None:
                raise
            said = " ".join(filter(None, (status.error, _bracketed(status.error_type))))
            raise GenerationFailed(quoted(said, account.secret)) from None
        file = answer.body.video
        kind = file.content_type or ""
        return Output(kind if kind.startswith("video/") else "video/mp4", url=file.url)

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", output.url or "", account)
        await self._outbound.download(call, path, explain=_explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        """What waits is taken away; what runs is asked to stop, and may not."""
        with suppress(TicketLost):
            _, _, where = _places(ticket)
            call = _call("PUT", f"{_base(account)}{where}", account)
            await self._outbound.ask(call, bytes, explain=_explain_cancel)


def _base(account: Account) -> str:
    return (account.base_url or BASE).rstrip("/")


def _call(
    method: str,
    url: str,
    account: Account,
    *,
    home: str | None = None,
    body: bytes | None = None,
) -> Call:
    return Call(
        method=method,
        url=url,
        home=home or _base(account),
        headers={"content-type": "application/json"} if body else {},
        credentials={"authorization": f"Key {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _path(url: str, account: Account) -> str:
    """*url* without where it is: a request is asked about at the account's own host alone."""
    base = _base(account)
    with suppress(ValueError):
        path = url.removeprefix(base) if url.startswith(f"{base}/") else urlsplit(url).path
        if path.startswith("/") and not any(letter.isspace() for letter in path):
            return path
    message = f"fal says to ask at {quoted(url, account.secret)!r}, which is nowhere."
    raise EngineMisbehaved(message, unanswered=True)


def _places(ticket: str) -> tuple[str, str, str]:
    match ticket.split(" "):
        case [status, result, cancel]:
            return status, result, cancel
    raise TicketLost("The ticket is not one of fal's.")


def _bracketed(kind: str | None) -> str:
    return f"({kind})" if kind else ""


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.MsgspecError, ValueError):
        return None
    kinds = {said.error_type, answer.headers.get("x-fal-error-type")}
    match said:
        case _Refused(detail=str(message)):
            pass
        case _Refused(detail=list(details)):
            message = " ".join(detail.msg for detail in details)
            kinds |= {detail.type for detail in details}
        case _Refused(error=_Said(message=message)) | _Refused(error=str(message)):
            pass
        case _Refused(status=str(message)):
            pass
        case _:
            return None
    kind = next((known for name, known in KINDS.items() if name in kinds), None)
    return Complaint(message=message, kind=kind)


def _explain_ticket(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return replace(complaint, kind=TicketLost)


def _explain_result(answer: Answer[bytes]) -> Complaint | None:
    """Here a status is the model's own, but for those that are about the account."""
    complaint = _explain(answer)
    if complaint is None or complaint.kind or answer.status in (401, 402, 403, 429):
        return complaint
    if answer.status in (404, 410):
        return replace(complaint, kind=OutputExpired)
    if answer.status == 422:
        return replace(complaint, kind=InvalidRequest)
    return replace(complaint, kind=GenerationFailed) if answer.status < 500 else complaint


def _explain_cancel(answer: Answer[bytes]) -> Complaint | None:
    """400: it is done already."""
    complaint = _explain(answer)
    if complaint is None or answer.status not in (400, 404, 410):
        return complaint
    return replace(complaint, kind=TicketLost)


def _explain_prices(answer: Answer[bytes]) -> Complaint | None:
    complaint = _explain(answer)
    if complaint is None or answer.status != 404:
        return complaint
    return replace(complaint, kind=NotFound)
