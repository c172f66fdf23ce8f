"""
Writes what `/openapi.json` should say: `openapi_snapshot.py --write`.

Without `--write` the exit code is 1 if `openapi.snapshot.json` says something else: a
change of the wire is seen, and belongs into the changelog.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.routing import Route

from filmgate.dialects.admin import Admin
from filmgate.dialects.admin_accounts import AdminAccounts
from filmgate.dialects.admin_films import AdminFilms
from filmgate.dialects.admin_models import AdminModels
from filmgate.dialects.admin_usage import AdminUsage
from filmgate.dialects.anthropic.messages import Messages
from filmgate.dialects.azure import AzureVideos
from filmgate.dialects.chat.completions import Chat
from filmgate.dialects.fakeoai.characters import Characters
from filmgate.dialects.gemini.content import ContentEndpoints
from filmgate.dialects.gemini.models import ModelEndpoints
from filmgate.dialects.gemini.operations import Operations
from filmgate.dialects.openai.batches import Batches
from filmgate.dialects.openai.files import FileEndpoints
from filmgate.dialects.openai.images import Images
from filmgate.dialects.openai.models import Models
from filmgate.dialects.openai.moderations import Moderations
from filmgate.dialects.openai.uploads import UploadEndpoints
from filmgate.dialects.openai.video_characters import VideoCharacters
from filmgate.dialects.openai.videos import Videos
from filmgate.dialects.openai.webhook_endpoints import WebhookEndpoints
from filmgate.dialects.reference import Reference
from filmgate.web.health import Health
from filmgate.web.openapi import document

SNAPSHOT = Path(__file__).with_name("openapi.snapshot.json")
DIALECTS: tuple[Any, ...] = (
    VideoCharacters,
    Videos,
    Images,
    FileEndpoints,
    UploadEndpoints,
    Batches,
    WebhookEndpoints,
    Moderations,
    Models,
    AzureVideos,
    Chat,
    Messages,
    ContentEndpoints,
    Operations,
    ModelEndpoints,
    Characters,
    Admin,
    AdminAccounts,
    AdminModels,
    AdminFilms,
    AdminUsage,
    Health,
    Reference,
)


def routes() -> list[Route]:
    """Every route. Making the list needs no gateway."""
    return [route for kind in DIALECTS for route in kind.__new__(kind).routes()]


def fresh() -> dict[str, Any]:
    """The document, of no version in particular."""
    return document(routes(), version="0")


def text() -> str:
    return json.dumps(fresh(), indent=1, sort_keys=True, default=list) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare or write the snapshot.")
    parser.add_argument("--write", action="store_true", help="write it if it is stale")
    write = parser.parse_args(argv).write
    stale = not SNAPSHOT.exists() or SNAPSHOT.read_text(encoding="utf-8") != text()
    if stale and write:
        SNAPSHOT.write_text(text(), encoding="utf-8")
    if stale:
        sys.stdout.write(f"{'written' if write else 'stale'}: {SNAPSHOT.name}\n")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main())
