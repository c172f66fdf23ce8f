"""Batches: they stand on everything else, and speak through the dialects they repeat."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from filmgate.bootstrap.folder import new_id
from filmgate.bootstrap.parts import Ground, Parts
from filmgate.dialects.openai import image_batches, video_batches
from filmgate.dialects.openai.batches import JSONLines
from filmgate.dispatch.embedded import EmbeddedDispatcher
from filmgate.gateway.batch_feed import Feeder
from filmgate.gateway.batch_files import Results
from filmgate.gateway.batch_jobs import LineJobs
from filmgate.gateway.batch_lines import Validation
from filmgate.gateway.batch_wire import Reader
from filmgate.gateway.batches import Batching
from filmgate.storage.database.batches import BatchRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.jobs import JobRows


@dataclass(frozen=True, kw_only=True)
class BatchParts:
    """Batches stand on everything else, and speak through the dialects that they repeat."""

    batching: Batching
    feeder: Feeder
    turns: EmbeddedDispatcher


def batching_of(ground: Ground, parts: Parts) -> BatchParts:
    folder, work = ground.folder, ground.work
    database, clock = folder.database, folder.clock
    gateway, files, blobs = parts.gateway, parts.files, parts.blobs
    rows, jobs, claims = BatchRows(database), JobRows(database), ClaimRows(database)
    turns, wire = EmbeddedDispatcher(clock), JSONLines()
    readers: Mapping[str, Reader] = {
        video_batches.PATH: video_batches.FilmLines(gateway, new_id=new_id),
        image_batches.PATH: image_batches.StillLines(gateway, blobs),
    }
    feeder = Feeder(
        rows=rows,
        validation=Validation(
            rows=rows, files=files, blobs=blobs, wire=wire, folder=work, clock=clock
        ),
        line_jobs=LineJobs(
            rows=rows, jobs=jobs, gateway=gateway, claims=claims, readers=readers, wire=wire
        ),
        results=Results(
            rows=rows, jobs=jobs, files=files, blobs=blobs, readers=readers, wire=wire,
            folder=work, clock=clock,
        ),
        gateway=gateway, dispatcher=turns, clock=clock, ended=parts.deliveries.poke,
        # Half of the seats at most, so that whoever waits for a film finds one.
        seats=max(1, (ground.settings.seats or os.cpu_count() or 1) // 2),
    )  # fmt: skip
    batching = Batching(
        rows, files=files, claims=claims, endpoints=list(readers), poke=feeder.poke,
        clock=clock, new_id=new_id,
    )  # fmt: skip
    return BatchParts(batching=batching, feeder=feeder, turns=turns)
