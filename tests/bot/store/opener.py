"""A process that opens a database with every part that has tables, and says so.

`python -m tests.bot.store.opener DATABASE_URL`
"""

from __future__ import annotations

import asyncio
import sys

from bot.doors.sheet.row_store import ledger_of
from bot.engine import Engine
from bot.store.database import open_database
from tests.bot.engines import Told
from triggers.folder.memory import Memory as FolderMemory
from triggers.sheet.memory import Memory as SheetMemory
from triggers.sheet.quota import Quota


async def main(url: str) -> None:
    engine = Engine(url)
    database = open_database(url)
    for part in (FolderMemory, SheetMemory, ledger_of):
        part(database)
    Quota(database, "someone")
    if url.startswith("postgresql"):  # on SQLite only one may work
        await engine.start(Told())
    print("open", flush=True)  # noqa: T201  # the test reads it
    await engine.stop(0)
    database.dispose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
