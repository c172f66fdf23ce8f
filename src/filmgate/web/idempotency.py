"""What makes two requests the same, whatever their bytes are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from hashlib import file_digest, sha256

import msgspec
from starlette.requests import Request

from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.errors import InvalidRequest
from filmgate.gateway.submission import Submission, Upload

LONGEST_KEY = 255  #: characters
SMALL = 1 << 16  #: bytes of a file whose digest is not worth a thread


async def fingerprint(path: str, body: object) -> str:
    """
    Of a request's path, its parsed fields and the bytes of its files.

    A form's boundary and the order of its fields play no part.
    """
    plain = await _plain(body)
    encoded = msgspec.json.encode([path, plain], order="deterministic")
    return sha256(encoded).hexdigest()


def claim_of(request: Request, caller: Caller, *, part: str = "") -> Claim | None:
    """
    What the request's Idempotency-Key claims; None if it has none.

    *part* tells apart what one request makes.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        message = f"An Idempotency-Key has 1 to {LONGEST_KEY} characters."
        raise InvalidRequest(message, param="Idempotency-Key")
    return Claim(
        caller_id=caller.id,
        path=f"{request.url.path}#{part}" if part else request.url.path,
        key=key,
        fingerprint=getattr(request.state, "fingerprint", ""),
    )


def retry_of(request: Request) -> int:
    """How often the client has sent this before, as the official SDKs count it."""
    text = request.headers.get("x-stainless-retry-count", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def identified(request: Request, submission: Submission, caller: Caller) -> Submission:
    """*submission* with what tells it from others, and from a retry of itself."""
    return replace(
        submission,
        claim=claim_of(request, caller),
        fingerprint=request.state.fingerprint,
        retry=retry_of(request),
    )


async def _plain(value: object) -> object:
    """*value* with a digest in place of each file."""
    match value:
        case Upload(file=file):
            size = file.seek(0, 2)
            file.seek(0)
            if size <= SMALL:
                digest = file_digest(file, "sha256")  # type: ignore[arg-type]
            else:
                digest = await asyncio.to_thread(file_digest, file, "sha256")  # type: ignore[arg-type]
            file.seek(0)
            return {"sha256": digest.hexdigest()}
        case Mapping():
            return {name: await _plain(part) for name, part in value.items()}
        case list():
            return [await _plain(part) for part in value]
        case str() if len(value) > SMALL:
            return {"sha256": sha256(value.encode()).hexdigest()}
        case _:
            return value
