"""Creates as they leave: JSON, or a form if there are files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from filmgate.domain.request import Reference, Role
from filmgate.ports.calls import FormFile, data_url, form


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
    fields: Mapping[str, Any], frame: Picture | None, *, as_form: bool
) -> tuple[str, bytes]:
    """
    A create's media type and body; always the same bytes for the same.

    *as_form*: a form even without a *frame*.
    """
    if frame is None:
        return form(fields) if as_form else ("application/json", msgspec.json.encode(fields))
    kind = frame.reference.media_type
    name = f"first_frame.{kind.rpartition('/')[2]}"
    return form(fields, FormFile("input_reference", name, kind, frame.content))


def only(pictures: Sequence[Picture], role: Role) -> Picture | None:
    return next((picture for picture in pictures if picture.role is role), None)
