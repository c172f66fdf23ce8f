"""
A child process for the engine diffusers that needs no torch: grey pictures and a tone.

It speaks as the real one does, through the same code. A prompt says how it is to behave.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from filmgate.engines.diffusers import film
from filmgate.engines.diffusers.child import serve
from filmgate.engines.diffusers.orders import Order

RATE = 16_000


class Toy:
    def render(self, order: Order, tell: Callable[[int], None]) -> None:
        tell(0)
        match order.arguments["prompt"]:
            case "die":
                os.write(2, b"the card\ris gone\n\n")
                os._exit(9)
            case "chatter and die":
                os.write(1, b"a library prints\n")
                os._exit(9)
            case "die in silence":
                os._exit(9)
            case "break":
                message = f"no kernel for {order.pipeline} at {order.output}"
                raise RuntimeError(message)
            case "hang":
                tell(1)
                time.sleep(60)
            case "forget":
                return
            case "slow":
                for percent in range(1, 90):
                    time.sleep(0.05)
                    tell(percent)
        height, width = order.arguments["height"], order.arguments["width"]
        rendered = order.arguments["num_frames"]
        frames = np.linspace(0, 1, rendered)[:, None, None, None] * np.ones((height, width, 3))
        seconds = order.frames / order.fps
        tone = np.sin(np.arange(round(seconds * RATE)) * 0.2, dtype=np.float32)
        film.write(
            Path(order.output),
            frames[: order.frames],
            size=(order.width, order.height),
            fps=order.fps,
            sound=film.Sound(tone[None], RATE) if order.sound else None,
            tell=lambda share: tell(90 + int(share * 9)),
        )


if __name__ == "__main__":
    serve(Toy)
