"""A server on a machine of one's own, whose memory another engine may need."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import EngineMisbehaved, FilmgateError, InvalidRequest
from filmgate.domain.job import Take
from filmgate.domain.progress import Progress
from filmgate.engines.openai_videos.adapter import OpenAIVideos
from filmgate.engines.openai_videos.answers import decoded
from filmgate.engines.openai_videos.complaints import explain
from filmgate.ports import Inputs
from filmgate.ports.calls import Answer, Complaint, Sending, quoted

MOVING = 120.0  #: seconds in which a model leaves a card, or comes back


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a server is told. It answers once it has done it."""

    path: str  #: from its root, where its API is `/v1`
    body: Mapping[str, Any] | None = None


class _Ack(msgspec.Struct):
    status: str
    error_msg: str | None = None


class _Done(msgspec.Struct):
    """What became of an order; of each stage, with vLLM-Omni."""

    acks: list[_Ack] = []


class _Said(msgspec.Struct):
    """SGLang's format of these errors."""

    message: str


class OwnServer(OpenAIVideos):
    """
    Its model stays on the card until it is told to move, and is told to come back.

    It is told so before each film of an account that shares its machine: who moved it may
    have been another process. A server that has its model already answers at once, or when
    it has drawn what it draws.
    """

    free_of_charge: ClassVar[bool] = True  #: so what it has forgotten is drawn again
    leave: ClassVar[Order]
    come_back: ClassVar[Order]

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        if account.machine is not None:
            # Whatever is wrong there, the create says who is to blame.
            with suppress(FilmgateError):
                await self._told(self.come_back, account)
        return await super().submit(
            take, account, attempt_id=attempt_id, inputs=inputs, sending=sending
        )

    async def free(self, account: Account) -> None:
        try:
            done = await self._told(self.leave, account)
        except InvalidRequest as error:  # which no caller has made
            raise EngineMisbehaved(error.message) from None
        for ack in done.acks:
            if ack.status == "ERROR":
                why = quoted(ack.error_msg or "It gives no reason.", account.secret)
                raise EngineMisbehaved(f"The server keeps its memory: {why}")

    async def _told(self, order: Order, account: Account) -> _Done:
        url = f"{self._url('', account).removesuffix('/v1')}{order.path}"
        given = order.body is not None
        headers = {"content-type": "application/json"} if given else {}
        body = msgspec.json.encode(order.body) if given else None
        call = self._call("POST", url, account, headers=headers, body=body)
        answer = await self._outbound.ask(call, _Done, explain=_explain, within=MOVING)
        return answer.body


def _explain(answer: Answer[bytes]) -> Complaint | None:
    said = decoded(answer.body, _Said)
    return explain(answer) or (Complaint(message=said.message) if said else None)
