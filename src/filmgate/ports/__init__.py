"""
The outside, as the gateway sees it: one Protocol per kind of thing.

An engine's author needs `Engine`, and the types that it names.
"""

from filmgate.ports.accounts import AccountChange, KeptAccounts
from filmgate.ports.batches import Batches
from filmgate.ports.callers import Callers, Claims
from filmgate.ports.characters import Characters
from filmgate.ports.cluster import Counts, Leases
from filmgate.ports.engine import (
    AfterLoss,
    Describes,
    Engine,
    Frees,
    Imports,
    Inputs,
    Proposed,
    Refreshed,
    Refreshes,
    Workshop,
    is_free,
    seats_of,
)
from filmgate.ports.enhancer import Enhancer, Streams
from filmgate.ports.files import KeptFiles, KeptUploads
from filmgate.ports.imports import KeptImports
from filmgate.ports.jobs import Jobs, Maker, NewJob, Ownership, Refusal, Unattended
from filmgate.ports.ledger import Ledger
from filmgate.ports.media import Blobs, Cut, Film, Image, Inspector, Stored
from filmgate.ports.moderation import Category, Moderator, Verdict
from filmgate.ports.names import Candidate, KeptNames, Named
from filmgate.ports.outside import Clock, Dispatcher, Fetcher, Letter, Receipt, Sender
from filmgate.ports.sealing import Cipher
from filmgate.ports.webhooks import WebhookDeliveries, WebhookEndpoints

__all__ = [
    "AccountChange",
    "AfterLoss",
    "Batches",
    "Blobs",
    "Callers",
    "Candidate",
    "Category",
    "Characters",
    "Cipher",
    "Claims",
    "Clock",
    "Counts",
    "Cut",
    "Describes",
    "Dispatcher",
    "Engine",
    "Enhancer",
    "Fetcher",
    "Film",
    "Frees",
    "Image",
    "Imports",
    "Inputs",
    "Inspector",
    "Jobs",
    "KeptAccounts",
    "KeptFiles",
    "KeptImports",
    "KeptNames",
    "KeptUploads",
    "Leases",
    "Ledger",
    "Letter",
    "Maker",
    "Moderator",
    "Named",
    "NewJob",
    "Ownership",
    "Proposed",
    "Receipt",
    "Refreshed",
    "Refreshes",
    "Refusal",
    "Sender",
    "Stored",
    "Streams",
    "Unattended",
    "Verdict",
    "WebhookDeliveries",
    "WebhookEndpoints",
    "Workshop",
    "is_free",
    "seats_of",
]
