"""
filmgate: keep your Sora code; choose the engine.

These are the names that an engine's author imports.
"""

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, SecondsRange, SizeRange
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Operation, Reference, Role, Size
from filmgate.ports import AfterLoss, Engine, Inputs, Workshop

__version__ = "0.1.0"

__all__ = [
    "Account",
    "AfterLoss",
    "ContentRejected",
    "Engine",
    "EngineMisbehaved",
    "EngineUnavailable",
    "FilmgateError",
    "GenerationFailed",
    "Inputs",
    "InvalidRequest",
    "Media",
    "Model",
    "Operation",
    "Output",
    "Progress",
    "Reference",
    "Role",
    "SecondsRange",
    "Size",
    "SizeRange",
    "Take",
    "TicketLost",
    "Workshop",
    "__version__",
]
