"""Assets: bytes that we keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Variant(StrEnum):
    """What an asset of a job is: an output, or something the caller gave."""

    VIDEO = "video"
    THUMBNAIL = "thumbnail"
    SPRITESHEET = "spritesheet"
    IMAGE = "image"
    PREVIEW = "preview"  #: of a still, on the way
    INPUT = "input"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One stored file. *key* is where the blobs keep it."""

    id: str
    job_id: str
    variant: Variant
    media_type: str
    key: str
    size: int  #: bytes
    sha256: str  #: hex
