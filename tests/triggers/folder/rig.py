"""The folder trigger running in a test: a real folder, a real watcher, a hand-written engine."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.doors.folder.filenames import from_text
from bot.doors.folder.rule import FolderRule
from bot.events import Event, Receipt
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.store.database import open_database
from triggers.folder import FolderTrigger


class Engine:
    """Stands in for the engine: stores each event once by its id, as the real one does."""

    def __init__(self):
        self.events: dict[str, Event] = {}
        self.emitted: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        self.told: list[tuple[str, str]] = []
        self.refusals = 0
        self.database: Any = None

    async def emit(self, event, record=None):
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError
        self.record(record)
        self.emitted.append(event.id)
        self.events.setdefault(event.id, event)
        return receipt(event, "received")

    async def skip(self, event, reason, record=None, *, code=""):
        self.record(record)
        self.skipped.append((name_of(event), reason))
        return receipt(event, "skipped", reason)

    def record(self, record):
        with self.database.begin() as connection:
            record(connection)

    def known(self, event_ids):
        return set(event_ids) & self.events.keys()

    async def tell(self, event, reason):
        self.told.append((name_of(event), reason))

    @property
    def answers(self):
        """(name, content) of every event, in order."""
        copies = [(name_of(event), event.attachments[0].path or "") for event in self.events.values()]
        return [(name, Path(copy).read_bytes()) for name, copy in copies]

    @property
    def names(self):
        return sorted(name_of(event) for event in self.events.values())


def receipt(event, state, reason=""):
    where = (event.id, event.source, event.rule, event.subject, event.conversation)
    return Receipt(*where, state, datetime.now(UTC), reason=reason)


def name_of(event):
    return from_text(event.reply_to.name)


def settings_for(base, **more):
    values = {"watch_folder": base / "inbox", "state_dir": base / "state", "folder_quiet_seconds": 0.2} | more
    return Settings(_env_file=None, database_url=f"sqlite:///{base}/state/bot.db", **values)


def rules_for(base):
    return (Rule(name="papers", on="folder", options=FolderRule(path=str(base / "inbox"))),)


def new_trigger(base, engine, rules=None, **more):
    settings = settings_for(base, **more)
    database = open_database(settings.database_url)
    engine.database = database
    rules = rules or rules_for(base)
    return FolderTrigger(settings, rules, database, engine.skip, engine.known, tell=engine.tell), database


@asynccontextmanager
async def running(base, engine=None, prepare=None, **more):
    """The trigger at work on `base/inbox` until the block ends; yields the inbox and the engine."""
    engine = engine or Engine()
    inbox = base / "inbox"
    if prepare is None:
        inbox.mkdir(exist_ok=True)
    trigger, database = new_trigger(base, engine, **more)
    if prepare:
        prepare(trigger)
    task = asyncio.create_task(trigger.run(engine.emit))
    try:
        await until(lambda: trigger.health().words != "not looked at yet")
        yield inbox, engine, trigger
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        database.dispose()


async def until(condition, most_s=90.0):
    """Wait for something that must come."""
    end_s = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < end_s, "it never came"
        await asyncio.sleep(0.02)


async def calm(seconds=0.6):
    """Time enough for anything wrong to show itself."""
    await asyncio.sleep(seconds)


def sha(content):
    return hashlib.sha256(content).hexdigest()
