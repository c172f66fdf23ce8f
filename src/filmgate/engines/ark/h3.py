"""
The models of MiniMax H3: sizes, seconds and prices as data.

https://platform.minimax.io/docs/api-reference/video-generation-v2-create and
https://platform.minimax.io/docs/guides/pricing-paygo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.request import Media, Role, Size
from filmgate.engines.ark.content import Tier, tiers_of

#: MiniMax names tiers and ratios, and no pixels. These are what its tiers' names say; the
#: sizes of Sora stand for the next tier.
_480P = "854x480 640x480 480x480 480x640 480x854 1120x480"
_768P = "1366x768 1024x768 768x768 768x1024 768x1366 1792x768"
_2K = "2560x1440 1920x1440 1440x1440 1440x1920 1440x2560 3360x1440"
ROLES = {Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1, Role.SUBJECT: 7, Role.CHARACTER: 2}
_WIDE, _TALL = "16:9", "9:16"
_SMALL = {Size(1280, 720): Tier("768P", _WIDE), Size(720, 1280): Tier("768P", _TALL)}
_LARGE = {
    **{Size(*size): Tier("2K", _WIDE) for size in ((1920, 1080), (1792, 1024))},
    **{Size(*size): Tier("2K", _TALL) for size in ((1080, 1920), (1024, 1792))},
}


@dataclass(frozen=True, kw_only=True)
class _H3:
    tiers: Mapping[Size, Tier]
    seconds: range
    rates: Mapping[str, int]  #: micro-dollars a second, where known

    def called(self, name: str) -> Model:
        return Model(
            name=name,
            media=Media.VIDEO,
            sizes=tuple(self.tiers),
            default_size=Size(1280, 720),
            seconds=tuple(map(float, self.seconds)),
            default_seconds=5.0,
            roles=ROLES,
            exact_references=True,  # the film has the ratio of the frame
            audio=frozenset({True}),
            watermarks=True,
            price=self.rates.get("768P", 0),
            prices=prices_by_size(
                {
                    size: self.rates[tier.resolution]
                    for size, tier in self.tiers.items()
                    if tier.resolution in self.rates
                }
            ),
        )


H3 = {
    "MiniMax-H3": _H3(
        tiers=_SMALL | _LARGE | tiers_of({"768P": _768P, "2K": _2K}),
        seconds=range(4, 16),
        rates={"768P": 80_000, "2K": 130_000},
    ),
    "MiniMax-H3-Max": _H3(
        tiers=_SMALL | tiers_of({"480P": _480P, "768P": _768P}),
        seconds=range(5, 16),
        rates={},
    ),
}
MODELS = {name: h3.called(name) for name, h3 in H3.items()}
