"""`/v1/batches`: https://platform.openai.com/docs/api-reference/batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.envelope import answer
from filmgate.dialects.openai.image_batches import PATH as STILLS
from filmgate.dialects.openai.video_batches import PATH as VIDEOS
from filmgate.domain.batch import (
    LONGEST_CUSTOM_ID,
    Answer,
    Batch,
    BatchLine,
    BatchStatus,
    LineState,
)
from filmgate.domain.errors import FilmgateError, InvalidRequest
from filmgate.domain.file import LONGEST_KEPT
from filmgate.gateway.batch_wire import ReadLine
from filmgate.gateway.batches import Batching, NewBatch
from filmgate.web.answers import Page
from filmgate.web.auth import Door
from filmgate.web.endpoint import AFTER, ID, LIMIT, endpoint
from filmgate.web.field_types import Pairs, const, one_of, whole
from filmgate.web.idempotency import claim_of
from filmgate.web.paging import limit_of, page
from filmgate.web.reading import MOST_VALUES, read

COMPLETION_WINDOW = "24h"
METHOD = "POST"  #: of every request in a batch

#: Bytes of JSON; each character may take twelve.
_LONGEST_TEXT = 12 * LONGEST_CUSTOM_ID + 2


_LONGEST = int(LONGEST_KEPT.total_seconds())


class OutputExpiresAfter(msgspec.Struct, forbid_unknown_fields=True):
    anchor: Annotated[str, const("created_at")]
    seconds: Annotated[int | str, whole(3600, _LONGEST)]  # a form says numbers as text


class BatchCreate(msgspec.Struct, forbid_unknown_fields=True):
    input_file_id: str
    endpoint: Annotated[str, one_of(VIDEOS, STILLS)]
    completion_window: Annotated[str, const(COMPLETION_WINDOW)]
    metadata: Pairs = None
    output_expires_after: OutputExpiresAfter | None = None


class BatchError(msgspec.Struct):
    code: str
    message: str
    param: str | None
    line: int | None


class BatchErrors(msgspec.Struct):
    data: Sequence[BatchError]
    object: str = "list"


class RequestCounts(msgspec.Struct):
    total: int
    completed: int
    failed: int


class BatchObject(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What has no value yet is left out: the contract has no null for it."""

    id: str
    object: Annotated[str, const("batch")]
    endpoint: str
    input_file_id: str
    completion_window: str
    status: BatchStatus
    created_at: int  # seconds since 1970
    expires_at: int
    request_counts: RequestCounts
    model: str | None = None
    errors: BatchErrors | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    in_progress_at: int | None = None
    finalizing_at: int | None = None
    completed_at: int | None = None
    failed_at: int | None = None
    expired_at: int | None = None
    cancelling_at: int | None = None
    cancelled_at: int | None = None
    metadata: Mapping[str, str] | None = None


class Line(msgspec.Struct):
    """A line of an input file. Raw, so that a large one costs no more than its bytes."""

    custom_id: msgspec.Raw = msgspec.Raw()
    method: msgspec.Raw = msgspec.Raw()
    url: msgspec.Raw = msgspec.Raw()
    body: msgspec.Raw = msgspec.Raw()


class ModelName(msgspec.Struct):
    model: str | None = None


class Answered(msgspec.Struct):
    status_code: int
    request_id: str
    body: msgspec.Raw


class NotMade(msgspec.Struct):
    code: str
    message: str


class OutputLine(msgspec.Struct):
    id: str
    custom_id: str
    response: Answered | None
    error: NotMade | None


class Batches:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(self, batching: Batching, door: Door) -> None:
        self._batching = batching
        self._door = door

    def routes(self) -> list[Route]:
        return [
            Route("/v1/batches", self.create, methods=["POST"]),
            Route("/v1/batches", self.list, methods=["GET"]),
            Route("/v1/batches/{batch_id}", self.retrieve, methods=["GET"]),
            Route("/v1/batches/{batch_id}/cancel", self.cancel, methods=["POST"]),
        ]

    @endpoint(
        "Create a batch",
        body=BatchCreate,
        answer=BatchObject,
        errors=(404,),
        makes="batch_id",
        takes={"file_id": {"input_file_id": ID}},
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, BatchCreate) as body:
            new = read_new(body)
        claim = claim_of(request, caller)
        return answer(render(await self._batching.create(new, caller, claim)))

    @endpoint("Get a batch", answer=BatchObject)
    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return answer(render(await self._batching.get(request.path_params["batch_id"], caller)))

    @endpoint("List batches", answer=Page[BatchObject], query=(LIMIT, AFTER))
    async def list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        query = request.query_params
        batches, more = await self._batching.list(
            caller, after=query.get("after"), limit=limit_of(query)
        )
        found = page(batches, more=more, render=render, id_of=lambda batch: batch.id)
        # Of no batches there is no first and no last: the contract has no null for it.
        return answer({name: value for name, value in found.items() if value is not None})

    @endpoint("Cancel a batch", answer=BatchObject, keyed=False, errors=(400,))
    async def cancel(self, request: Request) -> Response:
        """Sent twice it says the same, so an Idempotency-Key adds nothing."""
        caller = await self._door.caller(request)
        batch_id = request.path_params["batch_id"]
        return answer(render(await self._batching.cancel(batch_id, caller)))


class JSONLines:
    """`gateway.batch_wire.Wire`: the files, one JSON object on each line."""

    def read(self, raw: bytes, endpoint: str) -> ReadLine:
        if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise _not_json(f"it has more than {MOST_VALUES} values")
        line = _json(raw, Line)
        custom_id = _text(line.custom_id, "custom_id")
        if not custom_id or len(custom_id) > LONGEST_CUSTOM_ID or "\0" in custom_id:
            message = f"A custom_id has 1 to {LONGEST_CUSTOM_ID} characters."
            raise InvalidRequest(message, param="custom_id", code="invalid_custom_id")
        method = _text(line.method, "method")
        if method != METHOD:
            message = f"The method '{method[:80]}' is not supported. Every request is a POST."
            raise InvalidRequest(message, param="method", code="invalid_method")
        url = _text(line.url, "url")
        if url != endpoint:
            message = f"The url '{url[:80]}' is not the batch's endpoint, '{endpoint}'."
            raise InvalidRequest(message, param="url", code="mismatched_url")
        if not len(line.body):
            raise _missing("body")
        if bytes(memoryview(line.body)[:1]) != b"{":
            message = "Invalid type for 'body': expected an object."
            raise InvalidRequest(message, param="body", code="invalid_type")
        try:
            body = str(line.body, "utf-8")
        except UnicodeDecodeError:
            raise _not_json("a string in it is not UTF-8") from None
        return ReadLine(custom_id=custom_id, body=body, model=_model(body))

    def refuse(self, error: FilmgateError) -> Answer:
        rendered = envelope.render(error)
        return Answer(status=rendered.status_code, body=bytes(rendered.body).decode())

    def answered(self, batch_id: str, line: BatchLine, answer: Answer) -> bytes:
        made, told = _ids(batch_id, line)
        response = Answered(
            status_code=answer.status,
            request_id=told,
            body=msgspec.Raw(answer.body.encode()),
        )
        return _written(OutputLine(made, line.custom_id, response, None))

    def stopped(self, batch_id: str, line: BatchLine) -> bytes:
        made, _ = _ids(batch_id, line)
        return _written(OutputLine(made, line.custom_id, None, _WHY[line.state]))


def read_new(body: BatchCreate) -> NewBatch:
    """Raises `InvalidRequest` naming the field."""
    if body.completion_window != COMPLETION_WINDOW:
        message = (
            f"Invalid value: '{body.completion_window[:80]}'. The supported value is: "
            f"'{COMPLETION_WINDOW}'."
        )
        raise InvalidRequest(message, param="completion_window")
    return NewBatch(
        input_file_id=body.input_file_id,
        endpoint=body.endpoint,
        metadata=body.metadata or {},
        kept=_kept(body.output_expires_after),
    )


def render(batch: Batch) -> BatchObject:
    errors = [BatchError(one.code, one.message, one.param, one.line) for one in batch.faults]
    times = {f"{status}_at": int(at.timestamp()) for status, at in batch.reached.items()}
    return BatchObject(
        id=batch.id,
        object="batch",
        endpoint=batch.endpoint,
        input_file_id=batch.input_file_id,
        completion_window=COMPLETION_WINDOW,
        status=batch.status,
        created_at=int(batch.created_at.timestamp()),
        expires_at=int(batch.expires_at.timestamp()),
        request_counts=RequestCounts(batch.total, batch.completed, batch.failed),
        model=batch.model,
        errors=BatchErrors(errors) if errors else None,
        output_file_id=batch.output_file_id,
        error_file_id=batch.error_file_id,
        metadata=batch.metadata or None,
        **times,
    )


_WHY = {
    LineState.EXPIRED: NotMade(
        "batch_expired",
        "This request could not be executed before the completion window expired.",
    ),
    LineState.CANCELLED: NotMade(
        "batch_cancelled", "This request was not executed before the batch was cancelled."
    ),
}


def _kept(wanted: OutputExpiresAfter | None) -> timedelta:
    if wanted is None:
        return LONGEST_KEPT
    if wanted.anchor != "created_at":
        message = (
            f"Invalid value: '{wanted.anchor[:80]}'. The supported value is: 'created_at'."
        )
        raise InvalidRequest(message, param="output_expires_after.anchor")
    text = str(wanted.seconds)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        message = f"Invalid value: '{text[:80]}'. Seconds are a whole number, such as 86400."
        raise InvalidRequest(message, param="output_expires_after.seconds")
    return timedelta(seconds=int(text))


def _json(raw: bytes, shape: type[Line]) -> Line:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError:
        problem = "it is not an object"
    except msgspec.DecodeError as error:
        problem = str(error)
    except RecursionError:
        problem = "it is nested too deeply"
    raise _not_json(problem)


def _text(raw: msgspec.Raw, name: str) -> str:
    """What a string says that is never long."""
    if not len(raw):
        raise _missing(name)
    try:
        if len(raw) > _LONGEST_TEXT:
            message = f"'{name}' is too long."
            raise InvalidRequest(message, param=name, code="string_above_max_length")
        return msgspec.json.decode(raw, type=str)
    except msgspec.ValidationError:
        message = f"Invalid type for '{name}': expected a string."
        raise InvalidRequest(message, param=name, code="invalid_type") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(str(error)) from None


def _model(body: str) -> str | None:
    try:
        return msgspec.json.decode(body, type=ModelName).model
    except msgspec.DecodeError:
        return None  # whatever is wrong is told when the request's turn comes


def _ids(batch_id: str, line: BatchLine) -> tuple[str, str]:
    """A request's two ids: the same whenever its line is written."""
    digest = sha256(f"{batch_id}/{line.number}".encode()).hexdigest()
    return f"batch_req_{digest[:32]}", f"req_{digest[32:]}"


def _written(line: OutputLine) -> bytes:
    return msgspec.json.encode(line) + b"\n"


def _missing(name: str) -> InvalidRequest:
    message = f"Missing required parameter: '{name}'."
    return InvalidRequest(message, param=name, code="missing_required_parameter")


def _not_json(problem: str) -> InvalidRequest:
    message = f"This line is not a JSON object: {problem}."
    return InvalidRequest(message, code="invalid_json_line")
