"""The payloads of the Events API, exactly as Slack sends them.

`*_event` functions return the inner event; `event_callback` wraps it. Source: docs.slack.dev/apis/events-api and the
page of each event. An inner event that the app would not get (not a member of the channel) is dropped by `reaches_app`.
"""

from __future__ import annotations

from typing import Any

from playground.slack import people
from playground.slack.calls import Data
from playground.slack.messages import Message, message_to_api
from playground.slack.state import Workspace

CHANNEL_TYPES = {"channel": "channel", "group": "group", "im": "im", "mpim": "mpim"}


def event_callback(workspace: Workspace, event: Data) -> Data:
    """The outer payload around an inner event, with its own event_id."""
    channel_id = _channel_of(event)
    channel = workspace.channels.get(channel_id) if channel_id else None
    who = {"enterprise_id": None, "team_id": people.TEAM, "user_id": people.BOT_USER, "is_bot": True}
    return {
        "token": "verification-token", "team_id": people.TEAM, "context_team_id": people.TEAM,
        "context_enterprise_id": None, "api_app_id": people.APP, "event": event, "type": "event_callback",
        "event_id": workspace.next_id("Ev"), "event_time": int(workspace.now()),
        "authorizations": [{**who, "is_enterprise_install": False}],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": f"4-{workspace.next_id('ctx')}",
    }  # fmt: skip


def reaches_app(workspace: Workspace, event: Data) -> bool:
    """Whether the app hears of this: a channel's events only where the bot is a member."""
    channel_id = _channel_of(event)
    if channel_id is None:
        return True
    channel = workspace.channels.get(channel_id)
    return channel is not None and people.BOT_USER in channel.members


def message_event(workspace: Workspace, message: Message) -> Data:
    """A new message in a channel, thread or direct message."""
    data = message_to_api(message)
    data.pop("reactions", None)
    if message.thread_ts:
        parent = workspace.messages.get(message.channel, {}).get(message.thread_ts)
        data["parent_user_id"] = parent.user if parent else message.user
    if message.team != people.TEAM:
        data.update({"user_team": message.team, "source_team": message.team})
    return {**data, **_place(workspace, message), "event_ts": message.ts}


def mention_event(message: Message) -> Data:
    """The second event of a message that mentions the bot; it carries no channel_type."""
    wanted = (
        "user",
        "ts",
        "client_msg_id",
        "text",
        "team",
        "blocks",
        "thread_ts",
        "files",
        "bot_id",
        "app_id",
        "edited",
        "attachments",
    )
    data = {name: value for name, value in message_to_api(message).items() if name in wanted}
    return {"type": "app_mention", **data, "channel": message.channel, "event_ts": message.ts}


def message_changed(workspace: Workspace, message: Message, before: Data) -> Data:
    """An edited message: the new one inside, beside the one it was."""
    ts = workspace.next_ts()
    now = message_to_api(message, metadata=True)
    body = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": ts, "event_ts": ts}
    return {**body, "message": now, "previous_message": before, **_place(workspace, message)}


def message_deleted(workspace: Workspace, message: Message, before: Data) -> Data:
    """A deleted message."""
    ts = workspace.next_ts()
    body = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": ts, "event_ts": ts}
    return {**body, "deleted_ts": message.ts, "previous_message": before, **_place(workspace, message)}


def assistant_event(workspace: Workspace, what: str, where: tuple[str, str, str], context: str | None) -> Data:
    """`assistant_thread_<what>`: started or context_changed; `where` is user, channel and thread_ts of the pane."""
    user, channel, thread_ts = where
    place = {"channel_id": context, "team_id": people.TEAM, "enterprise_id": None} if context else {}
    thread = {"user_id": user, "context": place, "channel_id": channel, "thread_ts": thread_ts}
    return {"type": f"assistant_thread_{what}", "assistant_thread": thread, "event_ts": workspace.next_ts()}


def home_opened(workspace: Workspace, user: str, tab: str) -> Data:
    """`app_home_opened`, with the home view when one was published."""
    event: Data = {"type": "app_home_opened", "user": user, "channel": "D" + user[1:], "tab": tab}
    view = workspace.homes.get(user)
    return {**event, **({"view": view} if view and tab == "home" else {}), "event_ts": workspace.next_ts()}


def joined_channel(workspace: Workspace, user: str, channel: str, inviter: str | None) -> Data:
    """`member_joined_channel`."""
    kind = "C" if workspace.channels[channel].kind == "channel" else "G"
    event = {"type": "member_joined_channel", "user": user, "channel": channel, "channel_type": kind}
    by = {"inviter": inviter} if inviter else {}
    return {**event, **by, "team": people.TEAM, "event_ts": workspace.next_ts()}


def reaction_event(workspace: Workspace, kind: str, user: str, name: str, message: Message) -> Data:
    """`reaction_added` or `reaction_removed`."""
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    who = {"user": user, "reaction": name, "item_user": message.user}
    return {"type": kind, **who, "item": item, "event_ts": workspace.next_ts()}


def session_stopped(workspace: Workspace, user: str, message: Message) -> Data:
    """`agent_session_stopped`: somebody pressed Slack's own Stop under a native stream."""
    return {
        "type": "agent_session_stopped",
        "user": user,
        "channel": message.channel,
        "thread_ts": message.root_ts,
        "streaming_message_ts": [message.ts],
        "event_ts": workspace.next_ts(),
    }


def rate_limited(workspace: Workspace) -> Data:
    """`app_rate_limited`: more than 30,000 events in an hour. It has no inner event."""
    minute = int(workspace.now()) // 60 * 60
    outer = {"token": "verification-token", "team_id": people.TEAM, "api_app_id": people.APP}
    return {**outer, "type": "app_rate_limited", "minute_rate_limited": minute}


def _place(workspace: Workspace, message: Message) -> Data:
    kind = workspace.channels[message.channel].kind
    return {"channel": message.channel, "channel_type": CHANNEL_TYPES[kind]}


def _channel_of(event: Data) -> str | None:
    item: Any = event.get("item")
    found = item.get("channel") if isinstance(item, dict) else event.get("channel")
    return found if isinstance(found, str) else None
