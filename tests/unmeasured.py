"""Processes in which nothing of ours runs, or nothing that is not measured elsewhere."""

import os


def environment() -> dict[str, str]:
    """This process's own, but for what has coverage measure the next one."""
    return {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}  # noqa: TID251
