"""
What no wire format of old has a field for, under the same names in every one of them.

`n`, `enhance`, `negative_prompt`, `seed`, `audio`, `last_frame`, `references`,
`characters`, `engine_options`, `metadata`, `webhook_url` and `webhook_secret`. In a form
every value is text, so numbers and booleans are read from text too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.metadata import check_metadata
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Role, Size
from filmgate.domain.webhook import LONGEST_URL, check_secret, check_url
from filmgate.gateway.submission import Given, JobWebhook, Submission
from filmgate.web.field_types import Flag, Image, Pairs, one_of, says, whole
from filmgate.web.references import image_given, url_given

MOST_VARIANTS = 4  #: of one request
MOST_REFERENCES = 20
LARGEST_SEED = 2**63 - 4  #: so that the last of several still fits a row
EARLIEST, LATEST = 1_000_000_000, 253_402_300_799  #: seconds since 1970: 2001 and 9999

Scalar = str | int | float | bool


#: The type of each role that a reference may have.
_TYPES: Mapping[str, str] = {
    Role.FIRST_FRAME: "image",
    Role.LAST_FRAME: "image",
    Role.SUBJECT: "image",
    Role.SOURCE: "video",
    Role.SOUNDTRACK: "audio",
}


class CharacterReference(msgspec.Struct, forbid_unknown_fields=True):
    id: str


class RoleReference(msgspec.Struct, forbid_unknown_fields=True):
    """An input, with its role; exactly one of the last three says where it is."""

    role: Annotated[str, one_of(*_TYPES)]
    type: Annotated[str, one_of(*sorted(set(_TYPES.values())))] = "image"
    url: str | None = None
    file_id: str | None = None
    id: str | None = None


class Extras(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    n: Annotated[int | str | None, whole(1, MOST_VARIANTS)] = None
    enhance: Flag = None
    negative_prompt: str | None = None
    seed: Annotated[int | str | None, whole(0, LARGEST_SEED)] = None
    audio: Flag = None
    last_frame: Image = None
    references: Annotated[list[RoleReference] | None, says(maxItems=MOST_REFERENCES)] = None
    characters: list[CharacterReference] | None = None
    engine_options: dict[str, Scalar] | None = None
    metadata: Pairs = None
    webhook_url: Annotated[str | None, says(format="uri", maxLength=LONGEST_URL)] = None
    webhook_secret: str | None = None


def with_extras(submission: Submission, extras: Extras, model: Model) -> Submission:
    """*submission* with what *extras* say. Raises `InvalidRequest` naming the field."""
    metadata = extras.metadata or {}
    check_metadata(metadata)
    return replace(
        submission,
        request=_request(submission.request, extras, model),
        given=(*submission.given, *_given(extras)),
        enhance=extras.enhance is not None and read_bool(extras.enhance, param="enhance"),
        count=read_count(extras.n, most=MOST_VARIANTS),
        metadata=metadata,
        webhook=_webhook(extras),
    )


def read_count(value: int | str | None, *, most: int) -> int:
    """`n`, from 1 to *most*; 1 when it is left out."""
    return 1 if value is None else read_int(value, param="n", least=1, most=most)


def read_size(text: str) -> Size:
    size = Size.read(text)
    if size is None:
        message = f"Invalid value: '{text[:80]}'. A size is WIDTHxHEIGHT, such as 1280x720."
        raise InvalidRequest(message, param="size")
    return size


def read_seconds(value: str | float, *, param: str = "seconds") -> float:
    """The contract's string, or the number that many clients send."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", str(value)):
        message = (
            f"Invalid value: '{str(value)[:80]}'. Seconds are a positive number with up "
            "to three decimals, such as '8'."
        )
        raise InvalidRequest(message, param=param)
    return float(value)


def read_int(value: int | str, *, param: str, least: int, most: int) -> int:
    """A whole number, or its digits."""
    if not re.fullmatch(r"-?[0-9]{1,19}", str(value)) or not least <= int(value) <= most:
        message = (
            f"Invalid value: '{str(value)[:80]}'. '{param}' is a whole number from "
            f"{least} to {most}."
        )
        raise InvalidRequest(message, param=param)
    return int(value)


def read_time(value: int | str, *, param: str) -> datetime:
    """A day, a time of one, or the seconds since 1970, in UTC unless it says otherwise."""
    text = str(value).strip()
    if re.fullmatch(r"-?[0-9]{1,19}", text):
        # No other number of seconds is meant, but perhaps one of milliseconds.
        if EARLIEST <= int(text) <= LATEST:
            return datetime.fromtimestamp(int(text), UTC)
    else:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    message = (
        f"Invalid value: '{text[:80]}'. '{param}' is a time like 2026-12-31 or "
        "2026-12-31T23:59:59Z, or the seconds since 1970."
    )
    raise InvalidRequest(message, param=param)


def read_bool(value: Scalar, *, param: str) -> bool:
    """A boolean, or the word for it."""
    if str(value).lower() not in ("true", "false"):
        message = f"Invalid value: '{str(value)[:80]}'. '{param}' is true or false."
        raise InvalidRequest(message, param=param)
    return str(value).lower() == "true"


def _request(request: GenerationRequest, extras: Extras, model: Model) -> GenerationRequest:
    seed, audio = extras.seed, extras.audio
    return replace(
        request,
        negative_prompt=extras.negative_prompt,
        seed=None if seed is None else read_int(seed, param="seed", least=0, most=LARGEST_SEED),
        audio=None if audio is None else read_bool(audio, param="audio"),
        engine_options=_options(extras.engine_options or {}, model),
    )


def _options(options: Mapping[str, Scalar], model: Model) -> dict[str, Scalar]:
    """The same, with text from a form as what *model* declares."""
    read: dict[str, Scalar] = {}
    for name, value in options.items():
        kind = model.options[name].kind if name in model.options else str
        param = f"engine_options.{name}"
        if isinstance(value, str) and kind is bool:
            read[name] = read_bool(value, param=param)
        elif isinstance(value, str) and kind is not str:
            if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value):
                message = f"Invalid value: '{value[:80]}'. '{param}' is a number."
                raise InvalidRequest(message, param=param)
            read[name] = float(value) if "." in value or kind is float else int(value)
        else:
            read[name] = value
    return read


def _given(extras: Extras) -> list[Given]:
    given = []
    if extras.last_frame is not None:
        role = Role.LAST_FRAME
        given.append(image_given(extras.last_frame, role=role, param="last_frame"))
    for number, character in enumerate(extras.characters or ()):
        param = f"characters[{number}].id"
        given.append(Given(role=Role.CHARACTER, param=param, character_id=character.id))
    references = extras.references or ()
    if len(references) > MOST_REFERENCES:
        message = f"'references' has {len(references)} items; the most is {MOST_REFERENCES}."
        raise InvalidRequest(message, param="references")
    return given + [_reference(*numbered) for numbered in enumerate(references)]


def _reference(number: int, reference: RoleReference) -> Given:
    param = f"references[{number}]"
    wanted = _TYPES.get(reference.role)
    if wanted is None:
        message = f"Invalid value: '{reference.role[:80]}'. Roles are: {', '.join(_TYPES)}."
        raise InvalidRequest(message, param=f"{param}.role")
    if reference.type != wanted:
        message = (
            f"Invalid value: '{reference.type[:80]}'. A {reference.role} is of type {wanted}."
        )
        raise InvalidRequest(message, param=f"{param}.type")
    role = Role(reference.role)
    places = (reference.url, reference.file_id, reference.id)
    if sum(place is not None for place in places) != 1:
        message = f"'{param}' needs exactly one of url, file_id and id."
        raise InvalidRequest(message, param=param)
    if reference.url is not None:
        return url_given(reference.url, role=role, param=f"{param}.url")
    if reference.file_id is not None:
        return Given(role=role, param=f"{param}.file_id", file_id=reference.file_id)
    return Given(role=role, param=f"{param}.id", job_id=reference.id)


def _webhook(extras: Extras) -> JobWebhook | None:
    url = extras.webhook_url
    if url is None:
        if extras.webhook_secret is not None:
            message = "'webhook_secret' is of no use without 'webhook_url'. Send both."
            raise InvalidRequest(message, param="webhook_secret")
        return None
    check_url(url, param="webhook_url")
    secret = extras.webhook_secret or None
    if secret is not None:
        check_secret(secret, param="webhook_secret")
    return JobWebhook(url=url, secret=secret)
