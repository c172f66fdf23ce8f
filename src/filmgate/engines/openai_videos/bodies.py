"""Creates as they leave: JSON, or a form if there are files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from filmgate.domain.request import Reference, Role
from filmgate.ports.calls import data_url


@dataclass(frozen=True)
class Picture:
    """A reference with its bytes."""

    reference: Reference
    content: bytes

    @property
    def role(self) -> Role:
        return self.reference.role

    @property
    def data_url(self) -> str:
        return data_url(self.reference.media_type, self.content)


def body_of(
    fields: Mapping[str, Any], frame: Picture | None, *, form: bool, once: str
) -> tuple[str, bytes]:
    """
    A create's media type and body; the same bytes whenever it is sent for *once*.

    *form*: a form even without a *frame*.
    """
    if frame is None and not form:
        return "application/json", msgspec.json.encode(fields)
    boundary = hashlib.sha256(once.encode()).hexdigest()
    parts = [
        _part(boundary, f'name="{name}"', _text(value).encode())
        for name, value in fields.items()
    ]
    if frame is not None:
        kind = frame.reference.media_type
        name = f"first_frame.{kind.rpartition('/')[2]}"
        said = f'name="input_reference"; filename="{name}"\r\ncontent-type: {kind}'
        parts.append(_part(boundary, said, frame.content))
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return f"multipart/form-data; boundary={boundary}", body


def only(pictures: Sequence[Picture], role: Role) -> Picture | None:
    return next((picture for picture in pictures if picture.role is role), None)


def _part(boundary: str, said: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\ncontent-disposition: form-data; {said}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
