"""
Bodies become typed structs here, and nowhere else is msgspec's text read.

JSON, multipart and urlencoded forms first become the same plain mapping, so a
dialect sees no difference: `input_reference[image_url]=…` in a form is
`{"input_reference": {"image_url": …}}`, and `characters[][id]=…`, repeated, a
list. A file in a form is an `Upload`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from filmgate.domain.errors import InvalidRequest, TooLarge
from filmgate.gateway.jobs import Upload
from filmgate.web.multipart import Part, parts

T = TypeVar("T")

#: A data URL of 20,971,520 characters, the contract's longest, and its JSON around it.
LARGEST_JSON = 24 << 20
LARGEST_PART = 48 << 20

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,2})")


@asynccontextmanager
async def read(request: Request, shape: type[T]) -> AsyncIterator[T]:
    """
    The body as *shape*; its files are open until the block ends.

    Raises `InvalidRequest` naming the field.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    uploads: list[Upload] = []
    mapping: object
    try:
        match kind:
            case "multipart/form-data":
                header = request.headers["content-type"]
                found = await parts(header, request.stream(), largest_part=LARGEST_PART)
                uploads = [Upload(param=p.name, file=p.file) for p in found]
                mapping = unfold(_form(found))
            case "application/x-www-form-urlencoded":
                mapping = unfold(_urlencoded(await _whole(request)))
            case "application/json" | "":
                mapping = _json(await _whole(request))
            case _:
                message = (
                    f"The Content-Type '{kind}' is not one that this endpoint reads. "
                    "Send application/json or multipart/form-data."
                )
                raise InvalidRequest(message, code="unsupported_content_type")
        yield shaped(mapping, shape)
    finally:
        for upload in uploads:
            upload.file.close()


def shaped(mapping: object, shape: type[T]) -> T:
    """*mapping* as *shape*, or an `InvalidRequest` in the contract's words."""
    try:
        return msgspec.convert(mapping, shape)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from None


async def _whole(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_JSON:
            message = f"The body is larger than {LARGEST_JSON >> 20} MB."
            raise TooLarge(message)
    return bytes(body)


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"The body is not valid JSON: {error}."
        raise InvalidRequest(message, code="invalid_json") from None
    except RecursionError:
        message = "The body is nested too deeply."
        raise InvalidRequest(message, code="invalid_json") from None


def _form(found: Iterable[Part]) -> Iterator[tuple[str, object]]:
    for part in found:
        if part.is_file:
            yield part.name, Upload(param=part.name, file=part.file)
        else:
            yield part.name, part.text()


def _urlencoded(body: bytes) -> Iterator[tuple[str, object]]:
    try:
        text = body.decode("ascii")
        yield from parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        message = "The body is not a valid urlencoded form."
        raise InvalidRequest(message, code="invalid_form") from None


def unfold(pairs: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Bracketed names as nested values: `a[b]`, `a[]`, `a[][b]`."""
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        match = _KEY.fullmatch(key)
        if match is None:
            message = f"The field name '{key[:80]}' cannot be read."
            raise InvalidRequest(message, param=key[:80], code="unknown_parameter")
        name, brackets = match.groups()
        try:
            _put(mapping, name, re.findall(r"\[(.*?)\]", brackets), value)
        except (TypeError, AttributeError):
            message = f"'{name}' is given both as a value and in parts."
            raise InvalidRequest(message, param=name) from None
    return mapping


def _put(mapping: dict[str, Any], name: str, path: list[str], value: object) -> None:
    match path:
        case []:
            if name in mapping:
                message = f"'{name}' is given more than once."
                raise InvalidRequest(message, param=name)
            mapping[name] = value
        case [""]:
            mapping.setdefault(name, []).append(value)
        case ["", inner]:
            items = mapping.setdefault(name, [])
            if not items or inner in items[-1]:
                items.append({})
            items[-1][inner] = value
        case [inner, *rest]:
            _put(mapping.setdefault(name, {}), inner, rest, value)


_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`(?P<at>.*)")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`(?P<at>.*)")
_TYPE = re.compile(r"Expected `(?P<want>[^`]+)`, got `(?P<got>[^`]+)`(?P<at>.*)")
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "object": "an object",
    "array": "an array",
    "null": "null",
}


def _explain(text: str) -> InvalidRequest:
    if found := _MISSING.match(text):
        field = _path(found["at"], found["field"])
        message = f"Missing required parameter: '{field}'."
        return InvalidRequest(message, param=field, code="missing_required_parameter")
    if found := _UNKNOWN.match(text):
        field = _path(found["at"], found["field"])
        message = f"Unknown parameter: '{field}'."
        return InvalidRequest(message, param=field, code="unknown_parameter")
    if found := _TYPE.match(text):
        where = _path(found["at"]) or None
        wanted = [_WORDS.get(w, w) for w in found["want"].split(" | ") if w != "null"]
        got = _WORDS.get(found["got"], found["got"])
        what = f"'{where}'" if where else "the body"
        message = (
            f"Invalid type for {what}: expected {' or '.join(wanted)}, but got {got} instead."
        )
        return InvalidRequest(message, param=where, code="invalid_type")
    return InvalidRequest(f"{text}.", param=_path(text) or None)


def _path(at: str, field: str | None = None) -> str:
    found = _AT.search(at)
    names = [found["path"] if found else "", field or ""]
    return ".".join(name for name in names if name)
