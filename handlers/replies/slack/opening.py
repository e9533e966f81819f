"""How Slack's way out is opened: the replies of this process, and what reads its threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.doors.slack.call_log import FileCallLog
from bot.doors.slack.settings import SlackSettings
from bot.events import Event
from bot.parts import Parts
from handlers.prompt import Gathered
from handlers.replies.slack.slack_replies import SlackReplies


def open_replies(parts: Parts) -> SlackReplies:
    """All that this process writes to Slack with, within its part of the rate limits."""
    engine = parts.engine

    async def replaced(event_id: str) -> bool:
        return await asyncio.to_thread(engine.receipts.stopped_by, event_id) == "edit"

    def share() -> float:
        return 1 / engine.live_workers()

    call_log = FileCallLog(parts.settings.state_dir / "slack-calls")
    own = parts.settings.door(SlackSettings)
    return SlackReplies(own, share=share, call_log=call_log, replaced=replaced, holds=engine.holds)


def open_reader(parts: Parts) -> Callable[[Event], Awaitable[Gathered]]:
    """What reads the thread a message stands in, within the same rate limits."""
    replies = parts.replies["slack"]
    assert isinstance(replies, SlackReplies)
    own, folder = parts.settings.door(SlackSettings), parts.settings.state_dir / "files" / "slack"
    most_bytes = int(parts.settings.folder_max_mb * 1_000_000)
    return replies.reader(own, parts.engine.receipts.answer, folder, most_bytes).gather
