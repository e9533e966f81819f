"""How Slack's way out is opened: the replies of this process, with the paced client that its reader shares."""

from __future__ import annotations

import asyncio

from bot.doors.slack.call_log import FileCallLog
from bot.doors.slack.paced import PacedSlack
from bot.doors.slack.settings import SlackSettings
from bot.doors.slack.wire import DELETED, EDITED
from bot.parts import Parts
from handlers.replies.slack.slack_replies import SlackReplies


def open_replies(parts: Parts) -> SlackReplies:
    """All that this process writes to Slack with, within its part of the rate limits."""
    engine = parts.engine

    async def withdrawn(event_id: str) -> str:
        by = await asyncio.to_thread(engine.receipts.stopped_by, event_id)
        return by if by in {EDITED, DELETED} else ""

    def share() -> float:
        return 1 / engine.live_workers()

    own = parts.settings.door(SlackSettings)
    paced = PacedSlack(own, share, call_log=FileCallLog(parts.settings.state_dir / "slack-calls"))
    return SlackReplies(own, paced, withdrawn=withdrawn, holds=engine.holds)
