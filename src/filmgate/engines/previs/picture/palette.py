"""Colours: what light falls on a scene, and what it does to the colours of things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from types import MappingProxyType

from filmgate.engines.previs.scene import Season, Time, Weather

Colour = tuple[float, float, float]  #: red, green, blue, 0..255

SNOW: Colour = (236, 242, 250)
LAMPLIGHT: Colour = (255, 206, 120)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """*one*, with *share* (0..1) of it replaced by *other*."""
    keep = 1 - share
    return (
        one[0] * keep + other[0] * share,
        one[1] * keep + other[1] * share,
        one[2] * keep + other[2] * share,
    )


def times(colour: Colour, factor: Colour | float) -> Colour:
    """*colour* under a light, or through a filter, of *factor*."""
    r, g, b = (factor, factor, factor) if isinstance(factor, int | float) else factor
    return (min(255, colour[0] * r), min(255, colour[1] * g), min(255, colour[2] * b))


def _grey(colour: Colour) -> float:
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


@dataclass(frozen=True, kw_only=True)
class Light:
    """All that a scene's painter has to know about the hour, the weather and the season."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    sun: Colour  #: the moon's, at night
    glow: float  #: 0..1, how far the sun's light spreads
    sun_height: float  #: 0 on the horizon .. 1 at the top of the picture
    key: Colour  #: factors 0..1: what a lit surface keeps of its own colour
    shade: Colour  #: factors 0..1: what a surface in shadow keeps
    haze: Colour  #: what distance turns everything into
    density: float  #: of the air; 1 on a clear day
    ink: Colour  #: things seen against the light
    rim: Colour  #: their lit edge
    lamps: float  #: 0..1, how brightly windows and lamps shine
    stars: float  #: 0..1
    cover: float  #: 0..1, how much of the sky is clouded
    cloud: Colour
    cloud_shade: Colour
    water: Colour  #: what deep water adds to the sky that it mirrors

    def paint(self, colour: Colour, *, shade: float = 0.0, distance: float = 0.0) -> Colour:
        """How a thing of *colour* looks, lit 0 .. 1 in *shade*, at a *distance* 0 .. 1."""
        factor = mix(self.key, self.shade, shade)
        veil = 1 - exp(-self.density * distance)
        return mix(times(colour, factor), self.haze, veil)


@dataclass(frozen=True, kw_only=True)
class Flora:
    """What grows, and what lies on it."""

    grass: Colour
    leaf: Colour
    leaf_two: Colour
    needle: Colour
    snow: bool
    bare: bool  #: trees have no leaves
    falling: Colour | None  #: what comes down from the trees


FLORA: Mapping[Season, Flora] = MappingProxyType(
    {
        Season.SPRING: Flora(
            grass=(150, 200, 92),
            leaf=(248, 176, 200),
            leaf_two=(255, 214, 226),
            needle=(64, 118, 84),
            snow=False,
            bare=False,
            falling=(255, 198, 216),
        ),
        Season.SUMMER: Flora(
            grass=(104, 158, 66),
            leaf=(66, 132, 62),
            leaf_two=(112, 168, 74),
            needle=(38, 88, 70),
            snow=False,
            bare=False,
            falling=None,
        ),
        Season.AUTUMN: Flora(
            grass=(190, 152, 76),
            leaf=(220, 104, 38),
            leaf_two=(240, 164, 54),
            needle=(70, 84, 58),
            snow=False,
            bare=False,
            falling=(232, 122, 40),
        ),
        Season.WINTER: Flora(
            grass=SNOW,
            leaf=(120, 108, 112),
            leaf_two=(214, 224, 236),
            needle=(60, 88, 92),
            snow=True,
            bare=True,
            falling=None,
        ),
    }
)

_TIMES: Mapping[Time, Light] = MappingProxyType(
    {
        Time.DAWN: Light(
            zenith=(98, 122, 188),
            middle=(196, 172, 212),
            horizon=(255, 206, 192),
            sun=(255, 238, 214),
            glow=0.75,
            sun_height=0.24,
            key=(0.96, 0.82, 0.84),
            shade=(0.44, 0.44, 0.62),
            haze=(236, 200, 212),
            density=1.25,
            ink=(46, 42, 78),
            rim=(255, 222, 206),
            lamps=0.35,
            stars=0.0,
            cover=0.35,
            cloud=(255, 226, 222),
            cloud_shade=(190, 160, 200),
            water=(74, 96, 150),
        ),
        Time.DAY: Light(
            zenith=(44, 116, 206),
            middle=(112, 176, 232),
            horizon=(208, 233, 244),
            sun=(255, 250, 226),
            glow=0.5,
            sun_height=0.74,
            key=(1.03, 1.01, 0.95),
            shade=(0.52, 0.6, 0.74),
            haze=(190, 217, 236),
            density=0.95,
            ink=(30, 40, 64),
            rim=(255, 250, 228),
            lamps=0.0,
            stars=0.0,
            cover=0.4,
            cloud=(255, 255, 255),
            cloud_shade=(186, 206, 228),
            water=(22, 98, 152),
        ),
        Time.SUNSET: Light(
            zenith=(62, 52, 118),
            middle=(214, 96, 98),
            horizon=(255, 184, 96),
            sun=(255, 230, 158),
            glow=1.0,
            sun_height=0.25,
            key=(1.02, 0.68, 0.5),
            shade=(0.36, 0.26, 0.4),
            haze=(246, 152, 104),
            density=1.15,
            ink=(36, 20, 48),
            rim=(255, 206, 128),
            lamps=0.55,
            stars=0.0,
            cover=0.3,
            cloud=(255, 176, 120),
            cloud_shade=(150, 74, 112),
            water=(96, 48, 92),
        ),
        Time.NIGHT: Light(
            zenith=(7, 12, 38),
            middle=(18, 34, 82),
            horizon=(56, 84, 142),
            sun=(236, 241, 255),
            glow=0.55,
            sun_height=0.68,
            key=(0.36, 0.45, 0.7),
            shade=(0.13, 0.18, 0.34),
            haze=(44, 68, 122),
            density=1.1,
            ink=(7, 10, 26),
            rim=(150, 184, 244),
            lamps=1.0,
            stars=1.0,
            cover=0.2,
            cloud=(60, 82, 136),
            cloud_shade=(24, 36, 78),
            water=(10, 24, 62),
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class _Sky:
    """What a kind of weather does to the light of a clear hour."""

    grey: float  #: 0..1, how much colour is lost
    bright: float  #: factor
    tint: Colour  #: factors
    glow: float  #: factor
    density: float  #: factor
    cover: float  #: at least so much cloud
    stars: float  #: factor
    veil: float = 0.0  #: 0..1, how much of the sky is haze
    band: float = 1.0  #: factor: how much brighter the horizon is than the clouds above


_WEATHERS: Mapping[Weather, _Sky] = MappingProxyType(
    {
        Weather.CLEAR: _Sky(
            grey=0, bright=1, tint=(1, 1, 1), glow=1, density=1, cover=0, stars=1
        ),
        Weather.CLOUDY: _Sky(
            grey=0.5,
            bright=0.93,
            tint=(1, 1, 1.02),
            glow=0.5,
            density=1.2,
            cover=0.8,
            stars=0.25,
        ),
        Weather.RAIN: _Sky(
            grey=0.62,
            bright=0.76,
            tint=(0.92, 1, 1.1),
            glow=0.2,
            density=1.7,
            cover=0.95,
            stars=0,
            band=1.15,
        ),
        Weather.STORM: _Sky(
            grey=0.6,
            bright=0.45,
            tint=(0.94, 0.98, 1.14),
            glow=0.08,
            density=1.4,
            cover=1,
            stars=0,
            band=2.0,
        ),
        Weather.SNOW: _Sky(
            grey=0.6,
            bright=1.0,
            tint=(0.98, 1, 1.06),
            glow=0.35,
            density=1.7,
            cover=0.75,
            stars=0.2,
        ),
        Weather.FOG: _Sky(
            grey=0.55,
            bright=0.98,
            tint=(1, 1, 1),
            glow=0.6,
            density=3.6,
            cover=0.3,
            stars=0.1,
            veil=0.72,
        ),
    }
)

_SEASON_TINT: Mapping[Season, Colour] = MappingProxyType(
    {
        Season.SPRING: (1.02, 1.0, 1.01),
        Season.SUMMER: (1.0, 1.0, 1.0),
        Season.AUTUMN: (1.05, 0.99, 0.92),
        Season.WINTER: (0.95, 1.0, 1.06),
    }
)


def light(time: Time, weather: Weather, season: Season) -> Light:
    """The light of that hour, weather and season."""
    clear, sky = _TIMES[time], _WEATHERS[weather]
    tint = times(sky.tint, _SEASON_TINT[season])
    # A low sun colours what it shines through; and a night can hardly become darker.
    grey = sky.grey * (0.5 if time in {Time.DAWN, Time.SUNSET} else 1)
    bright = sky.bright + (1 - sky.bright) * (0.7 if time is Time.NIGHT else 0)

    def seen(colour: Colour) -> Colour:
        dull = mix(colour, (_grey(colour),) * 3, grey)
        return times(times(dull, tint), bright)

    haze = seen(clear.haze)
    found = replace(
        clear,
        zenith=mix(seen(clear.zenith), haze, max(sky.veil, sky.cover * 0.25)),
        middle=mix(seen(clear.middle), haze, max(sky.veil, sky.cover * 0.25)),
        horizon=times(mix(seen(clear.horizon), haze, sky.veil), sky.band),
        sun=mix(clear.sun, haze, 1 - max(sky.glow, 0.3)),
        glow=clear.glow * sky.glow,
        key=times(seen(times(clear.key, 200.0)), 1 / 200),
        shade=times(seen(times(clear.shade, 200.0)), 1 / 200),
        haze=haze,
        density=clear.density * sky.density,
        rim=mix(clear.rim, haze, 0.3 * sky.grey),
        lamps=max(clear.lamps, 0.6 * (1 - sky.bright) / 0.55 if sky.bright < 0.9 else 0.0),
        stars=clear.stars * sky.stars,
        cover=max(clear.cover, sky.cover),
        cloud=seen(clear.cloud),
        cloud_shade=seen(clear.cloud_shade),
        water=seen(clear.water),
    )
    return _fogged(found, time) if weather is Weather.FOG else found


def _fogged(found: Light, time: Time) -> Light:
    """The same light in fog: a low sun colours all of it, from its own side."""
    match time:
        case Time.DAWN:
            return replace(
                found,
                zenith=(104, 122, 178),
                middle=(196, 158, 180),
                horizon=(255, 184, 146),
                sun=(255, 224, 170),
                glow=0.95,
                haze=(222, 172, 172),
                key=(0.98, 0.76, 0.7),
                shade=(0.34, 0.4, 0.62),
                ink=(40, 42, 84),
            )
        case Time.SUNSET:
            return replace(
                found,
                zenith=(74, 60, 112),
                middle=(190, 98, 98),
                horizon=(255, 158, 80),
                sun=(255, 214, 130),
                glow=1.0,
                haze=(216, 126, 92),
            )
        case Time.NIGHT:
            return replace(found, horizon=(60, 80, 122), haze=(38, 52, 88), rim=(178, 204, 250))
        case Time.DAY:
            return found
