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
from tempfile import SpooledTemporaryFile
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from filmgate.domain.errors import InvalidRequest, TooLarge
from filmgate.gateway.submission import Upload
from filmgate.web.idempotency import fingerprint
from filmgate.web.multipart import IN_MEMORY, MOST_PARTS, Part, parts, too_many_parts

T = TypeVar("T")

#: A data URL of 20,971,520 characters, the contract's longest, and its JSON around it.
LARGEST_JSON = 24 << 20
LARGEST_PART = 48 << 20

#: Commas and brackets of a JSON body, those in its strings included. A value can take
#: over twenty times the memory of its text.
MOST_VALUES = 100_000

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,2})")


@asynccontextmanager
async def read(
    request: Request, shape: type[T], *, largest_file: int = LARGEST_PART
) -> AsyncIterator[T]:
    """
    The body as *shape*; its files are open until the block ends.

    Raises `InvalidRequest` naming the field. What tells this request from others is left
    in `request.state.fingerprint`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    uploads: list[Upload] = []
    mapping: object
    try:
        match kind:
            case "multipart/form-data":
                header = request.headers["content-type"]
                found = await parts(header, _chunks(request), largest_part=largest_file)
                uploads = [_upload(part) for part in found]
                mapping = unfold(_form(found, uploads))
            case "application/x-www-form-urlencoded":
                mapping = unfold(_urlencoded(await _whole(request)))
            case "application/json" | "":
                mapping = _json(await _whole(request))
            case _:
                message = (
                    f"The Content-Type '{kind[:80]}' is not one that this endpoint reads. "
                    "Send application/json or multipart/form-data."
                )
                raise InvalidRequest(message, code="unsupported_content_type")
        body = shaped(mapping, shape)
        request.state.fingerprint = await fingerprint(request.url.path, mapping)
        del mapping  # whoever is done with a large value can let go of it
        yield body
    finally:
        for upload in uploads:
            upload.file.close()


def shaped(mapping: object, shape: type[T], *, at: str = "") -> T:
    """
    *mapping* as *shape*, or an `InvalidRequest` in the contract's words.

    *at* is the field where the mapping stands, if it is a part of the body.
    """
    try:
        return msgspec.convert(mapping, shape)
    except msgspec.ValidationError as error:
        raise _explain(str(error), at) from None


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        message = "The body broke off before its end. Send it again."
        raise InvalidRequest(message, code="incomplete_body") from None


async def _whole(request: Request) -> bytes:
    # On the disk until all of it is here, because many may be on their way at once.
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        async for chunk in _chunks(request):
            if file.tell() + len(chunk) > LARGEST_JSON:
                message = (
                    f"The body is larger than {LARGEST_JSON >> 20} MB, the most without "
                    "files. Send a smaller file, as multipart/form-data."
                )
                raise TooLarge(message)
            file.write(chunk)
        file.seek(0)
        return file.read()


def _json(body: bytes) -> object:
    if not body:
        message = "The body is empty. Send a JSON object or a form."
        raise InvalidRequest(message, code="invalid_json")
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        message = f"The body has more than {MOST_VALUES} values, the most that are read."
        raise InvalidRequest(message, code="invalid_json")
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        message = f"The body is not valid JSON: {error}."
    except UnicodeDecodeError:
        message = "The body is not valid JSON: a string in it is not UTF-8."
    except RecursionError:
        message = "The body is nested too deeply."
    raise InvalidRequest(message, code="invalid_json")


def _upload(part: Part) -> Upload:
    return Upload(param=part.name, file=part.file, filename=part.filename or "upload")


def _form(found: Iterable[Part], uploads: Iterable[Upload]) -> Iterator[tuple[str, object]]:
    for part, upload in zip(found, uploads, strict=True):
        yield part.name, part.text() if part.filename is None else upload


def _urlencoded(body: bytes) -> Iterator[tuple[str, object]]:
    if body.count(b"&") >= MOST_PARTS:
        raise too_many_parts()
    try:
        yield from parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeError:
        message = "The urlencoded body is not percent-encoded UTF-8 text."
        raise InvalidRequest(message, code="invalid_form") from None


def unfold(pairs: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Bracketed names as nested values: `a[b]`, `a[]`, `a[][b]`."""
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        match = _KEY.fullmatch(key)
        if match is None:
            message = (
                f"The field name '{key[:80]}' cannot be read. Names are written name, "
                "name[part], name[] or name[][part]."
            )
            raise InvalidRequest(message, param=key[:80] or None, code="unknown_parameter")
        name, brackets = match.groups()
        _put(mapping, [name, *re.findall(r"\[([^\]]*)\]", brackets)], value, key=key)
    return mapping


def _put(mapping: dict[str, Any], path: list[str], value: object, *, key: str) -> None:
    match path:
        case [name]:
            if name in mapping:
                message = f"'{key[:80]}' is given more than once."
                raise InvalidRequest(message, param=key[:80])
            mapping[name] = value
        case [name, ""]:
            _inside(mapping, name, list).append(value)
        case [name, "", part]:
            items = _inside(mapping, name, list)
            if not (items and isinstance(items[-1], dict) and part not in items[-1]):
                items.append({})
            items[-1][part] = value
        case [name, *parts]:
            _put(_inside(mapping, name, dict), parts, value, key=key)


def _inside(mapping: dict[str, Any], name: str, kind: type[T]) -> T:
    """The *kind* that stands at *name*, a new one if nothing does."""
    found = mapping.setdefault(name, kind())
    if not isinstance(found, kind):
        message = f"'{name[:80]}' is given in two ways that do not go together."
        raise InvalidRequest(message, param=name[:80])
    return found


_MISSING = re.compile(r"Object missing required field `(?P<field>.+?)`(?P<at> - at `.*`)?")
_UNKNOWN = re.compile(
    r"Object contains unknown field `(?P<field>.*?)`(?P<at> - at `.*`)?", re.DOTALL
)
_TYPE = re.compile(r"Expected `(?P<want>[^`]+)`, got `(?P<got>[^`]+)`(?P<at> - at `.*`)?")
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "object": "an object",
    "array": "an array",
    "null": "null",
    "Upload": "a file",
}


def _explain(text: str, at: str) -> InvalidRequest:
    if found := _MISSING.fullmatch(text):
        field = _path(at, found["at"], found["field"])
        message = f"Missing required parameter: '{field}'."
        return InvalidRequest(message, param=field, code="missing_required_parameter")
    if found := _UNKNOWN.fullmatch(text):
        field = _path(at, found["at"], found["field"][:80])
        message = f"Unknown parameter: '{field}'."
        return InvalidRequest(message, param=field, code="unknown_parameter")
    if found := _TYPE.fullmatch(text):
        where = _path(at, found["at"]) or None
        what = f"'{where}'" if where else "the body"
        got = _WORDS.get(found["got"], found["got"])
        message = (
            f"Invalid type for {what}: expected {_kinds(found['want'])}, but got {got} instead."
        )
        return InvalidRequest(message, param=where, code="invalid_type")
    return InvalidRequest(f"{text}.", param=_path(at, text) or None)


def _kinds(want: str) -> str:
    kinds = [kind for kind in want.split(" | ") if kind != "null"]
    if "float" in kinds and "int" in kinds:
        kinds.remove("int")  # an integer is a number
    return " or ".join(_WORDS.get(kind, kind) for kind in kinds)


def _path(at: str, said: str | None, field: str = "") -> str:
    found = _AT.search(said or "")
    return ".".join(name for name in (at, found["path"] if found else "", field) if name)
