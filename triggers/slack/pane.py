"""The assistant pane: who opens it is greeted and offered questions, and its talk gets a title from the first one.

https://docs.slack.dev/ai/developing-agents
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from bot.doors.slack.calls import CallRequest, Priority, Sender
from bot.doors.slack.wire import GREETING_TYPE
from bot.events import Event, SlackThread

GREETING = "Hello! Ask me anything, or drop a file here and say what you want to know. I answer in this thread."
PROMPTS = (
    ("Summarise a file", "Summarise the file I attach in five points."),
    ("Draft a reply", "Draft a friendly, short reply to this message: "),
    ("Explain something", "Explain this to me in simple words: "),
    ("Check my text", "Correct the mistakes in this text and say what you changed: "),
)
"""https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts: four at most."""
WITHIN_S = 20.0
GREETED = 1_000
TITLE_CHARS = 80


class Pane:
    """Used from the pacer's event loop; what Slack refuses here is left."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._greeted: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def greet(self, channel: str, thread_ts: str) -> None:
        """Say hello and offer questions; once, however often Slack says that the pane was opened."""
        if (channel, thread_ts) in self._greeted:
            return
        self._greeted[channel, thread_ts] = None
        while len(self._greeted) > GREETED:
            self._greeted.popitem(last=False)
        mark = {"event_type": GREETING_TYPE, "event_payload": {"thread_ts": thread_ts}}
        hello = {"channel": channel, "thread_ts": thread_ts, "text": GREETING, "metadata": mark}
        await self._call("chat.postMessage", channel, thread_ts, hello)
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        place = {"channel_id": channel, "thread_ts": thread_ts}
        await self._call("assistant.threads.setSuggestedPrompts", channel, thread_ts, {**place, "prompts": prompts})

    async def entitle(self, channel: str, thread_ts: str, subject: str) -> None:
        """Name the talk after its first question."""
        arguments = {"channel_id": channel, "thread_ts": thread_ts, "title": subject[:TITLE_CHARS]}
        await self._call("assistant.threads.setTitle", channel, thread_ts, arguments)

    async def _call(self, method: str, channel: str, thread_ts: str, arguments: Mapping[str, Any]) -> None:
        key = f"pane {method} {channel} {thread_ts}"
        request = CallRequest(method, key, Priority.NOTICE, self._sender.clock(), channel, repeatable=False)
        await self._sender.send(request, lambda: arguments, WITHIN_S)


def opened_pane(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """The channel and thread_ts of an `assistant_thread_started`; None where they are missing.

    https://docs.slack.dev/reference/events/assistant_thread_started
    """
    thread = (body.get("event") or {}).get("assistant_thread") or {}
    channel, thread_ts = thread.get("channel_id"), thread.get("thread_ts")
    return (channel, thread_ts) if isinstance(channel, str) and isinstance(thread_ts, str) else None


def may_open_talk(event: Event) -> SlackThread | None:
    """The thread of a direct message that somebody else than this question began: as a pane's is."""
    place = event.reply_to
    if not isinstance(place, SlackThread) or not place.channel.startswith("D"):
        return None
    return place if place.thread_ts and place.thread_ts != place.message_ts else None
