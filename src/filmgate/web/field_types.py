"""
Types of fields that tell a client more than msgspec is to enforce.

What is refused is refused in our own words, by the code that reads the field; a
schema only repeats it, beside the type.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from filmgate.domain.metadata import LONGEST_NAME, LONGEST_VALUE, MOST_PAIRS
from filmgate.domain.model import PROMPT_LIMIT
from filmgate.web.references import ImageReference, VideoReference

#: In a schema: a file in a form; its value names what JSON has in its place, if anything.
FILE = "x-file"


def says(**schema: object) -> Meta:
    """Words of JSON Schema, beside those of the type."""
    return Meta(extra_json_schema=schema)


def const(value: object) -> Meta:
    return says(const=value)


def one_of(*values: str) -> Meta:
    """Text that is one of *values*, or null where the type has it."""
    return says(enum=list(values))


def one_of_or_null(*values: str) -> Meta:
    return says(enum=[*values, None])


def whole(least: int, most: int) -> Meta:
    """A whole number, or its digits in a form."""
    return says(minimum=least, maximum=most, pattern=r"^-?[0-9]{1,19}$")


_TEXT = {"type": "string", "minLength": 1}  # a link, a data URL, or base64
_IMAGE = {FILE: ImageReference.__name__}
#: In a form both have the field's own name, and the last stands for both.
_IMAGES = [_TEXT, _IMAGE]

File = Annotated[Any, says(**{FILE: ""})]
Files = Annotated[Any, says(anyOf=[{FILE: ""}, {"type": "array", "items": {FILE: ""}}])]
Image = Annotated[Any, says(anyOf=_IMAGES)]
Images = Annotated[Any, says(anyOf=[*_IMAGES, {"type": "array", "items": {"anyOf": _IMAGES}}])]
Video = Annotated[Any, says(**{FILE: VideoReference.__name__})]

#: What has a meaning elsewhere and is refused by name here.
NotHere = Annotated[Any, says(type="null")]

Prompt = Annotated[str, says(minLength=1, maxLength=PROMPT_LIMIT, pattern=r"\S")]
SizeText = Annotated[str | None, says(pattern="^[0-9]{1,5}x[0-9]{1,5}$")]
Seconds = Annotated[
    str | int | float | None,
    says(minimum=0, maximum=9999.999, pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?$"),
]
FLAG = says(pattern="^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$")
Flag = Annotated[bool | str | None, FLAG]
Pairs = Annotated[
    dict[str, Annotated[str, says(maxLength=LONGEST_VALUE)]] | None,
    says(
        maxProperties=MOST_PAIRS,
        propertyNames={"minLength": 1, "maxLength": LONGEST_NAME},
    ),
]
