"""The body of `predictLongRunning`, and how it becomes a submission."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec

from filmgate.dialects.gemini.media import MediaObject, media_given, named
from filmgate.dialects.gemini.sizes import RESOLUTIONS, film_size, read_ratio, read_word
from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Media, Operation, Role, Size
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import (
    MOST_VARIANTS,
    Extras,
    read_seconds,
    read_size,
    with_extras,
)
from filmgate.web.field_types import Flag, Seconds, SizeText, one_of_or_null, whole
from filmgate.web.sora_requests import Called, called

T = TypeVar("T")

_PEOPLE = ("allow_all", "allow_adult")  #: what engines do in any case

#: What errors of the core call these fields.
PARAMS = {
    "prompt": "instances[0].prompt",
    "input_reference": "instances[0].image",
    "last_frame": "instances[0].lastFrame",
    "references": "instances[0].referenceImages",
    "video": "instances[0].video",
    "size": "parameters.aspectRatio",
    "seconds": "parameters.durationSeconds",
    "n": "parameters.sampleCount",
    "negative_prompt": "parameters.negativePrompt",
    "audio": "parameters.generateAudio",
}


class ReferenceImage(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    image: MediaObject
    reference_type: Annotated[str | None, one_of_or_null("asset")] = None


class Instance(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """What to film, and from what."""

    prompt: str = ""
    image: MediaObject | None = None
    last_frame: MediaObject | None = None
    video: MediaObject | None = None
    reference_images: list[ReferenceImage] | None = None


def _theirs(name: str) -> Any:
    """A field that is spelled as Google has it, among those that are spelled as ours."""
    return msgspec.field(default=None, name=name)


class Parameters(Extras, kw_only=True):
    """How to film it; beside it what every create takes."""

    size: SizeText = None
    seconds: Seconds = None
    aspect_ratio: str | None = _theirs("aspectRatio")
    resolution: Annotated[str | None, one_of_or_null(*RESOLUTIONS)] = None
    duration_seconds: Seconds = _theirs("durationSeconds")
    sample_count: Annotated[int | str | None, whole(1, MOST_VARIANTS)] = _theirs("sampleCount")
    unwanted: str | None = _theirs("negativePrompt")
    generate_audio: Flag = _theirs("generateAudio")
    person_generation: Annotated[str | None, one_of_or_null(*_PEOPLE)] = _theirs(
        "personGeneration"
    )


class Prediction(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    instances: list[Instance]
    parameters: Parameters | None = None


class PredictionReader:
    """Turns bodies into submissions. Raises `InvalidRequest` or `Unsupported`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def read(self, body: Prediction, name: str) -> Submission:
        """What *body* asks of the model *name*."""
        if len(body.instances) != 1:
            message = f"'instances' has one item, not {len(body.instances)}."
            raise InvalidRequest(message, param="instances")
        meant = called(name, lambda name: self._gateway.model(name)[0])
        with naming():
            return _submission(body.instances[0], body.parameters or Parameters(), meant)


def naming() -> Any:
    """Errors of what happens to a submission, in Google's words."""
    return named(PARAMS, "parameters")


def _submission(instance: Instance, parameters: Parameters, meant: Called) -> Submission:
    model = meant.promise
    _check_people(parameters.person_generation)
    _once(parameters.duration_seconds, parameters.seconds, "durationSeconds")
    asked = parameters.duration_seconds
    seconds = parameters.seconds if asked is None else asked
    request = GenerationRequest(
        model=meant.name,
        media=Media.VIDEO,
        prompt=instance.prompt,
        operation=Operation.CREATE if instance.video is None else Operation.EXTEND,
        size=_size(parameters, model),
        seconds=None if seconds is None else read_seconds(seconds),
    )
    extras = msgspec.structs.replace(
        parameters,
        n=_either(parameters.sample_count, parameters.n, "sampleCount"),
        negative_prompt=_either(
            parameters.unwanted, parameters.negative_prompt, "negativePrompt"
        ),
        audio=_either(parameters.generate_audio, parameters.audio, "generateAudio"),
    )
    submission = Submission(request=meant.told(request), given=_given(instance), fit=meant.fit)
    return with_extras(submission, extras, model)


def _given(instance: Instance) -> list[Given]:
    at = "instances[0]"
    given = [
        media_given(media, role=role, param=f"{at}.{name}")
        for name, media, role in (
            ("image", instance.image, Role.FIRST_FRAME),
            ("lastFrame", instance.last_frame, Role.LAST_FRAME),
            ("video", instance.video, Role.SOURCE),
        )
        if media is not None
    ]
    for number, reference in enumerate(instance.reference_images or ()):
        here = f"{at}.referenceImages[{number}]"
        kind = reference.reference_type or "asset"
        if kind.lower() != "asset":
            message = f"Invalid value: '{kind[:80]}'. Supported values are: 'asset'."
            raise Unsupported(message, param=f"{here}.referenceType")
        given.append(media_given(reference.image, role=Role.SUBJECT, param=f"{here}.image"))
    return given


def _size(parameters: Parameters, model: Model) -> Size | None:
    if parameters.size is not None:
        if parameters.aspect_ratio is not None or parameters.resolution is not None:
            message = "Send 'size', or 'aspectRatio' and 'resolution', not both."
            raise InvalidRequest(message, param="parameters.size")
        return read_size(parameters.size)
    ratio, short = None, None
    if parameters.aspect_ratio is not None:
        ratio = read_ratio(parameters.aspect_ratio, param="parameters.aspectRatio")
    if parameters.resolution is not None:
        param = "parameters.resolution"
        short = read_word(parameters.resolution, RESOLUTIONS, param=param)
    return film_size(ratio, short, model)


def _check_people(value: str | None) -> None:
    if value is not None and value.lower() not in _PEOPLE:
        known = ", ".join(f"'{word}'" for word in _PEOPLE)
        message = (
            f"Invalid value: '{value[:80]}'. Supported values are: {known}. What engines show "
            "is not restricted here."
        )
        raise Unsupported(message, param="parameters.personGeneration")


def _either(theirs: T | None, ours: T | None, name: str) -> T | None:
    """The value of a field that has two names, of which one may be given."""
    _once(theirs, ours, name)
    return ours if theirs is None else theirs


def _once(theirs: object, ours: object, name: str) -> None:
    if theirs is not None and ours is not None:
        message = f"'{name}' is given twice, under both of its names."
        raise InvalidRequest(message, param=f"parameters.{name}")
