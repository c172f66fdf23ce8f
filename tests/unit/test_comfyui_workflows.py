"""Workflows of ComfyUI as they are filled, and what is read in its answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest

from filmgate import (
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    Output,
    Role,
    Take,
)
from filmgate.domain.errors import Unsupported
from filmgate.engines.comfyui.answers import (
    Ending,
    Past,
    explain,
    explain_create,
    explain_file,
    failure_of,
    files_of,
)
from filmgate.engines.comfyui.slots import chosen, filled
from filmgate.ports.calls import Answer
from unit.small_workflow import SETTINGS, SLOTS, WAN, node, take

ONCE = UUID("00000000-0000-4000-8000-000000000007")


def made(settings: dict[str, Any], one: Take, uploads: Any = None) -> dict[str, Any]:
    workflow = chosen(one, settings)
    graph = filled(workflow, one.request, uploads or {}, ONCE)
    return {name: found.inputs for name, found in graph.items()}


def test_a_workflow_is_filled_and_what_the_film_does_not_need_is_left_out() -> None:
    sent = made(SETTINGS, take(negative_prompt="rain", seed=3))
    assert set(sent) == set(WAN) - {"12"}
    assert (sent["6"]["text"], sent["7"]["text"], sent["3"]["seed"]) == ("a kite", "rain", 3)
    assert (sent["5"]["width"], sent["5"]["height"], sent["4"]["value"]) == (832, 480, 81)
    assert sent["11"]["filename_prefix"] == f"filmgate/{ONCE}"
    assert WAN["6"]["inputs"]["text"] == "a cat"


def test_an_operator_sets_steps_a_lora_and_the_rate() -> None:
    slots = {
        **SLOTS,
        "steps": ["3.inputs.steps"],
        "lora": "10.inputs.lora_name",
        "fps": ["8.inputs.fps", "4.inputs.value"],
        "frames": [],
    }
    more = {"slots": slots, "steps": 4, "lora": "turbo.safetensors", "fps": 23.5}
    sent = made({**SETTINGS, **more}, take())
    assert (sent["3"]["steps"], sent["10"]["lora_name"]) == (4, "turbo.safetensors")
    assert (sent["8"]["fps"], sent["4"]["value"]) == (23.5, 24)
    assert (sent["3"]["seed"], sent["7"]["text"]) == (7, "ugly")


@pytest.mark.parametrize(
    ("rule", "seconds", "frames"),
    [
        ("4k+1", 5.0, 81),
        ("8k+1", 5.0, 81),
        ("8k+1", 5.1, 89),
        ("17k+5", 2.0, 39),
        (None, 5.0, 80),
    ],
)
def test_there_are_as_many_frames_as_the_model_can_make(
    rule: str | None, seconds: float, frames: int
) -> None:
    sent = made({**SETTINGS, "frames_rule": rule}, take(seconds=seconds))
    assert sent["4"]["value"] == frames


def test_the_workflow_is_the_one_that_starts_from_what_came() -> None:
    framed = {**WAN, "2": node("LoadImage", image="x"), "12": node("Scale", image=["2", 0])}
    framed["5"] = node("WanImageToVideo", start_image=["12", 0], width=0, height=0, length=0)
    framed["11"] = node("VHS_VideoCombine", images=["3", 0])
    slots = {**SLOTS, "first_frame": "2.inputs.image"}
    offered = [
        {"workflow": WAN, "slots": SLOTS},
        {"workflow": framed, "slots": slots},
    ]
    sent = made({"workflows": offered}, take(Role.FIRST_FRAME), {Role.FIRST_FRAME: ["f/a.png"]})
    assert sent["2"]["image"] == "f/a.png"
    assert "2" not in made({"workflows": offered}, take())
    with pytest.raises(Unsupported, match="starts from words alone") as alone:
        made({"workflows": offered[1:]}, take())
    with pytest.raises(Unsupported, match="starts from first frame and last frame"):
        made({"workflows": offered}, take(Role.FIRST_FRAME, Role.LAST_FRAME))
    assert alone.value.param == "input_reference"


def slotted(**places: Any) -> dict[str, Any]:
    return {**SETTINGS, "slots": {**SLOTS, **places}}


def without(slot: str) -> dict[str, Any]:
    return {**SETTINGS, "slots": {name: one for name, one in SLOTS.items() if name != slot}}


@pytest.mark.parametrize(
    ("settings", "fields", "kind", "said"),
    [
        ({"workflow": 3}, {}, EngineMisbehaved, "settings of wan at ComfyUI cannot be read"),
        ({}, {}, EngineMisbehaved, "wan has no workflow"),
        (without("output"), {}, EngineMisbehaved, "slot 'output' must name a node"),
        (slotted(cfg="3.inputs.cfg"), {}, EngineMisbehaved, "nothing: cfg"),
        (slotted(width="99.inputs.width"), {}, EngineMisbehaved, "'width' names"),
        (slotted(width="5.width"), {}, EngineMisbehaved, "'width' names"),
        (without("prompt"), {}, EngineMisbehaved, "no slot for prompt"),
        ({**SETTINGS, "lora": "x"}, {}, EngineMisbehaved, "no slot for lora"),
        (without("fps"), {}, EngineMisbehaved, "needs one for fps"),
        (slotted(fps="8.inputs.images"), {}, EngineMisbehaved, "needs one for fps"),
        ({**SETTINGS, "frames_rule": "4n"}, {}, EngineMisbehaved, "not '4n'"),
        (without("negative_prompt"), {"negative_prompt": "x"}, Unsupported, "negative_prompt"),
        (without("seed"), {"seed": 3}, Unsupported, "takes no seed"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_said(
    settings: dict[str, Any], fields: dict[str, Any], kind: type[FilmgateError], said: str
) -> None:
    with pytest.raises(FilmgateError) as caught:
        made(settings, take(**fields))
    assert type(caught.value) is kind
    assert said in caught.value.message


MEMORY = "torch.OutOfMemoryError"


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            ("ValueError", "bad\n shape"),
            GenerationFailed,
            "KSampler (node 3): bad shape (Value",
        ),
        ((MEMORY, "Allocation on device"), GenerationFailed, "ran out of memory in KSampler"),
        (("Exception", "Content Moderated, s3cret"), ContentRejected, "Moderated, ***"),
        (None, GenerationFailed, "told to stop"),
    ],
)
def test_a_failed_task_says_where_and_why(
    error: tuple[str, str] | None, kind: type[FilmgateError], said: str
) -> None:
    events: list[tuple[str, Any]] = [("execution_start", {})]
    if error:
        found = {"exception_type": error[0], "exception_message": error[1]}
        events.append(("execution_error", {**found, "node_id": "3", "node_type": "KSampler"}))
    failure = failure_of(Ending(status_str="error", messages=events), "s3cret")
    assert type(failure) is kind
    assert said in failure.message


def test_the_film_is_found_whatever_its_list_is_called() -> None:
    film, still = ({"filename": name, "type": "output"} for name in ("a.webm", "a.png"))
    outputs = {
        "1": {"images": [still, still], "animated": [True], "text": ["x"]},
        "2": {"gifs": [still, film, film], "meta": 3},
        "3": {"images": [{"filename": "a.latent"}]},
    }
    view = "http://comfy/api/view"
    link = f"{view}?filename=a.webm&subfolder=&type=output"
    assert files_of(outputs, "2", view) == (Output("video/webm", url=link),)
    assert files_of(outputs, "", view) == (Output("video/webm", url=link),)
    assert [one.media_type for one in files_of(outputs, "1", view)] == ["image/png"] * 2
    for lost in ("3", "4"):
        with pytest.raises(GenerationFailed, match=f"node '{lost}' saved no film"):
            files_of(outputs, lost, view)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b'{"error": {"message": "broken"}}', None),
        (400, b'{"error": {"message": "bad"}, "node_errors": []}', EngineMisbehaved),
        (400, b'{"error": "not so"}', None),
    ],
)
def test_refusals_in_its_own_words(status: int, body: bytes, kind: Any) -> None:
    complaint = explain(Answer(status=status, headers={}, body=body))
    assert complaint is not None
    assert complaint.kind is kind


def test_more_refusals() -> None:
    gone = Answer(status=404, headers={}, body=b"")
    assert explain(gone) is None
    assert explain_file(gone) is not None
    assert explain_file(Answer(status=404, headers={}, body=b"<html>")) is None
    for body in (
        b"<html>",
        b'{"error": "x"}',
        b'{"error": {"message": "x"}, "node_errors": []}',
    ):
        answer = Answer(status=400, headers={}, body=body)
        assert explain_create(answer, frozenset()) == explain(answer)


def test_a_history_without_a_status_has_ended_well() -> None:
    past = msgspec.json.decode(b'{"outputs": {}, "status": null}', type=Past)
    assert past.job.status == "completed"
