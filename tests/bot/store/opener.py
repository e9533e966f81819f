"""A process that opens a database with the tables of every part, begins to work on it where it may, and says so.

`python -m tests.bot.store.opener DATABASE_URL`
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

from bot.engine import Engine
from tests.bot.engines import Told

HOME = Path(__file__).resolve().parents[3]


def import_tables() -> None:
    """Import every module that defines a table."""
    modules = [path for folder in ("bot", "triggers", "handlers") for path in (HOME / folder).rglob("*.py")]
    for path in modules:
        if "    METADATA,\n" in path.read_text():
            importlib.import_module(".".join(path.relative_to(HOME).with_suffix("").parts))


async def main(url: str) -> None:
    import_tables()
    engine = Engine(url)
    if url.startswith("postgresql"):  # on SQLite only one may work
        await engine.start(Told())
    print("open", flush=True)  # noqa: T201  # the test reads it
    await engine.stop(0)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
