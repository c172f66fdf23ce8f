"""Those who walk under an umbrella."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from filmgate.engines.previs.cast.ink import Figure, Ink
from filmgate.engines.previs.cast.landmarks import umbrella
from filmgate.engines.previs.cast.people import child, couple, person
from filmgate.engines.previs.scene import Subject

_GRIP = (50.0, 84.0)  #: where an umbrella is held, in its own coordinates


def _over(ink: Ink, hand: tuple[float, float], scale: float, turn: float) -> None:
    """An umbrella in that *hand*, leaning by *turn* degrees."""
    umbrella(ink.at(*hand, scale, turn=turn).at(-_GRIP[0], -_GRIP[1]), 0.0)


def _person(ink: Ink, phase: float) -> None:
    person(ink, phase, swings=False)
    _over(ink, (63.4, 24), 0.92, -15)
    ink.limb("49,24 55,37", [6.4, 5.4])
    ink.limb("55,37 63,25", [5.4, 4.2])


def _child(ink: Ink, phase: float) -> None:
    _over(ink, (73.4, 20), 0.9, -17)
    child(ink, phase)


def _couple(ink: Ink, phase: float) -> None:
    couple(ink, phase)
    _over(ink, (39, 25), 0.98, 0)
    ink.limb("30,23 36,37 39,26", [6, 5, 4.2])


#: The figure of each who can hold an umbrella, holding one.
HELD: Mapping[Subject, Figure] = MappingProxyType(
    {
        Subject.PERSON: Figure(paint=_person, box=(11.6, -52.2, 98.8, 102.3)),
        Subject.CHILD: Figure(paint=_child, box=(20.4, -53.4, 106.6, 101.8)),
        Subject.COUPLE: Figure(paint=_couple, box=(-9.0, -58.2, 87.0, 100.1)),
    }
)
