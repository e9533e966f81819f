"""How the reading of Slack is opened: what stands before a question, within the rate limits that the replies keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.doors.slack.paced import paced_of
from bot.doors.slack.settings import SlackSettings
from bot.events import Event
from bot.parts import Parts
from handlers.context.slack.download import Downloads
from handlers.context.slack.thread import ThreadReader
from handlers.prompt import Gathered


def open_reader(parts: Parts) -> Callable[[Event], Awaitable[Gathered]]:
    """What reads the thread a message stands in, and its files, into the folder of this state."""
    own = parts.settings.door(SlackSettings)
    assert own.slack_bot_token is not None
    downloads = Downloads(
        own.slack_bot_token.get_secret_value(),
        own.slack_api_url,
        parts.settings.state_dir / "files" / "slack",
        parts.settings.folder_max_bytes,
    )
    pacer = paced_of(parts.replies["slack"]).pacer
    return ThreadReader(pacer, downloads, parts.engine.receipts, own.slack_allow).gather
