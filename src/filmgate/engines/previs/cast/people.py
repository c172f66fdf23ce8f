"""The people among the subjects, and those who walk like people."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, radians, sin
from types import MappingProxyType

from filmgate.engines.previs.cast.ink import GAP, SOLID, Figure, Ink
from filmgate.engines.previs.scene import Subject

SHADE = 150  #: a detail that lets half of the background through
FAR = 205  #: the limb on the other side of a body

_Point = tuple[float, float]


def _stride(ink: Ink, hip: _Point, phase: float, *, leg: float, shade: int = SOLID) -> None:
    """One leg of a walk, seen from the side; the other one is half a phase away."""
    width = 8.2 + leg / 17
    turn = phase * 2 * pi
    lift = max(0.0, -sin(turn))
    thigh = radians(21 * cos(turn) + 10 * lift)
    shin = thigh - radians(7 + 9 * (1 - cos(turn)) / 2 + 42 * lift)
    knee = (hip[0] + leg * 0.5 * sin(thigh), hip[1] + leg * 0.5 * cos(thigh))
    ankle = (knee[0] + leg * 0.46 * sin(shin), knee[1] + leg * 0.46 * cos(shin))
    ink.limb([hip, knee], [width, width * 0.76], shade)
    ink.limb([knee, ankle], [width * 0.76, width * 0.5], shade)
    tip = shin * 0.7
    toe = (ankle[0] + leg * 0.17 * cos(tip), ankle[1] + leg * (0.04 - 0.17 * sin(tip)))
    ink.limb([ankle, toe], [width * 0.52, width * 0.36], shade)


def _swing(ink: Ink, shoulder: _Point, phase: float, shade: int = SOLID) -> None:
    """One arm of a walk."""
    arm, width = 34.0, 6.4
    upper = radians(26 * cos(phase * 2 * pi) - 4)
    lower = upper + radians(26)
    elbow = (shoulder[0] + arm * 0.5 * sin(upper), shoulder[1] + arm * 0.5 * cos(upper))
    hand = (elbow[0] + arm * 0.5 * sin(lower), elbow[1] + arm * 0.5 * cos(lower))
    ink.limb([shoulder, elbow], [width, width * 0.8], shade)
    ink.limb([elbow, hand], [width * 0.8, width * 0.62], shade)


def person(ink: Ink, phase: float, *, swings: bool = True) -> None:
    """Somebody who walks; unless he *swings* it, the near arm is left out."""
    ink = ink.at(0, 2.6 * abs(cos(phase * 2 * pi)))
    _swing(ink, (50, 22), phase, shade=FAR)
    _stride(ink, (49.5, 52), phase + 0.5, leg=47, shade=FAR)
    _stride(ink, (49.5, 52), phase, leg=47)
    ink.blob(
        "47.5,15 43.6,18 41.5,25 41.8,36 41,48 38.6,63! 46,66 55,66.5 60.5,65! 58.4,50"
        " 58,38 59,27 57,19.5 54,15.5"
    )
    ink.limb("50,11 50.4,18", [6.2, 7])
    ink.blob(
        "44.4,7 45.4,2.4 49.5,0.2 54,0.8 56.8,3.6 57.2,6.4 58.8,9.2! 57.4,10.2"
        " 57.2,12.6"
        " 54.6,14.4 50,13.4 46,11.4"
    )
    ink.limb("52.2,21 50.6,36 53.5,50", [1.2, 1.2], GAP)
    if swings:
        _swing(ink, (49, 22), phase + 0.5)


def child(ink: Ink, phase: float) -> None:
    """A child who walks, one hand up."""
    ink = ink.at(0, 1.8 * abs(cos(phase * 2 * pi)))
    _stride(ink, (50, 66), phase + 0.5, leg=33, shade=FAR)
    _stride(ink, (50, 66), phase, leg=33)
    ink.limb("56,42 66,34 73,22", [6.6, 5.4, 4.6], FAR)
    ink.disc(73.5, 20.5, 3.2, shade=FAR)
    ink.blob("36,40! 31,42 29.5,50 31,60 36,62! 42,60 43,44")
    ink.blob("46,36 41,42 40.5,54 37.5,71! 48,74 62,71.5! 58,54 58,43 55,37")
    ink.limb("44.6,40 41.6,50 44,60", [1.5, 1.5], GAP)
    ink.limb("53,42 62,52 72,53", [6.8, 5.6, 5])
    ink.blob(
        "34,18 36,8 43,1.8 52,0.4 61,4 65.5,11 66,18 68.4,22.6! 66,24.4 65.4,29"
        " 60.5,34.6"
        " 52,36.6 43,34.6 37,28.6"
    )
    ink.blob("36,10! 28,7 23,11 21,19 24,26 28,20 36,18!")
    ink.limb("36,8.6 34.4,13 35.4,18", [1.6, 1.6], GAP)


def _adult(ink: Ink) -> None:
    """A standing man from the front, 100 high, feet at (0, 100)."""
    ink.disc(0, 7.6, 5.6, 7.2)
    ink.box(-2.6, 12, 2.6, 19)
    ink.blob(
        "-3,16.5 -10.5,19.5 -12.4,25 -11.4,38 -9.6,54! 9.6,54! 11.4,38 12.4,25 10.5,19.5 3,16.5"
    )
    ink.limb("-4.8,52 -5.4,74 -5.6,96", [9.6, 7.4, 5.4])
    ink.limb("4.8,52 5.4,74 5.6,96", [9.6, 7.4, 5.4])
    ink.limb("-5.4,98 -8.4,98.4", [3.4, 3])
    ink.limb("5.4,98 8.4,98.4", [3.4, 3])


def _woman(ink: Ink) -> None:
    """A standing woman from the front, 93 high, feet at (0, 100)."""
    ink.blob("0,6.6 5.6,8.8 7.4,15 8.8,25 10,30! 3,27 -3,27 -10,30! -8.8,25 -7.4,15 -5.6,8.8")
    ink.blob(
        "-2.6,21 -9,24.4 -10,30 -7,41 -6.4,46 -11,60 -14.6,72! -5,74.5 5,74.5"
        " 14.6,72! 11,60"
        " 6.4,46 7,41 10,30 9,24.4 2.6,21"
    )
    ink.limb("-4,70 -3.8,84 -3.4,97", [6.4, 5.4, 3.8])
    ink.limb("4,70 3.8,84 3.4,97", [6.4, 5.4, 3.8])
    ink.limb("-3.4,98 -5.8,98.6", [3, 2.6])
    ink.limb("3.4,98 5.8,98.6", [3, 2.6])


def couple(ink: Ink, phase: float) -> None:
    """Two who stand hand in hand."""
    del phase
    man, woman = ink.at(20, 0), ink.at(54, 0)
    _adult(man)
    _woman(woman)
    man.limb("-10,23 -15,37 -13.4,52", [6, 5, 4.2])
    ink.limb("30,23 35.4,38 37.6,51", [6, 5, 4])
    ink.limb("45,28 40,40 37.8,51", [4.8, 4, 3.4])
    woman.limb("8.6,28 14.4,40 13.6,52", [4.8, 4, 3.2])


def _crowd(ink: Ink, phase: float) -> None:
    del phase
    behind = ((17, 4, 0.9), (42, 1, 0.92), (67, 3, 0.9), (92, 0, 0.93), (117, 4, 0.9))
    for number, (x, y, scale) in enumerate(behind):
        (_adult if number % 2 == 0 else _woman)(ink.at(x, y, scale))
        ink.at(x, y, scale).shape("-10,24 10,24 16,60 -16,60")
    # Half of the light goes through the back row: it is the row in front that one sees first.
    ink.veil(130)
    front = (
        (6, 14, 0.86),
        (30, 17, 0.83),
        (55, 12, 0.88),
        (80, 16, 0.84),
        (104, 13, 0.87),
        (128, 17, 0.83),
    )
    for number, (x, y, scale) in enumerate(front):
        figure = _woman if number in {1, 4} else _adult
        pen = ink.at(x, y, scale)
        pen.disc(0, 8, 8.2, 9.8, shade=GAP)
        pen.blob("-4,15 -13,18 -15,26 -16,40 -18,100! 18,100! 16,40 15,26 13,18 4,15", GAP)
        figure(pen)
        pen.limb("-10,24 -13,38 -10.5,52", [5.6, 5, 4])
        pen.limb("10,24 13,38 10.5,52", [5.6, 5, 4])


def _dancer(ink: Ink, phase: float) -> None:
    sway = 2.0 * sin(phase * 2 * pi)
    ink.limb(
        [(56, 55), (40, 49), (24, 40 - sway), (4, 27 - sway)],
        [10.5, 7.4, 5.6, 2.2],
        SOLID,
    )
    ink.limb("60,55 60.4,74 59,90 59.6,99", [10.5, 6.8, 5, 2.2])
    ink.blob(
        "38,50 36,56 39,58 42,56.6! 45,61 49,58.6! 53,63 57,60! 61,64 65,60!"
        " 70,62 73,57.6! 78,57"
        " 81,52! 76,48 68,47.5 60,46 48,46"
    )
    ink.blob("56,51 55.4,42 58.6,31 62,27.4 67,28.6 68.6,34 66,42 65,51")
    ink.limb([(66, 30.5), (77, 24), (84, 15 - sway), (86, 4)], [5, 3.8, 3.2, 1.6])
    ink.limb([(62, 31), (52, 34), (44, 31), (36, 26 - sway)], [4.6, 3.6, 3, 1.6])
    ink.limb("65,30 66.4,23", [4, 3.8])
    ink.blob(
        "61.6,17 63.4,12.6 68,11.2 72,13 73,17 74.4,19.6! 73,20.4 72.2,23.6 68,24.6 63.4,22.6"
    )
    ink.disc(61, 13.4, 3.8)
    ink.limb("62.4,12 63,16.6", [1, 1], GAP)


def _robot(ink: Ink, phase: float) -> None:
    wave = 3.0 * sin(phase * 2 * pi)
    ink.limb("50,2.4 50,10", [1.8, 1.8])
    ink.disc(50, 2.6, 2.6)
    ink.blob("31,8! 69,8! 71,10 71,29 69,31! 31,31! 29,29 29,10")
    ink.box(26, 15, 28.4, 24)
    ink.box(71.6, 15, 74, 24)
    for x in (41, 59):
        ink.disc(x, 17, 5, shade=GAP)
        ink.disc(x + 0.8, 17, 2.1)
    for x in range(41, 58, 4):
        ink.box(x, 25, x + 2.6, 28, GAP)
    ink.box(45, 31, 55, 36)
    ink.blob("28,35! 72,35! 74,37 70,66 68,68! 32,68! 30,66 26,37")
    ink.box(36, 41, 56, 51, SHADE)
    ink.limb("38,47 42,47 45,43.4 48,49 51,47 54.4,47", [1], SOLID)
    for y in (42.6, 49.4):
        ink.disc(63, y, 2.5, shade=SHADE)
    for y in (56, 60):
        ink.box(38, y, 62, y + 1.8, GAP)
    _robot_arm(ink, (24, 40), (17, 55), (20, 70))
    _robot_arm(ink, (76, 40), (87, 50), (93 + wave, 34))
    for leg in (39.5, 60.5):
        ink.box(leg - 5, 69.6, leg + 5, 79)
        ink.disc(leg, 81.4, 3.8)
        ink.box(leg - 4.4, 84, leg + 4.4, 93.4)
        ink.blob(
            [
                (leg - 8, 100),
                (leg - 7.6, 96),
                (leg - 3, 93),
                (leg + 3, 93),
                (leg + 7.6, 96),
                (leg + 8, 100),
            ]
        )


def _robot_arm(ink: Ink, shoulder: _Point, elbow: _Point, hand: _Point) -> None:
    ink.limb([shoulder, elbow], [5.4])
    ink.limb([elbow, hand], [4.8])
    ink.disc(*shoulder, 5)
    ink.disc(*elbow, 3.6)
    ink.disc(*elbow, 1.3, shade=GAP)
    down = 1 if hand[1] > elbow[1] else -1
    x, y = hand
    for side in (-1, 1):
        ink.limb(
            [(x, y), (x + side * 4.6, y + down * 3.4), (x + side * 2.6, y + down * 8)],
            [3, 2.8, 1.8],
        )


def _astronaut(ink: Ink, phase: float) -> None:
    wave = 3.0 * sin(phase * 2 * pi)
    ink.blob("24,31! 21,34 20,60 23,65! 38,65! 38,31!")
    ink.limb([(66, 40), (79, 36), (84 + wave, 20)], [12, 11, 9])
    ink.disc(84.4 + wave, 16.5, 5.6)
    ink.limb("41,62 37.4,78 37.6,91", [17, 14, 12.4])
    ink.limb("59,62 62.6,78 62.4,91", [17, 14, 12.4])
    ink.blob("29,100! 29,95 31,91.6 44,91.6! 45,95 45,100!")
    ink.blob("55,100! 55,91.6! 68,91.6 71,95 72,100!")
    for x in (30.4, 55.4):
        ink.box(x, 89.8, x + 14.4, 91, GAP)
    ink.blob("36,31 31,36 30,48 32,66 37,70 63,70 68,66 70,48 69,36 64,31")
    ink.limb("34,39 26.6,50 27.6,62", [12, 11, 9])
    ink.disc(27.8, 65, 5.2)
    ink.limb("36.6,41 33,50 33.6,60", [1, 1.2], GAP)
    ink.box(42.4, 43, 58.6, 53, GAP)
    ink.box(43.6, 44.2, 57.4, 51.8, SOLID)
    for x in (47, 54):
        ink.disc(x, 48, 1.7, shade=GAP)
    ink.box(50, 55, 51.2, 70, GAP)
    ink.disc(51, 17, 18.4, 17)
    ink.blob("42,9 50,5.6 60,6.4 65.4,12 66,20 62,26.4 53,28.4 45,26.4 41,20", 95)
    ink.limb("47,11.4 52,8.8 57,9.2", [1.6, 2.4, 1.6], SOLID)
    ink.limb("37,33.6 51,36.4 65,33.6", [1.2, 1.2], GAP)


PEOPLE: Mapping[Subject, Figure] = MappingProxyType(
    {
        Subject.PERSON: Figure(paint=person, box=(24.4, 0.1, 73.4, 102.3)),
        Subject.CHILD: Figure(paint=child, box=(20.9, -0, 77, 101.8)),
        Subject.COUPLE: Figure(paint=couple, box=(2.3, 0.2, 70.8, 100.1)),
        Subject.CROWD: Figure(paint=_crowd, box=(-7.3, 3.4, 141.1, 99.9)),
        Subject.DANCER: Figure(paint=_dancer, box=(2.7, 3.1, 87, 100.2)),
        Subject.ROBOT: Figure(paint=_robot, box=(13.3, 0, 102.2, 103.3)),
        Subject.ASTRONAUT: Figure(paint=_astronaut, box=(18.1, -0.2, 93.3, 100.2)),
    }
)
