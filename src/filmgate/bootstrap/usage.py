"""What callers were charged, of a folder that no server runs on, for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from filmgate.bootstrap.folder import opened
from filmgate.config import Settings
from filmgate.dialects.admin_usage import shown_usage
from filmgate.storage.database.ledger import LedgerRows


async def usage_in(
    settings: Settings, *, since: datetime | None, until: datetime | None
) -> Sequence[dict[str, Any]]:
    """The sums of every caller, as the HTTP API has them."""
    async with opened(settings) as folder:
        rows = LedgerRows(folder.database)
        found = await rows.usage(caller=None, since=since, until=until)
        return [shown_usage(one) for one in found]
