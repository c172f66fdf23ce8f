"""Metadata: the caller's own pairs, which we keep and give back."""

from __future__ import annotations

from collections.abc import Mapping

from filmgate.domain.errors import InvalidRequest

MOST_PAIRS = 16
LONGEST_NAME = 64  #: characters
LONGEST_VALUE = 512  #: characters


def check_metadata(pairs: Mapping[str, str]) -> None:
    """Raise `InvalidRequest`, naming the pair, beyond the OpenAI API's own limits."""
    if len(pairs) > MOST_PAIRS:
        message = f"'metadata' has {len(pairs)} pairs; the most is {MOST_PAIRS}."
        raise InvalidRequest(message, param="metadata")
    for name, value in pairs.items():
        param = f"metadata.{name[:LONGEST_NAME]}"
        if not 1 <= len(name) <= LONGEST_NAME or "\0" in name:
            message = f"A name in 'metadata' has 1 to {LONGEST_NAME} characters."
            raise InvalidRequest(message, param=param)
        if len(value) > LONGEST_VALUE or "\0" in value:
            message = f"A value in 'metadata' has at most {LONGEST_VALUE} characters."
            raise InvalidRequest(message, param=param)
