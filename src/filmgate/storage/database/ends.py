"""What follows from a job's end, whichever way it ended."""

from __future__ import annotations

from filmgate.domain.job import Status
from filmgate.domain.request import Media
from filmgate.storage.database.connection import Connection
from filmgate.storage.database.deliveries import announce
from filmgate.storage.database.frozen import moment
from filmgate.storage.database.ledger import settle

_ENDED = """
    SELECT caller_id, status, webhook, media, deleted_at, cost,
           (SELECT amount FROM charges WHERE job_id = :id AND kind = 'reserve')
    FROM jobs WHERE id = :id
"""


def follow_end(connection: Connection, job_id: str, at: int, *, tell: bool = True) -> None:
    """
    Charge its caller, and see that webhooks hear of it, in the transaction that ends a job.

    Of one that is being deleted, or is deleted, nobody is told.
    """
    caller, status, webhook, media, deleted, cost, reserved = connection.execute(
        _ENDED, {"id": job_id}
    ).fetchone()
    settle(connection, job_id, caller, Status(status), reserved=reserved, cost=cost, at=at)
    if media != Media.VIDEO or deleted is not None or not tell:
        return
    announce(
        connection,
        event_type="video.completed" if status == "completed" else "video.failed",
        subject_id=job_id,
        caller_id=caller,
        target=webhook,
        at=moment(at),
    )
