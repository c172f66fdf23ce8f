"""What one hears."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from filmgate.engines.previs.reading.script import read
from filmgate.engines.previs.scene import Script, Setting, Time, Weather
from filmgate.engines.previs.sound.mixing import PEAK, mix
from filmgate.engines.previs.sound.noises import Wave

RATE = 16_000


def scene(
    setting: Setting = Setting.SEA, time: Time = Time.DAY, weather: Weather = Weather.CLEAR
) -> Script:
    script = read("", seconds=5, seed=3)
    return replace(
        script,
        shots=(replace(script.shots[0], setting=setting, time=time, weather=weather),),
    )


def decibels(wave: Wave) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))))


def spectrum(wave: Wave) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    bands = np.abs(np.fft.rfft(wave.mean(axis=0).astype(np.float64)))[1:32_001]
    loud: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    loud = np.log10(bands.reshape(64, -1).mean(axis=1) + 1e-9)
    return loud


@pytest.mark.parametrize("weather", Weather)
@pytest.mark.parametrize("time", Time)
@pytest.mark.parametrize("setting", Setting)
def test_every_scene_can_be_heard_and_hurts_nobody(
    setting: Setting, time: Time, weather: Weather
) -> None:
    wave = mix(scene(setting, time, weather), rate=RATE)
    assert np.isfinite(wave).all()
    assert np.abs(wave).max() <= PEAK
    assert -34 < decibels(wave) < -14


@pytest.mark.parametrize("setting", Setting)
def test_the_two_sides_differ(setting: Setting) -> None:
    left, right = mix(scene(setting), rate=RATE)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.6


@pytest.mark.parametrize("seconds", [0.04, 0.5, 4, 7.3, 30])
@pytest.mark.parametrize("prompt", ["sea", "[3s]sea[1s]a storm in the city[2s]a room"])
def test_the_sound_is_exactly_as_long_as_the_film(prompt: str, seconds: float) -> None:
    wave = mix(read(prompt, seconds=seconds, seed=1))
    assert wave.shape == (2, round(seconds * 48_000))
    assert wave.dtype == np.float32


def test_the_same_script_sounds_the_same() -> None:
    script = read("[2s]storm at sea [2s]birds in the forest", seconds=4, seed=9)
    assert np.array_equal(mix(script, rate=RATE), mix(script, rate=RATE))


def test_another_seed_sounds_different() -> None:
    one, other = (mix(read("sea", seconds=2, seed=seed), rate=RATE) for seed in (1, 2))
    assert not np.allclose(one, other, atol=0.01)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (scene(Setting.SEA), scene(Setting.CITY)),
        (scene(Setting.FOREST), scene(Setting.FOREST, Time.NIGHT)),
        (scene(Setting.CITY), scene(Setting.CITY, weather=Weather.RAIN)),
        (scene(Setting.INTERIOR), scene(Setting.SPACE)),
        (scene(Setting.DESERT), scene(Setting.FOREST)),
    ],
)
def test_different_scenes_sound_different(one: Script, other: Script) -> None:
    apart = np.abs(spectrum(mix(one, rate=RATE)) - spectrum(mix(other, rate=RATE)))
    assert apart.max() > 0.3


def test_rain_is_brighter_than_wind_and_space_is_the_darkest() -> None:
    def height(script: Script) -> float:
        power = 10 ** spectrum(mix(script, rate=RATE))
        return float((power * np.arange(64)).sum() / power.sum())

    rain = height(scene(Setting.STREET, weather=Weather.RAIN))
    wind = height(scene(Setting.DESERT))
    assert rain > wind > height(scene(Setting.SPACE))


def test_snow_is_quieter_than_wind() -> None:
    snow = mix(scene(Setting.MOUNTAINS, weather=Weather.SNOW), rate=RATE)
    assert decibels(snow) < decibels(mix(scene(Setting.MOUNTAINS), rate=RATE)) - 2


def test_a_film_begins_and_ends_in_silence() -> None:
    wave = mix(scene(), rate=RATE)
    assert np.abs(wave[:, 0]).max() < 0.001
    assert np.abs(wave[:, -1]).max() < 0.001


def test_a_cut_is_not_heard_as_a_click() -> None:
    wave = mix(read("[2s]the sea [2s]a forest", seconds=4, seed=1), rate=RATE)
    steps = np.abs(np.diff(wave, axis=1)).max(axis=0)
    assert steps[2 * RATE - 800 : 2 * RATE + 800].max() <= steps.max()
    assert steps.max() < 0.5
