"""How Slack's way out is opened: one desk for this process, its replies, and what reads its threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.doors.slack.settings import SlackSettings
from bot.events import Event
from bot.parts import Parts
from handlers.prompt import Gathered
from handlers.replies.slack.desk import SlackDesk
from handlers.replies.slack.diary import FileDiary


def open_replies(parts: Parts) -> SlackDesk:
    """The one desk through which this process writes to Slack, within its part of the budget."""
    engine = parts.engine

    async def replaced(event_id: str) -> bool:
        return await asyncio.to_thread(engine.receipts.stopped_by, event_id) == "edit"

    def share() -> float:
        return 1 / engine.live_workers()

    diary = FileDiary(parts.settings.state_dir / "slack-calls")
    own = parts.settings.door(SlackSettings)
    return SlackDesk(own, share=share, diary=diary, replaced=replaced, holds=engine.holds)


def open_reader(parts: Parts) -> Callable[[Event], Awaitable[Gathered]]:
    """What reads the thread a message stands in, through the same desk."""
    desk = parts.replies["slack"]
    assert isinstance(desk, SlackDesk)
    own, folder = parts.settings.door(SlackSettings), parts.settings.state_dir / "files" / "slack"
    most_bytes = int(parts.settings.folder_max_mb * 1_000_000)
    return desk.reader(own, parts.engine.receipts.answer, folder, most_bytes).gather
