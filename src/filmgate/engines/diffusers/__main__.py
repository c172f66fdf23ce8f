"""The child process that renders: `python -m filmgate.engines.diffusers`."""

from __future__ import annotations

from filmgate.engines.diffusers.child import Renderer, serve


def _renderer() -> Renderer:
    # Only once there is an order: it takes seconds, and a gigabyte.
    from filmgate.engines.diffusers.pipelines import Pipelines  # noqa: PLC0415

    return Pipelines()


if __name__ == "__main__":
    serve(_renderer)
