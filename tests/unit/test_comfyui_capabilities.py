"""What a name with a workflow of its own can be asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from filmgate import InvalidRequest, Media, Model, Role, Size
from filmgate.engines.comfyui.capabilities import graphs_of, model_of
from filmgate.engines.comfyui.proposals import proposed
from unit.small_workflow import SETTINGS, SLOTS, WAN, node

FRAMED = {**WAN, "2": node("LoadImage", image="x")}
#: It makes stills, and has no place for a size.
STILL = {
    "workflow": {
        "1": node("CLIPTextEncode", text=""),
        "2": node("SaveImage", images=["1", 0]),
    },
    "slots": {"prompt": "1.inputs.text", "output": "2"},
    "sizes": ["512x512"],
}


def without(*slots: str, **more: Any) -> dict[str, Any]:
    return {
        "workflow": WAN,
        "slots": {name: place for name, place in SLOTS.items() if name not in slots},
        **more,
    }


def test_what_nobody_says_is_the_workflows_own() -> None:
    assert model_of("wan", SETTINGS) == Model(
        name="wan",
        media=Media.VIDEO,
        sizes=(Size(640, 640),),
        default_size=Size(640, 640),
        seconds=(5.0,),
        default_seconds=5.0,
        negative_prompts=True,
        seeds=True,
    )


def test_an_operator_says_what_may_be_asked_for() -> None:
    said = {**SETTINGS, "sizes": ["832x480", "480x832"], "seconds": [3, 5.5]}
    model = model_of("wan", said)
    assert (model.sizes, model.default_size) == (
        (Size(832, 480), Size(480, 832)),
        Size(832, 480),
    )
    assert (model.seconds, model.default_seconds) == ((3.0, 5.5), 3.0)


def test_a_workflow_that_counts_seconds_says_how_many() -> None:
    timed = {**WAN, "4": node("PrimitiveFloat", "Duration", value=3.5)}
    slots = {**SLOTS, "seconds": "4.inputs.value"}
    del slots["frames"]
    assert model_of("x", {"workflow": timed, "slots": slots}).seconds == (3.5,)
    assert model_of("x", {**SETTINGS, "frames_rule": None}).seconds == (5.062,)


def test_several_workflows_promise_what_all_of_them_do() -> None:
    slots = {**SLOTS, "first_frame": "2.inputs.image"}
    del slots["seed"]
    offered = [{"workflow": WAN, "slots": SLOTS}, {"workflow": FRAMED, "slots": slots}]
    model = model_of("wan", {"workflows": offered})
    assert (model.seeds, model.negative_prompts) == (False, True)
    assert model.roles == {Role.FIRST_FRAME: 1}


def test_a_still_has_no_length() -> None:
    model = model_of("still", STILL)
    assert (model.media, model.seconds, model.formats) == (Media.IMAGE, (), ("png",))
    assert (model.default_size, model.seeds) == (Size(512, 512), False)


def test_only_what_is_sent_is_looked_for() -> None:
    (graph,) = graphs_of(without(frames_rule="4k+1"))
    assert set(graph) == set(WAN) - {"12"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": 4}, "x has no workflow in its settings"),
        ({**SETTINGS, "cfg": 4}, "cannot be read"),
        ({**SETTINGS, "steps": 4}, "no slot for steps"),
        (without("prompt"), "no slot for prompt"),
        (without("output"), "'output' must name a node"),
        (without("width"), "give sizes, such as 1280x720"),
        (without("frames"), "give seconds"),
        (without("fps"), "needs one for fps"),
        (without(frames_rule="odd"), "frames_rule must be such as"),
        (without(sizes=["wide"]), "'wide' is no size"),
        (without(sizes=["0x480"]), "'0x480' is no size"),
        (without(seconds=[0]), "A film has up to 120 seconds, not 0"),
        (without(seconds=[5, 121]), "A film has up to 120 seconds, not 121"),
        (without("frames", seconds=[4, 8]), "only one length can be given"),
        (without("height", sizes=["4x4", "8x8"]), "only one size can be given"),
        ({**STILL, "seconds": [4]}, "makes stills: leave seconds out"),
        (
            {"workflows": [SETTINGS, {k: STILL[k] for k in ("workflow", "slots")}]},
            "some stills",
        ),
    ],
)
def test_settings_that_make_no_film_say_why(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as caught:
        model_of("x", settings)
    assert caught.value.param == "settings"


def brought(graph: dict[str, Any], **said: Any) -> Any:
    return proposed(json.dumps(graph).encode(), said)


def test_a_file_becomes_settings() -> None:
    found = brought(WAN, steps=4, sizes=["832x480"])
    assert found.found[0] == "A workflow of 10 nodes."
    assert {"prompt: 6.inputs.text", "steps: 3.inputs.steps"} <= set(found.found)
    assert found.found[-1] == "frames_rule: 4k+1"
    assert found.open == []
    assert model_of("wan", found.settings).sizes == (Size(832, 480),)
    assert brought(WAN, frames_rule=None).found[-1] == "output: 11"


def test_what_a_file_does_not_say_is_asked() -> None:
    bare = {
        "1": node("CLIPTextEncode", text="a cat"),
        "2": node("KSampler", positive=["1", 0]),
        "3": node("SaveVideo", video=["2", 0]),
    }
    assert brought(bare).open == [
        "Which size does it make? --size WIDTHxHEIGHT.",
        "How long is its film? --seconds SECONDS.",
    ]
    assert brought(bare, sizes=["64x64"], seconds=[4.0]).open == []
    bare["3"] = node("SaveImage", images=["2", 0])
    assert brought(bare, sizes=["64x64"]).open == []
    with pytest.raises(InvalidRequest, match="cannot be read"):
        brought(bare, cfg=4)
