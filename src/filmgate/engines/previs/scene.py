"""What previs draws: the scene that a prompt is read into."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from filmgate.domain.request import Operation, Step
from filmgate.domain.request import Shot as AskedShot


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
    planned: float | None = None  #: seconds that its moves were made for, if it goes on after

    @property
    def move(self) -> float:
        """The seconds in which the camera makes its move."""
        return self.seconds if self.planned is None else self.planned


@dataclass(frozen=True, kw_only=True)
class Script:
    """A whole film, shot by shot; the shots' seconds add up to the film's."""

    shots: tuple[Shot, ...]
    seed: int
    variant: int = 0  #: the seed that was asked for


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody or something that the caller sent a picture of."""

    picture: str  #: path of an image
    name: str | None = None  #: of a character


@dataclass(frozen=True, kw_only=True)
class Order:
    """One line of JSON on the renderer's standard input."""

    prompt: str
    width: int  #: pixels, even
    height: int  #: pixels, even
    seconds: float  #: of an extension: what is added
    seed: int
    output: str  #: where the finished film or still goes; its folder exists
    reference: str | None = None  #: path of an image to start from
    fps: int = 24
    operation: Operation = Operation.CREATE
    history: tuple[Step, ...] = ()  #: how the source was made, if previs knows
    source: str | None = None  #: path of the film or image to change or to go on with
    source_seconds: float = 0.0
    source_seed: int = 0
    follows: bool = False  #: frames a second are the source's, not `fps`
    last: str | None = None  #: path of an image to end on
    mask: str | None = None  #: path of an image, clear where the source may be changed
    guests: tuple[Guest, ...] = ()
    negative: str = ""
    sound: bool | None = None  #: None: unless the source has none
    captions: bool = True
    storyboard: tuple[AskedShot, ...] = ()  #: how the prompt's film is cut, if it is said
    still: str | None = None  #: png, jpeg or webp: a still instead of a film
