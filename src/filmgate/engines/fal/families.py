"""
What the models behind fal's queue take, and what they call it.

Transcribed from the types of fal's own client, `@fal-ai/client`, and from the pages of the
models at https://fal.ai/models, which have the prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from filmgate.domain.errors import Unsupported
from filmgate.domain.model import PARAMS, Model, prices_by_size
from filmgate.domain.request import GenerationRequest, Media, Role, Size

_SHORT = {"720p": 720, "1080p": 1080, "1440p": 1440, "2K": 1440, "2160p": 2160, "4k": 2160}
_SWITCHED = frozenset({True, False})
_ALWAYS = frozenset({True})


@dataclass(frozen=True, kw_only=True)
class Family:
    """Endpoints of one model, what they take, and what they call it."""

    name: str
    tiers: tuple[str, ...]
    seconds: tuple[int, ...]
    prices: Mapping[str, int] = field(default_factory=dict)  #: micro-dollars a second
    silent: Mapping[str, int] = field(default_factory=dict)  #: … where sound costs extra
    text: str = "{}/text-to-video"
    image: str = "{}/image-to-video"
    both: str | None = None  #: a third endpoint, for two frames
    first: str = "image_url"
    last: str | None = "end_image_url"
    first_of_both: str = "image_url"
    last_of_both: str = "end_image_url"
    says_tier: bool = True
    says_seconds: str | None = None  #: a text with the number in it; None: an integer
    says_sound: str | None = None
    follows: bool = False  #: a first frame gives the shape
    sound: frozenset[bool] = frozenset()
    seeds: bool = False
    negative: bool = False

    @property
    def model(self) -> Model:
        sizes = tuple(size for tier in self.tiers for size in _sizes(tier))
        frames = {Role.FIRST_FRAME: 1}
        return Model(
            name=self.name,
            media=Media.VIDEO,
            sizes=sizes,
            default_size=sizes[0],
            seconds=tuple(float(n) for n in self.seconds),
            default_seconds=float(max(4, self.seconds[0])),
            roles=frames | ({Role.LAST_FRAME: 1} if self.last else {}),
            exact_references=self.follows,
            negative_prompts=self.negative,
            seeds=self.seeds,
            audio=_SWITCHED if self.says_sound else self.sound,
            price=self.prices.get(self.tiers[0], 0),
            prices=(
                *prices_by_size(self._by_size(self.silent), audio=False),
                *prices_by_size(self._by_size(self.prices)),
            ),
        )

    def _by_size(self, rates: Mapping[str, int]) -> dict[Size, int]:
        return {
            size: rates[tier] for tier in self.tiers if tier in rates for size in _sizes(tier)
        }

    def tier(self, size: Size) -> str:
        return next(tier for tier in self.tiers if size in _sizes(tier))

    def length(self, seconds: float) -> str | int:
        return self.says_seconds.format(int(seconds)) if self.says_seconds else int(seconds)


def _sizes(tier: str) -> tuple[Size, Size]:
    """Upright and lying, 9:16 and 16:9."""
    short = _SHORT[tier]
    long = short * 16 // 9
    return Size(short, long), Size(long, short)


_VEO = Family(
    name="fal-ai/veo3.1",
    tiers=("720p", "1080p", "4k"),
    seconds=(4, 6, 8),
    prices={"720p": 400_000, "1080p": 400_000, "4k": 600_000},
    silent={"720p": 200_000, "1080p": 200_000, "4k": 400_000},
    text="{}",
    both="{}/first-last-frame-to-video",
    first_of_both="first_frame_url",
    last_of_both="last_frame_url",
    says_seconds="{}s",
    says_sound="generate_audio",
    seeds=True,
    negative=True,
)
_SEEDANCE = Family(
    name="bytedance/seedance-2.0",
    tiers=("720p", "1080p", "4k"),
    seconds=tuple(range(4, 16)),
    prices={"720p": 302_400, "1080p": 680_400, "4k": 2_721_600},
    says_seconds="{}",
    says_sound="generate_audio",
)
_KLING = Family(
    name="fal-ai/kling-video/v3/pro",
    tiers=("1080p",),
    seconds=tuple(range(3, 16)),
    prices={"1080p": 168_000},
    silent={"1080p": 112_000},
    first="start_image_url",
    says_tier=False,
    says_seconds="{}",
    says_sound="generate_audio",
    follows=True,
    negative=True,
)
_LTX = Family(
    name="fal-ai/ltx-2.3",
    tiers=("1080p", "1440p", "2160p"),
    seconds=(6, 8, 10),
    prices={"1080p": 80_000, "1440p": 160_000, "2160p": 320_000},
    says_sound="generate_audio",
)
FAMILIES = (
    _VEO,
    replace(
        _VEO,
        name="fal-ai/veo3.1/fast",
        prices={"720p": 150_000, "1080p": 150_000, "4k": 350_000},
        silent={"720p": 100_000, "1080p": 100_000, "4k": 300_000},
    ),
    replace(
        _VEO,
        name="fal-ai/veo3.1/lite",
        tiers=("720p", "1080p"),
        prices={"720p": 50_000, "1080p": 80_000},
        silent={"720p": 30_000, "1080p": 50_000},
    ),
    _SEEDANCE,
    replace(
        _SEEDANCE,
        name="bytedance/seedance-2.0/fast",
        tiers=("720p",),
        prices={"720p": 241_900},
    ),
    replace(
        _SEEDANCE,
        name="bytedance/seedance-2.0/mini",
        tiers=("720p",),
        prices={"720p": 154_700},
    ),
    replace(
        _SEEDANCE,
        name="bytedance/seedance-2.5",
        tiers=("720p",),
        seconds=tuple(range(4, 31)),
        prices={"720p": 473_000},
    ),
    _KLING,
    replace(
        _KLING,
        name="fal-ai/kling-video/v3/standard",
        tiers=("720p",),
        prices={"720p": 126_000},
        silent={"720p": 84_000},
    ),
    replace(
        _KLING,
        name="fal-ai/kling-video/v3/turbo/pro",
        prices={"1080p": 140_000},
        silent={},
        first="image_url",
        last=None,
        says_sound=None,
        negative=False,
    ),
    _LTX,
    replace(
        _LTX,
        name="fal-ai/ltx-2.3/fast",
        tiers=("1080p",),
        seconds=tuple(range(6, 21, 2)),
        prices={"1080p": 40_000},
        text="fal-ai/ltx-2.3/text-to-video/fast",
        image="fal-ai/ltx-2.3/image-to-video/fast",
    ),
    Family(
        name="fal-ai/wan/v2.7",
        tiers=("720p", "1080p"),
        seconds=tuple(range(2, 16)),
        prices={"720p": 100_000, "1080p": 100_000},
        follows=True,
        sound=_ALWAYS,
        seeds=True,
        negative=True,
    ),
    Family(
        name="minimax/h3",
        tiers=("2K",),
        seconds=tuple(range(5, 16)),
        prices={"2K": 130_000},
        follows=True,
        sound=_ALWAYS,
    ),
    Family(
        name="google/gemini-omni-flash",
        tiers=("720p",),
        seconds=tuple(range(3, 11)),
        prices={"720p": 125_000},
        text="{}",
        last=None,
        says_tier=False,
        sound=_ALWAYS,
    ),
    Family(
        name="xai/grok-imagine-video",
        tiers=("720p",),
        seconds=tuple(range(1, 16)),
        prices={"720p": 70_000},
        last=None,
        sound=_ALWAYS,
    ),
    Family(
        name="fal-ai/pixverse/v6",
        tiers=("720p", "1080p"),
        seconds=tuple(range(1, 16)),
        prices={"720p": 60_000, "1080p": 115_000},
        silent={"720p": 45_000, "1080p": 90_000},
        both="{}/transition",
        first_of_both="first_image_url",
        says_sound="generate_audio_switch",
        follows=True,
        seeds=True,
        negative=True,
    ),
    Family(
        name="fal-ai/vidu/q3",
        tiers=("720p", "1080p"),
        seconds=tuple(range(1, 17)),
        prices={"720p": 154_000, "1080p": 154_000},
        says_sound="audio",
        follows=True,
        seeds=True,
    ),
)
BY_NAME = {family.name: family for family in FAMILIES}


def input_of(
    model: str, request: GenerationRequest, frames: Mapping[Role, str]
) -> tuple[str, dict[str, Any]]:
    """The endpoint for *request*, and its input. *frames* are links. Raise `Unsupported`."""
    family = BY_NAME[model]
    first, last = frames.get(Role.FIRST_FRAME), frames.get(Role.LAST_FRAME)
    if last is not None and first is None:
        message = f"{model} takes a last frame only together with a first one."
        raise Unsupported(message, param=PARAMS[Role.LAST_FRAME])
    path, pictures = family.text, dict[str, str | None]()
    if last is not None and family.both:
        path, pictures = family.both, {family.first_of_both: first, family.last_of_both: last}
    elif first is not None:
        path, pictures = family.image, {family.first: first, family.last or "": last}
    size = request.size or family.model.default_size
    shaped = family.follows and path == family.image
    fields = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "seed": request.seed,
        "duration": family.length(request.seconds or family.seconds[0]),
        "resolution": family.tier(size) if family.says_tier else None,
        "aspect_ratio": None if shaped else "16:9" if size.width > size.height else "9:16",
        family.says_sound or "": request.audio if family.says_sound else None,
        **pictures,
    }
    said = {name: value for name, value in fields.items() if value is not None}
    return path.format(model), said
