"""What people travel in, and the kite."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, radians, sin
from types import MappingProxyType

from filmgate.engines.previs.cast.ink import GAP, SOLID, Figure, Ink
from filmgate.engines.previs.scene import Subject

PANE = 70  #: glass
RIM = 95  #: what one sees between the spokes of a wheel
SHADE = 150  #: a second colour


def _boat(ink: Ink, phase: float) -> None:
    flutter = 1.5 * sin(phase * 2 * pi)
    ink.limb("47,2 47,82", [1.6, 2])
    ink.blob(f"45,6! 45,74! 26,72.6 8,74! {17 - flutter},56 {33 - flutter},32")
    ink.blob(f"49.6,8! {64 + flutter},28 {75 + flutter},50 83,73! 66,70.4 49.6,72!")
    for y in (26, 42, 58):
        ink.line([(45.4, y), (41 - (y - 4) * 0.62, y + 2)], 0.9, GAP)
        ink.line([(49, y + 2), (53 + (y - 2) * 0.54, y + 4)], 0.9, GAP)
    ink.line("48.4,4 48.4,76", 0.8, GAP)
    ink.shape([(47, 0), (47, 5), (57 + flutter, 2.6)])
    ink.limb("10,77 46,77", [1.6, 1.6])
    ink.blob("2,80! 91,79! 85,90 76,98 70,100! 20,100! 11,95 5,88")
    ink.line("5,85.4 87,84.6", 1.3, GAP)
    for x in (30, 44, 58):
        ink.disc(x, 91.4, 1.9, shade=GAP)


def _ship(ink: Ink, phase: float) -> None:
    del phase
    for x in (88, 118, 148):
        ink.shape([(x, 46), (x - 3, 12), (x + 14, 12), (x + 18, 46)])
        ink.shape([(x - 2.2, 20), (x + 14.9, 20), (x + 15.6, 26), (x - 1.7, 26)], GAP)
    for x, top in ((52, 4), (206, 0)):
        ink.limb([(x, top), (x - 2, 60)], [0.9, 1.8])
    for path in ("52,5 89,14", "205,1 166,14", "52,5 8,62", "205,1 260,56"):
        ink.line(path, 0.6)
    ink.shape("62,44 196,44 200,52 58,52")
    ink.shape("48,52 212,52 216,62 42,62")
    ink.shape("178,36 198,36 202,46 178,46")
    ink.box(181, 38.4, 198, 41.4, PANE)
    for y, first, last in ((46.4, 66, 192), (53.4, 54, 206)):
        for x in range(first, last, 6):
            ink.box(x, y, x + 3.4, y + 3, PANE)
    ink.blob("0,60! 130,61 262,58! 254,69 244,84 236,100! 18,100! 9,92 4,78")
    ink.line("4,67.4 252,68.4", 1.2, GAP)
    for y in (75, 84):
        for x in range(20, 230, 9):
            ink.disc(x, y, 1.5, shade=PANE)
    ink.shape("12,93.6 240,93.6 236,100 18,100", SHADE)


def _wheel(ink: Ink, x: float, y: float, radius: float, phase: float) -> None:
    ink.disc(x, y, radius + 2.6, shade=GAP)
    ink.disc(x, y, radius)
    ink.disc(x, y, radius * 0.58, shade=RIM)
    for spoke in range(5):
        turn = radians(spoke * 72 + 360 * phase)
        ink.limb(
            [(x, y), (x + radius * 0.62 * cos(turn), y + radius * 0.62 * sin(turn))],
            [radius * 0.16] * 2,
        )
    ink.disc(x, y, radius * 0.2)


def _car(ink: Ink, phase: float) -> None:
    ink.blob(
        "4,56 6,46 14,41 32,38! 46,20 58,9 76,4 104,3 126,7 146,20 162,34! 190,38"
        " 212,46 221,55 223,68 221,78"
        " 214,82! 10,82! 4,76 3,66"
    )
    ink.blob("46,36! 56,22 66,14 80,11! 92,10.6! 92,36!", PANE)
    ink.blob("99,36! 99,10.6! 112,11 126,15 140,26 148,36!", PANE)
    ink.line("60,40 57,60 62,79", 1, GAP)
    ink.line("95.6,38 96,79", 1.2, GAP)
    ink.line("152,39 154,62 148,79", 1, GAP)
    for x in (66, 103):
        ink.limb([(x, 45.6), (x + 11, 45.6)], [2, 2], GAP)
    ink.blob("205,50 213,50.6 219,56 212,58 204,56", GAP)
    ink.blob("4,54 11,52 12,60 4,62", PANE)
    ink.line("66,74 144,74", 1.4, GAP)
    for x in (50, 172):
        _wheel(ink, x, 80, 19.4, phase)


def _bicycle(ink: Ink, phase: float) -> None:
    back, front, crank, seat, head = (33, 67), (127, 67), (73, 69), (60, 24), (108, 24)
    for x, y in (back, front):
        ink.ring(x, y, 31, 3.6)
        ink.ring(x, y, 27.6, 0.9)
        for spoke in range(12):
            turn = radians(spoke * 30 + 360 * phase)
            ink.line([(x, y), (x + 29 * cos(turn), y + 29 * sin(turn))], 0.7)
        ink.disc(x, y, 3)
    for path in (
        [crank, seat],
        [seat, head],
        [(110, 30), crank],
        [back, crank],
        [(62, 30), back],
    ):
        ink.limb([(float(x), float(y)) for x, y in path], [3.2, 3.2])
    ink.limb("105,12 109,26 115,42 127,67", [3, 3.2, 3, 2.4])
    ink.limb("60,26 57.4,14", [2.6, 2.6])
    ink.blob("44,10 50,8.6 60,11 70,11.6 71.6,13.4 62,15.4 54,17.6 46,16 43,13")
    ink.limb("104,13 112,8 121,8.4 125,13 123,18", [2.6, 2.8, 3, 3, 2.8])
    ink.ring(*crank, 8.4, 2)
    turn = radians(35 + 360 * phase)
    for side in (1, -1):
        toe, sole = crank[0] + side * 14 * cos(turn), crank[1] + side * 14 * sin(turn)
        ink.limb([crank, (toe, sole)], [2.4, 2])
        ink.limb([(toe - 5, sole), (toe + 5, sole)], [2.4, 2.4])


def _coach(ink: Ink, x: float) -> None:
    ink.blob(f"{x},34! {x + 4},28.6 {x + 16},26.4 {x + 104},26.4 {x + 116},28.6 {x + 120},34!")
    ink.box(x + 3, 33, x + 117, 80)
    for window in range(6):
        left = x + 10 + window * 17.6
        ink.box(left, 41, left + 12.4, 57, PANE)
    ink.line([(x + 3, 64), (x + 117, 64)], 1.4, GAP)
    ink.box(x - 8, 74, x + 8, 78)
    for wheel in (20, 38, 82, 100):
        ink.disc(x + wheel, 88, 10.6, shade=GAP)
        ink.disc(x + wheel, 90, 10)
        ink.disc(x + wheel, 90, 3, shade=GAP)


def _train(ink: Ink, phase: float) -> None:
    _coach(ink, 0)
    _coach(ink, 128)
    ink.box(254, 72, 272, 77)
    ink.blob("260,19! 262,16 290,12 316,15 320,19! 320,22! 260,22!")
    ink.box(264, 20, 316, 82)
    ink.box(272, 30, 288, 50, PANE)
    ink.box(294, 30, 309, 50, PANE)
    ink.box(312, 36, 400, 72)
    ink.blob("396,35! 407,37 411,46 411,62 407,71 396,73!")
    ink.box(264, 70, 412, 82)
    ink.shape("386,38 383,14 379,4 406,4 402,14 399,38")
    ink.box(377, 0, 408, 5)
    ink.blob("350,38! 350,27 356,21 362,21 368,27 368,38!")
    ink.blob("328,38! 328,31 332,28 338,31 338,38!")
    ink.blob("409,44! 418,44 421,49 418,54 409,54!")
    for x in (334, 358, 378):
        ink.line([(x, 38), (x, 69)], 1.2, GAP)
    ink.shape("406,76 416,76 436,99 402,99")
    for x in (416, 422):
        ink.line([(x - 5, 79), (x + 1, 97)], 1.2, GAP)
    drivers = (286, 318, 350)
    for x in drivers:
        ink.disc(x, 84, 17.4, shade=GAP)
        ink.disc(x, 84, 16)
        ink.disc(x, 84, 11.4, shade=GAP)
        for spoke in range(8):
            turn = radians(spoke * 45 + 360 * phase)
            ink.line([(x, 84), (x + 13 * cos(turn), 84 + 13 * sin(turn))], 1.4)
        ink.disc(x, 84, 3.6)
    for x in (380, 398):
        ink.disc(x, 91, 10, shade=GAP)
        ink.disc(x, 91, 9)
        ink.disc(x, 91, 3, shade=GAP)
    dx, dy = 7 * cos(phase * 2 * pi), 7 * sin(phase * 2 * pi)
    ink.limb([(286 + dx, 84 + dy), (350 + dx, 84 + dy)], [3, 3])


def _plane(ink: Ink, phase: float) -> None:
    del phase
    pen = ink.at(0, 0, turn=-9)
    pen.blob("112,58! 84,34 76,24! 90,26 128,48 146,58!", 190)
    pen.blob("16,64! 4,30 -2,12! 14,13! 28,26 46,50 54,57!")
    pen.blob(
        "2,66 10,60 40,55.6 100,53 168,52 188,54 202,60 208,67 204,73 190,78"
        " 150,81 90,81 44,77 14,71"
    )
    pen.blob("24,67! 0,60 -10,54! 6,54 34,62 46,68!", 190)
    pen.blob("26,70! 4,74 -10,82! 6,83 32,77 50,71!", SOLID)
    pen.blob("190,58! 200,61.6! 203,65! 190,64!", PANE)
    for x in range(48, 182, 8):
        pen.blob(
            [
                (x, 62),
                (x + 1.7, 61),
                (x + 3.4, 62),
                (x + 3.4, 66),
                (x + 1.7, 67),
                (x, 66),
            ],
            PANE,
        )
    pen.blob("138,71! 116,73 92,73! 70,90 40,112 28,123! 44,124 80,106 122,84 142,76!", GAP)
    pen.blob(
        "136,72! 118,74.6 94,74.6! 72,91 42,112 32,121.6! 44,122 80,104.6 120,83 140,75.4!"
    )
    pen.blob("102,91 122,89 128,94 126,101 118,104 100,101 96,96", GAP)
    pen.blob("103,92.4 121,90.4 126.4,94.6 124.6,100 117.4,102.4 101,99.6 97.6,96")


def _balloon(ink: Ink, phase: float) -> None:
    sway = 1.0 * sin(phase * 2 * pi)
    ink.blob(
        "35,0 50,2.6 62,11 69,24 69.4,37 63,51 53,62 46,71.6 44,74! 26,74!"
        " 24,71.6 17,62 7,51 0.6,37 1,24 8,11 20,2.6"
    )
    for side in (-1, 1):
        ink.blob(
            [
                (35, 1),
                (35 + side * 14, 9),
                (35 + side * 18.5, 30),
                (35 + side * 13, 54),
                (35 + side * 4.6, 73.4),
                (35 + side * 2.6, 73.4),
                (35 + side * 6, 54),
                (35 + side * 8.4, 30),
                (35 + side * 6, 9),
            ],
            SHADE,
        )
        ink.limb(
            [
                (35 + side * 22, 8),
                (35 + side * 29, 28),
                (35 + side * 21, 54),
                (35 + side * 8, 73),
            ],
            [0.5, 1.1, 1.1, 0.4],
            GAP,
        )
        ink.line([(35 + side * 8, 74), (35 + side * 5.4 + sway, 88)], 0.8)
        ink.line([(35 + side * 3, 74), (35 + side * 2.4 + sway, 88)], 0.6)
    ink.line("25.6,71.8 44.4,71.8", 0.9, GAP)
    ink.shape([(28 + sway, 87), (42 + sway, 87), (40.6 + sway, 100), (29.4 + sway, 100)])
    ink.line([(28.6 + sway, 90.6), (41.4 + sway, 90.6)], 1, GAP)


def _rocket(ink: Ink, phase: float) -> None:
    flare = 3.0 * sin(phase * 4 * pi)
    ink.blob(
        [
            (20, 78),
            (29, 77),
            (38, 78),
            (39, 84),
            (34, 92 + flare / 3),
            (29, 101 + flare),
            (24, 92 + flare / 3),
            (19, 84),
        ],
        190,
    )
    ink.blob([(24, 78), (29, 77), (34, 78), (33.4, 84), (29, 91 + flare / 2), (24.6, 84)], 90)
    ink.blob("15,46! 6,56 1,68 1,84! 8,76 17,72!")
    ink.blob("43,46! 52,56 57,68 57,84! 50,76 41,72!")
    ink.blob("29,0! 36,7 42,20 44,36 43.4,54 40,72! 18,72! 14.6,54 14,36 16,20 22,7")
    ink.shape("19,73.4 39,73.4 37.4,78 20.6,78")
    ink.limb("18,19.4 29,21 40,19.4", [1.2, 1.2, 1.2], GAP)
    ink.limb("15,61 29,63 43,61", [1.2, 1.2, 1.2], GAP)
    ink.disc(29, 34, 7, shade=GAP)
    ink.disc(29, 34, 5.2, shade=PANE)
    ink.limb("26.4,33 28,30.6 31,30.4", [0.8, 1.4, 0.8])
    ink.disc(29, 50, 3, shade=GAP)
    ink.limb("29,64 29,75 29,84", [2, 5, 2.6])


def _kite(ink: Ink, phase: float) -> None:
    sway = 3.0 * sin(phase * 2 * pi)
    tail = [
        (44, 62),
        (38, 70),
        (44 + sway, 78),
        (37 + sway, 86),
        (30 - sway, 91),
        (20 - sway, 99),
    ]
    ink.limb([(float(x), float(y)) for x, y in tail], [1.4] * 6)
    ink.shape("52,0 80,16 44,62 22,14")
    ink.shape("51.6,3 77,16.2 49.4,18.6", SHADE)
    ink.shape("25.6,15.6 47.6,18.6 44.4,57", SHADE)
    ink.line("52,0 44,62", 1.3)
    ink.line("22,14 80,16", 1.3)
    for x, y, turn in ((39.4, 70, 30), (43 + sway, 79.4, -30), (30 - sway, 91, 20)):
        bow = ink.at(x, y, turn=turn)
        bow.shape("0,0 -7,-4 -7,4")
        bow.shape("0,0 7,-4 7,4")
        bow.disc(0, 0, 1.5)
    ink.limb([(50, 17), (62, 40), (74, 66), (92, 99)], [0.8, 0.8, 0.7, 0.7])


VEHICLES: Mapping[Subject, Figure] = MappingProxyType(
    {
        Subject.BOAT: Figure(paint=_boat, box=(2.1, -0.2, 91.1, 100.2)),
        Subject.SHIP: Figure(paint=_ship, box=(-0.3, -0.6, 262.2, 100)),
        Subject.CAR: Figure(paint=_car, box=(2.3, 2.3, 223.1, 99.5)),
        Subject.BICYCLE: Figure(paint=_bicycle, box=(0.1, 5.6, 159.9, 99.9)),
        Subject.TRAIN: Figure(paint=_train, box=(-8.2, -0.2, 435.9, 100.2)),
        Subject.PLANE: Figure(paint=_plane, box=(-1.4, 10.5, 216.1, 115.1)),
        Subject.BALLOON: Figure(paint=_balloon, box=(-0.1, -0.4, 70.3, 100.1)),
        Subject.ROCKET: Figure(paint=_rocket, box=(0.3, -0.1, 57.6, 104.1)),
        Subject.KITE: Figure(paint=_kite, box=(16.2, -0.3, 92.5, 100)),
    }
)
