"""
ComfyUI servers, which run a workflow that their operator made.

The API is the server's own (`server.py`, `comfy_execution/jobs.py`), without a version:
`/api/jobs` came in 2026, and what does not have it is asked for its queue and its history.
A task gets its id from us, so one whose answer was lost is asked for by name. The server
keeps it in memory: after its restart the ticket is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    Conflict,
    EngineMisbehaved,
    NotFound,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Reference, Role
from filmgate.engines.comfyui.answers import (
    Job,
    Past,
    Queue,
    Stats,
    Taken,
    Uploaded,
    explain,
    explain_create,
    explain_file,
    explain_job,
    failure_of,
    files_of,
)
from filmgate.engines.comfyui.capabilities import graphs_of, model_of
from filmgate.engines.comfyui.card import TEST_CARD, test_card
from filmgate.engines.comfyui.proposals import proposed
from filmgate.engines.comfyui.slots import FOLDER, SLOTS, chosen, filled
from filmgate.engines.comfyui.workflows import missing
from filmgate.ports import AfterLoss, Inputs, Proposed, Workshop
from filmgate.ports.calls import Call, Explain, Sending, quoted

BASE = "http://127.0.0.1:8188"
SHIPPED = {TEST_CARD.name: test_card}

_ATTEMPTS = UUID("6a3ce0a5-93a1-4b4e-8c3b-5d1b3e1f6f0c")  #: what our ids are made in

T = TypeVar("T")


class ComfyUI:
    """One server an account. A ticket is `ID@NODE`: the node saves the film."""

    name = "comfyui"
    after_loss = AfterLoss.ASK

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound

    def models(self) -> Iterable[Model]:
        return (TEST_CARD,)

    async def discover(self, account: Account) -> Sequence[Model]:
        """What is shipped, once it has let us in: workflows are the operator's to name."""
        await self._ask("GET", "/system_stats", account, Stats)
        return list(self.models())

    @staticmethod
    def propose(content: bytes, said: Mapping[str, Any]) -> Proposed:
        """A workflow in its API format is as good as a name's settings."""
        return proposed(content, said)

    def model_of(self, model: str, settings: Mapping[str, Any]) -> Model:
        return model_of(model, settings)

    async def missing(self, settings: Mapping[str, Any], account: Account) -> Sequence[str]:
        """Nodes, model files and other choices that the server does not offer."""
        graphs = graphs_of(settings)
        nodes = await self._ask("GET", "/object_info", account, dict[str, Any])
        lacks = [line for graph in graphs for line in missing(graph, nodes).lines]
        return list(dict.fromkeys(lacks))

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """A server that had the task already keeps it, and runs it once."""
        settings = take.settings or SHIPPED.get(take.model, dict)()
        workflow = chosen(take, settings)
        once = uuid5(_ATTEMPTS, attempt_id)
        ticket = f"{once}@{workflow.output}"
        with suppress(TicketLost):
            await self._job(str(once), account)
            return Progress(ticket=ticket)
        uploads: dict[Role, list[str]] = {}
        for number, reference in enumerate(take.request.references, 1):
            name = await self._upload(reference, account, f"{once}-{number}", inputs)
            uploads.setdefault(reference.role, []).append(name)
        graph = filled(workflow, take.request, uploads, once)
        wishes = frozenset(
            place for slot in SLOTS - {"output"} for place in workflow.places(slot)
        )
        with suppress(Conflict):
            taken = await self._ask(
                "POST", "/prompt", account, Taken,
                explain=partial(explain_create, wishes=wishes),
                body=msgspec.json.encode({"prompt": graph, "prompt_id": str(once)}),
                sending=sending,
            )  # fmt: skip
            # A server from before the summer of 2025 makes an id of its own.
            ticket = f"{taken.prompt_id}@{workflow.output}"
        return Progress(ticket=ticket)

    async def poll(self, ticket: str, account: Account) -> Progress:
        """How far it is the server tells over a websocket only: 1 means that it runs."""
        prompt_id, _, node = ticket.partition("@")
        job = await self._job(prompt_id, account)
        match job.status:
            case "pending":
                return Progress(ticket=ticket)
            case "in_progress":
                return Progress(ticket=ticket, percent=1)
            case "completed":
                films = files_of(job.outputs, node, _url("/view", account))
                return Progress(ticket=ticket, percent=100, outputs=films)
            case "failed" | "cancelled":
                raise failure_of(job.execution_status, account.secret)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = _call("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=explain_file)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Only this task: what else the server runs may be somebody else's."""
        prompt_id = ticket.partition("@")[0]
        path = f"/jobs/{quote(prompt_id, safe='')}/cancel"
        try:
            await self._ask("POST", path, account, bytes, explain=explain_job)
        except NotFound:
            await self._stop(prompt_id, account)

    async def _stop(self, prompt_id: str, account: Account) -> None:
        """At a server that cannot cancel by id. An interrupt is for the one that runs."""
        await self._ask("POST", "/queue", account, bytes, body=_json({"delete": [prompt_id]}))
        queue = await self._ask("GET", "/queue", account, Queue)
        if queue.status_of(prompt_id) == "in_progress":
            body = _json({"prompt_id": prompt_id})
            await self._ask("POST", "/interrupt", account, bytes, body=body)

    async def _job(self, prompt_id: str, account: Account) -> Job:
        """A task as the server knows it; raises `TicketLost` if it does not."""
        name = quote(prompt_id, safe="")
        with suppress(NotFound):
            return await self._ask("GET", f"/jobs/{name}", account, Job, explain=explain_job)
        # In this order: a task that ends in between is in the history then.
        queue = await self._ask("GET", "/queue", account, Queue)
        if (status := queue.status_of(prompt_id)) is not None:
            return Job(status=status)
        history = await self._ask("GET", f"/history/{name}", account, dict[str, Past])
        if prompt_id not in history:
            raise TicketLost("The ComfyUI server does not know this task any more.")
        return history[prompt_id].job

    async def _upload(
        self, reference: Reference, account: Account, name: str, inputs: Inputs
    ) -> str:
        """What a node that loads the file calls it. The same name is written over."""
        content = await inputs.read(reference)
        kind, body = _form(f"{name}.{reference.media_type.rpartition('/')[2]}", content)
        uploaded = await self._ask(
            "POST", "/upload/image", account, Uploaded, body=body, kind=kind
        )
        return f"{uploaded.subfolder}/{uploaded.name}" if uploaded.subfolder else uploaded.name

    async def _ask(  # noqa: PLR0913 (all keywords)
        self,
        method: str,
        path: str,
        account: Account,
        shape: type[T],
        *,
        explain: Explain = explain,
        body: bytes | None = None,
        kind: str = "application/json",
        sending: Sending | None = None,
    ) -> T:
        headers = {"content-type": kind} if body is not None else {}
        call = _call(method, path, account, headers=headers, body=body)
        answer = await self._outbound.ask(call, shape, explain=explain, sending=sending)
        return answer.body


def _call(  # noqa: PLR0913 (all keywords)
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Call:
    return Call(
        method=method,
        url=url or _url(path, account),
        home=account.base_url or BASE,
        headers=headers or {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def _url(path: str, account: Account) -> str:
    return f"{(account.base_url or BASE).rstrip('/')}/api{path}"


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _form(name: str, content: bytes) -> tuple[str, bytes]:
    """A form's media type and body, with *content* as an image that goes into our folder."""
    boundary = hashlib.sha256(name.encode()).hexdigest()
    fields = {"type": "input", "subfolder": FOLDER, "overwrite": "true"}
    lines = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    file = f'form-data; name="image"; filename="{name}"'
    lines.append(f"--{boundary}\r\ncontent-disposition: {file}\r\n\r\n")
    body = "".join(lines).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body
