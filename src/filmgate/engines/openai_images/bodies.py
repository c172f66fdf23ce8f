"""Creates as they leave, and which kind of still has come. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from filmgate.domain.job import Take
from filmgate.domain.request import Reference, Role

FORMATS = ("png", "jpeg", "webp")


def body_of(
    take: Take, pictures: Sequence[tuple[Reference, bytes]], *, once: str
) -> tuple[str, bytes]:
    """A create's media type and body: JSON, or a form with the images that are changed."""
    request = take.request
    fields: dict[str, Any] = {**take.settings, **request.engine_options}
    fields |= {"model": take.model, "prompt": request.prompt, "size": str(request.size)}
    if request.format not in (None, FORMATS[0]):  # not everybody knows the field
        fields["output_format"] = request.format
    if not pictures:
        return "application/json", msgspec.json.encode(fields)
    boundary = hashlib.sha256(once.encode()).hexdigest()
    images = sum(reference.role is not Role.MASK for reference, _ in pictures)
    parts = [_part(boundary, f'name="{name}"', _text(value)) for name, value in fields.items()]
    for number, (reference, content) in enumerate(pictures):
        name = "image" if images == 1 else "image[]"
        name = "mask" if reference.role is Role.MASK else name
        ending = reference.media_type.rpartition("/")[2]
        said = f'name="{name}"; filename="{number}.{ending}"'
        parts.append(
            _part(boundary, f"{said}\r\ncontent-type: {reference.media_type}", content)
        )
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return f"multipart/form-data; boundary={boundary}", body


def kind_of(content: bytes) -> str | None:
    """Which of `FORMATS` it is, by its first bytes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _part(boundary: str, said: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\ncontent-disposition: form-data; {said}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _text(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)
