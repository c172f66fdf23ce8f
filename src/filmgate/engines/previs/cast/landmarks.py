"""The subjects that stay where they are, and the umbrella."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, radians, sin
from types import MappingProxyType

from filmgate.engines.previs.cast.ink import GAP, Figure, Ink
from filmgate.engines.previs.scene import Subject

PANE = 70  #: a window by day, or a lamp
SHADE = 150  #: a second colour


def _tree(ink: Ink, phase: float) -> None:
    sway = 0.8 * sin(phase * 2 * pi)
    ink.blob("45,60 45.4,78 43,92 36,100! 50,98.4 66,100! 58,92 56,78 56.4,60")
    for path in (
        "50,72 38,60 27,52",
        "51,70 62,57 74,48",
        "50.6,66 50,50 52,36",
        "47,62 40,48 36,40",
    ):
        ink.limb(path, [6, 4, 1.6])
    leaves = (
        (50, 17, 21, 16.4),
        (30, 27, 18, 15),
        (71, 27, 18, 15),
        (18, 43, 17, 14),
        (83, 43, 16, 14),
        (38, 43, 20, 15),
        (62, 42, 20, 15),
        (28, 56, 15, 10),
        (73, 56, 16, 10.6),
        (50, 30, 22, 17),
    )
    for x, y, rx, ry in leaves:
        for bump in range(9):
            turn = radians(bump * 40 + x * 7)
            shake = sway * (70 - y) / 50
            ink.disc(
                x + shake + rx * 0.74 * cos(turn),
                y + ry * 0.74 * sin(turn),
                rx * 0.36,
                ry * 0.38,
            )
        ink.disc(x + sway * (70 - y) / 50, y, rx * 0.86, ry * 0.86)
    for hole_x, hole_y, size in (
        (43, 54, 3),
        (56, 53.4, 2.6),
        (34, 50, 1.8),
        (66, 50, 2),
        (24, 36, 1.6),
        (75, 35, 1.8),
        (55, 22, 1.6),
    ):
        light = ink.at(hole_x, hole_y, size)
        light.blob("-1,0 0,-0.8 1,0.1 0.3,0.7", GAP)
    ink.limb("50,72 49,62 46,53", [3.4, 2.6, 1])
    ink.limb("51,70 56,60 58,52", [3.4, 2.6, 1])


def _flower(ink: Ink, phase: float) -> None:
    sway = 1.6 * sin(phase * 2 * pi)
    ink.limb([(36, 100), (35, 80), (36.6, 60), (36 + sway, 34)], [2.6, 2.4, 2.2, 2])
    ink.blob("35.4,88! 26,86 14,78 7,66! 20,67 31,75")
    ink.blob("36,78! 46,76 58,69 65,57! 52,58 41,66")
    ink.limb("34.6,87 24,79 14,71", [0.7, 0.9, 0.4], GAP)
    ink.limb("37,77 47,70 58,62", [0.7, 0.9, 0.4], GAP)
    head = ink.at(36 + sway, 29, turn=2 * sway)
    for petal in range(12):
        pen = head.at(0, 0, turn=petal * 30)
        pen.blob("0,-6 5.6,-15 6.4,-22 3,-28 0,-29.4! -3,-28 -6.4,-22 -5.6,-15")
    for petal in range(12):
        head.at(0, 0, turn=petal * 30 + 15).limb("0,-8 0,-17 0,-24", [0.7, 1, 0.8], GAP)
        head.at(0, 0, turn=petal * 30).limb("0,-12 0,-20", [0.5, 0.5], SHADE)
    head.disc(0, 0, 10.4, shade=GAP)
    head.disc(0, 0, 9, shade=SHADE)
    for ring, count in ((6.0, 10), (2.6, 5)):
        for seed in range(count):
            turn = radians(seed * 360 / count)
            head.disc(ring * cos(turn), ring * sin(turn), 1.1)


def _house(ink: Ink, phase: float) -> None:
    del phase
    ink.box(88, 8, 101, 40)
    ink.box(86, 4, 103, 10)
    ink.shape("0,50 20,14 104,14 124,50")
    ink.box(8, 48, 116, 100)
    ink.line("4,50.6 120,50.6", 1.4, GAP)
    ink.shape("16,52 46,20 76,52")
    ink.line("11,55 46,17.6 81,55", 1.4, GAP)
    ink.line("14.6,55 46,21.6 77.4,55", 3.2)
    ink.disc(46, 38, 5.4, shade=PANE)
    ink.line("46,32 46,44", 1)
    ink.line("40,38 52,38", 1)
    ink.box(37, 66, 55, 100, GAP)
    ink.box(38.6, 67.6, 53.4, 100)
    ink.box(41.6, 71, 50.4, 80, PANE)
    ink.disc(50.6, 86, 1.2, shade=GAP)
    for x in (15, 66, 92):
        ink.box(x - 1, 62, x + 17, 82, GAP)
        ink.box(x, 63, x + 16, 81, PANE)
        ink.line([(x + 8, 62), (x + 8, 82)], 1.2)
        ink.line([(x, 71.6), (x + 16, 71.6)], 1.2)
        ink.box(x - 2.6, 82.6, x + 18.6, 85)
    for y in (24, 33, 42):
        ink.line([(84, y), (108 - (42 - y) * 0.5, y)], 0.8, GAP)


def _battlement(ink: Ink, left: float, right: float, top: float, count: int) -> None:
    step = (right - left) / (2 * count - 1)
    for tooth in range(count):
        ink.box(left + 2 * tooth * step, top, left + (2 * tooth + 1) * step, top + 6)
    ink.box(left, top + 4.4, right, top + 10)


def _tower(ink: Ink, x: float, top: float, half: float, wave: float) -> None:
    roof = 4 + 2 * half
    ink.box(x - half, top, x + half, 100)
    ink.box(x - half - 1.6, top, x + half + 1.6, top + 5)
    ink.blob(
        f"{x},{top - roof}! {x + half * 0.55},{top - roof * 0.42}"
        f" {x + half + 3.4},{top}! {x - half - 3.4},{top}!"
        f" {x - half * 0.55},{top - roof * 0.42}"
    )
    ink.line([(x, top - roof - 8), (x, top - roof + 3)], 0.9)
    ink.blob(
        f"{x},{top - roof - 8}! {x + 5},{top - roof - 8 + wave}"
        f" {x + 10},{top - roof - 6 - wave}! {x + 5},{top - roof - 3.6 + wave}"
        f" {x},{top - roof - 3.4}!"
    )
    ink.line([(x - half - 2, top + 0.4), (x + half + 2, top + 0.4)], 0.9, GAP)
    ink.blob(
        f"{x - 1.7},{top + 19}! {x - 1.7},{top + 12} {x},{top + 9.4}"
        f" {x + 1.7},{top + 12} {x + 1.7},{top + 19}!",
        PANE,
    )


def _castle(ink: Ink, phase: float) -> None:
    wave = sin(phase * 2 * pi)
    ink.box(14, 62, 112, 100)
    _battlement(ink, 14, 112, 56, 12)
    ink.box(44, 40, 82, 100)
    _battlement(ink, 42, 84, 34, 5)
    _tower(ink, 63, 30, 9, wave)
    _tower(ink, 36, 44, 7, -wave)
    _tower(ink, 90, 44, 7, wave)
    _tower(ink, 10, 58, 8.4, wave)
    _tower(ink, 116, 58, 8.4, -wave)
    ink.blob("52,100! 52,82 56,74 63,71 70,74 74,82 74,100!", GAP)
    for x in (55.4, 59.2, 63, 66.8, 70.6):
        ink.line([(x, 74), (x, 100)], 1)
    for y in (79, 85, 91, 97):
        ink.line([(53, y), (73, y)], 1)
    ink.limb("49,100 49,82 54,72 63,68 72,72 77,82 77,100", [0.8] * 7, SHADE)
    for x in (24, 29, 97, 102):
        ink.box(x - 0.9, 76, x + 0.9, 84, PANE)


def _lighthouse(ink: Ink, phase: float) -> None:
    del phase
    ink.blob("4,100! 8,95 16,92 24,88.6 32,87 44,88 52,91 60,92.4 66,96 69,100!")
    ink.shape("26,24 46,24 52,89 20,89")
    for top in (30, 48, 66):
        left, right = 26 - (top - 24) * 6 / 65, 46 + (top - 24) * 6 / 65
        low = top + 9
        ink.shape(
            [
                (left + 0.9, top),
                (right - 0.9, top),
                (46 + (low - 24) * 6 / 65 - 0.9, low),
                (26 - (low - 24) * 6 / 65 + 0.9, low),
            ],
            PANE,
        )
    ink.blob("32.6,89! 32.6,82 36,79.4 39.4,82 39.4,89!", GAP)
    for y in (43.4, 61.4):
        ink.box(34.4, y - 1.6, 37.6, y + 2.6, GAP)
    ink.shape("21,20.6 51,20.6 48,25 24,25")
    ink.line("21.4,15 50.6,15", 0.9)
    for x in (21.8, 25.4, 46.6, 50.2):
        ink.line([(x, 15), (x, 21)], 0.8)
    ink.box(27, 9.4, 45, 21)
    ink.box(28.6, 10.6, 43.4, 19.4, PANE)
    ink.disc(36, 15, 3.6)
    for x in (32.4, 39.6):
        ink.line([(x, 10), (x, 20)], 0.8)
    ink.blob("24.4,10! 28,5.4 36,2.6 44,5.4 47.6,10!")
    ink.line("36,0 36,4", 1)
    ink.disc(36, 2.2, 1.4)


def _bridge(ink: Ink, phase: float) -> None:
    del phase
    ink.shape("0,71 260,71 260,77 0,77")
    ink.line("0,74.4 260,74.4", 0.9, GAP)
    for x in (66, 194):
        ink.box(x - 6, 0, x - 2, 100)
        ink.box(x + 2, 0, x + 6, 100)
        for y in (2, 20, 40, 58):
            ink.box(x - 6, y, x + 6, y + 3)
        ink.line([(x - 4, 79), (x + 4, 89)], 1.1)
        ink.line([(x + 4, 79), (x - 4, 89)], 1.1)
        ink.shape([(x - 9, 92), (x + 9, 92), (x + 12, 100), (x - 12, 100)])
    cable = [(float(x), 66 - 63 * ((x - 130) / 64) ** 2) for x in range(66, 195, 8)]
    left = [(float(x), 70 - 67 * (x / 66) ** 1.5) for x in range(0, 67, 6)]
    right = [(260 - x, y) for x, y in left]
    for line in (cable, left, right):
        ink.line(line, 1.6)
        for hanger in line[1:-1]:
            ink.line([hanger, (hanger[0], 72)], 0.7)
    ink.shape("0,77 16,77 10,100 0,100")
    ink.shape("260,77 244,77 250,100 260,100")


def umbrella(ink: Ink, phase: float) -> None:
    """An open umbrella, upright."""
    del phase
    ink.limb(
        "50,10 50,86 50.4,92 54,97 59,97.6 63,94 64,89",
        [2.2, 2.4, 2.4, 2.6, 2.8, 2.8, 2.6],
    )
    ink.limb("50,0 50,8", [1.4, 1.6])
    ink.blob(
        "50,6 66,8.6 82,18 93,32 98,50! 90,44 80,45 74,51! 66,44.6 58,43 50,51!"
        " 42,43 34,44.6 26,51! 20,45 10,44"
        " 2,50! 7,32 18,18 34,8.6"
    )
    for path in ("49,6.6 34,22 26,50", "51,6.6 66,22 74,50"):
        ink.limb(path, [0.7, 1.3, 1.2], GAP)
    ink.limb("50,7 50,30 50,50", [0.7, 1.2, 1.2], GAP)


LANDMARKS: Mapping[Subject, Figure] = MappingProxyType(
    {
        Subject.TREE: Figure(paint=_tree, box=(-0.8, -1.4, 100.5, 100.2)),
        Subject.FLOWER: Figure(paint=_flower, box=(4.8, -0.6, 67, 101.4)),
        Subject.HOUSE: Figure(paint=_house, box=(0.1, 3.8, 124.1, 100.2)),
        Subject.CASTLE: Figure(paint=_castle, box=(-1.8, -1.3, 127.8, 100.4)),
        Subject.LIGHTHOUSE: Figure(paint=_lighthouse, box=(3.8, -0.2, 69, 100.2)),
        Subject.BRIDGE: Figure(paint=_bridge, box=(-0.2, -0.2, 260.2, 100.2)),
        Subject.UMBRELLA: Figure(paint=umbrella, box=(1.9, -0.7, 98.1, 99.4)),
    }
)
