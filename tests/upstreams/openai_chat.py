"""
OpenAI's Chat Completions API on loopback, which streams, with what other servers do to it.

What it refuses is what the types of OpenAI's SDK forbid (openai 3.52,
`CompletionCreateParamsStreaming` and `ChatCompletion…MessageParam`). `quirks` are:

    role      a first chunk with a role and no content, and a last one with no choices
    comments  keep-alive comments between the events
    crlf      lines that end in CR LF, and events that come in pieces
    bare      neither `[DONE]` nor a space after the colon
    thinks    thoughts before the prompt, in `<think>` and in a field of their own
    slow      pauses between the words
    refuses   the model declines, in words of its own
    filtered  a filter stops the model after some words
    breaks    the line is cut after some words
    ends      the stream ends after some words, without a word about it
    empty     it ends at once, as if all were said
    garbage   an event that is no JSON
    json      an answer that is whole, though a stream was asked for
    endless   it never stops
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from aiohttp import web

from upstreams.answers import HTML, cut, failed, silence
from upstreams.standin import WHYS, StandIn, Task

SAID = (
    "PRIMARY: A kite", " rises.\nSETTING: The sea.\nLOOK: Plain.\n", "CAMERA: Still.\n",
    "LIGHT: 晨光.\n", "[0-4s] Wide: it rises.",
)  # fmt: skip

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _System(msgspec.Struct, forbid_unknown_fields=True, tag_field="role", tag="system"):
    content: _Text
    name: str | None = None


class _User(msgspec.Struct, forbid_unknown_fields=True, tag_field="role", tag="user"):
    content: _Text
    name: str | None = None


class _Options(msgspec.Struct, forbid_unknown_fields=True):
    include_usage: bool = False
    include_obfuscation: bool = False


class _Create(msgspec.Struct, forbid_unknown_fields=True):
    model: _Text
    messages: Annotated[list[_System | _User], msgspec.Meta(min_length=1)]
    stream: Literal[True]
    stream_options: _Options | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    max_completion_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None


@dataclass
class OpenAIChat(StandIn):
    engine: ClassVar[str] = "openai_chat"
    prefix: ClassVar[str] = "/v1"
    cancels: ClassVar[bool] = False

    models: Sequence[str] = ("kite-chat",)
    quirks: frozenset[str] = frozenset()
    error: Any = None  #: an event that comes after the first words
    refuses_with: web.Response | None = None
    open: int = 0  #: streams
    most_open: int = 0
    left: list[str] = field(default_factory=list)  #: prompts whose readers have gone

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/v1/chat/completions", self.chat),
            web.get("/v1/models", self._models),
        ]

    def lets_in(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    def refusal(self, why: str) -> web.Response | None:
        match why:
            case "rejected":
                return failed(401, "Incorrect API key provided.", code="invalid_api_key")
            case "broke":
                message = "You exceeded your current quota."
                return failed(
                    429, message, kind="insufficient_quota", code="insufficient_quota"
                )
            case "busy":
                wait = {"retry-after": "7"}
                return failed(429, "Slow down.", code="rate_limit_exceeded", headers=wait)
            case "overloaded":
                return failed(503, "The model is overloaded.", kind="server_error")
            case "moderated":
                return failed(400, "Flagged by our usage policy.", code="invalid_prompt")
        return failed(400, "Invalid value.", code="invalid_value", param="messages")

    def wrong(self, request: web.Request, body: Any) -> str | None:
        try:
            asked = msgspec.convert(body, _Create)
        except msgspec.ValidationError as error:
            return f"{request.path}: {error}"
        if request.content_type != "application/json":
            return f"content-type: {request.content_type}"
        return None if asked.model in self.models else f"model: {asked.model}"

    async def chat(  # noqa: PLR0911 (one a fault)
        self, request: web.Request
    ) -> web.StreamResponse:
        body, fault = await self.read(request), self.faults.next("create")
        match fault:
            case "refuse_cut":
                return cut(request)
            case "accept_silent":
                return await silence(request)
            case "accept_504":
                return web.Response(status=504, text=HTML, content_type="text/html")
            case "accept_garbage":
                return web.Response(text=HTML, content_type="text/html")
            case str(why) if why in WHYS and (refusal := self.refusal(why)):
                return refusal
        if self.refuses_with is not None:
            return self.refuses_with
        if (wrong := self.wrong(request, body)) is not None:
            self.refused.append(wrong)
            return failed(400, "Invalid value.", code="invalid_value")
        self._begun(body)
        if "json" in self.quirks:
            return web.json_response({"object": "chat.completion", "choices": []})
        return await self._streamed(request, body)

    async def _streamed(self, request: web.Request, body: Any) -> web.StreamResponse:
        answer = web.StreamResponse(
            headers={"content-type": "text/event-stream; charset=utf-8"}
        )
        await answer.prepare(request)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            async for event in self._events(body):
                raw = (
                    event.replace("\n", "\r\n").encode()
                    if "crlf" in self.quirks
                    else event.encode()
                )
                half = len(raw) // 2 if "crlf" in self.quirks else len(raw)
                for piece in (raw[:half], raw[half:]):
                    await answer.write(piece)
                    await asyncio.sleep(0.02 if "slow" in self.quirks else 0)
            if "breaks" in self.quirks:
                return cut(request, answer)
            await answer.write_eof()
        except ConnectionError:
            self.left.append(self.prompt_of(body))
        finally:
            self.open -= 1
        return answer

    async def _events(self, body: Any) -> AsyncIterator[str]:  # noqa: C901, PLR0912 (one a quirk)
        quirks = self.quirks
        if "role" in quirks:
            yield self._event({"role": "assistant", "content": "", "refusal": None})
        if "thinks" in quirks:
            for delta in (
                {"reasoning_content": "Hm."},
                {"content": "\n<th"},
                {"content": "ink>So"},
            ):
                yield self._event(delta)
            yield self._event({"content": ".</think>\n\n"})
        if "refuses" in quirks:
            yield self._event({"refusal": "I can't "})
            yield self._event({"refusal": "help with that."})
        words = () if quirks & {"refuses", "empty"} else SAID
        for number, word in enumerate(words):
            if "comments" in quirks:
                yield ": still here\n\n"
            if number == 2 and self.error is not None:
                yield f"data: {json.dumps(self.error)}\n\n"
            if number == 2 and "garbage" in quirks:
                yield "data: <html>\n\n"
            if number == 2 and quirks & {"breaks", "ends"}:
                return
            if number == 2 and "filtered" in quirks:
                yield self._event({}, "content_filter")
            yield self._event({"content": word})
        while "endless" in quirks:
            yield self._event({"content": "and on " * 100})
        yield self._event({}, "stop")
        if "role" in quirks or (body.get("stream_options") or {}).get("include_usage"):
            usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
            yield f"data: {json.dumps({**_CHUNK, 'choices': [], 'usage': usage})}\n\n"
        if "bare" not in quirks:
            yield "data: [DONE]\n\n"

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        colon = "data:" if "bare" in self.quirks else "data: "
        said = json.dumps({**_CHUNK, "choices": [choice]}, ensure_ascii=False)
        return f"{colon}{said}\n\n"

    def prompt_of(self, body: Any) -> str:
        return str(body["messages"][-1]["content"])

    def pictures_of(self, body: Any) -> list[bytes]:
        raise NotImplementedError  # it takes none

    def created(self, task: Task) -> web.Response:
        raise NotImplementedError

    def polled(self, task: Task) -> web.Response:
        raise NotImplementedError

    def unknown(self, task_id: str) -> web.Response:
        raise NotImplementedError

    async def _models(self, request: web.Request) -> web.Response:
        del request
        listed = [
            {"id": name, "object": "model", "created": int(time.time()), "owned_by": "nobody"}
            for name in self.models
        ]
        return web.json_response({"object": "list", "data": listed})


_CHUNK = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "kite-chat",
    "system_fingerprint": None,
}
STAND_IN = OpenAIChat
