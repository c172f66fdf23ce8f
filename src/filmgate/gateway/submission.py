"""What a dialect hands to the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from filmgate.domain.claim import Claim
from filmgate.domain.request import Fit, GenerationRequest, Role


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that a caller sent, not kept yet. *param* is the field it came in."""

    param: str
    file: BinaryIO
    filename: str = "upload"


@dataclass(frozen=True, kw_only=True)
class Given:
    """
    A reference as a caller gave it: exactly one of the last five.

    *param* is the field that errors name.
    """

    role: Role
    param: str
    upload: Upload | None = None
    url: str | None = None  #: http(s), or a base64 data URL
    file_id: str | None = None
    job_id: str | None = None  #: its film or still
    character_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobWebhook:
    """Where one job's end is told, beside the caller's endpoints."""

    url: str
    secret: str | None = None


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One request, with everything that belongs to it but not to the film."""

    request: GenerationRequest
    given: Sequence[Given] = ()
    enhance: bool = False  #: the engine gets a better prompt than the caller's
    fit: Fit | None = None  #: of first and last frames; None: they have the film's size
    count: int = 1  #: jobs; each has its own id, price and webhook
    metadata: Mapping[str, str] = field(default_factory=dict)
    webhook: JobWebhook | None = None
    claim: Claim | None = None
    fingerprint: str | None = None  #: of the request, for retries without a key
    retry: int = 0  #: how often the client has tried before
    priority: int = 0  #: lower waits; a batch's jobs have -1
