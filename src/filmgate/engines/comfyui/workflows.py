"""Workflow files as people have them: which of them can be run, and what they need. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

import msgspec

from filmgate.domain.errors import InvalidRequest
from filmgate.engines.comfyui.slots import Graph, Node

T = TypeVar("T")

EXPORT = (
    "In ComfyUI, open it and choose File > Export (API); older ones: Workflow > Export (API)."
)

_MODELS = frozenset({".bin", ".ckpt", ".gguf", ".onnx", ".pt", ".pth", ".safetensors", ".sft"})
_UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload")
_SUBGRAPH = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Drawn(msgspec.Struct):
    type: str
    mode: int = 0


class _Subgraph(msgspec.Struct):
    id: str
    name: str = ""
    nodes: list[_Drawn] = []


class _Definitions(msgspec.Struct):
    subgraphs: list[_Subgraph] = []


class _Drawing(msgspec.Struct):
    """A workflow as the editor saves it: with places and colours, and without the names."""

    nodes: list[_Drawn]
    links: list[Any]
    definitions: _Definitions = msgspec.field(default_factory=_Definitions)


class _Sent(msgspec.Struct):
    """What is posted to `/prompt`."""

    prompt: Graph


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What a workflow needs and a server does not have."""

    nodes: Sequence[str]  #: classes
    files: Sequence[str]  #: of models, each with the node that wants it
    values: Sequence[str]  #: other choices that it does not offer

    @property
    def lines(self) -> Sequence[str]:
        """Each with what it is."""
        named = (("node", self.nodes), ("model file", self.files), ("choice", self.values))
        return [f"{kind} {one}" for kind, some in named for one in some]


def read(content: bytes) -> Graph:
    """
    The workflow in a file of the API format.

    `InvalidRequest` for any other, which says how to get it. Nothing is ever left out: a
    subgraph or a group that the export did not resolve is refused by its name.
    """
    graph = _graph(content)
    unresolved = [
        f"{node} ({one.class_type})"
        for node, one in graph.items()
        if _SUBGRAPH.fullmatch(one.class_type) or one.class_type.startswith("workflow")
    ]
    if unresolved:
        named = ", ".join(unresolved)
        raise InvalidRequest(f"These nodes stand for others that are not in the file: {named}.")
    lost = [
        f"{node}.{name}"
        for node, one in graph.items()
        for name, other in one.links
        if other not in graph
    ]
    if lost:
        named = ", ".join(lost)
        raise InvalidRequest(f"These inputs come from nodes that are not in the file: {named}.")
    return graph


def missing(graph: Graph, nodes: Mapping[str, Any]) -> Missing:
    """What *graph* needs that is not in *nodes*, which `/object_info` answered."""
    wanted = [
        (f"{value} ({one.class_type}, node {node})", PurePosixPath(value).suffix.lower())
        for node, one in graph.items()
        for name, value in one.inputs.items()
        if isinstance(value, str) and _lacks(nodes.get(one.class_type), name, value)
    ]
    return Missing(
        nodes=sorted({one.class_type for one in graph.values()} - set(nodes)),
        files=[said for said, suffix in wanted if suffix in _MODELS],
        values=[said for said, suffix in wanted if suffix not in _MODELS],
    )


def _graph(content: bytes) -> Graph:
    sent = _decoded(content, _Sent)
    graph = sent.prompt if sent else _decoded(content, dict[str, Node])
    if graph:
        return graph
    drawing = _decoded(content, _Drawing)
    if drawing is None:
        raise InvalidRequest(f"This is no workflow of ComfyUI in its API format. {EXPORT}")
    message = f"This is a workflow as the editor saves it: {_described(drawing)}. {EXPORT}"
    raise InvalidRequest(message)


def _decoded(content: bytes, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.MsgspecError, ValueError):
        return None


def _described(drawing: _Drawing) -> str:
    subgraphs = drawing.definitions.subgraphs
    inside = "".join(
        f", {len(one.nodes)} in the subgraph {one.name or one.id!r}" for one in subgraphs
    )
    return f"{len(drawing.nodes)} nodes{inside}"


def _lacks(info: Any, name: str, value: str) -> bool:
    """Whether a node offers choices for an input, and *value* is none of them."""
    offered = next((one for found, one in _inputs(info) if found == name), None)
    if not isinstance(offered, list) or not offered:
        return False
    kind, more = offered[0], offered[1] if len(offered) > 1 else {}
    if any(more.get(upload) for upload in _UPLOADS):
        return False
    choices = (
        kind if isinstance(kind, list) else more.get("options") if kind == "COMBO" else None
    )
    return isinstance(choices, list) and value not in choices


def _inputs(info: Any) -> Iterator[tuple[str, Any]]:
    groups = info.get("input", {}) if isinstance(info, dict) else {}
    for group in ("required", "optional"):
        yield from groups.get(group, {}).items()
