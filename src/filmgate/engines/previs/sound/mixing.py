"""What one hears: the place, the weather, the hour, and a chord under it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from types import MappingProxyType

import numpy as np

from filmgate.engines.previs.scene import Script, Setting, Shot, Time, Weather
from filmgate.engines.previs.sound.noises import (
    LOOP,
    STEADY,
    Call,
    Layer,
    Swell,
    Wave,
    band,
    drops,
    glide,
    lay,
    noise,
    pan,
    put,
    tones,
)

PEAK = 0.9
_OVERLAP = 0.6  #: seconds in which one shot becomes the next

#: A chord for each hour, in hertz: bright by day, open at night.
_CHORDS: Mapping[Time, tuple[float, ...]] = MappingProxyType(
    {
        Time.DAWN: (146.8, 220.0, 277.2, 369.9),
        Time.DAY: (130.8, 196.0, 261.6, 329.6),
        Time.SUNSET: (110.0, 164.8, 220.0, 277.2, 415.3),
        Time.NIGHT: (98.0, 146.8, 196.0, 233.1),
    }
)

#: How loud a place is, in decibels below full scale.
_LOUDNESS: Mapping[Setting, float] = MappingProxyType(
    {
        Setting.MOUNTAINS: -24.0,
        Setting.PLAINS: -25.0,
        Setting.DESERT: -24.0,
        Setting.SEA: -21.0,
        Setting.LAKE: -25.0,
        Setting.BEACH: -21.5,
        Setting.CITY: -22.0,
        Setting.STREET: -22.0,
        Setting.VILLAGE: -25.0,
        Setting.FOREST: -24.0,
        Setting.INTERIOR: -27.0,
        Setting.SPACE: -23.0,
    }
)

_WEATHER_LOUDER: Mapping[Weather, float] = MappingProxyType(
    {
        Weather.CLEAR: 0.0,
        Weather.CLOUDY: 0.0,
        Weather.RAIN: 2.0,
        Weather.STORM: 4.0,
        Weather.SNOW: -3.5,
        Weather.FOG: -2.0,
    }
)


_WEATHER = -23.0  #: how loud it is over somebody's film, in decibels below full scale


@dataclass(frozen=True)
class _Bed:
    """Noise between two pitches."""

    low: float  #: hertz
    high: float
    tilt: float
    level: float
    swell: Swell = STEADY

    def layer(self, rng: np.random.Generator, rate: int) -> Layer:
        return Layer(
            noise(rng, rate, band(self.low, self.high, self.tilt)), self.level, self.swell
        )


_SURF = Swell(period=7.5, depth=0.75, sharp=1.6)
_FOAM = Swell(period=7.5, depth=0.94, sharp=2.6, start=-0.12)  # comes after the wave
_WIND = (
    _Bed(140, 620, -0.2, 1.0, Swell(period=5.6, depth=0.8, sharp=1.6)),
    _Bed(480, 1500, -0.3, 0.45, Swell(period=3.9, depth=0.9, sharp=2.4, start=0.4)),
)
_BREEZE = (
    _Bed(180, 900, -0.4, 0.6, Swell(period=6.3, depth=0.7, sharp=1.4)),
    _Bed(2000, 7000, -0.4, 0.25, Swell(period=4.4, depth=0.8)),
)

_BEDS: Mapping[Setting, tuple[_Bed, ...]] = MappingProxyType(
    {
        Setting.MOUNTAINS: _WIND,
        Setting.DESERT: _WIND,
        Setting.PLAINS: _BREEZE,
        Setting.VILLAGE: _BREEZE,
        Setting.SEA: (_Bed(60, 900, -0.5, 1.0, _SURF), _Bed(900, 7000, -0.4, 0.44, _FOAM)),
        Setting.BEACH: (_Bed(60, 900, -0.5, 1.0, _SURF), _Bed(900, 7000, -0.4, 0.72, _FOAM)),
        Setting.LAKE: (_Bed(200, 1400, -0.3, 0.7, Swell(period=2.7, depth=0.7, sharp=1.8)),),
        Setting.CITY: (
            _Bed(35, 240, -0.6, 1.0, Swell(period=6.0, depth=0.4)),
            _Bed(250, 1800, -0.8, 0.35, Swell(period=4.3, depth=0.6)),
        ),
        Setting.STREET: (
            _Bed(45, 320, -0.6, 0.8, Swell(period=5.0, depth=0.7, sharp=2.0)),
            _Bed(350, 1300, -0.2, 0.5, Swell(period=0.31, depth=0.45)),  # steps and voices
        ),
        Setting.FOREST: (
            _Bed(1500, 8000, -0.5, 0.8, Swell(period=5.4, depth=0.7, sharp=1.5)),
            _Bed(120, 500, -0.4, 0.4, Swell(period=8.1, depth=0.6)),
        ),
        Setting.INTERIOR: (_Bed(60, 420, -0.9, 0.9),),
        Setting.SPACE: (_Bed(28, 110, -0.6, 1.3, Swell(period=13.0, depth=0.6)),),
    }
)

_FALL = _Bed(700, 13_000, 0.12, 1.1, Swell(period=6.7, depth=0.25))
_GUSTS = _Bed(90, 520, -0.3, 1.0, Swell(period=4.8, depth=0.85, sharp=1.8))
_SKIES: Mapping[Weather, tuple[_Bed, ...]] = MappingProxyType(
    {
        Weather.CLEAR: (),
        Weather.CLOUDY: (),
        Weather.RAIN: (_FALL,),
        Weather.STORM: (
            _FALL,
            _Bed(90, 520, -0.3, 1.0, Swell(period=4.8, depth=0.85, sharp=1.8)),
        ),
        Weather.SNOW: (_Bed(220, 700, -0.6, 0.55, Swell(period=7.9, depth=0.7, sharp=1.5)),),
        Weather.FOG: (_Bed(60, 260, -0.7, 0.5, Swell(period=10.0, depth=0.5)),),
    }
)


def mix(script: Script, *, rate: int = 48_000, fades: tuple[float, float] = (0.3, 0.7)) -> Wave:
    """
    The film's sound: (2, samples), as long as the film, at most PEAK.

    The same script gives the same sound. It comes and goes in *fades*, in seconds.
    """
    marks = [
        0,
        *(round(end * rate) for end in accumulate(shot.seconds for shot in script.shots)),
    ]
    film = np.zeros((2, marks[-1]), dtype=np.float32)
    overlaps = [0, *_overlaps(marks, rate), 0]
    for number, shot in enumerate(script.shots):
        before, after = overlaps[number], overlaps[number + 1]
        start, end = marks[number] - before // 2, marks[number + 1] + after - after // 2
        piece = _shot(shot, script.seed, max(0, end - start), rate)
        _fade(piece, before, after)
        film[:, start:end] += piece
    _fade(film, *(min(round(fade * rate), marks[-1] // 4) for fade in fades))
    return _rounded(film)


def weathered(film: Wave, shot: Shot, seed: int, *, rate: int = 48_000) -> Wave:
    """The sound of a *film* that somebody made, under the weather of *shot*."""
    rng = np.random.default_rng([seed, *b"weather"])
    out = np.zeros_like(film)
    for layer in _weather(shot, rng, rate):
        lay(layer, out, rate)
    present = float(np.sqrt(np.mean(np.square(out)))) if out.size else 0.0
    if present:
        out *= np.float32(10 ** (_WEATHER / 20) / present)
    if shot.weather is Weather.STORM:
        for call in _now_and_then(_thunder, rng, film.shape[1] / rate, rate, every=6.5):
            put(call, out, rate)
    return _rounded(film * np.float32(0.8) + out)


def joined(first: Wave, then: Wave, overlap: int) -> Wave:
    """One sound after the other; for so many samples both are heard."""
    film = np.zeros((2, first.shape[1] + then.shape[1] - overlap), np.float32)
    film[:, : first.shape[1]] = first
    film[:, first.shape[1] - overlap :] += then
    return np.clip(film, -1, 1, out=film)


def faded(film: Wave, samples: int) -> Wave:
    """*film*, which goes within so many *samples*, unless it has gone by itself."""
    _fade(film, 0, samples)
    return film


def _rounded(film: Wave) -> Wave:
    # A peak is rounded off, not cut: thunder may be loud, and must not click.
    np.tanh(film / np.float32(PEAK), out=film)
    film *= np.float32(PEAK)
    return film


def _overlaps(marks: list[int], rate: int) -> list[int]:
    """The samples that each two neighbours share."""
    lengths = [end - start for start, end in pairwise(marks)]
    return [
        min(round(_OVERLAP * rate), left // 2, right // 2) for left, right in pairwise(lengths)
    ]


def _fade(wave: Wave, first: int, last: int) -> None:
    """Lets *wave* come and go; two that overlap are together as loud as one."""
    if first:
        wave[:, :first] *= np.sin(np.linspace(0, np.pi / 2, first, dtype=np.float32))
    if last:
        wave[:, -last:] *= np.cos(np.linspace(0, np.pi / 2, last, dtype=np.float32))


def _shot(shot: Shot, seed: int, samples: int, rate: int) -> Wave:
    # By the scene, not by the shot: the sea goes on sounding the same after a cut.
    scene = [
        list(kind).index(value)
        for kind, value in (
            (Setting, shot.setting),
            (Time, shot.time),
            (Weather, shot.weather),
        )
    ]
    rng = np.random.default_rng([seed, *scene])
    out = np.zeros((2, samples), dtype=np.float32)
    for layer in (
        *_place(shot, rng, rate),
        *_weather(shot, rng, rate),
        _pad(shot, rng, rate),
    ):
        lay(layer, out, rate)
    loudness = _LOUDNESS[shot.setting] + _WEATHER_LOUDER[shot.weather]
    present = float(np.sqrt(np.mean(np.square(out)))) if samples else 1.0
    out *= np.float32(10 ** (loudness / 20) / max(present, 1e-6))
    for call in _calls(shot, rng, samples / rate, rate):
        put(call, out, rate)
    return out


def _pad(shot: Shot, rng: np.random.Generator, rate: int) -> Layer:
    chord = _CHORDS[shot.time]
    if shot.setting is Setting.SPACE:
        chord = tuple(pitch / 2 for pitch in chord)
    return Layer(tones(rng, rate, chord), 0.42, Swell(period=11.0, depth=0.5))


def _place(shot: Shot, rng: np.random.Generator, rate: int) -> Iterator[Layer]:
    """What the place itself sounds like."""
    for bed in _BEDS[shot.setting]:
        yield bed.layer(rng, rate)
    match shot.setting:
        case Setting.LAKE:
            yield Layer(drops(rng, rate, count=60, pitch=(500, 1500), ring=0.02), 0.25)
        case Setting.INTERIOR:
            yield Layer(tones(rng, rate, (100.0, 150.0)), 0.12)
        case Setting.SPACE:
            shimmer = Swell(period=5.0, depth=0.95, sharp=2.0)
            yield Layer(tones(rng, rate, (41.2, 61.7, 82.4)), 0.9, Swell(period=8.0, depth=0.5))
            yield Layer(tones(rng, rate, (987.8, 1318.5, 1480.0)), 0.07, shimmer)
        case _:
            pass
    if _is_green(shot) and shot.time is Time.NIGHT:
        yield Layer(_crickets(rng, rate), 0.34, Swell(period=3.3, depth=0.5))


def _weather(shot: Shot, rng: np.random.Generator, rate: int) -> Iterator[Layer]:
    """What falls and blows; indoors it is behind the window."""
    inside = shot.setting is Setting.INTERIOR
    near = 0.45 if inside else 1.0
    for bed in _SKIES[shot.weather]:
        heard = replace(bed, high=min(bed.high, 2600.0)) if inside else bed
        yield replace(heard, level=bed.level * near).layer(rng, rate)
    if shot.weather in {Weather.RAIN, Weather.STORM}:
        pitch = (1400, 2400) if inside else (1800, 5200)
        yield Layer(drops(rng, rate, count=150, pitch=pitch, ring=0.006), 0.55 * near)


def _is_green(shot: Shot) -> bool:
    """Where something sings, if the weather lets it."""
    fair = shot.weather in {Weather.CLEAR, Weather.CLOUDY, Weather.FOG}
    return fair and shot.setting in {
        Setting.FOREST,
        Setting.PLAINS,
        Setting.VILLAGE,
        Setting.LAKE,
    }


def _crickets(rng: np.random.Generator, rate: int) -> Wave:
    """A loop of two insects that answer each other."""
    loop = noise(rng, rate, lambda hertz: np.exp(-(((hertz - 4250) / 50) ** 2)))
    time = np.arange(loop.shape[1]) / rate
    pulses = np.maximum(0.0, np.sin(2 * np.pi * 28 * time)) ** 2
    for side, start in ((0, 0.0), (1, 0.31)):
        loop[side] *= (pulses * (np.mod(time + start, 0.62) < 0.3) * 2.4).astype(np.float32)
    return loop


def _calls(shot: Shot, rng: np.random.Generator, seconds: float, rate: int) -> Iterator[Call]:
    """What happens now and then."""
    day = shot.time is not Time.NIGHT
    if shot.weather is Weather.STORM:
        yield from _now_and_then(_thunder, rng, seconds, rate, every=6.5)
    if day and _is_green(shot):
        yield from _now_and_then(_song, rng, seconds, rate, every=2.2)
    match shot.setting:
        case Setting.INTERIOR:
            for number in range(int(seconds + 0.5)):
                yield Call(number + 0.5, _tick(rng, rate, low=number % 2 == 1))
        case Setting.CITY | Setting.STREET:
            yield from _now_and_then(_horn, rng, seconds, rate, every=5.5)
        case Setting.BEACH if day and shot.weather is Weather.CLEAR:
            yield from _now_and_then(_gull, rng, seconds, rate, every=5.0)
        case _:
            return


def _now_and_then(
    make: Callable[[np.random.Generator, int], Wave],
    rng: np.random.Generator,
    seconds: float,
    rate: int,
    *,
    every: float,
) -> Iterator[Call]:
    """Something that *make* makes, the first of it soon."""
    second = every * rng.uniform(0.1, 0.35)
    while second < seconds:
        yield Call(second, make(rng, rate))
        second += every * rng.uniform(0.5, 1.5)


def _thunder(rng: np.random.Generator, rate: int) -> Wave:
    time = np.arange(min(LOOP, int(3.6 * rate))) / rate
    roll = noise(rng, rate, band(28, 150, -0.5))[:, : len(time)]
    steps = rng.uniform(0.25, 1.0, 14)
    shape = (
        np.interp(time, np.linspace(0, 3.6, 14), steps)
        * (1 - np.exp(-time / 0.07))
        * np.exp(-time / 1.1)
    )
    tail = len(time) // 4
    shape[-tail:] *= np.linspace(1, 0, tail)
    rumble: Wave = (roll * shape * rng.uniform(0.16, 0.26)).astype(np.float32)
    return rumble


def _song(rng: np.random.Generator, rate: int) -> Wave:
    """A bird's few notes."""
    notes = []
    base, step = rng.uniform(2600, 4200), rng.uniform(-500, 700)
    for number in range(int(rng.integers(2, 6))):
        start = base + step * (number % 2) + rng.uniform(-150, 150)
        notes += [
            glide(rate, rng.uniform(0.05, 0.11), start, start + rng.uniform(-700, 500)),
            np.zeros(int(rng.uniform(0.02, 0.07) * rate)),
        ]
    return pan(np.concatenate(notes) * rng.uniform(0.012, 0.035), rng.uniform(0.1, 0.9))


def _gull(rng: np.random.Generator, rate: int) -> Wave:
    cries = []
    for _ in range(int(rng.integers(2, 4))):
        top = rng.uniform(1300, 1600)
        cry = glide(rate, 0.26, top, top * 0.72) + 0.5 * glide(rate, 0.26, top * 2, top * 1.44)
        cries += [cry, np.zeros(int(0.09 * rate))]
    return pan(np.concatenate(cries) * rng.uniform(0.012, 0.026), rng.uniform(0.1, 0.9))


def _horn(rng: np.random.Generator, rate: int) -> Wave:
    """A car far away."""
    length = int(rng.uniform(0.25, 0.7) * rate)
    time = np.arange(length) / rate
    pitch = rng.uniform(330, 420)
    tone = np.sin(2 * np.pi * pitch * time) + 0.8 * np.sin(2 * np.pi * pitch * 1.26 * time)
    return pan(
        tone * np.hanning(length) ** 0.5 * rng.uniform(0.006, 0.014),
        rng.uniform(0.05, 0.95),
    )


def _tick(rng: np.random.Generator, rate: int, *, low: bool) -> Wave:
    time = np.arange(int(0.05 * rate)) / rate
    pitch = 1900.0 if low else 2400.0
    click = np.exp(-time / 0.006) * (
        np.sin(2 * np.pi * pitch * time) + 0.5 * rng.standard_normal(len(time))
    )
    return pan(click * 0.035, 0.36)
