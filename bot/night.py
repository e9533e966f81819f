"""The watch over the night lane: whichever worker sees that something waits there runs it, one of all at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa
import structlog

from bot.errors import reason_of
from bot.events import Emit, Trigger
from bot.store.leases import open_lease_database
from bot.supervisor import Supervisor
from bot.waker import Waker

LOOK_EVERY_S = 2.0

log = structlog.get_logger()


class Lane(Trigger, Protocol):
    """The lane, run as a door is; its `waker` is called when this process hands something in."""

    waker: Waker


class NightWatch:
    """While nothing waits it holds no lease and writes nothing. `has_work` blocks."""

    def __init__(self, database_url: str, lane: Lane, has_work: Callable[[], bool]) -> None:
        self._url, self._lane, self._has_work = database_url, lane, has_work

    async def run(self, emit: Emit) -> None:
        """Until cancelled."""
        database = open_lease_database(self._url)
        try:
            while True:
                if await self._works():
                    await self._run_lane(database, emit)
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await asyncio.to_thread(database.dispose)

    async def _run_lane(self, database: sa.Engine, emit: Emit) -> None:
        supervisor = Supervisor(database, [self._lane], lambda _: self._lane, runs=True)
        try:
            await supervisor.take()
            supervisor.start(emit)
            while await self._works():  # noqa: ASYNC110  # what it waits for stands in the database
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await supervisor.stop()

    async def _works(self) -> bool:
        try:
            return await asyncio.to_thread(self._has_work)
        except sa.exc.SQLAlchemyError as error:
            log.warning("night lane cannot be looked at", reason=reason_of(error))
            return False
