"""Whether a sheet's row is still there, asked before its question goes out with a batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.doors.sheet.row_store import row_store_of
from bot.errors import NotWanted
from bot.events import Event, SheetRow
from bot.parts import Parts

GONE = "The row is gone: it was deleted or changed before it could be answered."


def open_presence(parts: Parts) -> Callable[[Event], Awaitable[None]]:
    """What tells whether a row was deleted, or changed, since it was asked."""
    rows = row_store_of(parts.database)

    async def present(event: Event) -> None:
        if isinstance(event.reply_to, SheetRow):
            record = await asyncio.to_thread(rows.record, event.reply_to.token)
            if record is not None and record.state == "gone":
                raise NotWanted(record.reason or GONE)

    return present
