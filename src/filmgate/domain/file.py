"""Files: what callers send to be used later, whole or in parts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from filmgate.domain.errors import InvalidRequest

LARGEST_FILE = 512 << 20  #: bytes in one request; the OpenAI Files API's own limit
LARGEST_PART = 64 << 20  #: bytes
LARGEST_UPLOAD = 8 << 30  #: bytes of a file that comes in parts
LONGEST_NAME = 255  #: characters
UPLOAD_LASTS = timedelta(hours=1)
SHORTEST_KEPT, LONGEST_KEPT = timedelta(hours=1), timedelta(days=30)

BATCH, BATCH_OUTPUT = "batch", "batch_output"
#: What callers may say that a file is for. `BATCH_OUTPUT` is ours to say.
PURPOSES = ("assistants", BATCH, "fine-tune", "vision", "user_data", "evals")
#: What is kept no longer than this unless its caller says so.
KEPT_BY_PURPOSE = {BATCH: timedelta(days=30)}


@dataclass(frozen=True, kw_only=True)
class File:
    """Bytes of a caller. *key* is where the blobs keep them."""

    id: str
    caller_id: str
    filename: str
    purpose: str
    key: str
    size: int  #: bytes
    sha256: str  #: hex
    created_at: datetime
    expires_at: datetime | None


class UploadStatus(StrEnum):
    PENDING = "pending"  #: takes parts
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class UploadInParts:
    """A file that comes in parts. It exists once the upload is completed."""

    id: str
    caller_id: str
    filename: str
    purpose: str
    media_type: str
    size: int  #: bytes, as announced
    status: UploadStatus
    created_at: datetime
    expires_at: datetime
    kept: timedelta | None  #: how long the file is to be kept
    file_id: str | None = None

    def at(self, now: datetime) -> UploadStatus:
        """Its status: time alone makes it expire."""
        if self.status is UploadStatus.PENDING and self.expires_at <= now:
            return UploadStatus.EXPIRED
        return self.status


@dataclass(frozen=True, kw_only=True)
class UploadPart:
    """One piece of it. *key* is where the blobs keep it."""

    id: str
    upload_id: str
    key: str
    size: int  #: bytes
    created_at: datetime


def check_filename(filename: str, *, param: str) -> None:
    """Raise `InvalidRequest`, naming *param*, unless a file can be called so."""
    controls = any(unicodedata.category(letter) in ("Cc", "Cs") for letter in filename)
    if controls or not (filename.strip() and len(filename) <= LONGEST_NAME):
        message = (
            f"A file's name has 1 to {LONGEST_NAME} characters, not only spaces, and no "
            "control characters. Rename it."
        )
        raise InvalidRequest(message, param=param)


def check_purpose(purpose: str) -> None:
    """Raise `InvalidRequest` unless callers may give *purpose*."""
    if purpose not in PURPOSES:
        listed = ", ".join(f"'{name}'" for name in PURPOSES[:-1])
        message = (
            f"Invalid value: '{purpose[:80]}'. Supported values are: {listed}, and "
            f"'{PURPOSES[-1]}'."
        )
        raise InvalidRequest(message, param="purpose")


def check_kept(kept: timedelta | None) -> None:
    """Raise `InvalidRequest` unless a caller may have a file kept so long."""
    if kept is not None and not SHORTEST_KEPT <= kept <= LONGEST_KEPT:
        message = (
            f"'expires_after.seconds' is {kept.total_seconds():.0f}. It is from "
            f"{SHORTEST_KEPT.total_seconds():.0f} to {LONGEST_KEPT.total_seconds():.0f}."
        )
        raise InvalidRequest(message, param="expires_after.seconds")


def check_announced(upload: UploadInParts) -> None:
    """Raise `InvalidRequest`, naming the field, unless such an upload can begin."""
    check_filename(upload.filename, param="filename")
    check_purpose(upload.purpose)
    check_kept(upload.kept)
    if not re.fullmatch(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?", upload.media_type):
        message = (
            f"'mime_type' is '{upload.media_type[:80]}'. Give a media type such as "
            "'application/jsonl', of 255 ASCII characters at most."
        )
        raise InvalidRequest(message, param="mime_type")
    if not 1 <= upload.size <= LARGEST_UPLOAD:
        message = f"'bytes' is {upload.size}. It is from 1 to {LARGEST_UPLOAD}."
        raise InvalidRequest(message, param="bytes")


def expiry(now: datetime, purpose: str, kept: timedelta | None) -> datetime | None:
    """When a new file goes by itself; None for never."""
    kept = kept or KEPT_BY_PURPOSE.get(purpose)
    return None if kept is None else now + kept
