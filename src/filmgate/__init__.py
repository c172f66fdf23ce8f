"""
filmgate: keep your Sora code; choose the engine.

These are the names that an engine's author imports.
"""

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    OutputExpired,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, SecondsRange, SizeRange
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Operation, Reference, Role, Size
from filmgate.ports import AfterLoss, Engine, Inputs, Workshop
from filmgate.ports.calls import Answer, Call, Complaint, Explain, Sending, Upstreams, quoted

__version__ = "0.1.0"

__all__ = [
    "Account",
    "AccountExhausted",
    "AccountRejected",
    "AfterLoss",
    "Answer",
    "Call",
    "Complaint",
    "ContentRejected",
    "Engine",
    "EngineMisbehaved",
    "EngineUnavailable",
    "Explain",
    "FilmgateError",
    "GenerationFailed",
    "Inputs",
    "InvalidRequest",
    "Media",
    "Model",
    "Operation",
    "Output",
    "OutputExpired",
    "Progress",
    "Reference",
    "Role",
    "SecondsRange",
    "Sending",
    "Size",
    "SizeRange",
    "Take",
    "TicketLost",
    "Upstreams",
    "Workshop",
    "__version__",
    "quoted",
]
