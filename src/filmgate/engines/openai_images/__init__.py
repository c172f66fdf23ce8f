"""
Anybody who speaks the OpenAI Images API: https://platform.openai.com/docs/api-reference/images.

It makes stills, and answers with them at once. So a ticket is a name of our own, for what
this process holds until it is stored: whoever comes after it finds nothing, and must not
pay again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    StorageUnavailable,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, Option
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Operation, Role, Size
from filmgate.engines.openai_images.bodies import FORMATS, body_of, kind_of
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Sending

BASE = "https://api.openai.com/v1"
LONGEST = 300.0  #: seconds to make a still: its request is answered no sooner
CODES: Mapping[str | int | None, type[FilmgateError]] = {
    "moderation_blocked": ContentRejected,
    "content_policy_violation": ContentRejected,
    "billing_hard_limit_reached": AccountExhausted,  # said with a 400
}

_SQUARE = Size(1024, 1024)
_SIZES = (_SQUARE, Size(1536, 1024), Size(1024, 1536))
_MORE = (
    *_SIZES, Size(1280, 720), Size(720, 1280), Size(1536, 864), Size(864, 1536),
    Size(1792, 1024), Size(1024, 1792), Size(2560, 1440), Size(1440, 2560),
)  # fmt: skip
_QUALITIES = ("auto", "low", "medium", "high")


def _model(
    name: str, sizes: tuple[Size, ...] = _SIZES, qualities: tuple[str, ...] = _QUALITIES
) -> Model:
    return Model(
        name=name,
        media=Media.IMAGE,
        sizes=sizes,
        default_size=_SQUARE,
        operations=frozenset({Operation.CREATE, Operation.EDIT}),
        roles={Role.SOURCE: 1, Role.SUBJECT: 15, Role.MASK: 1},
        formats=FORMATS,
        options={
            "quality": Option(str, "How carefully it is drawn.", choices=qualities),
            "background": Option(
                str, "What is behind it.", choices=("auto", "opaque", "transparent")
            ),
            "moderation": Option(str, "How strict its filter is.", choices=("auto", "low")),
            "output_compression": Option(int, "From 0 to 100, of a jpeg or webp."),
        },
    )


GPT_IMAGE_2 = _model("gpt-image-2", _MORE)
MODELS = (
    GPT_IMAGE_2,
    _model("gpt-image-2.5-sunburst", _MORE, (*_QUALITIES, "xhigh", "max")),
    _model("gpt-image-2.5-flare", _MORE, (*_QUALITIES, "xhigh", "max")),
    _model("gpt-image-1.5"),
    _model("gpt-image-1-mini"),
)


class _Still(msgspec.Struct):
    b64_json: bytes | None = None
    url: str | None = None


class _Stills(msgspec.Struct):
    data: Annotated[list[_Still], msgspec.Meta(min_length=1)]


class _Listed(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Listed]


class _Said(msgspec.Struct):
    message: str
    code: str | int | None = None


class _Refused(msgspec.Struct):
    error: _Said


class OpenAIImages:
    """Stills, one a job."""

    name = "openai_images"
    after_loss = AfterLoss.NEVER

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound
        self._folder = workshop.folder
        self._held: dict[str, bytes] = {}  #: stills that are not on the disk yet
        self._links: dict[str, Output] = {}  #: to those that are not fetched yet

    def models(self) -> Iterable[Model]:
        return MODELS

    async def discover(self, account: Account) -> Sequence[Model]:
        """Those that are known by name; of a server that has none of them, all it has."""
        call = _call("GET", "/models", account)
        answer = await self._outbound.ask(call, _List, explain=_explain)
        names = [one.id for one in answer.body.data]
        known = [model for model in MODELS if model.name in names]
        return known or [replace(MODELS[-1], name=name) for name in names]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """With its output, but for a disk that is full: then the next polls write it."""
        pictures = [(one, await inputs.read(one)) for one in take.request.references]
        kind, body = body_of(take, pictures)
        path = "/images/edits" if pictures else "/images/generations"
        call = _call("POST", path, account, kind=kind, body=body)
        answer = await self._outbound.ask(
            call, _Stills, explain=_explain, sending=sending, within=LONGEST
        )
        still = answer.body.data[0]
        if still.b64_json and kind_of(still.b64_json):
            self._held[attempt_id] = still.b64_json
        elif still.url and not still.b64_json:
            link = Output(f"image/{take.request.format or FORMATS[0]}", url=still.url)
            self._links[attempt_id] = link
        else:
            message = "The answer has no still: neither a png, jpeg or webp nor a link."
            raise EngineMisbehaved(message, unanswered=True)
        with suppress(StorageUnavailable):
            return await self.poll(attempt_id, account)
        return Progress(ticket=attempt_id)

    async def poll(self, ticket: str, account: Account) -> Progress:
        """What is still held of an answer that has come: asks nobody."""
        del account
        if (output := self._links.get(ticket)) is None:
            path = await asyncio.to_thread(self._kept, ticket)
            if path is None:
                raise TicketLost("The process that had the still has ended.")
            output = Output(f"image/{path.suffix[1:]}", path=path)
        return Progress(ticket=ticket, percent=100, outputs=(output,))

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=_explain)
        if await asyncio.to_thread(_read_kind, path) != output.media_type.rpartition("/")[2]:
            await asyncio.to_thread(path.unlink)
            raise EngineMisbehaved(f"The link leads to what is no {output.media_type}.")
        self._links = {ticket: link for ticket, link in self._links.items() if link != output}

    async def cancel(self, ticket: str, account: Account) -> None:
        """Nothing is under way any more: only what is held is dropped."""
        del account
        self._held.pop(ticket, None)
        self._links.pop(ticket, None)
        for path in self._paths(ticket):
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _kept(self, ticket: str) -> Path | None:
        """Where the still lies, written now if it was not before."""
        if (content := self._held.get(ticket)) is not None:
            path = self._folder / f"{quote(ticket, safe='')}.{kind_of(content)}"
            try:
                path.write_bytes(content)
            except OSError as error:
                message = f"The still cannot be written to the disk: {error.strerror}."
                raise StorageUnavailable(message) from None
            self._held.pop(ticket, None)
        return next((path for path in self._paths(ticket) if path.exists()), None)

    def _paths(self, ticket: str) -> list[Path]:
        return [self._folder / f"{quote(ticket, safe='')}.{kind}" for kind in FORMATS]


def _read_kind(path: Path) -> str | None:
    with path.open("rb") as file:
        return kind_of(file.read(12))


def _call(  # noqa: PLR0913 (all keywords)
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    kind: str | None = None,
    body: bytes | None = None,
) -> Call:
    home = account.base_url or BASE
    return Call(
        method=method,
        url=url or f"{home.rstrip('/')}{path}",
        home=home,
        headers={"content-type": kind} if kind else {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _explain(answer: Answer[bytes]) -> Complaint | None:
    try:
        said = msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None
    return Complaint(message=said.message, kind=CODES.get(said.code))
