"""Requests to a ComfyUI server as they leave. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from filmgate.domain.account import Account
from filmgate.engines.comfyui.slots import FOLDER
from filmgate.ports.calls import Call, FormFile, form

BASE = "http://127.0.0.1:8188"


def call_to(  # noqa: PLR0913 (all keywords)
    method: str,
    path: str,
    account: Account,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Call:
    return Call(
        method=method,
        url=url or url_of(path, account),
        home=account.base_url or BASE,
        headers=headers or {},
        credentials={"authorization": f"Bearer {account.secret}"} if account.secret else {},
        body=body,
        proxy=account.proxy,
    )


def url_of(path: str, account: Account) -> str:
    return f"{(account.base_url or BASE).rstrip('/')}/api{path}"


def form_of(name: str, media_type: str, content: bytes) -> tuple[str, bytes]:
    """A form's media type and body, with *content* as an image that goes into our folder."""
    fields = {"type": "input", "subfolder": FOLDER, "overwrite": "true"}
    return form(fields, FormFile("image", name, media_type, content))
