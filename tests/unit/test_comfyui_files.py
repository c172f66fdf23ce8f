"""Workflow files that people bring: recognised, described, and compared with a server."""

from __future__ import annotations

from typing import Any

import pytest

from filmgate import InvalidRequest, Role
from filmgate.engines.comfyui.proposals import propose
from filmgate.engines.comfyui.slots import chosen
from filmgate.engines.comfyui.templates import TEMPLATES, Template
from filmgate.engines.comfyui.workflows import Missing, missing
from unit.small_workflow import SLOTS, WAN, graph_of, node, take


def drawn(**more: Any) -> dict[str, Any]:
    return {"nodes": [{"id": 1, "type": "SaveVideo", "mode": 0}], "links": [], **more}


SUBGRAPH = "0f8fad5b-d9cb-469f-a165-70867728950e"
INSIDE = {"subgraphs": [{"id": SUBGRAPH, "name": "Wan", "nodes": [{"type": "KSampler"}] * 2}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            drawn(),
            "as the editor saves it: 1 nodes. In ComfyUI, open it and choose File > Export",
        ),
        (drawn(definitions=INSIDE), "1 nodes, 2 in the subgraph 'Wan'."),
        ({}, "no workflow of ComfyUI"),
        ([], "no workflow of ComfyUI"),
        ({"1": node(SUBGRAPH)}, f"1 ({SUBGRAPH})"),
        ({"1": node("workflow>mine")}, "1 (workflow>mine)"),
        ({"1": node("SaveVideo", video=["2", 0])}, "1.video"),
    ],
)
def test_other_files_are_refused_and_told_how_to_be_had(content: Any, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        graph_of(content)
    assert said in caught.value.message


def test_the_api_format_is_read_alone_or_as_it_is_posted() -> None:
    assert graph_of(WAN) == graph_of({"prompt": WAN, "client_id": "x"})
    assert set(graph_of(WAN)) == set(WAN)


def test_what_a_server_lacks() -> None:
    offered = {
        "CLIPLoader": {"input": {"required": {"clip_name": [["t5.safetensors"], {}]}}},
        "LoraLoaderModelOnly": {
            "input": {"optional": {"lora_name": ["COMBO", {"options": []}]}}
        },
        "SaveVideo": {"input": {"required": {"filename_prefix": ["STRING"]}}},
    }
    known: dict[str, Any] = {one["class_type"]: {"input": {}} for one in WAN.values()}
    found = missing(graph_of(WAN), {**known, **offered})
    assert found.files == [
        "umt5.safetensors (CLIPLoader, node 9)",
        "fast.safetensors (LoraLoaderModelOnly, node 10)",
    ]
    assert (found.nodes, found.values) == ([], [])
    assert missing(graph_of(WAN), known).lines == []
    lacks = Missing(nodes=["X"], files=["y.pt"], values=["z"])
    assert lacks.lines == ["node X", "model file y.pt", "choice z"]


def test_slots_are_proposed_by_what_the_nodes_are() -> None:
    found = propose(graph_of(WAN))
    assert found.slots == SLOTS
    assert chosen(take(), found.settings(graph_of(WAN))).workflow == graph_of(WAN)
    assert (found.frames_rule, found.open, found.template) == ("4k+1", [], None)


def values(*links: Any) -> dict[str, Any]:
    return {f"values.{'abc'[n]}": link for n, link in enumerate(links)}


def test_a_value_is_followed_to_where_it_is_said() -> None:
    """As in LTX-2: the prompt behind a switch, halves of a size, frames from a duration."""
    found = propose(
        graph_of(
            {
                "1": node("PrimitiveStringMultiline", "Prompt", value="x"),
                "2": node("PrimitiveBoolean", "Enhance", value=True),
                "3": node("TextGenerateLTX2Prompt", prompt=["1", 0], image=["22", 0]),
                "4": node(
                    "ComfySwitchNode", on_false=["1", 0], on_true=["3", 0], switch=["2", 0]
                ),
                "5": node("CLIPTextEncode", text=["4", 0]),
                "6": node("CLIPTextEncode", text="ugly"),
                "7": node("LTXVConditioning", positive=["5", 0], negative=["6", 0]),
                "8": node("PrimitiveInt", "Width", value=1280),
                "9": node("ComfyMathExpression", **values(["8", 0])),
                "10": node("PrimitiveInt", "Duration", value=5),
                "11": node("PrimitiveInt", "Frame Rate", value=24),
                "12": node("ComfyMathExpression", **values(["10", 0], ["11", 0])),
                "13": node(
                    "EmptyLTXVLatentVideo", width=["9", 0], height=["23", 0], length=["12", 0]
                ),
                "14": node("RandomNoise", noise_seed=1),
                "15": node("RandomNoise", noise_seed=42),
                "16": node("KSamplerAdvanced", noise_seed=0, add_noise="disable"),
                "17": node("CreateVideo", fps=["11", 0], images=["16", 0]),
                "18": node("LoadImage", "Load Last Frame", image="a.png"),
                "19": node("LoadImage", "First", image="b.png"),
                "20": node("LTXVAddGuide", image=["18", 0], other=["19", 0], back=["20", 0]),
                "21": node("SaveVideo", video=["17", 0]),
                "22": node("ImageScale", width=["8", 0], height=["24", 0]),
                "23": node("GetImageSize", image=["22", 0]),
                "24": node("PrimitiveInt", "height", value=720),
            }
        )
    )
    assert found.slots == {
        "prompt": "1.inputs.value",
        "negative_prompt": "6.inputs.text",
        "width": "8.inputs.value",
        "height": "24.inputs.value",
        "seconds": "10.inputs.value",
        "fps": "11.inputs.value",
        "seed": ["14.inputs.noise_seed", "15.inputs.noise_seed"],
        "last_frame": "18.inputs.image",
        "first_frame": "19.inputs.image",
        "output": "21",
    }
    assert (found.frames_rule, found.open) == (None, [])


def test_what_is_not_clear_is_asked() -> None:
    unclear = {
        "1": node("LoadImage", "Picture", image="a.png"),
        "2": node("LoadImage", image="b.png"),
        "3": node("WanImageToVideo", start_image=["2", 0]),
        "4": node("EmptyLTXVLatentVideo", width=1, height=1, length=9),
        "5": node("SaveVideo", text="a caption", fps=24),
        "6": node("SaveVideo", fps=24),
    }
    found = propose(graph_of(unclear))
    assert found.slots["first_frame"] == "2.inputs.image"
    assert found.frames_rule == "8k+1"
    image = "--slot first_frame=1.inputs.image, --slot fixed=1.inputs.image"
    assert found.open == [
        f"What is the image for? Such as {image}.",
        "Which is the slot for fps? --slot fps=5.inputs.fps or --slot fps=6.inputs.fps.",
        "Which node saves the film? --slot output=5 or --slot output=6.",
        "Which input takes the prompt? --slot prompt=NODE.inputs.NAME.",
    ]
    assert "--slot output=NODE." in propose(graph_of({"1": node("X")})).open[0]
    said = {
        "fixed": ["1.inputs.image", "5.inputs.fps"],
        "output": "6",
        "prompt": ["5.inputs.text"],
    }
    answered = propose(graph_of(unclear), {"slots": said})
    assert answered.open == []
    assert answered.slots == {
        "output": "6",
        "prompt": "5.inputs.text",
        "first_frame": "2.inputs.image",
        "width": "4.inputs.width",
        "height": "4.inputs.height",
        "frames": "4.inputs.length",
        "fps": "6.inputs.fps",
    }


def test_what_an_operator_sets_has_a_place() -> None:
    found = propose(graph_of(WAN), {"steps": 4, "lora": "turbo.safetensors"})
    assert found.slots["steps"] == "3.inputs.steps"
    assert found.slots["lora"] == "10.inputs.lora_name"
    two = {**WAN, "13": node("KSampler", steps=20)}
    either = "--slot steps=3.inputs.steps or --slot steps=13.inputs.steps"
    asked = [f"Which is the slot for steps? {either}."]
    assert propose(graph_of(two), {"steps": 4}).open == asked
    both = {"steps": ["3.inputs.steps", "13.inputs.steps"]}
    assert propose(graph_of(two), {"steps": 4, "slots": both}).slots["steps"] == both["steps"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_comfyuis_own_templates_are_known(template: Template) -> None:
    graph = {place.split()[0]: node(place.split()[1]) for place in template.slots.values()}
    graph[template.output] = node("SaveVideo")
    found = propose(graph_of(graph))
    assert (found.template, found.frames_rule) == (template.name, template.frames_rule)
    assert found.slots == template.paths()
    settings = {**found.settings(graph_of(graph)), "fps": 24}
    roles = [role for role in Role if role in template.slots]
    assert chosen(take(*roles), settings).output == template.output
