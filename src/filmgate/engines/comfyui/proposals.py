"""Slots for a workflow that nobody has described yet, by what its nodes are. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from filmgate.engines.comfyui.capabilities import unsaid
from filmgate.engines.comfyui.slots import SLOTS, Graph, Place
from filmgate.engines.comfyui.templates import TEMPLATES
from filmgate.engines.comfyui.workflows import read
from filmgate.ports import Proposed

Slots = dict[str, str | list[str]]

SAVES = ("SaveVideo", "SaveWEBM", "VHS_VideoCombine", "SaveAnimatedWEBP", "SaveImage")

_TEXTS = ("text", "prompt", "positive_prompt")
_SIDES = {"positive": "prompt", "conditioning": "prompt", "negative": "negative_prompt"}
_FRAMES = {
    "start_image": "first_frame",
    "first_frame": "first_frame",
    "first_image": "first_frame",
    "end_image": "last_frame",
    "last_frame": "last_frame",
    "last_image": "last_frame",
}
_SEEDS = ("seed", "noise_seed")
_SET = {"steps": "steps", "lora": "lora_name"}  #: by what an operator may set
_RULES = {"EmptyLTXVLatentVideo": "8k+1"}  #: of the others: 4k+1
_RATE = re.compile(r"fps|frame ?rate", re.IGNORECASE)
_TIME = re.compile(r"duration|seconds", re.IGNORECASE)
_FIRST = re.compile(r"\b(first|start)", re.IGNORECASE)
_LAST = re.compile(r"\b(last|end)", re.IGNORECASE)


@dataclass(kw_only=True)
class Proposal:
    """What the slots may be, and what only the workflow's author can say."""

    slots: Slots = field(default_factory=dict)
    frames_rule: str | None = None
    template: str | None = None  #: of ComfyUI's own, if it is one
    open: list[str] = field(default_factory=list)  #: questions

    def settings(self, graph: Graph) -> dict[str, Any]:
        """What a model's name would bring along, as JSON."""
        rule = {"frames_rule": self.frames_rule} if self.frames_rule else {}
        return {"workflow": msgspec.to_builtins(graph), "slots": self.slots, **rule}


def proposed(content: bytes, said: Mapping[str, Any]) -> Proposed:
    """
    A name's settings from a workflow's file; what is *said* counts more than what is found.

    `InvalidRequest` for another file, or for what cannot be a setting.
    """
    graph = read(content)
    proposal = propose(graph, said)
    settings = {**proposal.settings(graph), **said, "slots": proposal.slots}
    known = proposal.template
    return Proposed(
        settings=settings,
        found=[
            f"ComfyUI's template {known}." if known else f"A workflow of {len(graph)} nodes.",
            *(f"{slot}: {', '.join(_listed(at))}" for slot, at in proposal.slots.items()),
            *([f"frames_rule: {rule}"] if (rule := settings.get("frames_rule")) else []),
        ],
        open=proposal.open or unsaid(settings),
    )


def propose(graph: Graph, said: Mapping[str, Any] = MappingProxyType({})) -> Proposal:
    """
    Slots by the classes, inputs and links of the nodes; nothing is guessed in silence.

    *said* are settings that an operator has given. Its slots come first, and what stands
    in its slot `fixed` stays as it is in the file.
    """
    slots = {slot: _listed(places) for slot, places in said.get("slots", {}).items()}
    fixed, taken = slots.pop("fixed", []), {place for some in slots.values() for place in some}
    given = {slot: places[0] if len(places) == 1 else places for slot, places in slots.items()}
    for template in TEMPLATES:
        if template.fits(graph):
            known = {s: place for s, place in template.paths().items() if place not in fixed}
            slots_there: Slots = {**known, **given}
            return Proposal(
                slots=slots_there,
                frames_rule=template.frames_rule,
                template=template.name,
                open=_set(graph, said, slots_there),
            )
    proposal = _by_nodes(graph, given, alone={*fixed, *taken})
    proposal.open += _set(graph, said, proposal.slots)
    if "frames" in proposal.slots:
        proposal.frames_rule = _rule(graph)
    return proposal


def _by_nodes(graph: Graph, given: Slots, *, alone: Collection[str]) -> Proposal:
    """*given*, and what else is found in places that are not to be left *alone*."""
    proposal, found = Proposal(slots={**given}), dict[str, list[str]]()
    for slot, (node, name) in _places(graph):
        path = f"{node}.inputs.{name}"
        if slot not in given and path not in {*alone, *found.get(slot, [])}:
            found.setdefault(slot, []).append(path)
    for slot, paths in found.items():
        if slot in SLOTS and (len(paths) == 1 or slot == "seed"):
            proposal.slots[slot] = paths[0] if len(paths) == 1 else paths
        else:
            proposal.open.append(_which(slot, paths))
    saves = [node for node, one in graph.items() if one.class_type in SAVES]
    if "output" not in given and len(saves) == 1:
        proposal.slots["output"] = saves[0]
    elif "output" not in given:
        proposal.open.append(f"Which node saves the film? {_options('output', saves)}.")
    if "prompt" not in given and "prompt" not in found:
        proposal.open.append(f"Which input takes the prompt? {_options('prompt', [])}.")
    return proposal


def _listed(places: str | Sequence[str]) -> list[str]:
    return [places] if isinstance(places, str) else list(places)


def _set(graph: Graph, said: Mapping[str, Any], slots: Slots) -> list[str]:
    """Where steps and a LoRA go, into *slots*; asked unless there is just one place."""
    questions = []
    for slot, wanted in _SET.items():
        if slot in said and slot not in slots:
            paths = [
                f"{node}.inputs.{wanted}" for node in graph if wanted in graph[node].inputs
            ]
            if len(paths) == 1:
                slots[slot] = paths[0]
            else:
                questions.append(_which(slot, paths))
    return questions


def _which(slot: str, paths: Sequence[str]) -> str:
    """A question about places that may be those of *slot*, or stay as they are."""
    if slot in SLOTS:
        return f"Which is the slot for {slot}? {_options(slot, paths)}."
    options = " or ".join(f"--slot first_frame={path}, --slot fixed={path}" for path in paths)
    return f"What is the image for? Such as {options}."


def _options(slot: str, values: Sequence[str]) -> str:
    usual = "NODE" if slot == "output" else "NODE.inputs.NAME"
    return " or ".join(f"--slot {slot}={value}" for value in values or [usual])


def _places(graph: Graph) -> Iterator[tuple[str, Place]]:
    for node, one in graph.items():
        inputs = one.inputs
        for name in inputs:
            if name in _TEXTS:
                yield from _text(graph, node, name)
            elif name in _SEEDS and inputs.get("add_noise") != "disable":
                yield "seed", _origin(graph, node, name)
            elif name in ("width", "height") and "length" in inputs:
                yield name, _origin(graph, node, name)
            elif name == "length" and {"width", "height"} <= set(inputs):
                yield from _length(graph, node)
            elif name == "fps":
                yield "fps", _origin(graph, node, name)
        if one.class_type == "LoadImage":
            slot = _goal(graph, node, _FRAMES) or _titled(one.title)
            yield slot, (node, "image")


def _text(graph: Graph, node: str, name: str) -> Iterator[tuple[str, Place]]:
    """Which side of the guidance a text is on, by where it goes."""
    side = _goal(graph, node, _SIDES)
    if side is not None:
        yield side, _origin(graph, node, name)


def _length(graph: Graph, node: str) -> Iterator[tuple[str, Place]]:
    """Frames, unless they are counted from a duration and a rate."""
    values = _primitives(graph, node, "length")
    by_title = {graph[one].title: (one, name) for one, name in values}
    times = [place for title, place in by_title.items() if _TIME.search(title)]
    rates = [place for title, place in by_title.items() if _RATE.search(title)]
    if times:
        yield from (("seconds", place) for place in times)
        yield from (("fps", place) for place in rates)
    else:
        yield "frames", _origin(graph, node, "length")


def _origin(graph: Graph, node: str, name: str) -> Place:
    """The only value that an input comes from, or the one of its name; else itself."""
    values = _primitives(graph, node, name)
    named = [place for place in values if graph[place[0]].title.lower() == name]
    for found in (values, named):
        if len(found) == 1:
            return found[0]
    return node, name


def _primitives(graph: Graph, node: str, name: str) -> list[Place]:
    """The nodes that are nothing but a text, or a number, from which an input is made."""
    wanted = ("PrimitiveString",) if name in _TEXTS else ("PrimitiveInt", "PrimitiveFloat")
    found: list[Place] = []
    left, seen = [other for one, other in graph[node].links if one == name], set[str]()
    while left:
        one = left.pop()
        if one in seen or one not in graph:
            continue
        seen.add(one)
        if graph[one].class_type.startswith(wanted):
            found.append((one, "value"))
        left.extend(other for _, other in graph[one].links)
    return found


def _goal(graph: Graph, node: str, names: dict[str, str]) -> str | None:
    """The first input of one of *names* that *node* goes into, however far on."""
    left, seen = [node], {node}
    while left:
        current = left.pop(0)
        for other, one in graph.items():
            for name, origin in one.links:
                if origin != current:
                    continue
                if name in names:
                    return names[name]
                if other not in seen:
                    seen.add(other)
                    left.append(other)
    return None


def _titled(title: str) -> str:
    """What an image is for, if its node's title says so."""
    if _LAST.search(title):
        return "last_frame"
    return "first_frame" if _FIRST.search(title) else "an image"


def _rule(graph: Graph) -> str:
    kinds = {one.class_type for one in graph.values()}
    return next((rule for kind, rule in _RULES.items() if kind in kinds), "4k+1")
