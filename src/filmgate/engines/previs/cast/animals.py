"""The animals that walk."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, sin
from types import MappingProxyType
from typing import NamedTuple

from filmgate.engines.previs.cast.ink import GAP, SOLID, Figure, Ink, bend
from filmgate.engines.previs.scene import Subject

SHADE = 150  #: a detail that lets half of the background through
FAR = 205  #: what is on the other side of a body

_Point = tuple[float, float]


def _cat(ink: Ink, phase: float) -> None:
    curl = 3.0 * sin(phase * 2 * pi)
    ink.limb(
        [(30, 94), (14, 97), (4, 90), (3, 78), (9 + curl, 68), (6 + curl, 58)],
        [8, 8, 7.6, 7, 6, 4.4],
    )
    ink.blob(
        "55,28 44,37 34,50 25,66 20,82 21,93 27,100! 78,100! 79,96 73,92.6 71,80"
        " 73,64 76,48 73,32"
    )
    ink.blob(
        "46,18 45.6,10 47,0! 53.6,3 58,7.4 64,6.6 70,7.4 74.4,3 81,0! 82.4,10"
        " 82,18 82.6,24 77,33 64,37.4 51,33 45.4,24"
    )
    for x, lean in ((56.6, 1), (71.4, -1)):
        ink.blob([(x - 4.2, 19 + lean), (x, 16.4), (x + 4.2, 19 - lean), (x, 22.6)], GAP)
        ink.disc(x, 19.4, 1.2, 2.8)
    ink.blob("61.8,26! 66.2,26! 64,28.6!", GAP)
    for y, drop in ((27.6, -1.6), (29.8, 1.4)):
        ink.limb([(80, y), (92, y + drop)], [0.9, 0.5])
        ink.limb([(48, y), (36, y + drop)], [0.9, 0.5])
    ink.limb("57.4,99 57,84 60,66", [1.3, 1.3, 0.8], GAP)
    ink.limb("48,98 50,86 44,75 35,72", [1.3, 1.3, 1.2, 0.7], GAP)


def _dog(ink: Ink, phase: float) -> None:
    wag = 3.0 * sin(phase * 2 * pi)
    ink.limb([(18, 44), (10, 38), (4, 26), (6 + wag, 10)], [8, 7, 5.6, 2.6])
    ink.limb("76,58 73,78 74,95", [11, 7, 5.6], FAR)
    ink.limb("74,97.4 78.6,97.6", [5, 4.6], FAR)
    ink.limb("30,60 26,72 33,83 30,95", [13, 9.4, 6.4, 5.4], FAR)
    ink.limb("30,97.4 34.6,97.6", [5, 4.6], FAR)
    ink.blob(
        "14,46 22,40.6 36,40 54,41 68,37 75,27 79,15 84,8.4 92,6 98,8.4 101,14.4!"
        " 109,18 115.6,21 117,24.6"
        " 114.4,27.4! 115,30 109,33.6 99,33.6 94.6,38 93,48 89,60 80,67 66,66"
        " 52,62 40,63 30,68 18,66 12,56"
    )
    ink.limb("84,56 85.4,76 85,95", [14, 8, 6])
    ink.limb("85,97.2 91,97.4", [5.6, 5])
    ink.limb("21,58 15.6,71 22.6,83 19.6,95", [17, 11.4, 7, 6])
    ink.limb("19.8,97.2 25.6,97.4", [5.6, 5])
    ink.blob("84,8 77.6,13 74.6,24 77,33.6 83.4,35.4 88,29 89.6,19 90.4,11", GAP)
    ink.blob("83,9.6 78.4,15 76,24 78,32 82.8,33.4 86.4,28 87.6,19 88.4,12")
    ink.disc(96.4, 15, 1.7, shade=GAP)
    ink.limb("114.4,27.4 107,29.4 101.6,28.4", [0.5, 1.1, 1], GAP)
    ink.limb("73,35.4 82,42 93.4,43.4", [2.4, 2.6, 2.4], GAP)


class _Gait(NamedTuple):
    """How a leg trots."""

    reach: float
    lift: float
    lean: float  #: where the foot is, from under the hip; and the knee bends that way
    thick: float
    shade: int


def _hoofed(ink: Ink, hip: _Point, phase: float, gait: _Gait) -> None:
    """A leg whose foot goes round an oval, the lower half of which is the ground."""
    reach, lift, lean, thick, shade = gait
    turn = phase * 2 * pi
    foot = (hip[0] + lean + reach * cos(turn), 96 - lift * max(0.0, sin(turn)))
    length = (96 - hip[1]) * 1.06
    side = 1.0 if lean >= 0 else -1.0
    knee = bend(hip, foot, length * 0.52, length * 0.52, side)
    ink.limb([hip, knee], [thick, thick * 0.5], shade)
    ink.limb([knee, foot], [thick * 0.48, thick * 0.36], shade)
    ink.shape(
        [
            (foot[0] - thick * 0.2, foot[1] - 1),
            (foot[0] + thick * 0.24, foot[1] - 1),
            (foot[0] + thick * 0.5, foot[1] + 4),
            (foot[0] - thick * 0.24, foot[1] + 4),
        ],
        shade,
    )


def _horse(ink: Ink, phase: float) -> None:
    toss = 3.0 * sin(phase * 2 * pi)
    ink.limb(
        [(16, 37), (4, 37 - toss / 2), (-7, 46 - toss), (-14, 66), (-24, 74 + toss)],
        [6, 9, 11, 9, 1.5],
    )
    _hoofed(ink, (82, 54), phase + 0.42, _Gait(16, 17, 3, 11, FAR))
    _hoofed(ink, (25, 54), phase + 0.95, _Gait(16, 12, -2, 15, FAR))
    ink.blob(
        "12,42 16,35 25,32.6 40,36.4 54,35.6 64,31 71,22 79,11 87,4.6 91.4,0!"
        " 93.4,5! 100,10 107,19.4 111,25"
        " 110.4,29.4 106,31.6 102.6,29.6! 98,27 93.4,27.6 90,33 89.4,42 88,52"
        " 82,61 70,63.4 54,63.6 42,60.4"
        " 32,59 22,62 14,56 11,49"
    )
    _hoofed(ink, (78, 55), phase + 0.02, _Gait(19, 18, 3, 13, SOLID))
    _hoofed(ink, (21, 53), phase + 0.52, _Gait(17, 13, -2, 18, SOLID))
    for x, y, width in ((84, 5, 8), (79, 9, 9), (74, 15, 10), (70, 20.4, 9)):
        ink.limb(
            [
                (x + 3, y),
                (x - 5, y + 1),
                (x - 12, y + 5 - toss / 2),
                (x - 17, y + 3 - toss),
            ],
            [width * 0.7, width, width * 0.6, 1],
        )
    ink.limb("90,3.4 93,9 91.6,13", [1.6, 2.2, 1])
    ink.disc(96, 12.6, 1.3, shade=GAP)
    ink.disc(107.4, 26.4, 0.9, shade=GAP)


def _deer(ink: Ink, phase: float) -> None:
    flick = 2.0 * sin(phase * 2 * pi)
    for far, shade in ((5.0, FAR), (0.0, SOLID)):
        ink.limb(
            [(69 - far * 1.4, 64), (69.6 - far * 1.4, 78), (69 - far * 1.4, 96)],
            [8, 4.2, 3],
            shade,
        )
        ink.limb([(69 - far * 1.4, 97.4), (71 - far * 1.4, 98.4)], [3.2, 2.8], shade)
        ink.limb(
            [(24 + far, 62), (19 + far, 72), (24.6 + far, 82), (22.6 + far, 96)],
            [13, 6.6, 4, 3],
            shade,
        )
        ink.limb([(22.6 + far, 97.4), (24.8 + far, 98.4)], [3.2, 2.8], shade)
    ink.blob(
        "15,54 18,48.6 28,46.6 44,48.6 56,47.6 64,43 68.6,36 71,29 75,25.6 81,25"
        " 86,28 93,32.4 95.4,35 94,37.4"
        " 87,38 82,38.6 79.6,42 78.4,50 77,58 72,66.6 62,69 48,67.4 36,65.6 26,68"
        " 17,64 14,59"
    )
    ink.blob([(17, 50), (11, 48 - flick), (8, 53 - flick), (10, 59), (15, 57)])
    ink.blob("74,28 67,22 61,21.4! 63,27 70,32")
    for x, shade, lean in ((77.6, FAR, 7.0), (76, SOLID, 0.0)):
        antler = ink.at(x + lean * 0.3, 27)
        antler.limb(
            [(0, 0), (-5 + lean, -8), (-8 + lean * 1.4, -17), (-3 + lean * 1.6, -27)],
            [3, 2.6, 2.2, 1],
            shade,
        )
        antler.limb(
            [(-2.6 + lean * 0.5, -4), (4 + lean * 0.6, -8), (6 + lean * 0.6, -14)],
            [2.2, 1.8, 0.9],
            shade,
        )
        antler.limb(
            [(-6 + lean * 1.1, -10), (1 + lean, -15), (3 + lean, -22)],
            [2.2, 1.8, 0.9],
            shade,
        )
        antler.limb(
            [(-8 + lean * 1.3, -16), (-14 + lean, -20), (-15 + lean, -26)],
            [2.2, 1.7, 0.9],
            shade,
        )
    ink.disc(83, 30, 1.1, shade=GAP)


def _elephant(ink: Ink, phase: float) -> None:
    sway = 3.0 * sin(phase * 2 * pi)
    ink.limb("92,62 91,80 91.4,92", [18, 15, 15], FAR)
    ink.box(83.8, 92, 99, 99.4, FAR)
    ink.limb("40,66 39,82 40,92", [20, 15.6, 15], FAR)
    ink.box(32.4, 92, 47.6, 99.4, FAR)
    ink.limb([(12, 36), (4, 46), (3 + sway, 62), (5 + sway, 70)], [4, 2.8, 2, 3.6])
    ink.blob(
        "8,44 12,26 24,13 42,7 60,7.4 74,10 84,7 96,2 108,3 117,10 121,20 122,30"
        " 118,42 108,52 104,64 96,74"
        " 82,77 64,79 48,77 32,78 18,74 10,60"
    )
    ink.limb("80,66 79.4,82 80,91", [20, 16.4, 16.4])
    ink.limb("23,64 22,80 22.6,91", [27, 18, 17])
    ink.box(71.8, 91, 88.2, 100)
    ink.box(14.1, 91, 31.1, 100)
    ink.limb(
        [
            (115, 24),
            (122, 38),
            (124, 56),
            (125 + sway, 74),
            (132 + sway, 84),
            (140 + sway, 80),
        ],
        [19, 16, 12.6, 9.6, 7.4, 5.4],
    )
    ink.limb("118,48 128,56 138,54.6 145,45", [5.6, 5, 3.6, 0.7])
    ink.limb("113,46 118,53 129,60.4", [0.6, 1.4, 1.2], GAP)
    ink.blob("92,8 80,9 72,17 70,30 75,44 84,52 90,46 97,38 101,27 100,15", GAP)
    ink.blob("91.6,9.6 81,11 74,18.6 72,30 76.6,42.6 84,49.6 89,44 95.2,37 99,26.6 98,16")
    ink.disc(109.6, 21, 1.7, shade=GAP)
    for x in (15.4, 20.4, 25.4, 73.2, 78.2, 83.2):
        ink.disc(x + 1.6, 98.4, 1.7, 1.8, shade=GAP)


ANIMALS: Mapping[Subject, Figure] = MappingProxyType(
    {
        Subject.CAT: Figure(paint=_cat, box=(-1.5, 0.1, 92.3, 101.4)),
        Subject.DOG: Figure(paint=_dog, box=(0.7, 6, 117.2, 100.1)),
        Subject.HORSE: Figure(paint=_horse, box=(-25, -0.2, 111.5, 100.2)),
        Subject.DEER: Figure(paint=_deer, box=(7.6, -0.7, 95.5, 99.8)),
        Subject.ELEPHANT: Figure(paint=_elephant, box=(-1.2, 1.4, 145.8, 100.2)),
    }
)
