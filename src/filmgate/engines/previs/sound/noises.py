"""What sounds are made of: seamless loops of shaped noise, and short calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]  #: (2, samples)
Curve = NDArray[np.float64]

LOOP = 1 << 17  #: samples; the noise repeats, what moves its loudness does not
_BLOCK = 480  #: samples between two values of a swell


@dataclass(frozen=True, kw_only=True)
class Swell:
    """How a loop gets louder and softer; the two sides are a little apart."""

    period: float  #: seconds
    depth: float  #: share of the loudness that comes and goes
    sharp: float = 1.0  #: above 1 it is mostly soft, with peaks
    start: float = 0.0  #: in turns

    def at(self, seconds: Curve) -> Curve:
        """The loudness of both sides at each of *seconds*."""
        sides = np.array([[0.0], [0.09]])
        turn = seconds / self.period + self.start - sides
        # The second wave never meets the first one twice in the same place.
        wave: Curve = (
            0.5
            + 0.32 * np.sin(2 * np.pi * turn)
            + 0.18 * np.sin(2 * np.pi * (turn * 0.618 + 0.3))
        )
        loud: Curve = 1 - self.depth + self.depth * wave**self.sharp
        return loud


STEADY = Swell(period=9.0, depth=0.15)


@dataclass(frozen=True)
class Layer:
    """One sound that goes on and on."""

    loop: Wave  #: LOOP long, as loud as any other
    level: float
    swell: Swell = STEADY


@dataclass(frozen=True)
class Call:
    """One sound that happens."""

    second: float
    wave: Wave


def noise(rng: np.random.Generator, rate: int, shape: Callable[[Curve], Curve]) -> Wave:
    """A loop of noise whose spectrum is *shape*, given hertz; each side is its own."""
    hertz = np.fft.rfftfreq(LOOP, 1 / rate).astype(np.float64)
    strength = np.zeros_like(hertz)
    strength[1:] = shape(hertz[1:])
    spin = rng.standard_normal((2, len(hertz), 2), dtype=np.float32).view(np.complex64)[..., 0]
    return _even(np.fft.irfft(spin * strength.astype(np.float32), n=LOOP, axis=1))


def band(low: float, high: float, tilt: float = 0.0) -> Callable[[Curve], Curve]:
    """From *low* to *high* hertz, softly; *tilt* is the power of the frequency inside."""

    def shape(hertz: Curve) -> Curve:
        edges = 1 / (1 + (low / hertz) ** 4) / (1 + (hertz / high) ** 4)
        return edges * (hertz / 500.0) ** tilt

    return shape


def tones(rng: np.random.Generator, rate: int, hertz: tuple[float, ...]) -> Wave:
    """A loop of soft voices; each is two strings that beat slowly against each other."""
    spectrum = np.zeros((2, LOOP // 2 + 1), dtype=np.complex64)
    for number, pitch in enumerate(hertz):
        for overtone, strength in ((1, 1.0), (2, 0.28), (3, 0.1)):
            place = min(round(pitch * overtone * LOOP / rate), LOOP // 2 - 1)
            for neighbour in (0, 1):
                turn = rng.uniform(0, 2 * np.pi, 2)
                spectrum[:, place + neighbour] += (
                    strength * np.exp(1j * turn) / (1 + 0.25 * number)
                )
    return _even(np.fft.irfft(spectrum, n=LOOP, axis=1))


def drops(
    rng: np.random.Generator, rate: int, *, count: int, pitch: tuple[float, float], ring: float
) -> Wave:
    """A loop of *count* little rings, as of drops, that last about *ring* seconds."""
    loop = np.zeros((2, LOOP), dtype=np.float32)
    length = int(ring * 4 * rate)
    time = np.arange(length) / rate
    for _ in range(count):
        hertz, loud, side = (
            rng.uniform(*pitch),
            rng.uniform(0.2, 1.0) ** 2,
            rng.uniform(0.1, 0.9),
        )
        drop = loud * np.exp(-time / ring) * np.sin(2 * np.pi * hertz * time)
        places = (int(rng.integers(LOOP)) + np.arange(length)) % LOOP
        loop[0, places] += np.sqrt(1 - side) * drop
        loop[1, places] += np.sqrt(side) * drop
    return _even(loop)


def pan(mono: Curve, side: float) -> Wave:
    """*mono* at *side*, from 0, left, to 1, right."""
    return np.stack([np.sqrt(1 - side) * mono, np.sqrt(side) * mono]).astype(np.float32)


def glide(rate: int, seconds: float, start: float, end: float) -> Curve:
    """A whistle from one pitch to another, soft at both ends."""
    count = max(8, int(seconds * rate))
    pitch = np.linspace(start, end, count)
    return np.sin(2 * np.pi * np.cumsum(pitch) / rate) * np.hanning(count)


def lay(layer: Layer, out: Wave, rate: int) -> None:
    """Adds *layer* to *out* from its beginning to its end, a loop at a time."""
    samples = out.shape[1]
    ramp = np.linspace(0, 1, _BLOCK, endpoint=False, dtype=np.float32)
    starts = [*range(0, samples, LOOP), samples]
    for start, end in pairwise(starts):
        knots = np.arange((end - start) // _BLOCK + 2) * _BLOCK + start
        loud = (layer.swell.at(knots / rate) * layer.level).astype(np.float32)
        gains = (loud[:, :-1, None] + np.diff(loud, axis=1)[:, :, None] * ramp).reshape(2, -1)
        out[:, start:end] += layer.loop[:, : end - start] * gains[:, : end - start]


def put(call: Call, out: Wave, rate: int) -> None:
    """Adds *call* to *out*; what would sound after its end is cut off."""
    start = round(call.second * rate)
    room = max(0, min(call.wave.shape[1], out.shape[1] - start))
    out[:, start : start + room] += call.wave[:, :room]


def _even(loop: NDArray[np.floating]) -> Wave:
    """*loop*, as loud as every other."""
    return (loop / max(float(np.sqrt(np.mean(np.square(loop)))), 1e-9)).astype(np.float32)
