"""The settings that a command goes by."""

from __future__ import annotations

import argparse

from filmgate.bootstrap.settings import Settings, read_settings


def settings_from(args: argparse.Namespace) -> Settings:
    """The environment's settings, and the options over them."""
    given = {name: getattr(args, name, None) for name in ("host", "port", "data", "role")}
    return read_settings(options={k: v for k, v in given.items() if v is not None})
