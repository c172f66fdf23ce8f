"""The dialects, behind one door: the ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from filmgate import __version__
from filmgate.bootstrap.batching import BatchParts
from filmgate.bootstrap.folder import new_id
from filmgate.bootstrap.parts import Ground, Parts
from filmgate.dialects.admin import Admin
from filmgate.dialects.admin_accounts import AdminAccounts
from filmgate.dialects.admin_models import AdminModels
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


class Speaks(Protocol):
    """A dialect, or whatever else has routes."""

    def routes(self) -> Sequence[BaseRoute]: ...


def app_of(ground: Ground, parts: Parts, batching: BatchParts) -> ASGIApp:
    settings, folder = ground.settings, ground.folder
    gateway, blobs, keys = parts.gateway, parts.blobs, folder.keys
    per_minute, counts = settings.requests_per_minute, ground.cluster.counts
    door = Door(keys, clock=folder.clock, per_minute=per_minute, counts=counts)
    health = Health(gateway, version=__version__)
    dialects: tuple[Speaks, ...] = (
        Videos(gateway, parts.casting, door, blobs),
        Images(gateway, door, blobs),
        FileEndpoints(parts.files, door, blobs),
        UploadEndpoints(parts.uploads, door),
        Batches(batching.batching, door),
        WebhookEndpoints(parts.endpoints, door),
        Moderations(WordList(), door, new_id=new_id),
        Models(gateway, door, since=folder.clock.now()),
        AzureVideos(gateway, door, blobs),
        Admin(keys, door),
        AdminAccounts(folder.accounts, door),
        AdminModels(ground.names, door),
        health,
        Reference(lambda: starlette.routes, version=__version__),
    )
    if settings.role == "worker":
        dialects = (health,)
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
