"""A process that runs the folder trigger alone: for the crash storm to kill, and to measure at rest."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import sys
import time
from pathlib import Path

import structlog

from benchmarks.folder_rig import folder_rules, name_of, receipt, settings_for
from bot.events import Event, Receipt
from bot.store.database import open_database
from triggers.folder import FolderTrigger


class Ledger:
    """Stands in for the engine: an event is durable once its row is committed; the same id again changes nothing."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, name TEXT, content TEXT)")

    async def emit(self, event: Event) -> Receipt:
        """Store the event and prove that its private copy is whole."""
        attachment = event.attachments[0]
        row = (event.id, name_of(event), attachment.sha256)
        self._rows.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", row)
        return receipt(event)


async def _skip(event: Event, reason: str) -> Receipt:
    return receipt(event, reason)


async def main(base: Path, seconds: float) -> None:
    """Run for `seconds`, then print the CPU seconds used and the resident memory in MB."""
    settings = settings_for(base, folder_quiet_seconds=0.3, folder_rescan_seconds=30.0, folder_backlog="skip")
    ledger = Ledger(base / "ledger.db")
    trigger = FolderTrigger(settings, folder_rules(base), open_database(settings.database_url), _skip)
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
