"""Forms as servers read them: a file as its bytes, everything else as text."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

from aiohttp import web


async def fields_of(request: web.Request) -> dict[str, Any] | None:
    """A create's fields, sent as JSON or as a form; None if they cannot be read."""
    raw, kind = await request.read(), request.headers.get("content-type", "")
    if request.content_type == "application/json":
        try:
            read: dict[str, Any] = json.loads(raw)
        except ValueError:
            return None
        return read
    message = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + raw, policy=HTTP)
    fields: dict[str, Any] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        fields[name] = content if part.get_filename() else content.decode()
    return fields
