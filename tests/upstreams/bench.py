"""
An engine and a site that answers one thing: what is sent, and what is made of the answer.

For what a vendor's stand-in does not say by itself: odd statuses, codes, costs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filmgate import (
    Account,
    Engine,
    FilmgateError,
    Media,
    Progress,
    Reference,
    Role,
    Size,
    Take,
    Workshop,
)
from filmgate.domain.request import GenerationRequest
from filmgate.engines import load
from filmgate.outbound import Outbound
from upstreams.site import Asked, Site, answer

KEY = "key-of-nobody-0123456789"
PROMPT = "a kite, 风筝"
PICTURE = "data:image/png;base64,UE5H"


def reference(role: Role, *, name: str | None = None) -> Reference:
    size = Size(1280, 720)
    return Reference(asset_id=role, role=role, media_type="image/png", size=size, name=name)


class Inputs:
    """Every file is the same."""

    async def read(self, reference: Reference) -> bytes:
        del reference
        return b"PNG"

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    """*paths* of the vendor by what is asked: create, poll, cancel."""

    engine: Engine
    account: Account
    paths: Mapping[str, str]
    created: Mapping[str, Any] = field(default_factory=dict)  #: what a create is answered

    def take(self, model: str, settings: Mapping[str, Any], **fields: Any) -> Take:
        known = {one.name: one for one in self.engine.models()}
        request = GenerationRequest(model=model, media=Media.VIDEO, prompt=PROMPT)
        filled = replace(request, **fields)
        if model in known:
            filled = known[model].fill(filled)
            known[model].check(filled)
        return Take(engine=self.engine.name, model=model, request=filled, settings=settings)

    async def sent(
        self, model: str, settings: Mapping[str, Any] | None = None, **fields: Any
    ) -> Asked:
        """A create as it came in."""
        take = self.take(model, settings or {}, **fields)
        said = answer(body=json.dumps(self.created).encode())
        async with Site({self.paths["create"]: said}) as site:
            begun = await self._submit(take, site.url)
        assert (begun.ticket, begun.done) == ("task-1", False)
        (asked,) = site.asked
        return asked

    async def refusal(self, method: str, said: bytes) -> type[FilmgateError] | None:
        """What is raised when *said* is answered; no secret is in it."""
        raised = None
        async with Site(dict.fromkeys(self.paths.values(), said)) as site:
            account = replace(self.account, base_url=site.url)
            try:
                match method:
                    case "create":
                        first = next(iter(self.engine.models()))
                        await self._submit(self.take(first.name, {}), site.url)
                    case "poll":
                        await self.engine.poll("task-1", account)
                    case "cancel":
                        await self.engine.cancel("task-1", account)
            except FilmgateError as error:
                raised = error
        assert KEY not in f"{raised!r}"
        return type(raised) if raised else None

    async def polled(self, task: Mapping[str, Any]) -> Progress:
        said = answer(body=json.dumps(task).encode())
        async with Site({self.paths["poll"]: said}) as site:
            return await self.engine.poll("task-1", replace(self.account, base_url=site.url))

    async def _submit(self, take: Take, url: str) -> Progress:
        async def sending() -> None:
            pass

        account = replace(self.account, base_url=url)
        return await self.engine.submit(
            take, account, attempt_id="attempt_1", inputs=Inputs(), sending=sending
        )


@asynccontextmanager
async def bench_of(
    name: str, folder: Path, *, paths: Mapping[str, str], created: Mapping[str, Any]
) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=5)
    engine = load(name)(Workshop(folder=folder, cores=1, outbound=outbound))
    account = Account(id="account_1", engine=name, label="x", seats=1, secret=KEY)
    yield Bench(engine, account, paths, created)
    await outbound.close()
