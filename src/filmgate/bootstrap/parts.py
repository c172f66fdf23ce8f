"""What lies between the rows and the dialects, each handed what it needs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from filmgate.bootstrap.accounts import checks_of, own_secret_of
from filmgate.bootstrap.cluster import Cluster
from filmgate.bootstrap.enhancing import enhancers, enhancing_of
from filmgate.bootstrap.folder import Opened, new_id
from filmgate.config import BY_PREVIS, Settings
from filmgate.dispatch.embedded import EmbeddedDispatcher
from filmgate.domain.account import Account
from filmgate.domain.errors import CannotStart
from filmgate.engines import load
from filmgate.gateway.characters import Casting
from filmgate.gateway.checking import Checks
from filmgate.gateway.choosing import Chooser
from filmgate.gateway.deliveries import Deliveries
from filmgate.gateway.driving import Driver
from filmgate.gateway.endpoints import Endpoints
from filmgate.gateway.enhancing import Enhancing
from filmgate.gateway.failover import Failover
from filmgate.gateway.files import Files
from filmgate.gateway.first_tries import FirstTries
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.letters import Letters
from filmgate.gateway.links import Links
from filmgate.gateway.names import Names
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.references import References
from filmgate.gateway.retention import Retention
from filmgate.gateway.room import Room
from filmgate.gateway.routing import Routes, read_aliases
from filmgate.gateway.submitting import Submitting
from filmgate.gateway.sweeping import Sweeper
from filmgate.gateway.uploads import Uploads
from filmgate.gateway.worker import Worker
from filmgate.media.inspector import MediaInspector
from filmgate.notify.webhook import WebhookSender
from filmgate.outbound import DownloadProxy, Outbound
from filmgate.ports import AfterLoss, Blobs, Engine, Workshop, seats_of
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.blobs.remote import RemoteBlobs
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.characters import CharacterRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.deliveries import DeliveryRows
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.names import NameRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.unattended import UnattendedRows
from filmgate.storage.database.uploads import UploadRows
from filmgate.storage.database.webhooks import EndpointRows


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What everything stands on."""

    settings: Settings
    folder: Opened
    cluster: Cluster
    outbound: Outbound
    routes: Routes
    names: Names
    blobs: Blobs
    work: Path  #: what is under way, of this process alone


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything between the rows and the dialects."""

    gateway: Gateway
    casting: Casting
    files: Files
    uploads: Uploads
    endpoints: Endpoints
    enhancing: Enhancing
    checks: Checks
    links: Links
    blobs: Blobs
    inspector: MediaInspector
    worker: Worker
    sweeper: Sweeper
    posting: EmbeddedDispatcher  #: of webhooks
    deliveries: Deliveries
    retention: Retention


async def ground_of(settings: Settings, folder: Opened, cluster: Cluster, work: Path) -> Ground:
    """Raises `CannotStart` when the engines or the store cannot be used."""
    outbound = Outbound(
        private=settings.private_addresses,
        proxy=settings.proxy,
        submit=settings.submit_timeout,
        downloads=_downloads(settings),
    )
    routes, names = await naming_of(settings, folder, outbound, work)
    return Ground(
        settings=settings,
        folder=folder,
        cluster=cluster,
        outbound=outbound,
        routes=routes,
        names=names,
        blobs=await blobs_of(settings),
        work=work,
    )


def _downloads(settings: Settings) -> DownloadProxy | None:
    if (url := settings.download_proxy) is None:
        return None
    return DownloadProxy(url=url, replaces=settings.download_proxy_mode == "replace")


def parts_of(ground: Ground) -> Parts:
    settings, folder = ground.settings, ground.folder
    outbound, blobs, work = ground.outbound, ground.blobs, ground.work
    database, clock, cipher = folder.database, folder.clock, folder.cipher
    inspector, posting = MediaInspector(), EmbeddedDispatcher(clock)
    jobs, claims, ownership = JobRows(database), ClaimRows(database), OwnershipRows(database)
    characters, (secret, _) = CharacterRows(database), own_secret_of(settings)
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
    enhancing = enhancing_of(folder.accounts, outbound, clock)
    gateway = _gateway(ground, references, links, enhancing)
    outputs = Outputs(blobs=blobs, inspector=inspector, folder=work, new_id=new_id)
    worker, sweeper = _workers(ground, outputs, deliveries.poke)
    return Parts(
        gateway=gateway, worker=worker, sweeper=sweeper, deliveries=deliveries,
        posting=posting, links=links, blobs=blobs, inspector=inspector,
        files=files, uploads=uploads,
        enhancing=enhancing,
        checks=checks_of(
            database, folder.accounts, names=ground.names, engines=ground.routes.engines,
            outbound=outbound, clock=clock,
        ),
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


def _gateway(
    ground: Ground, references: References, links: Links, enhancing: Enhancing
) -> Gateway:
    settings, folder, films = ground.settings, ground.folder, ground.cluster.films
    clock, routes = folder.clock, ground.routes
    jobs, claims = JobRows(folder.database), ClaimRows(folder.database)
    chooser = Chooser(routes=routes, accounts=folder.accounts, jobs=jobs)
    submitting = Submitting(
        jobs=jobs, references=references, routes=routes, chooser=chooser,
        enhancing=enhancing, most_waiting=settings.queue_limit,
        room=Room(ground.blobs.room, least=settings.least_free << 20), dispatcher=films,
        cipher=folder.cipher, clock=clock, new_id=new_id,
    )  # fmt: skip
    return Gateway(
        jobs=jobs, first_tries=FirstTries(jobs=jobs, claims=claims, clock=clock),
        submitting=submitting, routes=routes, chooser=chooser, dispatcher=films,
        watchers=ground.cluster.watchers, links=links, clock=clock,
    )  # fmt: skip


def _workers(
    ground: Ground, outputs: Outputs, ended: Callable[[], None]
) -> tuple[Worker, Sweeper]:
    settings, folder, blobs = ground.settings, ground.folder, ground.blobs
    database, clock, accounts = folder.database, folder.clock, folder.accounts
    node, films, watchers = ground.cluster.node, ground.cluster.films, ground.cluster.watchers
    jobs, unattended = OwnershipRows(database), UnattendedRows(database)
    driver = Driver(
        jobs=jobs, blobs=blobs, outputs=outputs, accounts=accounts,
        engines=ground.routes.engines, watchers=watchers, clock=clock, holds=node.holds,
        jitter=Random().random,
    )  # fmt: skip
    sweeper = Sweeper(
        node=node.name, unattended=unattended, blobs=blobs, routes=ground.routes,
        accounts=accounts, dispatcher=films, watchers=watchers, clock=clock,
    )  # fmt: skip
    routing = Failover(
        jobs=jobs, routes=ground.routes, accounts=accounts,
        least_busy=settings.account_order == "least_busy",
    )  # fmt: skip
    worker = Worker(
        name=node.name, jobs=jobs, unattended=unattended, driver=driver, outputs=outputs,
        routes=ground.routes, routing=routing, accounts=accounts, dispatcher=films,
        watchers=watchers, clock=clock, new_id=new_id, keep_films=settings.keep_films,
        tidy=sweeper.tidy, seats=partial(seats_here, settings), ended=ended,
    )  # fmt: skip
    return worker, sweeper


async def naming_of(
    settings: Settings, folder: Opened, outbound: Outbound, work: Path
) -> tuple[Routes, Names]:
    """What model names mean, and the engines behind them."""

    async def ready(name: str) -> Engine:
        if name in enhancers():
            hint = f"all that it needs is an account: filmgate accounts add {name}"
            raise CannotStart(f"{name} makes no films, it writes better prompts; {hint}")
        engine = _engine(name, outbound, work)
        if engine.after_loss is AfterLoss.RERUN:
            await _seat_here(engine, settings, folder)
        return engine

    engines = [await ready(name) for name in _engine_names(settings)]
    pointers = pointers_of(settings)
    routes = Routes(engines, read_aliases(pointers, engines), settings.deadlines)
    names = Names(
        NameRows(folder.database), accounts=folder.accounts, routes=routes, load=ready,
        clock=folder.clock, others=enhancers(),
    )  # fmt: skip
    await names.open()
    return routes, names


async def blobs_of(settings: Settings) -> Blobs:
    if settings.storage_url is None:
        return LocalBlobs(settings.data / "films")
    blobs = RemoteBlobs(settings.storage_url, links=settings.content == "redirect")
    await blobs.check()
    return blobs


def pointers_of(settings: Settings) -> Mapping[str, str]:
    """What names mean by the settings: without previs, by default nothing."""
    return {} if not settings.previs and settings.models == BY_PREVIS else settings.models


def _engine_names(settings: Settings) -> list[str]:
    named = {pointer.partition("/")[0] for pointer in pointers_of(settings).values()}
    return sorted(named | {"previs"} if settings.previs else named)


def _engine(name: str, outbound: Outbound, work: Path) -> Engine:
    folder = work / name
    folder.mkdir(exist_ok=True)
    return load(name)(Workshop(folder=folder, cores=os.cpu_count() or 1, outbound=outbound))


async def _seat_here(engine: Engine, settings: Settings, folder: Opened) -> None:
    """An engine that runs in this process needs no login, only its seats."""
    account = Account(
        id=new_id("account_"), engine=engine.name, label="this machine",
        seats=seats_here(settings, engine), per_node=True,
    )  # fmt: skip
    await AccountRows(folder.database).ensure(account, at=folder.clock.now())


def seats_here(settings: Settings, engine: Engine) -> int:
    """Films that an engine on this machine makes at once."""
    return settings.seats or seats_of(engine, os.cpu_count() or 1)
