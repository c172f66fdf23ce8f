"""The models: what each makes, and how its pipeline is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from filmgate.domain.model import Model, Option, SecondsRange
from filmgate.domain.request import Media, Role, Size

MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A model, and what its pipeline is told beside what callers say."""

    model: Model
    pipeline: str  #: where its makers have the weights, on Hugging Face
    words: str | None  #: the class that starts from words alone
    picture: str | None  #: the class that starts from a first frame
    fps: int
    every: int  #: it makes a multiple of so many frames, and one
    sides: int  #: width and height are multiples of it
    steps: int
    guidance: float
    exact: tuple[str, ...] = ()  #: parts that lose too much in half precision
    arguments: Mapping[str, Any] = field(default_factory=dict)  #: of each call


def _model(
    name: str,
    sizes: str,
    *,
    longest: float = 5.0,
    roles: tuple[Role, ...] = (),
    sound: bool = False,
) -> Model:
    read = tuple(size for text in sizes.split() if (size := Size.read(text)))
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=read,
        default_size=read[0],
        seconds=SecondsRange(least=1.0, most=longest),
        default_seconds=4.0,
        roles=dict.fromkeys(roles, 1),
        negative_prompts=True,
        seeds=True,
        audio=frozenset({False, sound}),
        options={
            "steps": Option(int, f"Steps from noise to a picture, from 1 to {MOST_STEPS}."),
            "guidance": Option(float, "How closely the words are followed."),
        },
    )


_HD = "1280x720 720x1280"
_WAN_A14B = f"{_HD} 832x480 480x832"
_WAN_5B = f"1280x704 704x1280 {_HD}"
_LTX = f"{_HD} 768x512 512x768 1024x1792 1792x1024 1080x1920 1920x1080"
_FIRST = (Role.FIRST_FRAME,)


def _hunyuan(words: str, sizes: str, *, picture: bool) -> Profile:
    """Its weights are another file for each size, and with and without a picture."""
    kind = "i2v" if picture else "t2v"
    return Profile(
        model=_model(
            f"hunyuanvideo-1.5-{words}-{kind}", sizes, roles=_FIRST if picture else ()
        ),
        pipeline=f"hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-{words}_{kind}",
        words=None if picture else "HunyuanVideo15Pipeline",
        picture="HunyuanVideo15ImageToVideoPipeline" if picture else None,
        fps=24,
        every=4,
        sides=16,
        steps=50,
        guidance=6.0,
    )


PROFILES: Mapping[str, Profile] = {
    profile.model.name: profile
    for profile in (
        Profile(
            model=_model("wan2.2-ti2v-5b", _WAN_5B, roles=_FIRST),
            pipeline="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
            words="WanPipeline",
            picture="WanImageToVideoPipeline",
            fps=24,
            every=4,
            sides=32,
            steps=50,
            guidance=5.0,
            exact=("vae",),
        ),
        Profile(
            model=_model("wan2.2-t2v-a14b", _WAN_A14B),
            pipeline="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
            words="WanPipeline",
            picture=None,
            fps=16,
            every=4,
            sides=16,
            steps=40,
            guidance=4.0,
            exact=("vae",),
            arguments={"guidance_scale_2": 3.0},
        ),
        Profile(
            model=_model(
                "wan2.2-i2v-a14b", _WAN_A14B, roles=(Role.FIRST_FRAME, Role.LAST_FRAME)
            ),
            pipeline="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
            words=None,
            picture="WanImageToVideoPipeline",
            fps=16,
            every=4,
            sides=16,
            steps=40,
            guidance=3.5,
            exact=("vae",),
        ),
        Profile(
            model=_model("ltx-2", _LTX, longest=20.0, roles=_FIRST, sound=True),
            pipeline="Lightricks/LTX-2",
            words="LTX2Pipeline",
            picture="LTX2ImageToVideoPipeline",
            fps=24,
            every=8,
            sides=32,
            steps=40,
            guidance=4.0,
        ),
        _hunyuan("480p", "848x480 480x848", picture=False),
        _hunyuan("480p", "848x480 480x848", picture=True),
        _hunyuan("720p", _HD, picture=False),
        _hunyuan("720p", _HD, picture=True),
    )
}
