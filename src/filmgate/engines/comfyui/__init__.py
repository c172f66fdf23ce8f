"""
ComfyUI servers, which run a workflow that their operator made.

The API is the server's own (`server.py`, `comfy_execution/jobs.py`), without a version:
`/api/jobs` came in 2026, and what does not have it is asked for its queue and its history.
A task gets its id from us, so one whose answer was lost is asked for by name. The server
keeps it in memory: after its restart the ticket is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar
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
from filmgate.engines.comfyui.calls import call_to, form_of, url_of
from filmgate.engines.comfyui.capabilities import graphs_of, model_of
from filmgate.engines.comfyui.card import TEST_CARD, test_card
from filmgate.engines.comfyui.listening import Listener
from filmgate.engines.comfyui.proposals import proposed
from filmgate.engines.comfyui.slots import SLOTS, chosen, filled
from filmgate.engines.comfyui.workflows import missing
from filmgate.ports import AfterLoss, Inputs, Proposed, Workshop
from filmgate.ports.calls import Explain, Sending, quoted

SHIPPED = {TEST_CARD.name: test_card}

_ATTEMPTS = UUID("6a3ce0a5-93a1-4b4e-8c3b-5d1b3e1f6f0c")  #: what our ids are made in

T = TypeVar("T")


class ComfyUI:
    """One server an account. A ticket is `ID@NODE`: the node saves the film."""

    name = "comfyui"
    after_loss = AfterLoss.ASK
    free_of_charge: ClassVar[bool] = True  #: so what it has forgotten is drawn again

    def __init__(self, workshop: Workshop) -> None:
        self._outbound = workshop.outbound
        self._listener = Listener(self._outbound)

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
        sent = {"prompt": graph, "prompt_id": str(once), "client_id": self._listener.client_id}
        self._listener.expect(str(once), graph)
        with suppress(Conflict):
            taken = await self._ask(
                "POST", "/prompt", account, Taken,
                explain=partial(explain_create, wishes=wishes),
                body=msgspec.json.encode(sent),
                sending=sending,
            )  # fmt: skip
            # A server from before the summer of 2025 makes an id of its own.
            ticket = f"{taken.prompt_id}@{workflow.output}"
            self._listener.expect(taken.prompt_id, graph)
        return Progress(ticket=ticket)

    async def poll(self, ticket: str, account: Account) -> Progress:
        """That it ends is asked for; how far it is is only listened for."""
        prompt_id, _, node = ticket.partition("@")
        job = await self._job(prompt_id, account)
        match job.status:
            case "pending":
                return Progress(ticket=ticket)
            case "in_progress":
                socket = call_to("GET", f"/ws?clientId={self._listener.client_id}", account)
                percent = self._listener.percent(prompt_id, socket)
                return Progress(ticket=ticket, percent=percent)
            case "completed":
                films = files_of(job.outputs, node, url_of("/view", account))
                return Progress(ticket=ticket, percent=100, outputs=films)
            case "failed" | "cancelled":
                raise failure_of(job.execution_status, account.secret)
            case unknown:
                status = quoted(unknown, account.secret)
                raise EngineMisbehaved(f"A task has the unknown status {status!r}.")

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        call = call_to("GET", "", account, url=output.url)
        await self._outbound.download(call, path, explain=explain_file)

    async def cancel(self, ticket: str, account: Account) -> None:
        """Only this task: what else the server runs may be somebody else's."""
        prompt_id = ticket.partition("@")[0]
        path = f"/jobs/{quote(prompt_id, safe='')}/cancel"
        try:
            await self._ask("POST", path, account, bytes, explain=explain_job)
        except NotFound:
            await self._stop(prompt_id, account)

    async def free(self, account: Account) -> None:
        """What the server holds, once it has drawn what it draws."""
        await self._tell("/free", account, {"unload_models": True, "free_memory": True})

    async def _stop(self, prompt_id: str, account: Account) -> None:
        """At a server that cannot cancel by id. An interrupt is for the one that runs."""
        await self._tell("/queue", account, {"delete": [prompt_id]})
        queue = await self._ask("GET", "/queue", account, Queue)
        if queue.status_of(prompt_id) == "in_progress":
            await self._tell("/interrupt", account, {"prompt_id": prompt_id})

    async def _tell(self, path: str, account: Account, said: object) -> None:
        """What is answered with nothing."""
        await self._ask("POST", path, account, bytes, body=msgspec.json.encode(said))

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
        media_type = reference.media_type
        kind, body = form_of(f"{name}.{media_type.rpartition('/')[2]}", media_type, content)
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
        call = call_to(method, path, account, headers=headers, body=body)
        answer = await self._outbound.ask(call, shape, explain=explain, sending=sending)
        return answer.body
