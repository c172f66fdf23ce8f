"""Renders with diffusers: the only module that needs torch, loaded by the child alone."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from PIL import Image, ImageOps

from filmgate.engines.diffusers import film
from filmgate.engines.diffusers.film import Sound
from filmgate.engines.diffusers.orders import Order

_STEPPED = 90  #: percent of the work that the steps are
_DECODED = 95

Tell = Callable[[int], None]


class Pipelines:
    """Keeps the pipeline of the last order, because loading one takes minutes."""

    def __init__(self) -> None:
        self._loaded: tuple[object, ...] | None = None
        self._pipe: Any = None

    def render(self, order: Order, tell: Tell) -> None:
        tell(0)
        pipe = self._ready(order)
        accepted = inspect.signature(pipe.__call__).parameters
        arguments = {
            **{name: value for name, value in order.arguments.items() if name in accepted},
            **order.further,
            **{name: _picture(path, order) for name, path in order.pictures.items()},
        }
        if "guidance_scale" not in accepted and getattr(pipe, "guider", None) is not None:
            guidance = order.arguments["guidance_scale"]
            pipe.guider = pipe.guider.new(guidance_scale=guidance)
        generator = torch.Generator("cpu").manual_seed(order.seed)
        with _stepping(pipe, order, tell) as hook:
            made = pipe(**arguments, **hook, generator=generator, output_type="np")
        tell(_DECODED)
        film.write(
            Path(order.output),
            np.asarray(made.frames[0])[: order.frames],
            size=(order.width, order.height),
            fps=order.fps,
            sound=_sound(pipe, made) if order.sound else None,
            tell=lambda share: tell(_DECODED + int(share * (99 - _DECODED))),
        )

    def _ready(self, order: Order) -> Any:
        """The pipeline of *order*, loaded unless it was there."""
        wanted = (order.pipeline, order.device, order.offload, order.tiling)
        kind = getattr(diffusers, order.kind)
        if wanted != self._loaded:
            self._loaded = self._pipe = None
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            self._pipe = _placed(_load(kind, order), order)
            self._loaded = wanted
        if type(self._pipe) is not kind:
            self._pipe.remove_all_hooks()
            self._pipe = _placed(_other(kind, self._pipe), order)
        return self._pipe


def _load(kind: Any, order: Order) -> Any:
    """From what is on this machine: a hundred gigabytes are fetched by who wants them."""
    _check_here(order.pipeline)
    whole = _device(order).type == "cpu"
    plain = torch.float32 if whole else torch.bfloat16
    dtypes = {"default": plain, **dict.fromkeys(order.exact, torch.float32)}
    pipe = kind.from_pretrained(order.pipeline, torch_dtype=dtypes, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    if order.tiling:
        pipe.vae.enable_tiling()
    return pipe


def _check_here(pipeline: str) -> None:
    if Path(pipeline).is_dir():
        return
    with suppress(HFValidationError):
        if isinstance(try_to_load_from_cache(pipeline, "model_index.json"), str):
            return
    message = f"There are no weights of {pipeline} on this machine"
    raise FileNotFoundError(message)


def _other(kind: Any, pipe: Any) -> Any:
    """A pipeline of another class with the parts of *pipe*, as they are."""
    taken = inspect.signature(kind.__init__).parameters
    parts = {**dict(pipe.config), **pipe.components}
    other = kind(**{name: part for name, part in parts.items() if name in taken})
    other.set_progress_bar_config(disable=True)
    return other


def _placed(pipe: Any, order: Order) -> Any:
    device = _device(order)
    if device.type == "cpu" or order.offload == "none":
        return pipe.to(device)
    if order.offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.enable_sequential_cpu_offload(device=device)
    return pipe


def _device(order: Order) -> torch.device:
    if order.device != "auto":
        return torch.device(order.device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@contextmanager
def _stepping(pipe: Any, order: Order, tell: Tell) -> Any:
    """Has every step told: through the pipeline's own callback if it has one."""
    steps, done = order.arguments["num_inference_steps"], 0

    def stepped() -> None:
        nonlocal done
        done += 1
        tell(min(_STEPPED, _STEPPED * done // steps))

    def called(_pipe: Any, _step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        stepped()
        return tensors

    if "callback_on_step_end" in inspect.signature(pipe.__call__).parameters:
        yield {"callback_on_step_end": called}
        return
    step = pipe.scheduler.step

    def watched(*given: Any, **named: Any) -> Any:
        stepped()
        return step(*given, **named)

    pipe.scheduler.step = watched
    try:
        yield {}
    finally:
        del pipe.scheduler.step


def _picture(path: str, order: Order) -> Image.Image:
    """The picture in the film's size, its edges drawn out to the size that is rendered."""
    size = (order.width, order.height)
    rendered = (order.arguments["width"], order.arguments["height"])
    with Image.open(path) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
        pixels = np.asarray(ImageOps.fit(upright, size, Image.Resampling.LANCZOS))
    across, down = (whole - part for whole, part in zip(rendered, size, strict=True))
    margins = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
    return Image.fromarray(np.pad(pixels, margins, mode="edge"))


def _sound(pipe: Any, made: Any) -> Sound | None:
    samples = getattr(made, "audio", None)
    if samples is None:
        return None
    rate = int(pipe.vocoder.config.output_sampling_rate)
    return Sound(samples[0].float().cpu().numpy(), rate)
