"""The Chinese of sentences that stand in the code: its settings and its command line."""

from __future__ import annotations

import re
from pathlib import Path

#: An English line and its Chinese one, with an empty line between the pairs.
_PAIRS = (Path(__file__).parent / "words" / "sentences.md").read_text(encoding="utf-8")

CHINESE: dict[str, str] = dict(re.findall(r"^(.+)\n(.+)$", _PAIRS, re.MULTILINE))
