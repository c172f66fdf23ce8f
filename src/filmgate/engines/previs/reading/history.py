"""Reads how a film was made, step by step, into the script of what is to be made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from filmgate.domain.request import Operation, Step
from filmgate.engines.previs.reading import meanings, script
from filmgate.engines.previs.reading.meanings import Reading
from filmgate.engines.previs.reading.script import Beat
from filmgate.engines.previs.reading.words import Meaning
from filmgate.engines.previs.scene import Order, Script, Shot


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to become of a picture that previs did not draw."""

    shot: Shot
    reading: Reading  #: what was said outright; the rest of the shot is only usual


def play(order: Order) -> Script:
    """The script of *order*: of an extension the whole film's, the source included."""
    if not order.history:
        return alone(order)
    step = Step(
        operation=order.operation,
        prompt=order.prompt,
        seconds=order.seconds,
        storyboard=order.storyboard,
    )
    plan = _told([*order.history], ())
    plan = _told([step], plan, meanings.listed(order.negative))
    # An extension is the same film still; a remix may be asked for with another seed.
    seed = order.source_seed if order.operation is Operation.EXTEND else order.seed
    first = order.history[0].prompt
    return Script(shots=script.shots(plan), seed=script.seeded(seed, first), variant=seed)


def alone(order: Order) -> Script:
    """The script of *order*'s own prompt, whatever was before."""
    return script.read(
        order.prompt,
        seconds=order.seconds,
        seed=order.seed,
        negative=order.negative,
        storyboard=order.storyboard,
    )


def before(order: Order) -> Script:
    """The script of the film that *order* starts from."""
    plan = _told([*order.history], ())
    seed, first = order.source_seed, order.history[0].prompt
    return Script(shots=script.shots(plan), seed=script.seeded(seed, first), variant=seed)


def change(order: Order) -> Change:
    """What *order* says of a picture; a picture's own hour and weather are not known."""
    unwanted = meanings.listed(order.negative)
    reading = meanings.read_change(order.prompt).without(unwanted)
    beat = Beat(
        text=order.prompt,
        seconds=max(order.seconds, order.source_seconds),
        readings=(reading,),
        unwanted=unwanted,
    )
    (shot,) = script.shots([beat])
    return Change(shot=shot, reading=reading)


def _told(
    steps: Sequence[Step],
    plan: Sequence[Beat],
    unwanted: frozenset[Meaning] = frozenset(),
) -> list[Beat]:
    """The *plan* after some more *steps*."""
    told = list(plan)
    for step in steps:
        match step.operation:
            case Operation.CREATE:
                told = script.beats(step.prompt, step.seconds, step.storyboard)
            case Operation.REMIX | Operation.EDIT:
                told = _changed(told, step)
                told = [replace(beat, unwanted=beat.unwanted | unwanted) for beat in told]
            case Operation.EXTEND:
                told = _extended(told, step, unwanted)
    return told


def _changed(plan: Sequence[Beat], step: Step) -> list[Beat]:
    """A storyboard cuts the film anew; anything else is said of every shot."""
    whole = sum(beat.seconds for beat in plan)
    news = script.beats(step.prompt, whole, step.storyboard)
    if len(news) == 1:
        change = meanings.read_change(step.prompt)
        return [_stacked(beat, (change,), step.prompt) for beat in plan]
    ends = list(accumulate(beat.seconds for beat in plan))
    starts = [0.0, *accumulate(beat.seconds for beat in news)]
    told = []
    for start, new in zip(starts, news, strict=False):
        number = next((n for n, end in enumerate(ends) if start < end), len(plan) - 1)
        over = _stacked(plan[number], new.readings, new.text)
        told.append(replace(over, seconds=new.seconds, planned=None))
    return told


def _extended(plan: Sequence[Beat], step: Step, unwanted: frozenset[Meaning]) -> list[Beat]:
    """What looks the same goes on; where it looks different there is a cut."""
    told = list(plan)
    for new in script.beats(step.prompt, step.seconds, step.storyboard):
        last = told[-1]
        own = (meanings.read_change(new.text), *new.readings[1:])
        over = _stacked(last, own, new.text)
        over = replace(over, unwanted=over.unwanted | unwanted, planned=None)
        *_, shown, next_ = script.shots([*told, replace(over, seconds=new.seconds)])
        if _look(shown) == _look(next_):
            told[-1] = replace(
                last,
                text=new.text,
                seconds=last.seconds + new.seconds,
                planned=last.seconds if last.planned is None else last.planned,
            )
        else:
            told.append(replace(over, seconds=new.seconds))
    return told


def _look(shot: Shot) -> Shot:
    return replace(shot, text="", seconds=0, planned=None)


def _stacked(beat: Beat, readings: tuple[Reading, ...], text: str) -> Beat:
    """*beat* with newer *readings*, which count more."""
    denied = frozenset(m for reading in readings for m in reading.denied)
    named = {m for reading in readings for m, _ in reading.meanings}
    return replace(
        beat,
        text=text,
        readings=(*readings, *beat.readings),
        unwanted=(beat.unwanted | denied) - named,
    )
