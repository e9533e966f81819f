"""The queue library by itself, as its manual sets it up: for the figures of benchmarks/engine.py.

It keeps each event and its order, but no receipt, no stages and no stored answer, and it looks for work by polling.
"""

from __future__ import annotations

import asyncio
import json

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._serialization import DBOSPortableJSON

from bot.engine.handler import Handler
from bot.events import Event
from bot.serial import from_json, to_json
from bot.store.database import open_database

NAME, QUEUE = "bench", "events"
POLL_S = 0.1


class Alone:
    """A queue of 20 places, one event of a conversation at a time, on SQLite in the same mode as ours."""

    def __init__(self, url: str, handler: Handler) -> None:
        self._database, self._handler = open_database(url), handler

    async def start(self) -> None:
        """Launch; the current loop runs the events."""
        DBOS(
            config=DBOSConfig(
                name=NAME,
                system_database_engine=self._database,
                serializer=DBOSPortableJSON,
                max_executor_threads=64,
                log_level="WARNING",
            )
        )

        @DBOS.workflow(name="handle")
        async def handle(text: str) -> None:
            event = from_json(Event, json.loads(text))
            place = await self._handler.open_reply(event, 1)
            answer = await self._handler.answer(event, place, asyncio.Event())
            await self._handler.deliver(event, place, answer)

        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=20,
            polling_interval_sec=POLL_S,
            on_conflict="always_update",
        )
        self._client = DBOSClient(
            system_database_engine=self._database, serializer=DBOSPortableJSON, application_name=NAME
        )

    async def emit(self, event: Event) -> None:
        """Queue an event."""
        options: EnqueueOptions = {
            "workflow_name": "handle",
            "queue_name": QUEUE,
            "workflow_id": event.id,
            "queue_partition_key": event.conversation,
        }
        await asyncio.to_thread(self._client.enqueue, options, json.dumps(to_json(event)))
