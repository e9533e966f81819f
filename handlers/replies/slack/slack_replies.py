"""The Slack replies of one workspace: it hands out the replies, opens and owns what they share."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.doors.slack.call_log import FileCallLog
from bot.doors.slack.calls import CallRequest, Done, Priority
from bot.doors.slack.fence_check import Holds
from bot.doors.slack.paced import PacedSlack
from bot.doors.slack.settings import SlackSettings
from bot.doors.slack.status import Status
from bot.doors.slack.wire import DELETED, EDITED, escaped
from bot.events import Address, Event, SlackThread
from bot.parts import Parts
from handlers.replies.slack.reply import SlackReply
from handlers.replies.slack.safety import neutralised
from handlers.replies.slack.workspace import Workspace, always, never

REPLIES = 2_000
NOTICE_WITHIN_S = 10.0


class SlackReplies:
    """Everything Bellhop writes into one workspace goes through here. Make it once; use it from one event loop.

    It owns `paced`, the client that it shares with whoever reads, and closes it. `withdrawn` tells of an event whether
    its asker has edited or deleted the question since (see Workspace), `holds` whether its answer is ours to write.
    """

    def __init__(
        self,
        settings: SlackSettings,
        paced: PacedSlack,
        *,
        withdrawn: Callable[[str], Awaitable[str]] = never,
        holds: Holds = always,
    ) -> None:
        self.paced = paced
        self._pacer = paced.pacer
        self._workspace = Workspace(
            self._pacer,
            Status(self._pacer),
            paced.put,
            footer=settings.slack_footer,
            native=settings.slack_streaming == "native",
            withdrawn=withdrawn,
            holds=holds,
            respond=paced.respond,
        )
        self._replies: OrderedDict[tuple[str, str], SlackReply] = OrderedDict()

    def reply_for(self, event: Event, *, watched: bool = True) -> SlackReply:
        """The reply of an event whose answer goes to Slack: the same one as long as the answer is not finished."""
        thread = event.reply_to
        assert isinstance(thread, SlackThread)
        which = (event.id, thread.channel)  # an answer may go into several channels
        reply = self._replies.get(which)
        if reply is None or reply.ended:
            reply = self._replies[which] = SlackReply(self._workspace, event, thread, watched=watched)
        self._replies.move_to_end(which)
        while len(self._replies) > REPLIES:
            self._replies.popitem(last=False)
        return reply

    async def note(self, address: Address, words: str) -> None:
        """Tell the asker there something that nobody else sees; tried once."""
        if isinstance(address, SlackThread) and address.asker:
            await self.post_ephemeral(address.channel, address.asker, words, address.thread_ts)

    async def post_ephemeral(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> bool:
        """Tell one person something that nobody else sees; False when Slack would not. Never raises."""
        words = escaped(neutralised(text))
        arguments = {"channel": channel, "user": user, "text": words, "thread_ts": thread_ts, "parse": "none"}
        request = CallRequest(
            "chat.postEphemeral",
            f"notice {channel} {user}",
            Priority.NOTICE,
            self._pacer.clock(),
            channel,
            repeatable=False,
        )
        return isinstance(await self._pacer.send(request, lambda: arguments, NOTICE_WITHIN_S), Done)

    async def aclose(self) -> None:
        """Nothing grows any more; then the client closes."""
        await self._workspace.aclose()
        await self.paced.aclose()


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
