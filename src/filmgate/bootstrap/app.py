"""The dialects, behind one door: the ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from filmgate import __version__
from filmgate.bootstrap.batching import BatchParts
from filmgate.bootstrap.folder import Opened, new_id
from filmgate.bootstrap.parts import Parts
from filmgate.config import Settings
from filmgate.dialects.admin import Admin
from filmgate.dialects.azure import AzureVideos
from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.batches import Batches
from filmgate.dialects.openai.files import FileEndpoints
from filmgate.dialects.openai.images import Images
from filmgate.dialects.openai.models import Models
from filmgate.dialects.openai.moderations import Moderations
from filmgate.dialects.openai.uploads import UploadEndpoints, largest_of
from filmgate.dialects.openai.videos import Videos
from filmgate.dialects.openai.webhook_endpoints import WebhookEndpoints
from filmgate.dialects.reference import Reference
from filmgate.domain.errors import FilmgateError
from filmgate.gateway.moderation import WordList
from filmgate.web.auth import Door
from filmgate.web.edge import Edge
from filmgate.web.health import Health


def app_of(settings: Settings, parts: Parts, batching: BatchParts, folder: Opened) -> ASGIApp:
    per_minute = settings.requests_per_minute
    door = Door(folder.keys, clock=folder.clock, per_minute=per_minute)
    gateway, blobs = parts.gateway, parts.blobs
    dialects = (
        Videos(gateway, parts.casting, door, blobs),
        Images(gateway, door, blobs),
        FileEndpoints(parts.files, door, blobs),
        UploadEndpoints(parts.uploads, door),
        Batches(batching.batching, door),
        WebhookEndpoints(parts.endpoints, door),
        Moderations(WordList(), door, new_id=new_id),
        Models(gateway, door, since=folder.clock.now()),
        AzureVideos(gateway, door, blobs),
        Admin(folder.keys, door),
        Health(gateway, version=__version__),
        Reference(lambda: starlette.routes, version=__version__),
    )
    starlette = Starlette(
        routes=[route for dialect in dialects for route in dialect.routes()],
        exception_handlers={
            FilmgateError: envelope.filmgate_error,
            HTTPException: envelope.http_error,
            Exception: envelope.bug,
        },
    )
    return Edge(
        starlette,
        largest_body=settings.largest_body << 20,
        render=envelope.render,
        larger=largest_of,
    )
