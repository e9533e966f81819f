"""Whether an answer can be seen where it is to stand, found out before Claude is paid, and where else to say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot.doors.slack.calls import CallRequest, CallResult, Denied, Done, Priority, Sender
from bot.doors.slack.refusals import NO_ENTRY, WORKSPACE_REFUSES
from bot.doors.slack.wire import escaped
from bot.events import SlackThread
from handlers.replies.slack.safety import neutralised

log = structlog.get_logger()

Respond = Callable[[str, Mapping[str, Any]], Awaitable[bool]]
"""Posts JSON to a response_url of Slack's; True when it was taken."""
LOOK_WITHIN_S = 3.0
GOOD_FOR_S = 300.0
"""A channel that takes messages is not asked about again for so long."""
REFUSED_FOR_S = 60.0
"""A channel that turned a message away is not tried again for so long, unless it says otherwise itself."""
OUTSIDE = {"not_in_channel", "channel_not_found", "is_archived"}
"""Where Slack shows nothing of ours, not even to one person."""


class Access:
    """What is known of the channels of one workspace. Only a plain refusal counts; where Slack does not say, we try."""

    def __init__(self, pacer: Sender) -> None:
        self._pacer = pacer
        self._good_until: dict[str, float] = {}
        self._refused: dict[str, tuple[str, float]] = {}
        self._says_nothing = False

    async def refusal(self, thread: SlackThread) -> str:
        """Slack's name for why nothing of ours can stand there; "" where it can, or where nobody knows.

        Source: https://docs.slack.dev/reference/objects/conversation-object
        """
        now = self._pacer.clock()
        error, until = self._refused.get(thread.channel, ("", now))
        if now < until:
            return error
        if thread.channel.startswith("D") or self._says_nothing or now < self._good_until.get(thread.channel, now):
            return ""
        result = await self._ask("conversations.info", {"channel": thread.channel}, thread.channel)
        error = _refusal_in(result, asked_by_person=thread.asker is not None)
        self._says_nothing = isinstance(result, Denied) and result.error in WORKSPACE_REFUSES
        if not error:
            self._good_until[thread.channel] = self._pacer.clock() + GOOD_FOR_S
        return error

    def learn(self, channel: str, error: str) -> None:
        """Slack turned a message away there; it would turn away the next."""
        if error in NO_ENTRY - OUTSIDE:  # of these conversations.info tells, and tells when they are over
            self._refused[channel] = (error, self._pacer.clock() + REFUSED_FOR_S)

    async def is_gone(self, thread: SlackThread) -> bool:
        """Whether the question was deleted: nothing, or only a tombstone, stands at its place.

        Source: https://docs.slack.dev/reference/methods/conversations.replies
        """
        ts = thread.message_ts or thread.thread_ts
        if not ts or not thread.thread_ts:
            return False
        # `oldest` leaves the thread's first message in; what is asked for is on the first page.
        arguments = {"channel": thread.channel, "ts": thread.thread_ts, "oldest": _just_before(ts), "limit": 10}
        result = await self._ask("conversations.replies", arguments, thread.channel)
        if isinstance(result, Denied):
            return result.error in {"thread_not_found", "message_not_found"}
        messages = result.data.get("messages") or [] if isinstance(result, Done) else []
        found = [message for message in messages if message.get("ts") == ts]
        if found or ts != thread.thread_ts:
            return bool(found) and found[0].get("subtype") == "tombstone"
        # A thread is read with its first message, whatever else is asked for.
        return bool(messages) and all(message.get("thread_ts") == ts for message in messages)

    async def tell(self, thread: SlackThread, error: str, words: str, respond: Respond) -> bool:
        """Leave a word where the person who asked can see it: by the shortcut's own way, beside it, or directly."""
        text = escaped(neutralised(words))
        if thread.response_url and await respond(thread.response_url, {"text": text, "response_type": "ephemeral"}):
            return True
        if not thread.asker:
            return False
        beside = {"channel": thread.channel, "user": thread.asker, "text": text, "parse": "none"}
        if error not in OUTSIDE and await self._said("chat.postEphemeral", beside):
            return True
        direct = {"channel": thread.asker, "text": f"<#{thread.channel}>: {text}", "parse": "none"}
        return await self._said("chat.postMessage", direct | {"unfurl_links": False, "unfurl_media": False})

    async def _said(self, method: str, arguments: Mapping[str, Any]) -> bool:
        request = CallRequest(
            method,
            f"told {arguments['channel']}",
            Priority.NOTICE,
            self._pacer.clock(),
            str(arguments["channel"]),
            repeatable=False,
        )
        result = await self._pacer.send(request, lambda: arguments)
        if isinstance(result, Denied):
            log.info("slack takes no word for the asker", method=method, error=result.error)
        return isinstance(result, Done)

    async def _ask(self, method: str, arguments: Mapping[str, Any], channel: str) -> CallResult:
        request = CallRequest(method, f"access {channel}", Priority.FIRST, self._pacer.clock(), channel)
        return await self._pacer.send(request, lambda: arguments, LOOK_WITHIN_S)


def _refusal_in(result: CallResult, *, asked_by_person: bool) -> str:
    if isinstance(result, Denied):
        return result.error if result.error in NO_ENTRY else ""
    channel = result.data.get("channel") if isinstance(result, Done) else None
    if not isinstance(channel, Mapping):
        return ""
    if channel.get("is_archived"):
        return "is_archived"
    # Where a rule sends its answers the scope chat:write.public may let us post without being a member.
    if asked_by_person and channel.get("is_member") is False and not (channel.get("is_im") or channel.get("is_mpim")):
        return "not_in_channel"
    return "restricted_action_read_only_channel" if channel.get("is_read_only") else ""


def _just_before(ts: str) -> str:
    seconds, _, micros = ts.partition(".")
    if not (seconds.isdigit() and micros.isdigit()):
        return ts
    count = max(int(seconds) * 1_000_000 + int(micros.ljust(6, "0")) - 1, 0)
    return f"{count // 1_000_000}.{count % 1_000_000:06d}"
