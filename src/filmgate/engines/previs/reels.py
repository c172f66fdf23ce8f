"""What a film is made of: its pictures in turn, and its sound, for each operation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from filmgate.domain.request import Operation
from filmgate.engines.previs.footage import Footage
from filmgate.engines.previs.picture import photo
from filmgate.engines.previs.picture.ending import Ending
from filmgate.engines.previs.picture.overlay import Stack
from filmgate.engines.previs.reading import history, script
from filmgate.engines.previs.retouch import retouch
from filmgate.engines.previs.scene import Order, Script, Shot, Weather
from filmgate.engines.previs.sound import mixing
from filmgate.engines.previs.sound.noises import Wave
from filmgate.engines.previs.take import Props, Take, props

RATE = 48_000  #: samples a second

_OVERLAP = 0.7  #: seconds in which the sound of a film becomes that of its extension
_SMALL = (32, 18)  # what two pictures are compared in
_SAME = 14.0  #: how far apart, 0..255, the same picture may be once it was a film
_BARE = 15  #: rows of those, above where captions are

_HEARD = frozenset({Weather.RAIN, Weather.STORM, Weather.SNOW, Weather.FOG})


@dataclass(frozen=True, kw_only=True)
class Reel:
    """A film that is about to be written."""

    fps: int
    count: int  #: of its frames
    frames: Iterator[av.VideoFrame]
    sound: Wave | None


def reel(order: Order) -> Reel:
    """The film of *order*; `photo.BadReferenceError` if something sent cannot be used."""
    if order.operation is Operation.CREATE or order.source is None:
        return _drawn(order)
    footage = Footage(Path(order.source))
    if order.follows:
        order = replace(order, fps=footage.fps)
    if order.operation is Operation.EXTEND:
        return _extended(order, footage)
    return _drawn(order) if _is_ours(order, footage) else _changed(order, footage)


def _drawn(order: Order) -> Reel:
    play, brought = history.play(order), props(order)
    count = max(1, round(order.seconds * order.fps))
    return Reel(
        fps=order.fps,
        count=count,
        frames=_ended(_pictures(play, brought), order, count),
        sound=None if order.sound is False else mixing.mix(play, rate=RATE),
    )


def _changed(order: Order, footage: Footage) -> Reel:
    """Somebody's film, frame by frame, with what is said of it."""
    change, brought = history.change(order), props(order)
    seed = script.seeded(order.seed, order.prompt)
    count = max(1, round(order.source_seconds * order.fps))
    size = (order.width, order.height)
    look = retouch(change, brought, seed)

    def frames() -> Iterator[av.VideoFrame]:
        stack = Stack(*size, look.layers, fps=order.fps)
        shifts = [(0.0, 0.0)] * len(look.layers)
        for number, frame in enumerate(footage.frames(size, order.fps, count)):
            image = Image.fromarray(frame.to_ndarray(format="rgb24"))
            if order.history:
                image = photo.wordless(image)
            pixels = np.asarray(look.graded(image))
            graded = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture = graded.reformat(format="yuv420p")
            yield stack.lay(picture, number, number / order.fps, shifts)

    sound = None
    if order.sound is not False and footage.has_sound:
        sound = footage.sound(RATE, count / order.fps)
        if change.shot.weather in _HEARD:
            sound = mixing.weathered(sound, change.shot, seed, rate=RATE)
    elif order.sound:
        shot = replace(change.shot, seconds=count / order.fps)
        sound = mixing.mix(Script(shots=(shot,), seed=seed), rate=RATE)
    return Reel(
        fps=order.fps,
        count=count,
        frames=_ended(frames(), order, count),
        sound=sound,
    )


def _extended(order: Order, footage: Footage) -> Reel:
    """A film, and how it goes on, as one."""
    fps, size = order.fps, (order.width, order.height)
    first = max(1, round(order.source_seconds * fps))
    count = max(first + 1, round((order.source_seconds + order.seconds) * fps))

    def frames() -> Iterator[av.VideoFrame]:
        shown = deque[av.VideoFrame](maxlen=1)
        for frame in footage.frames(size, fps, first):
            shown.append(frame)
            yield frame
        yield from _ended(_sequel(order, shown.pop()), order, count - first)

    return Reel(fps=fps, count=count, frames=frames(), sound=_joined(order, footage, first))


def _sequel(order: Order, last: av.VideoFrame) -> Iterator[av.VideoFrame]:
    """What follows on a film's *last* picture: the same shot, if that is what it shows."""
    brought = props(order)
    play = history.play(order)
    if order.history:
        first = round((_seconds(play) - order.seconds) * order.fps)
        begun = next(cut for cut in _cuts(play, order.fps) if cut.end > first)
        take = Take(play, begun.number, brought)
        if begun.first == first or _same(take.frame(begun.at(first - 1), first - 1), last):
            yield from _rest(take, begun, first)
            del take
            yield from _pictures(play, brought, start=begun.number + 1)
            return
        play = history.alone(order)
    picture = Image.fromarray(last.to_ndarray(format="rgb24"))
    if order.history:
        picture = photo.wordless(picture)
    held = replace(brought, picture=picture, held=True)
    cut = next(_cuts(play, order.fps))
    yield from _rest(Take(play, 0, held), cut, cut.first)
    yield from _pictures(play, replace(brought, picture=None), start=1)


def _joined(order: Order, footage: Footage, first: int) -> Wave | None:
    """The sound of a film and of its extension; the one becomes the other."""
    if order.sound is False or not (footage.has_sound or order.sound):
        return None
    before = footage.sound(RATE, first / order.fps)
    overlap = min(round(_OVERLAP * RATE), before.shape[1] // 2)
    if not order.history:
        before = mixing.faded(before, overlap)  # ours have gone by themselves
    play = history.play(order)
    left = order.seconds + overlap / RATE
    shots: list[Shot] = []
    for shot in reversed(play.shots):
        shots.insert(0, replace(shot, seconds=min(shot.seconds, left)))
        left -= shots[0].seconds
        if left <= 0:
            break
    shots[0] = replace(shots[0], seconds=shots[0].seconds + max(0.0, left))
    sequel = Script(shots=tuple(shots), seed=play.seed)
    after = mixing.mix(sequel, rate=RATE, fades=(_OVERLAP, _OVERLAP))
    return mixing.joined(before, after, overlap)


def _is_ours(order: Order, footage: Footage) -> bool:
    """Whether the source shows what its history says, so that it can be drawn anew."""
    if not order.history:
        return False
    width, height = footage.size
    drawn = Props(width=width, height=height, fps=order.fps)
    (shown,) = footage.frames(footage.size, footage.fps, 1)
    return _same(Take(history.before(order), 0, drawn).frame(0.0, 0), shown)


def _same(one: av.VideoFrame, other: av.VideoFrame) -> bool:
    """Whether two frames are one picture, but for a codec's losses and the caption."""
    small = [
        np.asarray(
            Image.fromarray(frame.to_ndarray(format="rgb24")).resize(
                _SMALL, Image.Resampling.BOX
            ),
            np.int16,
        )[:_BARE]
        for frame in (one, other)
    ]
    return float(np.abs(small[0] - small[1]).max()) < _SAME


def _seconds(play: Script) -> float:
    return sum(shot.seconds for shot in play.shots)


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """A shot's place in a film."""

    number: int
    first: int  #: frame
    end: int  #: the frame after its last
    fps: int

    def at(self, frame: int) -> float:
        """How far into the shot a *frame* of the film is, in seconds."""
        return (frame - self.first) / self.fps


def _cuts(play: Script, fps: int) -> Iterator[_Cut]:
    last = 0
    for number, end in enumerate(np.cumsum([shot.seconds for shot in play.shots])):
        yield _Cut(number=number, first=last, end=round(float(end) * fps), fps=fps)
        last = round(float(end) * fps)


def _pictures(play: Script, brought: Props, *, start: int = 0) -> Iterator[av.VideoFrame]:
    """Every frame of the film in turn, from the shot of that number on."""
    for cut in _cuts(play, brought.fps):
        if cut.first < cut.end and cut.number >= start:
            # One at a time: two shots together would take twice the memory.
            yield from _rest(Take(play, cut.number, brought), cut, cut.first)


def _rest(take: Take, cut: _Cut, first: int) -> Iterator[av.VideoFrame]:
    for number in range(first, cut.end):
        yield take.frame(cut.at(number), number)


def _ended(
    frames: Iterable[av.VideoFrame], order: Order, count: int
) -> Iterator[av.VideoFrame]:
    """*count* frames, and on the last of them the picture that *order* is to end on."""
    ending = None
    if order.last:
        picture = photo.load(Path(order.last))
        ending = Ending(picture, (order.width, order.height), count)
    for number, frame in enumerate(frames):
        yield ending.reached(frame, number) if ending else frame
