"""What previs draws: the scene that a prompt is read into."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Setting(StrEnum):
    MOUNTAINS = "mountains"
    PLAINS = "plains"  #: meadow, field, hills; also what an unreadable prompt gets
    DESERT = "desert"
    SEA = "sea"
    LAKE = "lake"
    BEACH = "beach"
    CITY = "city"
    STREET = "street"
    VILLAGE = "village"
    FOREST = "forest"
    INTERIOR = "interior"
    SPACE = "space"


class Time(StrEnum):
    DAWN = "dawn"
    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"


class Weather(StrEnum):
    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    STORM = "storm"
    SNOW = "snow"
    FOG = "fog"


class Season(StrEnum):
    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


class Camera(StrEnum):
    STATIC = "static"
    PUSH = "push"
    PULL = "pull"
    PAN_LEFT = "pan left"
    PAN_RIGHT = "pan right"
    TILT_UP = "tilt up"
    TILT_DOWN = "tilt down"
    HANDHELD = "handheld"
    TRACKING = "tracking"


class Subject(StrEnum):
    PERSON = "person"
    CHILD = "child"
    COUPLE = "couple"
    CROWD = "crowd"
    DANCER = "dancer"
    ROBOT = "robot"
    ASTRONAUT = "astronaut"
    CAT = "cat"
    DOG = "dog"
    HORSE = "horse"
    BIRD = "bird"
    WHALE = "whale"
    FISH = "fish"
    DEER = "deer"
    ELEPHANT = "elephant"
    DRAGON = "dragon"
    BOAT = "boat"
    SHIP = "ship"
    CAR = "car"
    BICYCLE = "bicycle"
    TRAIN = "train"
    PLANE = "plane"
    BALLOON = "balloon"
    ROCKET = "rocket"
    KITE = "kite"
    TREE = "tree"
    FLOWER = "flower"
    HOUSE = "house"
    CASTLE = "castle"
    LIGHTHOUSE = "lighthouse"
    BRIDGE = "bridge"
    UMBRELLA = "umbrella"


class Style(StrEnum):
    """The ten `{style}` names of the Sora app."""

    FESTIVE = "festive"
    KAKALAKA = "kakalaka"
    NEWS = "news"
    SELFIE = "selfie"
    HANDHELD = "handheld"
    GOLDEN = "golden"
    ANIME = "anime"
    RETRO = "retro"
    NOSTALGIC = "nostalgic"
    COMIC = "comic"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One uninterrupted piece of film."""

    text: str  #: the words this was read from; the caption
    seconds: float
    setting: Setting
    time: Time
    weather: Weather
    season: Season
    camera: Camera
    subjects: tuple[Subject, ...]  #: at most three, in the order of the prompt
    style: Style | None


@dataclass(frozen=True, kw_only=True)
class Script:
    """A whole film, shot by shot; the shots' seconds add up to the film's."""

    shots: tuple[Shot, ...]
    seed: int


@dataclass(frozen=True, kw_only=True)
class Order:
    """One line of JSON on the renderer's standard input."""

    prompt: str
    width: int  #: pixels, even
    height: int  #: pixels, even
    seconds: float
    seed: int
    output: str  #: where the finished film goes; its folder exists
    reference: str | None = None  #: path of an image to start from
    fps: int = 24
