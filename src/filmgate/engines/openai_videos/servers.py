"""
Servers of one's own that speak the OpenAI Videos API: SGLang Diffusion and vLLM-Omni.

Documented by their sources: `openai/video_api.py` and `post_training/weights_api.py` in
`multimodal_gen/runtime/entrypoints` of SGLang 0.5.23, `video/generation/helpers.py` and
`api_server.py` in `entrypoints/openai` of vLLM-Omni 0.30.0. Each runs one model and keeps
its tasks in memory: after its restart they are lost. A film costs nothing there, but nobody
can be asked for a task whose create was not answered, so that one is not sent again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

from filmgate.domain.errors import Unsupported
from filmgate.domain.job import Take
from filmgate.domain.model import Model, Option, SizeRange
from filmgate.domain.request import GenerationRequest, Media, Role, Size
from filmgate.engines.openai_videos.adapter import Quirks
from filmgate.engines.openai_videos.bodies import Picture, only
from filmgate.engines.openai_videos.own import Order, OwnServer

_HD, _NEAR_HD = Size(1280, 720), Size(1280, 704)

SERVED = "served"  #: whatever the server runs, of which nothing is known
SHORT_EDGE = 768  #: of H3's films, the only one that both servers take


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a model takes, and how a film of it is asked for."""

    sizes: Mapping[Size, Size] | SizeRange  #: what may be asked for, and what is made of it
    seconds: Sequence[int]
    fps: int | None = None  #: that it was trained on; None: the server's own choice
    step: int = 1  #: its films have a multiple of so many frames, and one
    frames: Sequence[Role] = (Role.FIRST_FRAME,)
    negative_prompts: bool = True
    sounds: bool | None = None  #: always, never; None: nobody knows
    ratios: Mapping[Size, str] = field(default_factory=dict)  #: H3 is asked for these
    options: Mapping[str, Option] = field(default_factory=dict)

    def model(self, name: str) -> Model:
        known = self.sizes if isinstance(self.sizes, SizeRange) else tuple(self.sizes)
        return Model(
            name=name,
            media=Media.VIDEO,
            sizes=known,
            default_size=_HD,
            seconds=tuple(map(float, self.seconds)),
            default_seconds=5.0,
            roles=dict.fromkeys(self.frames, 1),
            negative_prompts=self.negative_prompts,
            seeds=True,
            audio=frozenset() if self.sounds is None else frozenset({self.sounds}),
            options=self.options,
        )

    def fields(self, request: GenerationRequest) -> dict[str, Any]:
        """What is said of a film's shape where nothing else is agreed on."""
        seconds, size = int(request.seconds or 0), request.size
        if isinstance(self.sizes, Mapping) and size is not None:
            size = self.sizes[size]
        said: dict[str, Any] = {"seconds": str(seconds), "size": str(size)}
        if self.fps:
            frames = round(seconds * self.fps / self.step) * self.step + 1
            said |= {"fps": self.fps, "num_frames": frames}
        return said


def _turned(sizes: Mapping[Size, Size]) -> dict[Size, Size]:
    """The same upright."""
    upright = {
        Size(asked.height, asked.width): Size(made.height, made.width)
        for asked, made in sizes.items()
    }
    return {**sizes, **upright}


_STEPS = {"num_inference_steps": Option(int, "How many steps it is drawn in.")}
_KNOBS = {**_STEPS, "guidance_scale": Option(float, "How closely it follows the prompt.")}
_H3 = {
    "21:9": Size(1536, 672),
    "16:9": Size(1344, 768),
    "4:3": Size(1024, 768),
    "1:1": Size(768, 768),
    "3:4": Size(768, 1024),
    "9:16": Size(768, 1344),
}
_H3_RATIOS = {_HD: "16:9", Size(720, 1280): "9:16", **{_H3[ratio]: ratio for ratio in _H3}}

#: By the names that they have on Hugging Face, which is what servers call them if not told.
MODELS: Mapping[str, Served] = MappingProxyType(
    {
        "Wan-AI/Wan2.2-T2V-A14B-Diffusers": Served(
            sizes=_turned({_HD: _HD, Size(832, 480): Size(832, 480)}),
            seconds=range(1, 6),
            fps=16,
            step=4,
            frames=(),
            sounds=False,
            options=_KNOBS,
        ),
        "Wan-AI/Wan2.2-TI2V-5B-Diffusers": Served(
            sizes=_turned({_HD: _NEAR_HD, _NEAR_HD: _NEAR_HD}),
            seconds=range(1, 6),
            fps=24,
            step=4,
            sounds=False,
            options=_KNOBS,
        ),
        "Lightricks/LTX-2": Served(
            sizes=_turned(
                {
                    _HD: _NEAR_HD,
                    _NEAR_HD: _NEAR_HD,
                    Size(768, 512): Size(768, 512),
                    Size(1792, 1024): Size(1792, 1024),
                    Size(1920, 1080): Size(1920, 1088),
                }
            ),
            seconds=range(1, 21),
            fps=24,
            step=8,
            sounds=True,
            options=_KNOBS,
        ),
        "MiniMaxAI/MiniMax-H3": Served(
            sizes={size: _H3[ratio] for size, ratio in _H3_RATIOS.items()},
            seconds=range(4, 16),
            fps=24,
            frames=(Role.FIRST_FRAME, Role.LAST_FRAME),
            negative_prompts=False,
            sounds=True,
            ratios=_H3_RATIOS,
            options=_STEPS,
        ),
        SERVED: Served(
            sizes=SizeRange(least=256, most=2048), seconds=range(1, 21), options=_KNOBS
        ),
    }
)


class _Server(OwnServer, ABC):
    """What both have in common."""

    def models(self) -> Iterable[Model]:
        return [served.model(name) for name, served in MODELS.items()]

    def unknown(self, name: str) -> Model:
        return replace(MODELS[SERVED].model(SERVED), name=name)

    def asked(
        self, take: Take, pictures: Sequence[Picture]
    ) -> tuple[Mapping[str, Any], Picture | None]:
        request, served = take.request, MODELS.get(take.model) or MODELS[SERVED]
        said = {
            "model": None if take.model == SERVED else take.model,
            "prompt": request.prompt,
            "seed": request.seed,
            "negative_prompt": request.negative_prompt,
            **request.engine_options,
        }
        shape, file = self.shape(served, request, pictures)
        fields = {**take.settings, **shape, **said}
        return {name: value for name, value in fields.items() if value is not None}, file

    @abstractmethod
    def shape(
        self, served: Served, request: GenerationRequest, pictures: Sequence[Picture]
    ) -> tuple[dict[str, Any], Picture | None]:
        """The fields that the model decides on, and the picture that goes as a file."""


class SGLang(_Server):
    """SGLang Diffusion. It has no keys, and a film that it draws cannot be stopped."""

    name = "sglang"
    quirks: ClassVar[Quirks] = Quirks(base="http://127.0.0.1:30000/v1")
    leave: ClassVar[Order] = Order(path="/release_memory_occupation")
    come_back: ClassVar[Order] = Order(path="/resume_memory_occupation")

    def shape(
        self, served: Served, request: GenerationRequest, pictures: Sequence[Picture]
    ) -> tuple[dict[str, Any], Picture | None]:
        if not served.ratios or request.size is None:
            return served.fields(request), only(pictures, Role.FIRST_FRAME)
        target = {
            "short_edge": SHORT_EDGE,
            "aspect_ratio": served.ratios[request.size],
            "duration_seconds": request.seconds,
        }
        keyframes = [
            {"type": "image", "role": "keyframe", "uri": picture.data_url, "frame_index": at}
            for role, at in ((Role.FIRST_FRAME, 0), (Role.LAST_FRAME, -1))
            if (picture := only(pictures, role))
        ]
        if not keyframes:
            return {"task": "t2va", "target": target}, None
        return {"task": "fl2va", "target": target, "conditions": keyframes}, None


class VLLMOmni(_Server):
    """vLLM-Omni, which takes creates as a form only."""

    name = "vllm_omni"
    quirks: ClassVar[Quirks] = Quirks(base="http://127.0.0.1:8000/v1", form=True)
    # The only stage of what runs in one process. From a deeper sleep it does not wake up.
    leave: ClassVar[Order] = Order(path="/v1/omni/sleep", body={"stage_ids": [0], "level": 1})
    come_back: ClassVar[Order] = Order(path="/v1/omni/wakeup", body={"stage_ids": [0]})

    def shape(
        self, served: Served, request: GenerationRequest, pictures: Sequence[Picture]
    ) -> tuple[dict[str, Any], Picture | None]:
        first, last = only(pictures, Role.FIRST_FRAME), only(pictures, Role.LAST_FRAME)
        if last is not None and first is None:
            message = "vLLM-Omni takes a last frame only together with a first one."
            raise Unsupported(message, param="last_frame")
        said = served.fields(request)
        if served.ratios and request.size is not None:
            said = {"seconds": said["seconds"], "short_edge": SHORT_EDGE}
            said["aspect_ratio"] = served.ratios[request.size]
        if first is None or last is None:
            return said, first
        both = [{"image_url": picture.data_url} for picture in (first, last)]
        return {**said, "image_reference": both}, None
