"""What a command cannot do, in a sentence for the person at the terminal."""

from __future__ import annotations


class Problem(Exception):
    """Shown as it is, without a trace; the exit code is 1."""
