"""Creates as they leave, and which kind of still has come. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from filmgate.domain.job import Take
from filmgate.domain.request import Reference, Role
from filmgate.ports.calls import FormFile, form

FORMATS = ("png", "jpeg", "webp")


def body_of(take: Take, pictures: Sequence[tuple[Reference, bytes]]) -> tuple[str, bytes]:
    """A create's media type and body: JSON, or a form with the images that are changed."""
    request = take.request
    fields: dict[str, Any] = {**take.settings, **request.engine_options}
    fields |= {"model": take.model, "prompt": request.prompt, "size": str(request.size)}
    if request.format not in (None, FORMATS[0]):  # not everybody knows the field
        fields["output_format"] = request.format
    if not pictures:
        return "application/json", msgspec.json.encode(fields)
    images = sum(reference.role is not Role.MASK for reference, _ in pictures)
    files = []
    for number, (reference, content) in enumerate(pictures):
        field = "image" if images == 1 else "image[]"
        field = "mask" if reference.role is Role.MASK else field
        name = f"{number}.{reference.media_type.rpartition('/')[2]}"
        files.append(FormFile(field, name, reference.media_type, content))
    return form(fields, *files)


def kind_of(content: bytes) -> str | None:
    """Which of `FORMATS` it is, by its first bytes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None
