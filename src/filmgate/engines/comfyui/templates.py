"""
ComfyUI's own templates: where the wishes go, as data.

Node ids and classes are as `Export (API)` writes them, where `128:89` is node 89 inside of
subgraph 128. Checked against the package comfyui-workflow-templates-json 0.1.123.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from filmgate.engines.comfyui.slots import Graph


@dataclass(frozen=True, kw_only=True)
class Template:
    """Where the wishes go in one of ComfyUI's templates: node, class and input by slot."""

    name: str
    slots: Mapping[str, str]  #: such as `128:89 CLIPTextEncode text`
    output: str
    frames_rule: str | None = None

    def fits(self, graph: Graph) -> bool:
        """Whether *graph* is this template, changed though it may be elsewhere."""
        wanted = {place.split()[0]: place.split()[1] for place in self.slots.values()}
        return self.output in graph and all(
            node in graph and graph[node].class_type == kind for node, kind in wanted.items()
        )

    def paths(self) -> dict[str, str]:
        """The slots as a model's settings have them."""
        places = {slot: place.split() for slot, place in self.slots.items()}
        paths = {slot: f"{node}.inputs.{name}" for slot, (node, _, name) in places.items()}
        return {**paths, "output": self.output}


_WAN_5B = {
    "prompt": "6 CLIPTextEncode text",
    "negative_prompt": "7 CLIPTextEncode text",
    "width": "55 Wan22ImageToVideoLatent width",
    "height": "55 Wan22ImageToVideoLatent height",
    "frames": "55 Wan22ImageToVideoLatent length",
    "fps": "57 CreateVideo fps",
    "seed": "3 KSampler seed",
}

#: One that starts from an image stands before one that may as well do without.
TEMPLATES = (
    Template(
        name="video_wan2_2_14B_t2v",
        slots={
            "prompt": "128:89 CLIPTextEncode text",
            "negative_prompt": "128:72 CLIPTextEncode text",
            "width": "128:74 EmptyHunyuanLatentVideo width",
            "height": "128:74 EmptyHunyuanLatentVideo height",
            "seconds": "128:126 PrimitiveFloat value",
            "fps": "128:125 PrimitiveFloat value",
            "seed": "128:81 KSamplerAdvanced noise_seed",
        },
        output="80",
    ),
    Template(
        name="video_wan2_2_14B_i2v",
        slots={
            "first_frame": "97 LoadImage image",
            "prompt": "129:93 CLIPTextEncode text",
            "negative_prompt": "129:89 CLIPTextEncode text",
            "width": "129:98 WanImageToVideo width",
            "height": "129:98 WanImageToVideo height",
            "seconds": "129:161 PrimitiveFloat value",
            "fps": "129:162 PrimitiveFloat value",
            "seed": "129:86 KSamplerAdvanced noise_seed",
        },
        output="108",
    ),
    Template(
        name="video_wan2_2_14B_flf2v",
        slots={
            "first_frame": "80 LoadImage image",
            "last_frame": "89 LoadImage image",
            "prompt": "90 CLIPTextEncode text",
            "negative_prompt": "78 CLIPTextEncode text",
            "width": "81 WanFirstLastFrameToVideo width",
            "height": "81 WanFirstLastFrameToVideo height",
            "frames": "81 WanFirstLastFrameToVideo length",
            "fps": "86 CreateVideo fps",
            "seed": "84 KSamplerAdvanced noise_seed",
        },
        output="83",
        frames_rule="4k+1",
    ),
    Template(
        name="video_wan2_2_5B_ti2v",
        slots={"first_frame": "56 LoadImage image", **_WAN_5B},
        output="58",
        frames_rule="4k+1",
    ),
    Template(
        name="video_wan2_2_5B_ti2v without an image",
        slots=_WAN_5B,
        output="58",
        frames_rule="4k+1",
    ),
    Template(
        name="video_ltx2_3_t2v",
        slots={
            "prompt": "267:266 PrimitiveStringMultiline value",
            "negative_prompt": "267:247 CLIPTextEncode text",
            "width": "267:257 PrimitiveInt value",
            "height": "267:258 PrimitiveInt value",
            "seconds": "267:225 PrimitiveInt value",
            "fps": "267:260 PrimitiveInt value",
            "seed": "267:237 RandomNoise noise_seed",
        },
        output="75",
    ),
    Template(
        name="video_ltx2_3_i2v",
        slots={
            "first_frame": "269 LoadImage image",
            "prompt": "320:319 PrimitiveStringMultiline value",
            "negative_prompt": "320:313 CLIPTextEncode text",
            "width": "320:312 PrimitiveInt value",
            "height": "320:299 PrimitiveInt value",
            "seconds": "320:301 PrimitiveInt value",
            "fps": "320:300 PrimitiveInt value",
            "seed": "320:277 RandomNoise noise_seed",
        },
        output="75",
    ),
    Template(
        name="video_ltx2_3_flf2v",
        slots={
            "first_frame": "31 LoadImage image",
            "last_frame": "39 LoadImage image",
            "prompt": "129:128 CLIPTextEncode text",
            "negative_prompt": "129:112 CLIPTextEncode text",
            "width": "129:113 PrimitiveInt value",
            "height": "129:98 PrimitiveInt value",
            "seconds": "129:102 PrimitiveInt value",
            "fps": "129:114 PrimitiveInt value",
            "seed": "129:100 RandomNoise noise_seed",
        },
        output="68",
    ),
    Template(
        name="video_ltx2_5_t2v",
        slots={
            "prompt": "405:376 PrimitiveStringMultiline value",
            "negative_prompt": "405:373 CLIPTextEncode text",
            "width": "405:372 PrimitiveInt value",
            "height": "405:360 PrimitiveInt value",
            "seconds": "405:362 PrimitiveInt value",
            "fps": "405:361 PrimitiveInt value",
            "seed": "405:339 RandomNoise noise_seed",
        },
        output="75",
    ),
    Template(
        name="video_ltx2_5_i2v",
        slots={
            "first_frame": "395 LoadImage image",
            "prompt": "398:376 PrimitiveStringMultiline value",
            "negative_prompt": "398:373 CLIPTextEncode text",
            "width": "398:372 PrimitiveInt value",
            "height": "398:360 PrimitiveInt value",
            "seconds": "398:362 PrimitiveInt value",
            "fps": "398:361 PrimitiveInt value",
            "seed": "398:339 RandomNoise noise_seed",
        },
        output="75",
    ),
    Template(
        name="video_ltx2_5_flf2v",
        slots={
            "first_frame": "31 LoadImage image",
            "last_frame": "39 LoadImage image",
            "prompt": "251:252 PrimitiveStringMultiline value",
            "negative_prompt": "251:217 CLIPTextEncode text",
            "width": "251:215 PrimitiveInt value",
            "height": "251:216 PrimitiveInt value",
            "seconds": "251:198 PrimitiveInt value",
            "fps": "251:205 PrimitiveInt value",
            "seed": "251:196 RandomNoise noise_seed",
        },
        output="68",
    ),
    Template(
        name="video_hunyuan_video_1.5_720p_t2v",
        slots={
            "prompt": "44 CLIPTextEncode text",
            "negative_prompt": "93 CLIPTextEncode text",
            "width": "124 EmptyHunyuanVideo15Latent width",
            "height": "124 EmptyHunyuanVideo15Latent height",
            "frames": "124 EmptyHunyuanVideo15Latent length",
            "fps": "101 CreateVideo fps",
            "seed": "129 RandomNoise noise_seed",
        },
        output="102",
        frames_rule="4k+1",
    ),
    Template(
        name="video_hunyuan_video_1.5_720p_i2v",
        slots={
            "first_frame": "80 LoadImage image",
            "prompt": "44 CLIPTextEncode text",
            "negative_prompt": "93 CLIPTextEncode text",
            "width": "78 HunyuanVideo15ImageToVideo width",
            "height": "78 HunyuanVideo15ImageToVideo height",
            "frames": "78 HunyuanVideo15ImageToVideo length",
            "fps": "101 CreateVideo fps",
            "seed": "127 RandomNoise noise_seed",
        },
        output="102",
        frames_rule="4k+1",
    ),
    Template(
        name="video_minimax_h3_t2v",
        slots={
            "prompt": "140:131 MiniMaxH3ImageToVideo prompt",
            "width": "140:131 MiniMaxH3ImageToVideo width",
            "height": "140:131 MiniMaxH3ImageToVideo height",
            "seconds": "140:133 PrimitiveFloat value",
            "seed": "140:129 RandomNoise noise_seed",
        },
        output="92",
    ),
    Template(
        name="video_minimax_h3_i2v",
        slots={
            "first_frame": "114 LoadImage image",
            "prompt": "105:104 MiniMaxH3ImageToVideo prompt",
            "width": "105:104 MiniMaxH3ImageToVideo width",
            "height": "105:104 MiniMaxH3ImageToVideo height",
            "seconds": "105:111 PrimitiveFloat value",
            "seed": "105:15 RandomNoise noise_seed",
        },
        output="92",
    ),
)
