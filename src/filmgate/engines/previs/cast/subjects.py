"""What stands in the picture: the silhouette of each subject, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from PIL import Image

from filmgate.engines.previs.cast.animals import ANIMALS
from filmgate.engines.previs.cast.fins_and_wings import FINS_AND_WINGS
from filmgate.engines.previs.cast.ink import Figure
from filmgate.engines.previs.cast.landmarks import LANDMARKS
from filmgate.engines.previs.cast.people import PEOPLE
from filmgate.engines.previs.cast.vehicles import VEHICLES
from filmgate.engines.previs.scene import Subject


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a subject belongs in a picture."""

    ground: Literal["ground", "water", "air", "underwater"]
    size: float  #: usual height as a share of the frame's, when it is the main subject


PLACEMENT: Mapping[Subject, Placement] = MappingProxyType(
    {
        Subject.PERSON: Placement(ground="ground", size=0.42),
        Subject.CHILD: Placement(ground="ground", size=0.32),
        Subject.COUPLE: Placement(ground="ground", size=0.42),
        Subject.CROWD: Placement(ground="ground", size=0.34),
        Subject.DANCER: Placement(ground="ground", size=0.46),
        Subject.ROBOT: Placement(ground="ground", size=0.44),
        Subject.ASTRONAUT: Placement(ground="ground", size=0.44),
        Subject.CAT: Placement(ground="ground", size=0.225),
        Subject.DOG: Placement(ground="ground", size=0.235),
        Subject.HORSE: Placement(ground="ground", size=0.38),
        Subject.BIRD: Placement(ground="air", size=0.16),
        Subject.WHALE: Placement(ground="underwater", size=0.26),
        Subject.FISH: Placement(ground="underwater", size=0.18),
        Subject.DEER: Placement(ground="ground", size=0.42),
        Subject.ELEPHANT: Placement(ground="ground", size=0.44),
        Subject.DRAGON: Placement(ground="air", size=0.36),
        Subject.BOAT: Placement(ground="water", size=0.36),
        Subject.SHIP: Placement(ground="water", size=0.26),
        Subject.CAR: Placement(ground="ground", size=0.20),
        Subject.BICYCLE: Placement(ground="ground", size=0.30),
        Subject.TRAIN: Placement(ground="ground", size=0.20),
        Subject.PLANE: Placement(ground="air", size=0.14),
        Subject.BALLOON: Placement(ground="air", size=0.36),
        Subject.ROCKET: Placement(ground="air", size=0.46),
        Subject.KITE: Placement(ground="air", size=0.34),
        Subject.TREE: Placement(ground="ground", size=0.52),
        Subject.FLOWER: Placement(ground="ground", size=0.30),
        Subject.HOUSE: Placement(ground="ground", size=0.34),
        Subject.CASTLE: Placement(ground="ground", size=0.55),
        Subject.LIGHTHOUSE: Placement(ground="ground", size=0.56),
        Subject.BRIDGE: Placement(ground="water", size=0.30),
        Subject.UMBRELLA: Placement(ground="ground", size=0.26),
    }
)


_FIGURES: Mapping[Subject, Figure] = MappingProxyType(
    {**PEOPLE, **ANIMALS, **FINS_AND_WINGS, **VEHICLES, **LANDMARKS}
)


def walks(cast: Iterable[Subject]) -> bool:
    """Whether anybody among the *cast* needs ground to stand on."""
    return any(PLACEMENT[subject].ground == "ground" for subject in cast)


def draw(subject: Subject, height: int, phase: float = 0.0) -> Image.Image:
    """
    *subject* facing right as an "L" mask, exactly *height* pixels high, cropped to its outline.

    *phase* is where in its movement it is caught; 1 is 0 again. The crop is the same in every
    phase, so that a walking horse does not jump about.
    """
    return _FIGURES[subject].mask(height, phase)
