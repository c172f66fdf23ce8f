"""
Pipelines with a model's parts and none of its size: `tiny.py FOLDER` saves one of each kind.

The weights are random, and the tokenizers know bytes alone, so that nothing is downloaded.
It runs in `.venv-diffusers`, which has torch and diffusers.
"""

import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLHunyuanVideo15,
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    AutoencoderKLWan,
    ClassifierFreeGuidance,
    FlowMatchEulerDiscreteScheduler,
    HunyuanVideo15Pipeline,
    HunyuanVideo15Transformer3DModel,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
    UniPCMultistepScheduler,
    WanPipeline,
    WanTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2Vocoder
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    ByT5Tokenizer,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    PreTrainedTokenizerFast,
    Qwen2_5_VLTextConfig,
    Qwen2_5_VLTextModel,
    Qwen2Tokenizer,
    SiglipVisionConfig,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

SPECIAL = {"<pad>": 0, "</s>": 1, "<bos>": 2, "<unk>": 3}
RATE = 16_000


def letters() -> dict[str, int]:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return {letter: number for number, letter in enumerate((*SPECIAL, *alphabet))}


def tokenizer(template: str) -> PreTrainedTokenizerFast:
    bytewise = Tokenizer(models.BPE(vocab=letters(), merges=[], unk_token="<unk>"))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=list(SPECIAL.items())
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bytewise, pad_token="<pad>", eos_token="</s>", bos_token="<bos>",
        unk_token="<unk>", model_max_length=512,
    )  # fmt: skip


def wan() -> WanPipeline:
    """Like Wan 2.2 TI2V: one transformer, from words or from a first frame."""
    return WanPipeline(
        tokenizer=tokenizer("$A </s>"),
        text_encoder=UMT5EncoderModel(
            UMT5Config(
                vocab_size=len(letters()), d_model=32, d_kv=8, d_ff=64, num_layers=1,
                num_heads=4, relative_attention_num_buckets=8,
            )
        ),
        transformer=WanTransformer3DModel(
            num_attention_heads=2, attention_head_dim=12, text_dim=32, ffn_dim=32,
            num_layers=2, qk_norm="rms_norm_across_heads",
        ),
        vae=AutoencoderKLWan(base_dim=3, dim_mult=[1, 1, 1, 1], num_res_blocks=1),
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0
        ),
        expand_timesteps=True,
    )  # fmt: skip


def ltx() -> LTX2Pipeline:
    """Like LTX-2, with its sound: one that lasts as long as the pictures."""
    text = Gemma3TextConfig(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, head_dim=8,
    )  # fmt: skip
    vision = SiglipVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        image_size=28, patch_size=14,
    )  # fmt: skip
    connector = {"num_attention_heads": 4, "attention_head_dim": 4, "num_layers": 1}
    audio = AutoencoderKLLTX2Audio(
        base_channels=4, ch_mult=(1,), num_res_blocks=1, attn_resolutions=None, resolution=32,
        latent_channels=2, mid_block_add_attention=False, mel_bins=8,
    )  # fmt: skip
    return LTX2Pipeline(
        tokenizer=tokenizer("<bos> $A"),
        text_encoder=Gemma3ForConditionalGeneration(
            Gemma3Config(
                text_config=text.to_dict(), vision_config=vision.to_dict(),
                mm_tokens_per_image=4, image_token_index=290, boi_token_index=291,
                eoi_token_index=292,
            )
        ),
        connectors=LTX2TextConnectors(
            caption_channels=16, text_proj_in_factor=3, connector_rope_base_seq_len=32,
            rope_double_precision=False, rope_type="split",
            **{
                f"{medium}_connector_{name}": value
                for medium in ("video", "audio")
                for name, value in (*connector.items(), ("num_learnable_registers", None))
            },
        ),
        transformer=LTX2VideoTransformer3DModel(
            in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=8,
            cross_attention_dim=16, audio_in_channels=4, audio_out_channels=4,
            audio_num_attention_heads=2, audio_attention_head_dim=4,
            audio_cross_attention_dim=8, num_layers=2, caption_channels=16,
            rope_double_precision=False, rope_type="split",
        ),
        vae=AutoencoderKLLTX2Video(
            latent_channels=4, block_out_channels=(8,), decoder_block_out_channels=(8,),
            layers_per_block=(1,), decoder_layers_per_block=(1, 1),
            spatio_temporal_scaling=(True,), decoder_spatio_temporal_scaling=(True,),
            decoder_inject_noise=(False, False), downsample_type=("spatial",),
            upsample_residual=(False,), upsample_factor=(1,), patch_size=4,
        ),
        audio_vae=audio,
        vocoder=LTX2Vocoder(
            in_channels=16, hidden_channels=32, upsample_kernel_sizes=[20, 8, 8],
            upsample_factors=[10, 4, 4], resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]], output_sampling_rate=RATE,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip


def hunyuan() -> HunyuanVideo15Pipeline:
    qwen = Qwen2Tokenizer(vocab=letters(), merges=[], unk_token="<unk>", pad_token="<pad>")
    qwen.chat_template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    return HunyuanVideo15Pipeline(
        tokenizer=qwen,
        text_encoder=Qwen2_5_VLTextModel(
            Qwen2_5_VLTextConfig(
                vocab_size=len(letters()) + 8, hidden_size=24, intermediate_size=48,
                num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
                rope_parameters={
                    "rope_type": "default", "mrope_section": [2, 2, 2], "rope_theta": 1e6,
                },
            )
        ),
        tokenizer_2=ByT5Tokenizer(),
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=400, d_model=20, d_kv=5, d_ff=40, num_layers=1, num_heads=4)
        ),
        transformer=HunyuanVideo15Transformer3DModel(
            in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=12,
            num_layers=2, num_refiner_layers=1, patch_size=1, patch_size_t=1,
            text_embed_dim=24, text_embed_2_dim=20, image_embed_dim=8, rope_axes_dim=(4, 4, 4),
            target_size=64, task_type="t2v",
        ),
        vae=AutoencoderKLHunyuanVideo15(
            latent_channels=4, block_out_channels=(16, 16), layers_per_block=1,
            spatial_compression_ratio=4, temporal_compression_ratio=2,
            downsample_match_channel=False, upsample_match_channel=False,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        guider=ClassifierFreeGuidance(guidance_scale=1.0),
    )  # fmt: skip


if __name__ == "__main__":
    for name, build in {"wan": wan, "ltx": ltx, "hunyuan": hunyuan}.items():
        torch.manual_seed(0)
        build().save_pretrained(Path(sys.argv[1]) / name)
