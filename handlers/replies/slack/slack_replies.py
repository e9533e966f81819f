"""The Slack replies of one workspace: it hands out the replies and owns what they share."""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.doors.slack.call_log import FileCallLog
from bot.doors.slack.calls import CallRequest, Done, Priority
from bot.doors.slack.client import SlackClient
from bot.doors.slack.fence_check import Holds
from bot.doors.slack.pacer import Pacer
from bot.doors.slack.rate_limits import RateLimits, SteadyShare
from bot.doors.slack.settings import SlackSettings
from bot.doors.slack.status import Status
from bot.errors import SettingsError
from bot.events import Address, Answer, Event, SlackThread
from handlers.context.slack.download import Downloads
from handlers.context.slack.thread import ThreadReader
from handlers.replies.slack.reply import SlackReply
from handlers.replies.slack.safety import escaped, neutralised
from handlers.replies.slack.workspace import Workspace, always, never

REPLIES = 2_000
NOTICE_WITHIN_S = 10.0


class SlackReplies:
    """Everything Bellhop writes into one workspace goes through here. Make it once; use it from one event loop.

    `share` tells this process's part of the workspace's limits: 1 divided by the number of live workers. `call_log`
    holds what earlier processes called; without one the minute begins empty. `replaced` tells of an event whether its
    asker has edited the question since, so that another event answers it, `holds` whether its answer is ours to write.
    Raises SettingsError when there is no bot token.
    """

    def __init__(
        self,
        settings: SlackSettings,
        share: Callable[[], float] = lambda: 1.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        call_log: FileCallLog | None = None,
        replaced: Callable[[str], Awaitable[bool]] = never,
        holds: Holds = always,
    ) -> None:
        if settings.slack_bot_token is None:
            raise SettingsError("SLACK_BOT_TOKEN is missing: take it from your Slack app's page OAuth & Permissions.")
        self._client = SlackClient(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        # Random only so that processes come back at different instants after a refusal.
        limits = RateLimits(SteadyShare(share, clock), lambda: random.uniform(0.1, 1.0))  # noqa: S311 - no secret
        limits.inherit(call_log.past() if call_log else (), clock())
        self._call_log = call_log
        self._pacer = Pacer(self._client, limits, clock, call_log)
        self._workspace = Workspace(
            self._pacer,
            Status(self._pacer),
            self._client.put,
            footer=settings.slack_footer,
            native=settings.slack_streaming == "native",
            replaced=replaced,
            holds=holds,
        )
        self._replies: OrderedDict[str, SlackReply] = OrderedDict()

    def reply_for(self, event: Event, *, watched: bool = True) -> SlackReply:
        """The reply of an event whose answer goes to Slack: the same one as long as the answer is not finished."""
        thread = event.reply_to
        assert isinstance(thread, SlackThread)
        reply = self._replies.get(event.id)
        if reply is None or reply.ended:
            reply = self._replies[event.id] = SlackReply(self._workspace, event, thread, watched=watched)
        self._replies.move_to_end(event.id)
        while len(self._replies) > REPLIES:
            self._replies.popitem(last=False)
        return reply

    def reader(
        self, settings: SlackSettings, answer_of: Callable[[str], Answer | None], folder: Path, most_bytes: int
    ) -> ThreadReader:
        """What reads the threads of this workspace; `answer_of` finds the exact text of our own answers.

        Files of a thread are fetched into `folder`, up to `most_bytes` each.
        """
        assert settings.slack_bot_token is not None
        downloads = Downloads(
            settings.slack_bot_token.get_secret_value(),
            settings.slack_api_url,
            folder,
            most_bytes,
        )
        return ThreadReader(self._pacer, downloads, answer_of, settings.slack_allow)

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

    def used_calls(self) -> dict[str, tuple[int, int]]:
        """For each method called so far: calls of the last minute that Slack counts, and Slack's limit a minute."""
        return self._pacer.limits.used(self._pacer.clock())

    async def aclose(self) -> None:
        """Give up what waits, let calls under way end, and stop the threads."""
        await self._workspace.aclose()
        await self._pacer.aclose()
        self._client.close()
        if self._call_log:
            self._call_log.close()
