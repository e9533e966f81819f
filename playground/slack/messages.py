"""A message: what stands in it now, every version it ever had, and how the Web API shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from playground.slack.calls import Data
from playground.slack.texts import visible_text

StreamState = Literal["live", "stopped", "expired", "stopped_by_user"]


@dataclass(frozen=True, slots=True)
class Version:
    """What a message looked like from `at` on (seconds of the stand-in's clock). `how`: post, update, append, …"""

    at: float
    how: str
    text: str
    blocks: list[Any]
    edited: bool = False

    @property
    def visible(self) -> str:
        """What a reader saw, without buttons and footers."""
        return visible_text(self.text, self.blocks)


@dataclass(slots=True)
class Stream:
    """A native stream: its state, its age, and the ends that `chat.stopStream` added."""

    started_at: float
    last_at: float
    state: StreamState = "live"
    markdown: str = ""
    chunks: list[Any] = field(default_factory=list)
    recipient: str | None = None


@dataclass(slots=True)
class Message:
    """A message of a channel or thread. `blocks` are as they were sent; `pings` is everybody it ever notified.

    `only_for`: an ephemeral message, shown to this one person and in no history.
    """

    channel: str
    ts: str
    user: str
    team: str
    text: str
    blocks: list[Any] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    client_msg_id: str | None = None
    metadata: Data | None = None
    attachments: list[Any] = field(default_factory=list)
    files: list[Data] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    broadcast: bool = False
    only_for: str | None = None
    edited: Data | None = None
    deleted: bool = False
    locked: bool = False
    unfurl_links: bool | None = None
    unfurl_media: bool | None = None
    pings: tuple[str, ...] = ()
    stream: Stream | None = None
    versions: list[Version] = field(default_factory=list)

    @property
    def visible(self) -> str:
        """What a reader sees now, without buttons and footers."""
        return visible_text(self.text, self.blocks)

    @property
    def root_ts(self) -> str:
        """The ts of the thread this message belongs to, its own when it started one."""
        return self.thread_ts or self.ts

    def remember(self, at: float, how: str, pings: tuple[str, ...] = ()) -> None:
        """Keep what stands in the message now as its newest version."""
        self.pings = tuple(dict.fromkeys((*self.pings, *pings)))
        self.versions.append(Version(at, how, self.text, list(self.blocks), self.edited is not None))


def message_to_api(message: Message, *, metadata: bool = False, replies: list[Message] | None = None) -> Data:
    """The message as conversations.replies returns it; with `replies`, as the parent of that thread.

    Without include_all_metadata only the type of the metadata is told, as Slack does.
    """
    data: Data = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text, "team": message.team}
    optional = {
        "subtype": message.subtype, "client_msg_id": message.client_msg_id, "bot_id": message.bot_id,
        "app_id": message.app_id, "username": message.username, "thread_ts": message.thread_ts,
        "edited": message.edited, "blocks": returned_blocks(message.blocks), "attachments": message.attachments,
        "files": message.files, "reactions": _reactions(message), "metadata": _metadata(message, metadata),
    }  # fmt: skip
    data.update({name: value for name, value in optional.items() if value})
    if message.bot_id:
        data["bot_profile"] = _bot_profile(message)
    if replies:
        data.update(_as_parent(message, replies))
    return data


def tombstone(message: Message, replies: list[Message]) -> Data:
    """What is left of a thread's deleted parent."""
    gone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "hidden": True, "ts": message.ts}
    return {**gone, "text": "This message was deleted.", **_as_parent(message, replies)}


def returned_blocks(blocks: list[Any]) -> list[Data]:
    """Blocks as Slack hands them back: with ids, and Markdown turned into rich text (its block_id is not kept)."""
    given: list[Data] = []
    for number, block in enumerate(blocks):
        if block.get("type") == "markdown":
            section = {"type": "rich_text_section", "elements": [{"type": "text", "text": block.get("text", "")}]}
            given.append({"type": "rich_text", "block_id": f"md{number}", "elements": [section]})
        else:
            given.append({"block_id": f"b{number}", **block})
    return given


def message_to_json(message: Message) -> Data:
    """Everything known about a message, for the playground's page: its blocks as sent and all its versions."""
    versions = [
        {"at": one.at, "how": one.how, "text": one.text, "blocks": one.blocks, "edited": one.edited}
        for one in message.versions
    ]
    extra = {
        "channel": message.channel, "blocks": message.blocks, "only_for": message.only_for,
        "visible": message.visible, "deleted": message.deleted,
        "pings": list(message.pings), "unfurl_links": message.unfurl_links, "unfurl_media": message.unfurl_media,
        "stream": message.stream.state if message.stream else None, "versions": versions,
    }  # fmt: skip
    return {**message_to_api(message, metadata=True), **extra}


def _metadata(message: Message, whole: bool) -> Data | None:  # noqa: FBT001 - a private helper of one caller
    if message.metadata is None or whole:
        return message.metadata
    return {"event_type": message.metadata.get("event_type")}


def _reactions(message: Message) -> list[Data]:
    return [{"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items() if users]


def _bot_profile(message: Message) -> Data:
    return {
        "id": message.bot_id, "app_id": message.app_id, "user_id": message.user, "deleted": False,
        "name": message.username or message.user, "updated": 1_700_000_000, "team_id": message.team,
    }  # fmt: skip


def _as_parent(message: Message, replies: list[Message]) -> Data:
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts, "reply_count": len(replies), "reply_users": users[:5], "is_locked": message.locked,
        "reply_users_count": len(users), "latest_reply": replies[-1].ts, "subscribed": True,
    }  # fmt: skip
