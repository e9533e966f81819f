"""The folder door as others see it: its trigger and how it is opened, its check, its backlog and its events."""

from __future__ import annotations

from bot.events import Event
from bot.parts import Parts
from bot.rules.rule import Rule
from triggers.folder.backlog import Backlog
from triggers.folder.check import check
from triggers.folder.trigger import FolderTrigger
from triggers.folder.versions import ReadyFile, event_from_file

__all__ = ["Backlog", "FolderTrigger", "ReadyFile", "check", "event_from_file", "open_trigger"]


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> FolderTrigger:
    """The trigger of all folder rules; what it leaves alone is said beside the file."""

    async def tell(event: Event, reason: str) -> None:
        await parts.replies["file"].reply_for(event, watched=False).fail(reason)

    engine = parts.engine
    return FolderTrigger(parts.settings, rules, parts.database, engine.skip, engine.receipts.known, tell=tell)
