"""Clients that do not give up: a job counts as accepted once a create was answered 2xx."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from acceptance.faults import rudeness
from acceptance.faults.fleet import Node
from acceptance.faults.plan import MODES, Plan

LOST = (aiohttp.ClientError, TimeoutError)


@dataclass
class Traffic:
    """What callers do, and what they were told."""

    plan: Plan
    nodes: Sequence[Node]
    client: aiohttp.ClientSession
    accepted: dict[str, str] = field(default_factory=dict)  #: prompt to job
    promised: dict[str, set[str]] = field(default_factory=dict)  #: all jobs of a prompt
    #: How often each status and error code; (0, ""): no answer.
    answers: dict[tuple[int, str], int] = field(default_factory=dict)
    #: Ended jobs as callers were first shown them.
    ends: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.plan.seed)
        self._turn = itertools.cycle(self.nodes)

    async def create(self, number: int) -> None:
        """Until it is accepted, with one Idempotency-Key, at one node after the other."""
        prompt = self.plan.prompt(number)
        model = MODES[self.plan.mode(number)][0]
        body = {"prompt": prompt, "model": model, "seconds": "4", "size": "1280x720"}
        key = f"{self.plan.seed}-{number}"
        headers = {"idempotency-key": key}
        if self._is_rude():
            share = self._random.choice((0.5, 1.0))
            await rudeness.create(next(self._turn).url, body, key, share=share)
        while prompt not in self.accepted:
            try:
                url = f"{next(self._turn).url}/v1/videos"
                async with self.client.post(url, json=body, headers=headers) as answer:
                    told = await answer.json()
            except (*LOST, ValueError):
                self._told(0)
            else:
                self._told(answer.status, told)
                if 200 <= answer.status < 300:
                    self.promised.setdefault(prompt, set()).add(told["id"])
                    self.accepted[prompt] = told["id"]
                    # Some callers ask again though they were answered.
                    if self._random.random() < 0.05:
                        await self._again(url, body, headers)
                    if self._is_rude():
                        await rudeness.stream(next(self._turn).url, told["id"])
                    return
                refusal = f"{answer.status}: {told}"
                assert answer.status in (409, 429) or answer.status >= 500, refusal
            await asyncio.sleep(0.05 + self._random.random() / 10)

    async def _again(self, url: str, body: dict[str, str], headers: dict[str, str]) -> None:
        try:
            async with self.client.post(url, json=body, headers=headers) as answer:
                told = await answer.json()
        except (*LOST, ValueError):
            return
        if 200 <= answer.status < 300:
            self.promised[body["prompt"]].add(told["id"])

    async def listed(self, nodes: Sequence[Node] = ()) -> list[dict[str, Any]]:
        """Every job that there is, as callers are shown it by *nodes*, by default any."""
        turn = itertools.cycle(nodes) if nodes else self._turn
        found: list[dict[str, Any]] = []
        while True:
            after = f"&after={found[-1]['id']}" if found else ""
            page = await self._json(turn, f"/v1/videos?limit=100&order=asc{after}")
            found += page["data"]
            if not page["has_more"]:
                break
        for job in found:
            if job["status"] not in ("queued", "in_progress"):
                self.ends.setdefault(job["id"], end_of(job))
        return found

    async def film(self, job_id: str) -> str:
        """The SHA-256 of what is served."""
        if self._is_rude():
            await rudeness.download(next(self._turn).url, job_id)
        async with self.client.get(f"{next(self._turn).url}/v1/videos/{job_id}/content") as got:
            assert got.status == 200, f"{job_id}: {got.status} {await got.text()}"
            return hashlib.sha256(await got.read()).hexdigest()

    async def _json(self, turn: Iterator[Node], path: str) -> Any:
        for _ in range(50):
            try:
                async with self.client.get(next(turn).url + path) as answer:
                    if answer.status == 200:
                        return await answer.json()
                    self._told(answer.status)
            except LOST:
                self._told(0)
            await asyncio.sleep(0.2)
        raise AssertionError(f"{path} was not answered for 10 s: {self.answers}")

    def _told(self, status: int, body: Any = None) -> None:
        error = (body or {}).get("error") or {} if status >= 400 else {}
        told = (status, str(error.get("code") or ""))
        self.answers[told] = self.answers.get(told, 0) + 1

    def _is_rude(self) -> bool:
        return self._random.random() < self.plan.rude


def end_of(job: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of an ended job may never change."""
    return job["status"], job.get("completed_at"), json.dumps(job.get("error"))
