"""What a ComfyUI server answers, and what it means. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode

import msgspec

from filmgate.domain.errors import (
    Conflict,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    NotFound,
    TicketLost,
)
from filmgate.domain.progress import Output
from filmgate.engines.comfyui.slots import Place
from filmgate.ports.calls import Answer, Complaint, quoted

VIDEOS = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
}
STILLS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}

_POLICIES = ("moderat", "content policy", "content_policy", "safety filter")
_TOO_LARGE = ("outofmemory", "out of memory", "can't allocate memory", "allocation on device")
_OUT_OF_BOUNDS = frozenset({"value_bigger_than_max", "value_smaller_than_min"})


class Stats(msgspec.Struct):
    system: dict[str, Any]


class Taken(msgspec.Struct):
    """Of a create's answer only the id."""

    prompt_id: str


class Uploaded(msgspec.Struct):
    name: str
    subfolder: str = ""


class Ending(msgspec.Struct):
    """How a task ended: each message is an event's name and what it brought."""

    status_str: str = "success"
    messages: list[tuple[str, Any]] = []


class Job(msgspec.Struct):
    """What `/api/jobs/ID` answers."""

    status: str
    outputs: dict[str, Any] = {}
    execution_status: Ending | None = None


class Past(msgspec.Struct):
    """An entry of `/history`."""

    outputs: dict[str, Any] = {}
    status: Ending | None = None

    @property
    def job(self) -> Job:
        bad = self.status is not None and self.status.status_str == "error"
        ended = "failed" if bad else "completed"
        return Job(status=ended, outputs=self.outputs, execution_status=self.status)


class Queue(msgspec.Struct):
    """What `/queue` answers: of each task its number, its id, its workflow and more."""

    queue_running: list[list[Any]]
    queue_pending: list[list[Any]]

    def status_of(self, prompt_id: str) -> str | None:
        tasks = {"in_progress": self.queue_running, "pending": self.queue_pending}
        return next(
            (name for name, some in tasks.items() if any(prompt_id in one[:2] for one in some)),
            None,
        )


class _Mistake(msgspec.Struct):
    type: str = ""
    message: str = ""
    details: str = ""
    extra_info: dict[str, Any] = {}


class _Mistaken(msgspec.Struct):
    """What is wrong with one node."""

    errors: list[_Mistake]
    class_type: str


class _Refused(msgspec.Struct):
    error: str | _Mistake
    node_errors: dict[str, _Mistaken] | list[Any] = {}


def files_of(outputs: Mapping[str, Any], node: str, view: str) -> tuple[Output, ...]:
    """The film that *node* saved, or its stills; of all nodes if it is empty."""
    saved = [file for one in ([node] if node else outputs) for file in _saved(outputs.get(one))]
    for kinds, most in ((VIDEOS, 1), (STILLS, len(saved))):
        found = [(kinds.get(_suffix(file)), file) for file in saved]
        links = [Output(kind, url=f"{view}?{urlencode(file)}") for kind, file in found if kind]
        if links:
            return tuple(links[:most])
    message = f"ComfyUI has finished, and node {node or 'of its choice'!r} saved no film."
    raise GenerationFailed(message)


def failure_of(ending: Ending | None, secret: str | None) -> FilmgateError:
    """Why a task failed: which node, and what it said."""
    events = dict(ending.messages) if ending else {}
    error = events.get("execution_error")
    if not isinstance(error, dict):
        return GenerationFailed("ComfyUI was told to stop this task, or gives no reason.")
    said, kind = str(error.get("exception_message")), str(error.get("exception_type"))
    message = quoted(f"{error.get('node_type')} (node {error.get('node_id')}): {said}", secret)
    told = f"{kind} {said}".lower()
    if any(word in told for word in _TOO_LARGE):
        return GenerationFailed(f"The ComfyUI server ran out of memory in {message}")
    if any(word in told for word in _POLICIES):
        return ContentRejected(message)
    return GenerationFailed(f"{message} ({quoted(kind, secret)})")


def explain(answer: Answer[bytes]) -> Complaint | None:
    """A sentence, or what is wrong with a workflow."""
    try:
        error = msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, ValueError):
        return None
    if isinstance(error, str):
        return Complaint(message=error, kind=Conflict if answer.status == 409 else None)
    kind = EngineMisbehaved if answer.status == 400 else None
    return Complaint(message=f"{error.message} {error.details}".strip(), kind=kind)


def explain_file(answer: Answer[bytes]) -> Complaint | None:
    """Of a file that is not there the server says nothing more."""
    if answer.status == 404 and not answer.body:
        return Complaint(message="The file is not there.")
    return explain(answer)


def explain_create(answer: Answer[bytes], wishes: frozenset[Place]) -> Complaint | None:
    """
    What is wrong with a workflow: the caller's fault if it is a bound of one of *wishes*.

    Else it is the operator's: a model file or a node that this server does not have.
    """
    complaint = explain(answer)
    if complaint is None or complaint.kind is not EngineMisbehaved:
        return complaint
    mistaken = msgspec.json.decode(answer.body, type=_Refused).node_errors
    if not isinstance(mistaken, dict) or not mistaken:
        return complaint
    found = [(node, one, error) for node, one in mistaken.items() for error in one.errors]
    theirs = all(
        error.type in _OUT_OF_BOUNDS and (node, _input(error)) in wishes
        for node, _, error in found
    )
    said = " ".join(_told(node, one.class_type, error) for node, one, error in found)
    return Complaint(message=said, kind=InvalidRequest if theirs else EngineMisbehaved)


def explain_job(answer: Answer[bytes]) -> Complaint | None:
    """`TicketLost` for a task that it does not know, `NotFound` if it has no such address."""
    if answer.status not in (404, 405):
        return explain(answer)
    try:
        refused = msgspec.json.decode(answer.body, type=_Refused)
    except (msgspec.MsgspecError, ValueError):
        return Complaint(message="It has no /api/jobs.", kind=NotFound)
    return Complaint(message=str(refused.error), kind=TicketLost)


def _saved(output: Any) -> Iterator[dict[str, str]]:
    """The files in any of a node's lists, whatever these are called."""
    lists = output.values() if isinstance(output, dict) else ()
    for item in (item for some in lists if isinstance(some, list) for item in some):
        if isinstance(item, dict) and isinstance(item.get("filename"), str):
            names = ("filename", "subfolder", "type")
            yield {name: str(item.get(name, "")) for name in names}


def _suffix(file: Mapping[str, str]) -> str:
    return PurePosixPath(file["filename"]).suffix.lower()


def _input(error: _Mistake) -> str:
    return str(error.extra_info.get("input_name", ""))


def _told(node: str, class_type: str, error: _Mistake) -> str:
    where = f"{class_type} (node {node})"
    if error.type == "value_not_in_list":
        value = str(error.extra_info.get("received_value", error.details))
        return f"This ComfyUI has no {value!r} for {_input(error)} of {where}."
    return f"{where}: {error.message}: {error.details}."
