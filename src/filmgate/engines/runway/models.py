"""
What Runway's models take.

Sizes, roles and options are those of its OpenAPI document; lengths, the longest prompts and
the credits a second those of its guides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from filmgate.domain.model import Model, Price
from filmgate.domain.request import Media, Operation, Role, Size

CREDIT = 10_000  #: micro-dollars

_FIRST = {Role.FIRST_FRAME: 1}
_BOTH = {Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1}
_EDITED = frozenset({Operation.REMIX, Operation.EDIT})


def _sizes(ratios: str) -> tuple[Size, ...]:
    return tuple(Size(*map(int, ratio.split(":"))) for ratio in ratios.split())


def _at(
    rate: float,
    sizes: tuple[Size, ...] = (),
    *,
    audio: bool | None = None,
    operations: frozenset[Operation] = frozenset(),
) -> Price:
    """What some films cost; *rate* in credits a second."""
    micros = round(rate * CREDIT)
    return Price(rate=micros, sizes=sizes, audio=audio, operations=operations)


_360P = _sizes("640:360 360:640")
_720P = _sizes("1280:720 720:1280")
_1080P = _sizes("1920:1080 1080:1920")
_4K = _sizes("3840:2160 2160:3840")
_SEEDANCE_480P = _sizes("992:432 864:496 752:560 640:640 560:752 496:864")
_SEEDANCE_720P = _720P + _sizes("1470:630 1112:834 960:960 834:1112")
_SEEDANCE_1080P = _1080P + _sizes("2206:946 1664:1248 1440:1440 1248:1664")
_SEEDANCE_4K = _sizes("3840:1646 3840:2160 3840:2880 3840:3840 2880:3840 2160:3840")
_SEEDANCE_25_480P = _sizes("992:432 854:480 752:560 640:640 560:752 480:854")
_WAN = {
    "auto_480p": _sizes("832:480 720:544 624:624 544:720 480:832"),
    "auto_720p": _720P + _sizes("1104:832 960:960 832:1104"),
    "auto_1080p": _1080P + _sizes("1648:1248 1440:1440 1248:1648"),
}
_WAN_SIZES = _WAN["auto_720p"] + _WAN["auto_480p"] + _WAN["auto_1080p"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """A model, and what is particular about asking for it."""

    model: Model
    edit: Mapping[str, Any] = field(default_factory=dict)  #: of the body of an edit
    film: str = "videoUri"  #: the field of an edit that has the film
    framed: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    #: ^ what to ask for instead of a size if there are frames: the film has their shape


def _known(  # noqa: PLR0913 (a table's columns)
    name: str,
    sizes: tuple[Size, ...],
    seconds: Iterable[int],
    rate: int,
    roles: Mapping[Role, int],
    *,
    prompt: int,
    prices: tuple[Price, ...] = (),
    longest: float | None = None,
    sound: bool = False,
    seeds: bool = False,
    negative_prompts: bool = False,
    **particulars: Any,
) -> Known:
    """One row; *rate* in credits a second, where none of *prices* fits."""
    lengths = tuple(map(float, seconds))
    edits = "edit" in particulars
    model = Model(
        name=name,
        media=Media.VIDEO,
        sizes=sizes,
        default_size=Size(1280, 720),
        seconds=lengths,
        default_seconds=4.0,
        longest=longest or lengths[-1],
        longest_prompt=prompt,
        operations=frozenset({Operation.CREATE}) | (_EDITED if edits else frozenset()),
        roles={**roles, Role.SOURCE: 1} if edits else roles,
        exact_references="framed" in particulars,
        audio=frozenset({True, False} if sound else ()),
        seeds=seeds,
        negative_prompts=negative_prompts,
        price=rate * CREDIT,
        prices=prices,
    )
    return Known(model=model, **particulars)


def _veo(name: str, rate: int, silent: int) -> Known:
    return _known(
        name, _720P + _1080P, (4, 6, 8), rate, _BOTH, prompt=1000, sound=True, seeds=True,
        negative_prompts=True, prices=(_at(silent, audio=False),),
    )  # fmt: skip


def _seedance_2(name: str, rate: int, larger: tuple[Price, ...] = ()) -> Known:
    sizes = tuple(size for price in larger for size in price.sizes)
    return _known(
        name, _SEEDANCE_720P + _SEEDANCE_480P + sizes, range(4, 16), rate,
        {**_BOTH, Role.SUBJECT: 9}, prompt=3500, sound=True, seeds=True, prices=larger,
    )  # fmt: skip


def _wan(name: str, rate: int, *, small: float, large: float) -> Known:
    return _known(
        name, _WAN_SIZES, range(2, 31), rate, {**_BOTH, Role.SUBJECT: 10}, prompt=20_000,
        sound=True, framed=_WAN,
        prices=(_at(small, _WAN["auto_480p"]), _at(large, _WAN["auto_1080p"])),
    )  # fmt: skip


_ALL: Sequence[Known] = (
    _known(
        "gen4.5", _720P, range(2, 11), 12, _FIRST, prompt=1000, longest=30, seeds=True,
        edit={"model": "aleph2"}, prices=(_at(28, operations=_EDITED),),
    ),
    _veo("veo3.1", 40, silent=20),
    _veo("veo3.1_fast", 15, silent=10),
    _known(
        "seedance2_5", _SEEDANCE_720P + _SEEDANCE_25_480P + _SEEDANCE_1080P, range(4, 31), 30,
        {**_BOTH, Role.SUBJECT: 30}, prompt=15_000, sound=True, seeds=True,
        edit={"mode": "edit", "duration": "auto"}, film="promptVideo",
        prices=(
            _at(20 + 15, _SEEDANCE_25_480P, operations=_EDITED),
            _at(68 + 15, _SEEDANCE_1080P, operations=_EDITED),
            _at(30 + 15, operations=_EDITED),
            _at(20, _SEEDANCE_25_480P),
            _at(68, _SEEDANCE_1080P),
        ),
    ),
    _seedance_2("seedance2", 36, (_at(40, _SEEDANCE_1080P), _at(150, _SEEDANCE_4K))),
    _seedance_2("seedance2_fast", 29),
    _seedance_2("seedance2_mini", 16),
    _wan("wan3", 10, small=5, large=20),
    _wan("wan3_prime", 14, small=6.8, large=28),
    _known(
        "gemini_omni_flash_1.1", _720P + _1080P + _360P + _4K, range(3, 11), 10, _BOTH,
        prompt=4000, edit={"mode": "edit"},
        prices=(_at(3.4, _360P), _at(15, _1080P), _at(30, _4K)),
    ),
)  # fmt: skip
KNOWN: Mapping[str, Known] = {known.model.name: known for known in _ALL}
