"""The stand-in's memory: one workspace with its people, channels, messages, files and counters.

Everything here is called with `lock` held or takes it itself; it is re-entrant.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playground.slack import people
from playground.slack.calls import ApiError, Data, Log
from playground.slack.clock import Clock
from playground.slack.faults import FaultBox
from playground.slack.messages import Message
from playground.slack.options import Options
from playground.slack.people import Channel, Person
from playground.slack.tiers import Budgets


@dataclass(slots=True)
class StoredFile:
    """An uploaded file: its bytes once they came, and the `file` object of the Web API.

    `served_as`: the Content-Type of its download. `more` are fields of its object beyond those of every file: the
    transcript of a clip, the size that Slack tells of a canvas.
    """

    id: str
    name: str
    size_bytes: int
    owner: str
    content: bytes | None = None
    shared_in: list[str] = field(default_factory=list)
    title: str = ""
    served_as: str = ""
    more: Data = field(default_factory=dict)


@dataclass(slots=True)
class Trigger:
    """A trigger_id of one interaction: good once, for three seconds."""

    expires_at: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A response_url of one interaction: five posts within thirty minutes."""

    channel: str
    ts: str | None
    user: str
    expires_at: float
    uses: int = 0


class Workspace:
    """All that the stand-in knows. `publish` hands events of the Events API to who delivers them."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.options = options
        self.people: dict[str, Person] = people.first_people()
        self.channels: dict[str, Channel] = people.first_channels()
        self.groups = people.first_groups()
        self.messages: dict[str, dict[str, Message]] = {}
        self.ephemerals: list[Message] = []
        self.files: dict[str, StoredFile] = {}
        self.statuses: dict[tuple[str, str], Data] = {}
        self.sessions: dict[tuple[str, str], str] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[tuple[str, str], list[Any]] = {}
        self.views: dict[str, Data] = {}
        self.homes: dict[str, Data] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.leaked_tokens: list[str] = []
        self.log = Log()
        self.budgets = Budgets()
        self.faults = FaultBox()
        self.base_url = ""
        self.open_link: Callable[[], str] = lambda: ""
        self.publish: Callable[..., object] = _nobody_listens
        self._last_ts_us = 0
        self._count = 0

    # --- names and times

    def now(self) -> float:
        """Seconds since 1970 by the stand-in's clock."""
        return self.clock.now()

    def next_ts(self) -> str:
        """A ts nobody has yet, in the order of time."""
        with self.lock:
            self._last_ts_us = max(self._last_ts_us + 1, round(self.now() * 1_000_000))
            return f"{self._last_ts_us // 1_000_000}.{self._last_ts_us % 1_000_000:06d}"

    def next_id(self, letters: str) -> str:
        """An id nobody has yet, such as F00000A1."""
        with self.lock:
            self._count += 1
            return f"{letters}0{self._count:07d}"

    # --- who and where

    @property
    def bot(self) -> Person:
        """Bellhop's own bot user."""
        return self.people[people.BOT_USER]

    def person(self, user: str) -> Person:
        """Raises user_not_found."""
        if user not in self.people:
            raise ApiError("user_not_found")
        return self.people[user]

    def channel(self, channel: str) -> Channel:
        """The channel as the bot sees it; raises channel_not_found for one it cannot know."""
        found = self.channels.get(channel)
        if found is None or (found.kind != "channel" and people.BOT_USER not in found.members):
            raise ApiError("channel_not_found")
        return found

    def joined(self, channel: str) -> Channel:
        """A channel the bot is a member of; raises channel_not_found or not_in_channel."""
        found = self.channel(channel)
        if people.BOT_USER not in found.members:
            raise ApiError("not_in_channel")
        return found

    def writable(self, channel: str) -> Channel:
        """A channel the bot may post in, also by `#name`, or by a user's id for the direct message with them."""
        if channel in self.people:
            return self.open_im(channel)
        named = next(
            (one.id for one in self.channels.values() if one.name and one.name == channel.lstrip("#")), channel
        )
        found = self.joined(named)
        if found.is_archived:
            raise ApiError("is_archived")
        if found.is_read_only:
            raise ApiError("restricted_action_read_only_channel")
        return found

    def open_im(self, user: str) -> Channel:
        """The direct message between the bot and `user`, opened when it is not there yet."""
        if self.person(user).deleted:
            raise ApiError("user_disabled")
        if self.person(user).bot_id:
            raise ApiError("cannot_dm_bot")
        im = Channel("D" + user[1:], "", "im", {people.BOT_USER, user})
        return self.channels.setdefault(im.id, im)

    # --- messages

    def add(self, message: Message, how: str = "post", pings: tuple[str, ...] = ()) -> Message:
        """Put a message in its channel, as its first version; the bot's own message in a thread ends its status."""
        with self.lock:
            message.remember(self.now(), how, pings)
            self.messages.setdefault(message.channel, {})[message.ts] = message
            if message.user == people.BOT_USER:
                self.statuses.pop((message.channel, message.root_ts), None)
            return message

    def message(self, channel: str, ts: str) -> Message:
        """Raises message_not_found, also for a deleted one."""
        found = self.messages.get(channel, {}).get(ts)
        if found is None or found.deleted:
            raise ApiError("message_not_found")
        self._expire(found)
        return found

    def in_channel(self, channel: str) -> list[Message]:
        """All messages that stand in a channel, oldest first."""
        standing = [one for one in self.messages.get(channel, {}).values() if not one.deleted]
        for message in standing:
            self._expire(message)
        return sorted(standing, key=lambda message: message.ts)

    def thread(self, channel: str, root_ts: str) -> list[Message]:
        """The replies of a thread, without its parent, oldest first."""
        return [one for one in self.in_channel(channel) if one.thread_ts == root_ts and one.ts != root_ts]

    def everything(self, channel: str) -> list[Message]:
        """All messages a channel ever had, deleted ones too, oldest first."""
        with self.lock:
            ever = list(self.messages.get(channel, {}).values())
            for message in ever:
                self._expire(message)
            return sorted(ever, key=lambda message: message.ts)

    def _expire(self, message: Message) -> None:
        """End a stream whose time is over: its message stays as it is until chat.update rewrites it."""
        stream, options = message.stream, self.options
        if stream is None or stream.state != "live" or options.stream_expiry == "never":
            return
        since = stream.started_at if options.stream_expiry == "total" else stream.last_at
        if self.now() - since >= options.stream_life_s:
            stream.state = "expired"


def _nobody_listens(*_: Data) -> None:
    """Until the stand-in is put together."""
