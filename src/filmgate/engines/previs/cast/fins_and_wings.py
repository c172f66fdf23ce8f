"""The animals that fly and swim, the dragon included."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, sin
from types import MappingProxyType

from filmgate.engines.previs.cast.ink import GAP, SOLID, Figure, Ink
from filmgate.engines.previs.scene import Subject

FAR = 205  #: what is on the other side of a body


def _wing(ink: Ink, shade: int) -> None:
    """A feathered wing, its shoulder at (0, 0), raised and swept back."""
    ink.blob(
        "10,3 12,-10 8,-26 0,-41 -10,-52 -20,-58 -23,-55 -17,-46.6! -27,-50"
        " -29,-46 -19,-37!"
        " -31,-40 -32,-36 -20,-27! -31,-29 -31,-24.6 -19,-17.4! -28,-18 -27,-13.4"
        " -17,-8! -22,-6 -12,4",
        shade,
    )


def _bird(ink: Ink, phase: float) -> None:
    beat = 0.5 + 0.5 * cos(phase * 2 * pi)
    _wing(
        ink.at(70, 49, 0.92, turn=40 - 30 * (1 - beat), squash=0.25 + 0.75 * beat),
        FAR - 35,
    )
    ink.blob("48,50 32,55 2,56! 9,60.6! 0,65! 9,67.4! 3,74! 30,71 48,68")
    ink.blob(
        "34,60 44,52 56,47 70,44.6 80,40 88,39.6 93,43.4! 102,46.4! 94,48.6!"
        " 92,54 84,61 72,67.6 58,70 44,69"
    )
    ink.disc(88, 44, 1.5, shade=GAP)
    near = ink.at(62, 54, 1.0, turn=-4 - 14 * (1 - beat), squash=0.2 + 0.8 * beat)
    _wing(near, SOLID)
    for x, y in ((-15, -45), (-17, -35), (-18, -25), (-16, -15)):
        near.limb([(x, y), (x + 9, y + 8), (x + 13, y + 17)], [0.6, 1.1, 0.5], GAP)


def _whale(ink: Ink, phase: float) -> None:
    sway = 4.0 * sin(phase * 2 * pi)
    pen = ink.at(20, 26 + sway, turn=-6)
    ink.blob(
        f"16,{30 + sway} 28,{46 + sway * 0.6} 48,47 68,36 92,27 120,23 150,26 176,36"
        " 188,48 187,56 176,67 152,76 118,79 86,74 56,66"
        f" 32,{60 + sway * 0.6} 18,{46 + sway} 11,{34 + sway}"
    )
    ink.blob("84,29! 76,22 70,18! 73,27 70,35!")
    pen.blob(
        "-3,8 -9,-3 -22,-9 -33,-22! -18,-20 -6,-15 0,-8! 5,-17 16,-23 32,-26! 21,-12 10,-3 4,8"
    )
    ink.limb("126,70 122,84 110,95 96,100", [15, 13, 8, 1.4], SOLID)
    ink.limb("136,70 133,84 123,95", [1.5, 1.5, 0.8], GAP)
    ink.limb("188,52 172,57 156,58 148,54", [1.2, 1.8, 1.8, 1.4], GAP)
    ink.disc(145, 50, 2.1, shade=GAP)
    for number in range(5):
        y = 62.4 + number * 3.4
        ink.limb(
            [
                (179 - number * 6, y),
                (160 - number * 4, y + 3.4),
                (142 - number * 1.5, y + 2),
            ],
            [0.5, 1.2, 0.4],
            GAP,
        )


def _fish(ink: Ink, phase: float) -> None:
    sway = 6.0 * sin(phase * 2 * pi)
    ink.blob(
        f"44,50 26,38 10,{22 + sway} 0,{12 + sway} 5,{34 + sway} 8,{50 + sway * 0.6}"
        f" 4,{66 + sway} 0,{90 + sway} 14,{76 + sway} 28,62"
    )
    ink.blob("52,30 60,12 76,0! 92,2 108,8! 106,18 116,26")
    ink.blob("62,74 60,88 66,100! 78,92 88,78")
    ink.blob("100,74 100,84 108,92! 114,82 114,72")
    ink.blob(
        "36,50 50,36 70,24 96,19 122,25 140,38 149,49 150.6,53.4! 146,60 132,70"
        " 110,78 86,80 62,73 46,62"
    )
    ink.limb("150,54.6 144,56 138,55", [0.6, 1.3, 0.8], GAP)
    ink.disc(131, 43, 5.2, shade=GAP)
    ink.disc(132, 43, 2.6)
    ink.limb("117,30 111,44 112,58 118,68", [0.8, 2.2, 2.2, 0.8], GAP)
    for x in (92, 76, 60):
        for y in (32, 42, 52, 62):
            nudge = 6 if y in {32, 52} else 0
            ink.limb(
                [(x + nudge, y), (x + nudge - 4, y + 4), (x + nudge, y + 8)],
                [0.5, 1.4, 0.5],
                GAP,
            )
    ink.blob("108,53 94,50 74,54! 78,61 74,70! 94,68 106,62", GAP)
    ink.blob("105,55.6 94,53 79,56! 82,61.4 79,67! 93,65.4 103,60.6")


def _leather(ink: Ink, shade: int) -> None:
    """A dragon's wing, its shoulder at (0, 0), raised."""
    ink.blob(
        "9,3 10,-14 4,-30 2,-46! 7,-52! 0,-50 -14,-54 -32,-54 -50,-49 -64,-38!"
        " -50,-38 -41,-33 -38,-25!"
        " -30,-28 -22,-25 -18,-17! -12,-18 -8,-12 -8,4",
        shade,
    )
    for path in (
        "2,-46 -18,-42 -38,-25",
        "2,-46 -8,-34 -18,-17",
        "2,-46 -30,-46.6 -58,-39",
    ):
        ink.limb(path, [1.5, 1.3, 0.5], GAP)


def _dragon_head(ink: Ink) -> None:
    ink.limb("111,62 123,57 130,47 131,36 139,28", [18, 14, 11, 10, 10])
    ink.blob(
        "131,32 134,23 142,19.6 150,22 157,25.6 166,25 169.6,28 168,31.4!"
        " 158,33.4 153,35! 160,36.4 166,36.6!"
        " 160,40.6 150,41 142,39 135,38"
    )
    ink.limb("141,23 132,17 121,16 112,10", [5, 4.4, 3, 0.8])
    ink.limb("145,22 140,14 131,9 124,2", [4.4, 3.6, 2.6, 0.8])
    ink.shape("134,37 131,47 140,40")
    ink.shape("142.6,26.4 151.6,31 144.6,32.4", GAP)
    ink.disc(165, 27.6, 0.9, shade=GAP)


def _dragon(ink: Ink, phase: float) -> None:
    beat = 0.5 + 0.5 * cos(phase * 2 * pi)
    sway = 3.0 * sin(phase * 2 * pi)
    _leather(
        ink.at(96, 56, 0.94, turn=22 - 12 * (1 - beat), squash=0.35 + 0.65 * beat),
        FAR - 40,
    )
    ink.limb(
        [
            (84, 70),
            (66, 76),
            (48, 80),
            (30, 74),
            (20, 62 + sway),
            (8, 60 + sway),
            (-4, 68 + sway),
        ],
        [18, 13, 9, 7, 5.4, 4, 2.4],
    )
    ink.shape(
        [
            (-1, 65 + sway),
            (-6, 58 + sway),
            (-18, 74 + sway),
            (-2, 77 + sway),
            (-1, 71 + sway),
        ]
    )
    ink.blob("68,73 76,60 90,54 104,53 116,58 119,67 110,76 96,81 80,81")
    _dragon_head(ink)
    for x, y, size in (
        (126, 32, 6),
        (122, 42, 7),
        (116, 51, 7),
        (67, 68, 7),
        (55, 72, 6),
        (43, 73, 6),
        (32, 68, 5),
    ):
        ink.shape([(x - 4, y + size), (x - 5, y - size * 0.7), (x + 4.6, y + size * 0.5)])
    for x, y, shade in ((108, 74, SOLID), (84, 77, SOLID)):
        ink.limb(
            [(x, y - 4), (x + 2, y + 9), (x - 5, y + 15), (x - 1, y + 21)],
            [13, 9, 5.6, 4.4],
            shade,
        )
        for claw in (-3.0, 1.6, 6.0):
            ink.limb(
                [(x - 1, y + 20), (x + 2 + claw, y + 22.6), (x + 3 + claw, y + 25.6)],
                [3.4, 2.6, 0.7],
                shade,
            )
    near = ink.at(90, 60, 1.06, turn=-6 - 10 * (1 - beat), squash=0.3 + 0.7 * beat)
    near.blob("11,5 12,-14 6,-30 -6,-20 -10,6", GAP)
    _leather(near, SOLID)


FINS_AND_WINGS: Mapping[Subject, Figure] = MappingProxyType(
    {
        Subject.BIRD: Figure(paint=_bird, box=(-0.1, -4.3, 102, 74.1)),
        Subject.WHALE: Figure(paint=_whale, box=(-15.2, -7.2, 188.5, 100.9)),
        Subject.FISH: Figure(paint=_fish, box=(-3.2, -0.2, 150.9, 100.2)),
        Subject.DRAGON: Figure(paint=_dragon, box=(-18, -4.6, 169.9, 103)),
    }
)
