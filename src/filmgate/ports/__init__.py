"""
The outside, as the gateway sees it: one Protocol per kind of thing.

An engine's author needs `Engine`, and the types that it names.
"""

from filmgate.ports.batches import Batches
from filmgate.ports.callers import Accounts, Callers, Claims
from filmgate.ports.characters import Characters
from filmgate.ports.engine import AfterLoss, Engine, Inputs, Workshop
from filmgate.ports.files import KeptFiles, KeptUploads
from filmgate.ports.jobs import Jobs, NewJob, Ownership, Refusal
from filmgate.ports.media import Blobs, Film, Image, Inspector, Stored
from filmgate.ports.moderation import Category, Moderator, Verdict
from filmgate.ports.outside import Clock, Dispatcher, Fetcher, Letter, Receipt, Sender
from filmgate.ports.sealing import Cipher
from filmgate.ports.webhooks import WebhookDeliveries, WebhookEndpoints

__all__ = [
    "Accounts",
    "AfterLoss",
    "Batches",
    "Blobs",
    "Callers",
    "Category",
    "Characters",
    "Cipher",
    "Claims",
    "Clock",
    "Dispatcher",
    "Engine",
    "Fetcher",
    "Film",
    "Image",
    "Inputs",
    "Inspector",
    "Jobs",
    "KeptFiles",
    "KeptUploads",
    "Letter",
    "Moderator",
    "NewJob",
    "Ownership",
    "Receipt",
    "Refusal",
    "Sender",
    "Stored",
    "Verdict",
    "WebhookDeliveries",
    "WebhookEndpoints",
    "Workshop",
]
