"""
What schemathesis sends, made more telling and kept on this machine.

Chance never finds the name of a model that is there, asks for everything at once, draws
no picture, and would knock at real doors.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any
from zlib import crc32

import schemathesis

from films import image

OWN_KEY = os.environ["FUZZ_OWN_KEY"]  # noqa: TID251 - its id; without it all is refused
#: Two that make something at once, and one that is not there.
FILMS = ("sora-2", "sora-2", "sora-2", "no-such-model", "gpt-image-2")
STILLS = ("gpt-image-2", "gpt-image-2", "gpt-image-2", "no-such-model", "sora-2")
EVENTS = ("video.completed", "batch.failed", "no.such.event")
#: What those cannot do, or not without another object.
RARE = ("audio", "characters", "engine_options", "last_frame", "negative_prompt", "references")
NOBODY = "http://127.0.0.1:9/"
PNG = image((1280, 720))
LINKED = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
FILM = Path(os.environ["FUZZ_FILM"]).read_bytes()  # noqa: TID251
BATCH_FILE = os.environ["FUZZ_BATCH_FILE"]  # noqa: TID251
LINES = b'{"custom_id":"1","method":"POST","url":"/v1/videos","body":{"prompt":"a kite"}}\n'
FILES = {"file": LINES, "data": LINES, "video": FILM}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    del context, kwargs
    if case.path_parameters.get("key_id") == OWN_KEY:
        case.path_parameters["key_id"] = "key_of_nobody"
    if "/models/" in case.path:  # ours calls it name, and the contract model
        case.path_parameters = {
            name: _one_of(FILMS, str(value)) for name, value in case.path_parameters.items()
        }
    if isinstance(case.body, dict):
        case.body = _changed(_plainer(case.body))
        if isinstance(case.body.get("model"), str):
            models = STILLS if "/images/" in case.path else FILMS
            case.body["model"] = _one_of(models, case.body["model"])


def _plainer(body: dict[str, Any]) -> dict[str, Any]:
    """Most bodies without what is rarely possible."""
    if _chance(body) % 4 == 0:
        return body
    return {name: part for name, part in body.items() if not name.startswith(RARE)}


def _changed(value: Any, name: str = "") -> Any:
    match value:
        case dict():
            return {key: _changed(part, str(key)) for key, part in value.items()}
        case list():
            return [_changed(part, name) for part in value]
        case bytes() if _chance(value) % 4:
            return FILES.get(name, PNG)
        case str():
            return _text(value, name)
        case _:
            return value


def _text(value: str, name: str) -> str:
    if "image_url" in name:
        return _link(value)
    if name in ("url", "webhook_url"):
        return _one_of((NOBODY, NOBODY, value.replace("://", ":")), value)
    if name in ("event_type", "event_types"):
        return _one_of(EVENTS, value)
    return _one_of((BATCH_FILE, value), value) if name == "input_file_id" else value


def _one_of(names: tuple[str, ...], text: str) -> str:
    return names[_chance(text) % len(names)]


def _chance(value: object) -> int:
    """A number that is the same for the same value."""
    return crc32(repr(value).encode())


def _link(text: str) -> str:
    """One that leads nowhere, or that holds a picture; what is none at all may stay so."""
    return _one_of((NOBODY, LINKED, LINKED, text.replace("://", ":")), text)
