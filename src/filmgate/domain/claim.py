"""What makes the same request, sent twice, one request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

KEPT = timedelta(hours=24)  #: what an Idempotency-Key has led to is remembered for so long
RETRIED = timedelta(minutes=15)  #: so long a retry without a key finds its first try


@dataclass(frozen=True, kw_only=True)
class Claim:
    """
    An Idempotency-Key, and the request it came with.

    The same key with the same *fingerprint* means the same object; with another
    fingerprint it is a mistake.
    """

    caller_id: str
    path: str
    key: str
    fingerprint: str
