"""A process that runs the folder trigger alone: for the crash storm to kill, and to measure at rest."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import sqlite

from benchmarks.folder_rig import StandInEngine, folder_rules, name_of, receipt, settings_for
from bot.events import Event, Receipt, Record
from bot.store.database import open_database
from bot.store.group_commit import GroupCommit
from triggers.folder import FolderTrigger

LEDGER = "CREATE TABLE IF NOT EXISTS ledger (id TEXT PRIMARY KEY, name TEXT, content TEXT)"
_events = sa.table("ledger", sa.column("id"), sa.column("name"), sa.column("content"))


class Ledger:
    """Stands in for the engine: an event and its door's row are durable together; the same id changes nothing."""

    def __init__(self, database: sa.Engine) -> None:
        self._commits = GroupCommit(database)
        with database.begin() as connection:
            connection.exec_driver_sql(LEDGER)

    async def emit(self, event: Event, record: Record | None = None) -> Receipt:
        """Store the event."""
        row = {"id": event.id, "name": name_of(event), "content": event.attachments[0].sha256}

        def write(connection: sa.Connection) -> None:
            connection.execute(sqlite.insert(_events).on_conflict_do_nothing(), row)
            if record is not None:
                record(connection)

        await self._commits.write(write)
        return receipt(event)


async def main(base: Path, seconds: float) -> None:
    """Run for `seconds`, then print the CPU seconds used and the resident memory in MB."""
    settings = settings_for(base, folder_quiet_seconds=0.3, folder_rescan_seconds=30.0, folder_backlog="skip")
    database = open_database(settings.database_url)
    ledger, engine = Ledger(database), StandInEngine(database)
    trigger = FolderTrigger(settings, folder_rules(base), database, engine.skip, engine.known)
    watching = asyncio.create_task(trigger.run(ledger.emit))
    await asyncio.sleep(min(8.0, seconds / 3))
    cpu_s, at_s = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds * 2 / 3)
    share = (time.process_time() - cpu_s) / (time.monotonic() - at_s)
    print(f"{share * 100:.2f} {_resident_mb():.0f}", flush=True)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
