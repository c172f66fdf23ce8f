"""
Anybody who speaks the OpenAI Videos API.

Servers of one's own, proxies, resellers, and other filmgates: OpenAI has shut its own down,
so the API is what these make of it. What is merely odd in their answers is read by one
tolerant reader, in `answers`; where they contradict each other stands as data, in `Quirks`
and in `servers`. Read for it: SGLang 0.5.23, vLLM-Omni 0.30.0 and LiteLLM 1.109.1 as they
are on PyPI, and the sources of new-api.
"""

from filmgate.engines.openai_videos.adapter import (
    SORA_2,
    SORA_2_PRO,
    Filmgate,
    OpenAIVideos,
    Quirks,
)
from filmgate.engines.openai_videos.servers import SGLang, VLLMOmni

__all__ = [
    "SORA_2",
    "SORA_2_PRO",
    "Filmgate",
    "OpenAIVideos",
    "Quirks",
    "SGLang",
    "VLLMOmni",
]
