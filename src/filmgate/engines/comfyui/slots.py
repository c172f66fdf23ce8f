"""What an operator's name says of a workflow, and a workflow filled with a take. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any
from uuid import UUID

import msgspec

from filmgate.domain.errors import EngineMisbehaved, Unsupported
from filmgate.domain.job import Take
from filmgate.domain.model import PARAMS
from filmgate.domain.request import GenerationRequest, Reference, Role

Place = tuple[str, str]  #: a node's id, and the name of one of its inputs
Uploads = Mapping[Role, Sequence[str]]  #: what a node that loads a file calls it

SLOTS = frozenset(
    {"prompt", "negative_prompt", "width", "height", "seconds", "frames", "fps", "seed"}
    | {"steps", "lora", "output"}
    | set(Role)
)
FOLDER = "filmgate"  #: in the server's folders for inputs and for outputs

_RULE = re.compile(r"([1-9]\d?)k\+(\d\d?)")
_OURS = {"negative_prompt": "negative_prompt", "seed": "seed"}


class Node(msgspec.Struct, kw_only=True):
    """A node in ComfyUI's API format. A link is the list of a node's id and an output."""

    class_type: str
    inputs: dict[str, Any] = {}
    meta: dict[str, Any] = msgspec.field(name="_meta", default_factory=dict)

    @property
    def title(self) -> str:
        return str(self.meta.get("title", ""))

    @property
    def links(self) -> Iterator[tuple[str, str]]:
        """Inputs that another node's output goes into, and that node's id."""
        for name, value in self.inputs.items():
            if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
                yield name, value[0]


Graph = dict[str, Node]


class Workflow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One workflow, and where in it a take's wishes go: `NODE.inputs.NAME` by wish."""

    workflow: Graph
    slots: dict[str, str | list[str]]
    frames_rule: str | None = None  #: such as `4k+1`: how many frames there may be
    fps: float | None = None  #: frames a second, if not as the workflow has it
    steps: int | None = None
    lora: str | None = None

    @property
    def output(self) -> str:
        """The id of the node that saves the film."""
        place = self.slots.get("output")
        if not isinstance(place, str) or place not in self.workflow:
            message = f"The slot 'output' must name a node of the workflow, not {place!r}."
            raise EngineMisbehaved(message)
        return place

    def places(self, slot: str) -> list[Place]:
        """The inputs that *slot* stands for; raises `EngineMisbehaved` if one is not there."""
        named = self.slots.get(slot, [])
        paths = [named] if isinstance(named, str) else named
        return [self._place(slot, path) for path in paths]

    def takes(self, references: Sequence[Reference]) -> bool:
        """Whether exactly these references are what the workflow starts from."""
        roles = [reference.role for reference in references]
        return all(roles.count(role) == len(self.places(role)) for role in Role)

    def _place(self, slot: str, path: str) -> Place:
        node, _, name = path.partition(".inputs.")
        if not name or node not in self.workflow:
            message = f"The slot {slot!r} names {path!r}, which the workflow does not have."
            raise EngineMisbehaved(message)
        return node, name


class Settings(Workflow, forbid_unknown_fields=True, kw_only=True):
    """What a name brings along: one workflow, or several; and what callers may ask for."""

    workflow: Graph = {}
    slots: dict[str, str | list[str]] = {}
    workflows: list[Workflow] = []
    sizes: list[str] = []  #: the first is the default; else the workflow's own
    seconds: list[float] = []  #: as with the sizes

    @property
    def offered(self) -> Sequence[Workflow]:
        return self.workflows or ([self] if self.workflow else [])


def read_settings(name: str, settings: Mapping[str, Any]) -> Settings:
    """*settings* of the model *name*; `EngineMisbehaved` if they are not to be used."""
    try:
        said = msgspec.convert(dict(settings), Settings)
    except msgspec.ValidationError as error:
        message = f"The settings of {name} at ComfyUI cannot be read: {error}."
        raise EngineMisbehaved(message) from None
    if not said.offered:
        raise EngineMisbehaved(f"{name} has no workflow in its settings.")
    for workflow in said.offered:
        if unknown := sorted(set(workflow.slots) - SLOTS):
            message = f"{name} has slots that mean nothing: {', '.join(unknown)}."
            raise EngineMisbehaved(message)
    return said


def chosen(take: Take, settings: Mapping[str, Any]) -> Workflow:
    """
    The workflow that makes *take*: the first that starts from what the take brings.

    `Unsupported` if none does, `EngineMisbehaved` if *settings* are not to be used.
    """
    for workflow in read_settings(take.model, settings).offered:
        if workflow.takes(take.request.references):
            return workflow
    brought = [reference.role.replace("_", " ") for reference in take.request.references]
    message = f"{take.model} has no workflow that starts from {_listed(brought)}."
    param = PARAMS[take.request.references[0].role] if brought else "input_reference"
    raise Unsupported(message, param=param)


def filled(
    workflow: Workflow, request: GenerationRequest, uploads: Uploads, once: UUID
) -> Graph:
    """
    What is sent: the nodes that the film needs, with the take's wishes in them.

    *once* names the file, and is the seed if the caller asked for none.
    """
    graph = deepcopy(workflow.workflow)
    for slot, values in _wishes(workflow, request, uploads, once):
        for (node, name), value in zip(workflow.places(slot), values, strict=True):
            whole = graph[node].class_type == "PrimitiveInt" and isinstance(value, float)
            graph[node].inputs[name] = math.ceil(value) if whole else value
    needed = _needed(graph, workflow.output)
    if "filename_prefix" in graph[workflow.output].inputs:
        graph[workflow.output].inputs["filename_prefix"] = f"{FOLDER}/{once}"
    return {node: graph[node] for node in graph if node in needed}


def _wishes(
    workflow: Workflow, request: GenerationRequest, uploads: Uploads, once: UUID
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Slots, and a value for each of their places."""
    size, seconds = request.size, request.seconds
    asked = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "width": size.width if size else None,
        "height": size.height if size else None,
        "seconds": seconds,
        "frames": _frames(workflow, seconds)
        if seconds and "frames" in workflow.slots
        else None,
        "fps": workflow.fps,
        "seed": request.seed,
        "steps": workflow.steps,
        "lora": workflow.lora,
    }
    for slot in ("prompt", "steps", "lora"):
        if asked[slot] is not None and slot not in workflow.slots:
            raise EngineMisbehaved(f"The workflow has no slot for {slot}.")
    for slot, param in _OURS.items():
        if asked[slot] is not None and slot not in workflow.slots:
            raise Unsupported(f"The workflow takes no {slot}.", param=param)
    if asked["seed"] is None:
        asked["seed"] = once.int % 2**32
    for slot, value in asked.items():
        if value is not None:
            yield slot, [value] * len(workflow.places(slot))
    yield from uploads.items()


def _frames(workflow: Workflow, seconds: float) -> int:
    """As many frames as the workflow may make, and no fewer than *seconds* have."""
    step, first = _rule(workflow)
    return math.ceil((round(seconds * _fps(workflow)) - first) / step) * step + first


def own_seconds(workflow: Workflow) -> float | None:
    """How long the film is that the workflow makes as it stands, if that is said in it."""
    frames = literal(workflow, "frames")
    if frames is None:
        return literal(workflow, "seconds")
    return (frames - _rule(workflow)[1]) / _fps(workflow)


def _fps(workflow: Workflow) -> float:
    fps = workflow.fps or literal(workflow, "fps")
    if fps is None:
        message = "A workflow with a slot for frames needs one for fps, or fps itself."
        raise EngineMisbehaved(message)
    return fps


def _rule(workflow: Workflow) -> tuple[int, int]:
    """Between numbers of frames that there may be, and the least of them."""
    if workflow.frames_rule is None:
        return 1, 0
    rule = _RULE.fullmatch(workflow.frames_rule)
    if rule is None:
        message = f"frames_rule must be such as '4k+1', not {workflow.frames_rule!r}."
        raise EngineMisbehaved(message)
    return int(rule[1]), int(rule[2])


def literal(workflow: Workflow, slot: str) -> float | None:
    """The number that stands in a place of *slot* in the file, if one does."""
    for node, name in workflow.places(slot):
        value = workflow.workflow[node].inputs.get(name)
        if isinstance(value, int | float) and value > 0:
            return value
    return None


def _needed(graph: Graph, output: str) -> set[str]:
    """*output*, and everything that it is made from."""
    found, left = {output}, [output]
    while left:
        for _, node in graph[left.pop()].links:
            if node in graph and node not in found:
                found.add(node)
                left.append(node)
    return found


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if names else "words alone: send an image"
