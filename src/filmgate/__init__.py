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
    EngineUnreachable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    OutputExpired,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model, Price, SecondsRange, SizeRange, prices_by_size
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Operation, Reference, Role, Shot, Size
from filmgate.ports import AfterLoss, Engine, Frees, Inputs, Refreshed, Refreshes, Workshop
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
    "EngineUnreachable",
    "Explain",
    "FilmgateError",
    "Frees",
    "GenerationFailed",
    "Inputs",
    "InvalidRequest",
    "Media",
    "Model",
    "Operation",
    "Output",
    "OutputExpired",
    "Price",
    "Progress",
    "Reference",
    "Refreshed",
    "Refreshes",
    "Role",
    "SecondsRange",
    "Sending",
    "Shot",
    "Size",
    "SizeRange",
    "Take",
    "TicketLost",
    "Upstreams",
    "Workshop",
    "__version__",
    "prices_by_size",
    "quoted",
]
