"""
Six ways of calling the methods of the official SDK, so that one script goes them all.

Like `sdk_surface.py`, whose other half it is, it runs with each SDK that we promise to
serve and uses nothing but the SDK, what that brings along, and the standard library.
"""

from __future__ import annotations

import inspect
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel, ValidationError

RESOURCES = (
    *("videos", "files", "uploads", "batches", "images"),
    *("models", "moderations", "webhooks"),
)
FORMS = ("plain", "raw", "streaming")
#: Made of other methods or of nothing that is sent, so they have but the plain form.
COMPOSED = {
    *("videos.create_and_poll", "videos.poll", "files.wait_for_processing"),
    *("uploads.upload_file_chunked", "webhooks.unwrap", "webhooks.verify_signature"),
}


@dataclass
class Ways:
    """A client whose methods are called by their dotted name, in one of the forms."""

    client: OpenAI | AsyncOpenAI
    form: str
    called: set[str] = field(default_factory=set)

    async def __call__(
        self, name: str, /, *args: Any, take: Callable[[Any], Any] = lambda it: it, **named: Any
    ) -> Any:
        """What *take* makes of the answer, which stays open that long."""
        self.called.add(name)
        resource, method = self._resource(name)
        form = getattr(resource, f"with_{self.form}_response", None)
        if self.form == "raw" and hasattr(form, method):
            raw = await ready(getattr(form, method)(*args, **named))
            self._headers(raw.headers)
            return await ready(take(sound(await ready(raw.parse()))))
        if self.form == "streaming" and hasattr(form, method):
            async with opened(getattr(form, method)(*args, **named)) as answer:
                self._headers(answer.headers)
                if type(answer).__name__.endswith("StreamedBinaryAPIResponse"):
                    return await ready(take(answer))
                return await ready(take(sound(await ready(answer.parse()))))
        assert self.form == "plain" or name in COMPOSED, f"{name} has no {self.form} form"
        made = await ready(getattr(resource, method)(*args, **named))
        return await ready(take(sound(made)))

    async def content(self, name: str, /, *args: Any, **named: Any) -> bytes:
        """The bytes of a download."""

        async def whole(answer: Any) -> bytes:
            if self.form == "streaming":
                return b"".join(await everything(answer.iter_bytes(1 << 10)))
            return bytes(answer.content)

        return bytes(await self(name, *args, take=whole, **named))

    async def all(self, name: str, /, **named: Any) -> list[Any]:
        """Every item of a list, which must have more than one page."""

        async def items(page: Any) -> list[Any]:
            assert page.has_next_page()
            return await everything(page)

        return [sound(item) for item in await self(name, take=items, **named)]

    async def refused(
        self, kind: type[openai.APIStatusError], name: str, /, *args: Any, **named: Any
    ) -> openai.APIStatusError:
        """The error that a method must raise."""
        found = None
        try:
            await self(name, *args, **named)
        except kind as error:
            found = error
        assert found is not None, f"{name} did not raise {kind.__name__}"
        assert str(found.request_id).startswith("req_")
        return found

    def _resource(self, name: str) -> tuple[Any, str]:
        found: Any = self.client
        *path, method = name.split(".")
        for part in path:
            found = getattr(found, part)
        return found, method

    def _headers(self, headers: Any) -> None:
        assert headers["x-request-id"].startswith("req_")
        assert "content-type" in headers


def offered(client: OpenAI | AsyncOpenAI) -> set[str]:
    """The dotted names of all public methods of the resources that we answer."""
    return {
        name for resource in RESOURCES for name in _methods(getattr(client, resource), resource)
    }


def _methods(resource: Any, prefix: str) -> Iterator[str]:
    for name, member in inspect.getmembers(type(resource)):
        if name.startswith(("_", "with_")):
            continue
        if inspect.isfunction(member):
            yield f"{prefix}.{name}"
        elif isinstance(member, cached_property | property):
            yield from _methods(getattr(resource, name), f"{prefix}.{name}")


def sound(answer: Any) -> Any:
    """*answer*, if it is what the SDK's types say: by itself the SDK believes anything."""
    page, event = (
        hasattr(answer, "has_next_page"),
        type(answer).__name__.endswith("WebhookEvent"),
    )
    # It takes an event about a video for one of another kind: it has no class for those.
    if isinstance(answer, BaseModel) and not page and not event:
        try:
            type(answer).model_validate(answer.model_dump(by_alias=True, warnings=False))
        except ValidationError as error:
            # The older one lists sizes that pictures no longer keep to.
            wrong = [one for one in error.errors() if one["loc"] != ("size",)]
            assert wrong == [], wrong
    return answer


async def ready(made: Any) -> Any:
    """What a method made, by a blocking client or another."""
    return await made if inspect.isawaitable(made) else made


@asynccontextmanager
async def opened(manager: Any) -> Any:
    if hasattr(manager, "__aenter__"):
        async with manager as entered:
            yield entered
    else:
        with manager as entered:
            yield entered


async def everything(items: Any) -> list[Any]:
    """All of a page with those that follow, or of a stream."""
    if hasattr(items, "__aiter__"):
        return [item async for item in items]
    return list(items)


def png(width: int, height: int, *, alpha: bool = False) -> bytes:
    """A picture with a slope of colour; with *alpha* its left half can be seen through."""
    rows = b"".join(
        b"\0"
        + b"".join(
            bytes((x * 255 // width, y * 255 // height, 128))
            + (bytes((255 * (2 * x >= width),)) if alpha else b"")
            for x in range(width)
        )
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 6 if alpha else 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
