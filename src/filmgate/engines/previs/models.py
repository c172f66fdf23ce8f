"""What previs can draw."""

from __future__ import annotations

from filmgate.domain.model import Model, Option, SecondsRange, SizeRange
from filmgate.domain.request import Media, Operation, Role, Size

PREVIS_1 = Model(
    name="previs-1",
    media=Media.VIDEO,
    sizes=SizeRange(least=64, most=2560),
    seconds=SecondsRange(least=1, most=120),
    default_size=Size(1280, 720),
    default_seconds=4.0,
    longest=120.0,
    operations=frozenset(Operation),
    roles={
        Role.FIRST_FRAME: 1,
        Role.LAST_FRAME: 1,
        Role.SUBJECT: 3,
        Role.SOURCE: 1,
        Role.CHARACTER: 2,
    },
    negative_prompts=True,
    storyboards=True,
    seeds=True,
    default_seed=0,
    audio=frozenset({True, False}),
    options={
        "fps": Option(int, "Frames a second; 24 when left out.", choices=(24, 30)),
        "captions": Option(bool, "Whether the prompt is written into the picture."),
    },
)
PREVIS_STILL = Model(
    name="previs-still",
    media=Media.IMAGE,
    sizes=SizeRange(least=64, most=3840),
    default_size=Size(1024, 1024),
    operations=frozenset({Operation.CREATE, Operation.EDIT}),
    roles={Role.SOURCE: 1, Role.MASK: 1, Role.SUBJECT: 16, Role.CHARACTER: 2},
    negative_prompts=True,
    seeds=True,
    default_seed=0,
    formats=("png", "jpeg", "webp"),
)
