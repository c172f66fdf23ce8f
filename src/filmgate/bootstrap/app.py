"""The dialects, behind one door: the ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from filmgate import __version__
from filmgate.bootstrap.batching import BatchParts
from filmgate.bootstrap.folder import new_id
from filmgate.bootstrap.importing import importing_of
from filmgate.bootstrap.parts import Ground, Parts
from filmgate.dialects.admin import Admin
from filmgate.dialects.admin_accounts import AdminAccounts
from filmgate.dialects.admin_films import AdminFilms
from filmgate.dialects.admin_films import largest_of as largest_film
from filmgate.dialects.admin_models import AdminModels
from filmgate.dialects.admin_usage import AdminUsage
from filmgate.dialects.anthropic import envelope as anthropic_envelope
from filmgate.dialects.anthropic.messages import PATH as MESSAGES
from filmgate.dialects.anthropic.messages import Messages
from filmgate.dialects.azure import AzureVideos
from filmgate.dialects.chat.completions import Chat
from filmgate.dialects.fakeoai.characters import Characters
from filmgate.dialects.gemini import envelope as gemini_envelope
from filmgate.dialects.gemini.content import ContentEndpoints
from filmgate.dialects.gemini.door import ROOT as GEMINI
from filmgate.dialects.gemini.models import ModelEndpoints
from filmgate.dialects.gemini.operations import Operations
from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.batches import Batches
from filmgate.dialects.openai.files import FileEndpoints
from filmgate.dialects.openai.images import Images
from filmgate.dialects.openai.models import Models
from filmgate.dialects.openai.moderations import Moderations
from filmgate.dialects.openai.uploads import UploadEndpoints, largest_of
from filmgate.dialects.openai.video_characters import VideoCharacters
from filmgate.dialects.openai.videos import Videos
from filmgate.dialects.openai.webhook_endpoints import WebhookEndpoints
from filmgate.dialects.reference import Reference
from filmgate.gateway.moderation import WordList
from filmgate.storage.database.ledger import LedgerRows
from filmgate.web.auth import Door
from filmgate.web.edge import Edge
from filmgate.web.envelopes import Envelopes
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
    importing = importing_of(
        settings, folder, routes=ground.routes, blobs=blobs, inspector=parts.inspector,
        work=ground.work,
    )  # fmt: skip
    dialects: tuple[Speaks, ...] = (
        VideoCharacters(parts.casting, door),  # before /v1/videos/{video_id}
        Videos(gateway, parts.casting, door, blobs, new_id=new_id),
        Images(gateway, door, blobs),
        FileEndpoints(parts.files, door, blobs),
        UploadEndpoints(parts.uploads, door),
        Batches(batching.batching, door),
        WebhookEndpoints(parts.endpoints, door),
        Moderations(WordList(), door, new_id=new_id),
        Models(gateway, door, since=folder.clock.now()),
        AzureVideos(gateway, door, blobs),
        Chat(gateway, parts.casting, parts.enhancing, door, clock=folder.clock, new_id=new_id),
        Characters(parts.casting, door, parts.links),
        Messages(gateway, door),
        ContentEndpoints(gateway, door, blobs),
        Operations(gateway, door, blobs),
        ModelEndpoints(gateway, door),  # after the others: a name may have slashes
        Admin(keys, door),
        AdminAccounts(folder.accounts, parts.checks, door),
        AdminModels(ground.names, door),
        AdminFilms(importing, door),
        AdminUsage(LedgerRows(folder.database), door),
        health,
        Reference(lambda: starlette.routes, version=__version__),
    )
    if settings.role == "worker":
        dialects = (health,)
    envelopes = Envelopes(envelope, {MESSAGES: anthropic_envelope, GEMINI: gemini_envelope})
    starlette = Starlette(
        routes=[route for dialect in dialects for route in dialect.routes()],
        exception_handlers=envelopes.handlers(),
    )
    return Edge(
        starlette,
        largest_body=settings.largest_body << 20,
        render=envelopes.render,
        larger=lambda path: max(largest_of(path), largest_film(path)),
    )
