"""What lies between the rows and the dialects, each handed what it needs."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from filmgate.bootstrap.folder import Opened, new_id
from filmgate.config import Settings
from filmgate.dispatch.embedded import EmbeddedDispatcher
from filmgate.domain.account import Account
from filmgate.engines import load
from filmgate.gateway.characters import Casting
from filmgate.gateway.deliveries import Deliveries
from filmgate.gateway.endpoints import Endpoints
from filmgate.gateway.files import Files
from filmgate.gateway.first_tries import FirstTries
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.letters import Letters
from filmgate.gateway.links import Links
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.references import References
from filmgate.gateway.retention import Retention
from filmgate.gateway.routing import Routes, read_aliases
from filmgate.gateway.uploads import Uploads
from filmgate.gateway.watching import Watchers
from filmgate.gateway.worker import Worker
from filmgate.media.inspector import MediaInspector
from filmgate.notify.webhook import WebhookSender
from filmgate.outbound import Outbound
from filmgate.ports import Engine, Workshop
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.database.callers import AccountRows
from filmgate.storage.database.characters import CharacterRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.deliveries import DeliveryRows
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.uploads import UploadRows
from filmgate.storage.database.webhooks import EndpointRows
from filmgate.storage.sealing import FernetCipher, own_secret


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything between the rows and the dialects."""

    gateway: Gateway
    casting: Casting
    files: Files
    uploads: Uploads
    endpoints: Endpoints
    links: Links
    blobs: LocalBlobs
    inspector: MediaInspector
    worker: Worker
    dispatcher: EmbeddedDispatcher
    posting: EmbeddedDispatcher  #: of webhooks
    deliveries: Deliveries
    retention: Retention


async def routes_of(settings: Settings, folder: Opened, work: Path) -> Routes:
    engines = [_engine(name, work) for name in _engine_names(settings)]
    accounts = [await _account(e.name, settings, folder) for e in engines]
    return Routes(engines, accounts, read_aliases(settings.models, engines))


def parts_of(
    settings: Settings, folder: Opened, routes: Routes, outbound: Outbound, work: Path
) -> Parts:
    database, clock = folder.database, folder.clock
    secret = settings.secret_key or own_secret(settings.data)
    cipher = FernetCipher(secret)
    blobs, inspector = LocalBlobs(settings.data / "films"), MediaInspector()
    dispatcher, posting = EmbeddedDispatcher(clock), EmbeddedDispatcher(clock)
    watchers = Watchers()
    jobs, claims = JobRows(database), ClaimRows(database)
    ownership, characters = OwnershipRows(database), CharacterRows(database)
    links = Links(secret, lifetime=settings.link_lifetime, clock=clock)
    deliveries = Deliveries(
        rows=DeliveryRows(database),
        letters=Letters(peek=ownership.peek, link=links.of, cipher=cipher),
        sender=WebhookSender(outbound), dispatcher=posting, clock=clock,
        jitter=secrets.SystemRandom().random,
    )  # fmt: skip
    files = Files(FileRows(database), claims=claims, blobs=blobs, clock=clock, new_id=new_id)
    uploads = Uploads(
        UploadRows(database), files=files, claims=claims, blobs=blobs, folder=work,
        clock=clock, new_id=new_id,
    )  # fmt: skip
    references = References(
        jobs=jobs, files=files, characters=characters, blobs=blobs, inspector=inspector,
        fetcher=outbound, folder=work, new_id=new_id,
    )  # fmt: skip
    gateway = Gateway(
        jobs=jobs, first_tries=FirstTries(jobs=jobs, claims=claims, clock=clock),
        references=references, routes=routes, dispatcher=dispatcher, watchers=watchers,
        links=links, cipher=cipher, clock=clock, new_id=new_id,
    )  # fmt: skip
    worker = Worker(
        name=f"{os.getpid()}-{secrets.token_hex(4)}",
        jobs=ownership, blobs=blobs, routes=routes, dispatcher=dispatcher,
        outputs=Outputs(blobs=blobs, inspector=inspector, folder=work, new_id=new_id),
        watchers=watchers, clock=clock, new_id=new_id, keep_films=settings.keep_films,
        ended=deliveries.poke,
    )  # fmt: skip
    return Parts(
        gateway=gateway, worker=worker, dispatcher=dispatcher, deliveries=deliveries,
        posting=posting, links=links, blobs=blobs, inspector=inspector,
        files=files, uploads=uploads,
        casting=Casting(
            characters, claims=claims, references=references, blobs=blobs, clock=clock,
            new_id=new_id,
        ),
        endpoints=Endpoints(
            rows=EndpointRows(database), log=DeliveryRows(database), deliveries=deliveries,
            cipher=cipher, clock=clock, new_id=new_id, random=secrets.token_bytes,
        ),
        retention=Retention(
            jobs=jobs, claims=claims, blobs=blobs, clock=clock,
            others=(files.tidy, uploads.tidy),
        ),
    )  # fmt: skip


def _engine_names(settings: Settings) -> list[str]:
    named = {pointer.partition("/")[0] for pointer in settings.models.values()}
    return sorted({"previs", *named})


def _engine(name: str, work: Path) -> Engine:
    folder = work / name
    folder.mkdir()
    return load(name)(Workshop(folder=folder, cores=os.cpu_count() or 1))


async def _account(engine: str, settings: Settings, folder: Opened) -> Account:
    account = Account(
        id=new_id("account_"), engine=engine, label="this machine", seats=seats_of(settings)
    )
    return await AccountRows(folder.database).ensure(account, at=folder.clock.now())


def seats_of(settings: Settings) -> int:
    """Films that an engine on this machine makes at once."""
    return settings.seats or os.cpu_count() or 1
