"""A process whose disk is full for a while: its files may not grow, which SQLite meets as a full disk.

`python -m tests.crash.full_disk DATABASE_URL`; prints how many events were accepted, refused and answered.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import sys

import structlog

from bot.engine import Engine
from bot.errors import TryAgain
from bot.events import Event
from tests.bot.engines import QUICK, Told, event, until

TEXT = "a long question " * 500
NO_LIMIT = resource.getrlimit(resource.RLIMIT_FSIZE)


async def main(url: str) -> None:
    handler = Told()
    engine = Engine(url, asking=QUICK, delivering=QUICK)
    await engine.start(handler)
    accepted: list[Event] = []
    refused = 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, NO_LIMIT[1]))
    for number in range(1_000):
        one = event(number, f"c{number}", TEXT)
        try:
            await engine.emit(one)
        except TryAgain:
            refused += 1
            if refused == 5:
                break
        else:
            accepted.append(one)
    await asyncio.sleep(0.5)
    resource.setrlimit(resource.RLIMIT_FSIZE, NO_LIMIT)
    for number in range(1_000, 1_020):
        accepted.append(event(number, f"c{number}"))
        await engine.emit(accepted[-1])
    await until(lambda: engine.receipts.counts()["answered"] >= len(accepted))
    print(len(accepted), refused, engine.receipts.counts()["answered"], flush=True)  # noqa: T201  # the test reads it
    await engine.stop(1)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(*sys.argv[1:]))
