"""
The models of Seedance: sizes, seconds and prices as data.

https://docs.byteplus.com/en/docs/ModelArk/1520757 for what they take, and
https://docs.byteplus.com/en/docs/ModelArk/1544106 for what they cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from filmgate.domain.model import Model, prices_by_size
from filmgate.domain.request import Media, Role, Size
from filmgate.engines.ark.content import Tier, tiers_of

FPS = 24
CHINESE = "doubao-"  #: what Volcengine's names begin with

_480P_2_5 = "854x480 752x560 640x640 560x752 480x854 992x432"
_480P = "864x496 752x560 640x640 560x752 496x864 992x432"
_720P = "1280x720 1112x834 960x960 834x1112 720x1280 1470x630"
_1080P = "1920x1080 1664x1248 1440x1440 1248x1664 1080x1920 2206x946"
_4K = "3840x2160 3326x2494 2880x2880 2494x3326 2160x3840 4398x1886"

_SMALL = tiers_of({"480p": _480P, "720p": _720P})
_LARGE = tiers_of({"480p": _480P, "720p": _720P, "1080p": _1080P, "4k": _4K})
_OF_2_5 = tiers_of({"480p": _480P_2_5, "720p": _720P, "1080p": _1080P})
_OF_1_0 = tiers_of(
    {
        "480p": "864x480 736x544 640x640 544x736 480x864 960x416",
        "720p": "1248x704 1120x832 960x960 832x1120 704x1248 1504x640",
        "1080p": "1920x1088 1664x1248 1440x1440 1248x1664 1088x1920 2176x928",
    }
)
_FIRST = {Role.FIRST_FRAME: 1}
_ENDS = {Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1}


@dataclass(frozen=True, kw_only=True)
class Seedance:
    """A model, and what the API calls what it makes."""

    model: Model
    tiers: Mapping[Size, Tier]
    rates: Mapping[str, int]  #: micro-dollars for 1000 tokens, by resolution
    follows: bool = False  #: a film has the ratio of its first frame, and no other


def _seedance(  # noqa: PLR0913 (all keywords)
    name: str,
    *,
    tiers: Mapping[Size, Tier],
    seconds: range,
    roles: Mapping[Role, int],
    rates: Mapping[str, int],
    silent: bool = False,
    follows: bool = False,
) -> Seedance:
    default = next(size for size, tier in tiers.items() if tier == Tier("720p", "16:9"))
    by_size = {
        size: round(size.width * size.height * FPS / 1024 * rates[tier.resolution] / 1000)
        for size, tier in tiers.items()
    }
    model = Model(
        name=name,
        media=Media.VIDEO,
        sizes=tuple(tiers),
        default_size=default,
        seconds=tuple(map(float, seconds)),
        default_seconds=5.0,
        roles=roles,
        exact_references=follows,
        seeds=silent,  # only the first generation takes one, and it has no sound
        audio=frozenset() if silent else frozenset({True, False}),
        watermarks=True,
        price=by_size[default],
        prices=prices_by_size(by_size),
    )
    return Seedance(model=model, tiers=tiers, rates=rates, follows=follows)


def _at_volcengine(one: Seedance) -> Seedance:
    """The same under its Chinese name, which is paid in yuan."""
    name = CHINESE + one.model.name.removeprefix("dreamina-")
    return replace(one, model=replace(one.model, name=name, price=0, prices=()), rates={})


_AT_BYTEPLUS = (
    _seedance(
        "dreamina-seedance-2-5-260628",
        tiers=_OF_2_5,
        seconds=range(4, 31),
        roles=_ENDS | {Role.SUBJECT: 28, Role.CHARACTER: 2},
        rates={"480p": 10_700, "720p": 10_700, "1080p": 11_700},
        follows=True,
    ),
    _seedance(
        "dreamina-seedance-2-0-260128",
        tiers=_LARGE,
        seconds=range(4, 16),
        roles=_ENDS | {Role.SUBJECT: 7, Role.CHARACTER: 2},
        rates={"480p": 7_000, "720p": 7_000, "1080p": 7_700, "4k": 4_000},
    ),
    _seedance(
        "dreamina-seedance-2-0-fast-260128",
        tiers=_SMALL,
        seconds=range(4, 16),
        roles=_ENDS | {Role.SUBJECT: 7, Role.CHARACTER: 2},
        rates={"480p": 5_600, "720p": 5_600},
    ),
    _seedance(
        "dreamina-seedance-2-0-mini-260615",
        tiers=_SMALL,
        seconds=range(4, 16),
        roles=_ENDS | {Role.SUBJECT: 7, Role.CHARACTER: 2},
        rates={"480p": 3_500, "720p": 3_500},
    ),
    _seedance(
        "seedance-1-0-pro-250528",
        tiers=_OF_1_0,
        seconds=range(2, 13),
        roles=_ENDS,
        rates={"480p": 2_500, "720p": 2_500, "1080p": 2_500},
        silent=True,
    ),
    _seedance(
        "seedance-1-0-pro-fast-251015",
        tiers=_OF_1_0,
        seconds=range(2, 13),
        roles=_FIRST,
        rates={"480p": 1_000, "720p": 1_000, "1080p": 1_000},
        silent=True,
    ),
)
SEEDANCE: Mapping[str, Seedance] = {
    one.model.name: one for one in (*_AT_BYTEPLUS, *map(_at_volcengine, _AT_BYTEPLUS))
}


def sold_at(base_url: str) -> list[Model]:
    """The models that go by the names of the platform at *base_url*; all, if it is unknown."""
    host = urlsplit(base_url).hostname or ""
    china, abroad = host.endswith(".volces.com"), host.endswith(".bytepluses.com")
    return [
        one.model
        for name, one in SEEDANCE.items()
        if china == abroad or china == name.startswith(CHINESE)
    ]
