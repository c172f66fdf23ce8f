"""How the camera moves through a shot."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, exp, pi, sin

import numpy as np

from filmgate.engines.previs.scene import Camera, Shot, Style

_PAN = 0.2  #: of the frame's width, how far a pan travels at the subject's depth
_TILT = 0.17  #: of the frame's height
_TRACK = 0.34
_ZOOM = 0.17
_SPEED = 0.6  #: of an eased move at its end, in moves a move
_SLACK = 0.06  #: of a move, for which there is scenery beyond its end
_LONGEST = 12.0  #: seconds; in a longer shot moves go on at a speed that can still be seen


@dataclass(frozen=True, kw_only=True)
class View:
    """Where the camera is: what it has moved by at depth 1, and how much it sees."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    shake: tuple[float, float] = (
        0.0,
        0.0,
    )  #: of the zoomed picture, in frame widths and heights

    def shift(self, depth: float, *, pinned: bool = False) -> tuple[float, float]:
        """How far a layer at *depth* slides across the frame. The far ones lag behind."""
        if pinned:
            return 0.0, 0.0
        return -self.x * (0.3 + 0.7 * depth), -self.y * (0.7 + 0.3 * depth)


def margins(shot: Shot, width: int, height: int) -> tuple[int, int]:
    """(side, top): how much scenery beyond the frame the camera of *shot* will see; even."""
    match shot.camera:
        case Camera.PAN_LEFT | Camera.PAN_RIGHT:
            share = (_PAN * 0.5 * 1.4, 0.0)
        case Camera.TRACKING:
            share = (_TRACK * 0.5 * 1.4, 0.0)
        case Camera.TILT_UP | Camera.TILT_DOWN:
            share = (0.0, _TILT * 0.5 * 1.25)
        case Camera.STATIC | Camera.PUSH | Camera.PULL | Camera.HANDHELD:
            share = (0.0, 0.0)
    return 2 * int(width * share[0] / 2 + 2), 2 * int(height * share[1] / 2 + 2)


def slides(camera: Camera) -> bool:
    """Whether *camera* moves layers against each other; the others only zoom and shake."""
    return camera not in {Camera.STATIC, Camera.PUSH, Camera.PULL, Camera.HANDHELD}


def _ease(t: float) -> float:
    """0..1 to 0..1, starting and ending softly but never quite still."""
    return 0.6 * t + 0.4 * (0.5 - 0.5 * cos(pi * t))


def _travelled(shot: Shot, seconds: float) -> float:
    """How much of its way the camera has made: 1 at the end of what the shot was made for."""
    turns = seconds / max(shot.move, 1e-6)
    if shot.planned is None or turns <= 1:
        return _ease(min(1.0, turns))
    match shot.camera:
        case Camera.PUSH:
            return 1 + _coasted(turns - 1, 2.0)
        case Camera.TRACKING:
            # Back again would be a walk backwards.
            return 1 + _coasted(turns - 1, _SLACK)
        case Camera.PULL:
            return 1 - 0.35 * (1 - cos(0.6 * (turns - 1)))
        case _:
            # There is no more scenery that way: it swings slowly there and back.
            far = 0.5 + _SLACK
            start = asin(0.5 / far)
            return 0.5 + far * sin(start + _SPEED / (far * cos(start)) * (turns - 1))


def _coasted(turns: float, room: float) -> float:
    """How far it gets on with the speed that it has, coming to rest after *room*."""
    return room * (1 - exp(-_SPEED * turns / room))


class Rig:
    """The camera of one shot; the same seed shakes it in the same way."""

    def __init__(self, shot: Shot, width: int, height: int, seed: int) -> None:
        self._shot = shot
        self._size = (width, height)
        self._phases = np.random.default_rng([seed, 77]).random(6) * 2 * pi

    def view(self, seconds: float) -> View:
        """Where the camera is *seconds* into the shot."""
        shot, (width, height) = self._shot, self._size
        t = _travelled(shot, seconds)
        base, shake = self._style(seconds)
        match shot.camera:
            case Camera.STATIC:
                view = View(zoom=base, shake=shake)
            case Camera.PUSH:
                view = View(zoom=base * (1 + _ZOOM * t), shake=shake)
            case Camera.PULL:
                view = View(zoom=base * (1 + _ZOOM * (1 - t)), shake=shake)
            case Camera.PAN_LEFT:
                view = View(x=width * _PAN * (0.5 - t), zoom=base, shake=shake)
            case Camera.PAN_RIGHT:
                view = View(x=width * _PAN * (t - 0.5), zoom=base, shake=shake)
            case Camera.TILT_UP:
                view = View(y=height * _TILT * (0.5 - t), zoom=base, shake=shake)
            case Camera.TILT_DOWN:
                view = View(y=height * _TILT * (t - 0.5), zoom=base, shake=shake)
            case Camera.HANDHELD:
                view = View(zoom=base * 1.07, shake=self._hand(seconds, 1.0))
            case Camera.TRACKING:
                view = View(x=width * _TRACK * (t - 0.5), zoom=base, shake=shake)
        return view

    def _style(self, seconds: float) -> tuple[float, tuple[float, float]]:
        """What the style adds to any camera: its zoom and its shake."""
        match self._shot.style:
            case Style.SELFIE:
                return 1.3, self._hand(seconds, 0.5)
            case Style.HANDHELD:
                return 1.09, self._hand(seconds, 1.2)
            case _:
                return 1.0, (0.0, 0.0)

    def _hand(self, seconds: float, strength: float) -> tuple[float, float]:
        """A hand's unrest: three slow waves each way that never meet again."""
        p = self._phases
        across = (
            sin(2.1 * seconds + p[0])
            + 0.6 * sin(4.7 * seconds + p[1])
            + 0.35 * sin(9.3 * seconds + p[2])
        )
        down = (
            sin(2.7 * seconds + p[3])
            + 0.6 * sin(5.3 * seconds + p[4])
            + 0.35 * sin(8.1 * seconds + p[5])
        )
        return 0.009 * strength * across, 0.011 * strength * down
