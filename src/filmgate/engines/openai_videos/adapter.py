"""The engines: what is sent to whom, and what is made of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    OutputExpired,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Role, Size
from filmgate.engines.openai_videos.answers import State, Taken, Video, link_in
from filmgate.engines.openai_videos.bodies import Picture, body_of
from filmgate.engines.openai_videos.complaints import (
    explain,
    explain_cancel,
    explain_create,
    explain_poll,
)
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Sending, quoted

T = TypeVar("T")

LONGEST = timedelta(minutes=5)  #: that an upstream may keep us from asking
CONTENT = "/content"
MOST_JSON = 1 << 20  #: bytes of what may stand in a film's place

_SMALL = (Size(720, 1280), Size(1280, 720))
_LARGE = (Size(1024, 1792), Size(1792, 1024), Size(1080, 1920), Size(1920, 1080))


@dataclass(frozen=True, kw_only=True)
class Quirks:
    """In what a server contradicts the others. What is only odd, all answers are read with."""

    base: str = "https://api.openai.com/v1"  #: where it is, if the account does not say
    form: bool = False  #: takes no JSON


def _model(name: str, sizes: tuple[Size, ...]) -> Model:
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=sizes,
        default_size=Size(720, 1280),
        seconds=(4.0, 8.0, 12.0, 16.0, 20.0),
        default_seconds=4.0,
        roles={Role.FIRST_FRAME: 1},
        exact_references=True,
    )


SORA_2 = _model("sora-2", _SMALL)
SORA_2_PRO = _model("sora-2-pro", _SMALL + _LARGE)


class _Listed(msgspec.Struct):
    id: str
    task_type: str | None = None  #: SGLang's: T2V, TI2V, T2I, …


class _List(msgspec.Struct):
    data: list[_Listed]


class OpenAIVideos:
    """The API as OpenAI described it."""

    name = "openai_videos"
    after_loss = AfterLoss.NEVER
    quirks: ClassVar[Quirks] = Quirks()

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return (SORA_2, SORA_2_PRO)

    def unknown(self, name: str) -> Model:
        """What is told of a model of which only the name is known."""
        return replace(SORA_2_PRO, name=name)

    def asked(
        self, take: Take, pictures: Sequence[Picture]
    ) -> tuple[Mapping[str, Any], Picture | None]:
        """A create's fields, and the picture that goes along as a file."""
        request = take.request
        fields = {"model": take.model, "prompt": request.prompt}
        if request.seconds is not None:
            fields["seconds"] = f"{request.seconds:g}"
        if request.size is not None:
            fields["size"] = str(request.size)
        return {**take.settings, **fields}, pictures[0] if pictures else None

    async def discover(self, account: Account) -> Sequence[Model]:
        """By name: what a model takes nobody tells here, so it is told by who made it."""
        call = self._call("GET", "/models", account)
        listed = (await self._outbound.ask(call, _List, explain=explain)).body.data
        known = {model.name: model for model in self.models()}
        films = [one for one in listed if (one.task_type or "V").endswith("V")]
        return [known.get(one.id) or self.unknown(one.id) for one in films]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """Never with outputs, even if it is done at once: so the ticket is kept first."""
        pictures = [Picture(one, await inputs.read(one)) for one in take.request.references]
        fields, frame = self.asked(take, pictures)
        kind, body = body_of(fields, frame, as_form=self.quirks.form)
        headers = {"content-type": kind, "idempotency-key": attempt_id}
        call = self._call("POST", "/videos", account, headers=headers, body=body)
        answer = await self._outbound.ask(call, Taken, explain=explain_create, sending=sending)
        return Progress(ticket=answer.body.ticket, poll_after=_hint(answer))

    async def poll(self, ticket: str, account: Account) -> Progress:
        url = self._url(f"/videos/{quote(ticket, safe='')}", account)
        answer = await self._asked_again(url, ticket, account)
        video = answer.body.task
        match video.state:
            case State.OPEN:
                wait = _hint(answer)
                return Progress(ticket=ticket, percent=video.percent, poll_after=wait)
            case State.DONE:
                film = Output("video/mp4", url=f"{url}{CONTENT}")
                return Progress(ticket=ticket, percent=100, outputs=(film,))
            case State.FAILED | State.EXPIRED:
                raise video.failure(account.secret)
        status = quoted(str(video.status), account.secret)
        raise EngineMisbehaved(f"A video has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        """
        What the content's own path has, or else leads to.

        Some answer there with JSON that links to the film, and some have no such path, and
        link in what they tell of the task.
        """
        content = str(output.url)
        call = self._call("GET", content, account)
        try:
            await self._outbound.download(call, path, explain=explain)
        except (OutputExpired, EngineMisbehaved, EngineUnavailable, AccountRejected) as error:
            link = None if error.unanswered else await self._linked(content, account)
            if link is None:
                raise
        else:
            said = await asyncio.to_thread(_json_in, path)
            if said is None:
                return
            link = link_in(said) or await self._linked(content, account)
            if link is None:
                raise EngineMisbehaved("The upstream sends JSON in place of its film.")
        call = self._call("GET", link, account)
        await self._outbound.download(call, path, explain=explain)

    async def cancel(self, ticket: str, account: Account) -> None:
        call = self._call("DELETE", f"/videos/{quote(ticket, safe='')}", account)
        with suppress(TicketLost):
            await self._outbound.ask(call, bytes, explain=explain_cancel)

    async def _linked(self, content: str, account: Account) -> str | None:
        """Where the task's own answer says that its film is."""
        url = content.removesuffix(CONTENT)
        try:
            video = (await self._asked_again(url, "", account)).body.task
        except FilmgateError:
            return None
        if video.state is State.OPEN:
            raise EngineUnavailable("The upstream had said that its film is done.")
        link = video.link
        # new-api may tell an address at which only its operator finds it.
        return None if link is None or link.endswith(CONTENT) else link

    async def _asked_again(self, url: str, ticket: str, account: Account) -> Answer[Video]:
        read = partial(explain_poll, ticket=ticket, secret=account.secret)
        return await self._outbound.ask(self._call("GET", url, account), Video, explain=read)

    def _call(
        self,
        method: str,
        place: str,
        account: Account,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Call:
        secret = account.secret
        return Call(
            method=method,
            url=self._url(place, account) if place.startswith("/") else place,
            home=account.base_url or self.quirks.base,
            headers=headers or {},
            credentials={"authorization": f"Bearer {secret}"} if secret else {},
            body=body,
            proxy=account.proxy,
        )

    def _url(self, path: str, account: Account) -> str:
        return f"{(account.base_url or self.quirks.base).rstrip('/')}{path}"


class Filmgate(OpenAIVideos):
    """Another filmgate, which gives the same key the same job for a day."""

    name = "filmgate"
    after_loss = AfterLoss.ASK


def _json_in(path: Path) -> bytes | None:
    """What stands in the film's place, which is taken away."""
    if path.stat().st_size > MOST_JSON:
        return None
    content = path.read_bytes()
    if not content.lstrip().startswith(b"{"):
        return None
    path.unlink()
    return content


def _hint(answer: Answer[T]) -> timedelta | None:
    """When it wants to be asked again, if it says so."""
    said = answer.headers.get("openai-poll-after-ms", "")
    if said.isascii() and said.isdigit() and len(said) < 10:
        return min(timedelta(milliseconds=int(said)), LONGEST)
    return min(answer.retry_after, LONGEST) if answer.retry_after is not None else None
