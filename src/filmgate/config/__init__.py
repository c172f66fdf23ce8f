"""
What can be set.

Only this package reads the environment; everything else is handed its values.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from filmgate.config.settings import BY_PREVIS, Settings, documented, variables
from filmgate.config.values import READ
from filmgate.domain.errors import CannotStart

__all__ = [
    "BY_PREVIS",
    "Settings",
    "connection",
    "documented",
    "read_settings",
    "variable",
]


def read_settings(
    environment: Mapping[str, str] | None = None, options: Mapping[str, str] | None = None
) -> Settings:
    """
    Settings from the environment, with *options*, by a field's name, over it.

    `CannotStart` names the variable that is wrong.
    """
    env = os.environ if environment is None else environment
    given = {
        name: env[variable] for name, variable in variables().items() if env.get(variable)
    } | dict(options or {})
    values: dict[str, object] = {}
    for name, text in given.items():
        try:
            values[name] = READ[name](text)
        except ValueError as error:
            # What is not shown is a secret, or may have one in it.
            shown = f"={text!r}" if Settings.__dataclass_fields__[name].repr else ""
            message = f"{variables()[name]}{shown} cannot be read: {error}."
            raise CannotStart(message) from error
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.role != "all" and settings.database_url is None:
        message = (
            f"FILMGATE_ROLE={settings.role} needs a FILMGATE_DATABASE_URL: on one machine one "
            "process does everything."
        )
        raise CannotStart(message)
    if settings.intake_port is not None:
        for name in ("intake_key", "intake_engine"):
            if getattr(settings, name) is None:
                message = f"FILMGATE_INTAKE_PORT needs a {variables()[name]}. Set both."
                raise CannotStart(message)
    return settings


def connection(environment: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """The running server that commands talk to, and a key for it; None: no server."""
    env = os.environ if environment is None else environment
    url, key = env.get("FILMGATE_URL"), env.get("FILMGATE_API_KEY")
    if url and not key:
        message = "FILMGATE_URL is set, but FILMGATE_API_KEY is not. Set both."
        raise CannotStart(message)
    return (url, key) if url and key else None


def variable(name: str) -> str | None:
    """A variable of somebody else's naming, for a secret that lies there."""
    return os.environ.get(name)
