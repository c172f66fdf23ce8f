"""What the environment says, for those who may not read it."""

from filmgate.config import Settings, connection, read_settings

__all__ = ["Settings", "connection", "read_settings"]
