"""Batches: created, looked up, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from filmgate.domain.batch import WINDOW, Batch, BatchStatus
from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.errors import InvalidRequest, NotFound
from filmgate.domain.file import LONGEST_KEPT, SHORTEST_KEPT
from filmgate.domain.metadata import check_metadata
from filmgate.gateway.files import Files
from filmgate.ports import Batches, Claims, Clock


@dataclass(frozen=True, kw_only=True)
class NewBatch:
    """What a caller asks for."""

    input_file_id: str
    endpoint: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    kept: timedelta = LONGEST_KEPT  #: so long its output files are


class Batching:
    """
    What a caller can do with batches.

    The making is the feeder's: *poke* tells it that there is something new.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        rows: Batches,
        *,
        files: Files,
        claims: Claims,
        endpoints: Sequence[str],
        poke: Callable[[], None],
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._rows = rows
        self._files = files
        self._claims = claims
        self._endpoints = sorted(endpoints)
        self._poke = poke
        self._clock = clock
        self._new_id = new_id

    async def create(self, new: NewBatch, caller: Caller, claim: Claim | None) -> Batch:
        """Keep a new batch and return it at once; its file is read later."""
        self._check(new)
        now = self._clock.now()
        if standing := await self._claims.standing(claim, at=now):
            return await self.get(standing, caller)
        await self._files.get(new.input_file_id, caller, param="input_file_id")
        made = Batch(
            id=self._new_id("batch_"),
            caller_id=caller.id,
            endpoint=new.endpoint,
            input_file_id=new.input_file_id,
            status=BatchStatus.VALIDATING,
            created_at=now,
            expires_at=now + WINDOW,
            metadata=new.metadata,
            kept=new.kept,
        )
        standing = await self._rows.add(made, claim)
        self._poke()
        return await self.get(standing, caller)

    async def get(self, batch_id: str, caller: Caller) -> Batch:
        """Raise `NotFound` for another caller's batch as for none."""
        found = await self._rows.get(batch_id, caller_id=caller.id)
        if found is None:
            message = f"No batch found with id '{batch_id[:80]}'."
            raise NotFound(message, param="batch_id", code="batch_not_found")
        return found

    async def list(
        self, caller: Caller, *, after: str | None, limit: int
    ) -> tuple[Sequence[Batch], bool]:
        """A page of the caller's batches, newest first, and whether more follow."""
        return await self._rows.list(caller_id=caller.id, after=after, limit=limit)

    async def cancel(self, batch_id: str, caller: Caller) -> Batch:
        """Begin nothing more of a batch; what is done of it is still written down."""
        await self.get(batch_id, caller)
        await self._rows.move(batch_id, BatchStatus.CANCELLING, at=self._clock.now())
        self._poke()
        batch = await self.get(batch_id, caller)
        if batch.status not in (BatchStatus.CANCELLING, BatchStatus.CANCELLED):
            # Not 409: the SDKs would send it again.
            message = (
                f"Batch '{batch.id}' is {batch.status.replace('_', ' ')}: there is nothing "
                "left to cancel. Its files say what became of each request."
            )
            raise InvalidRequest(message, param="batch_id", code="batch_ended")
        return batch

    def _check(self, new: NewBatch) -> None:
        check_metadata(new.metadata)
        if new.endpoint not in self._endpoints:
            known = ", and ".join(f"'{endpoint}'" for endpoint in self._endpoints)
            message = f"Invalid value: '{new.endpoint[:80]}'. Supported values are: {known}."
            raise InvalidRequest(message, param="endpoint")
        if not SHORTEST_KEPT <= new.kept <= LONGEST_KEPT:
            message = (
                f"Invalid value: {new.kept.total_seconds():.0f}. Output files are kept from "
                f"{SHORTEST_KEPT.total_seconds():.0f} to "
                f"{LONGEST_KEPT.total_seconds():.0f} seconds."
            )
            raise InvalidRequest(message, param="output_expires_after.seconds")
