"""The conversations methods: reading history and threads, channels, members, joining and opening.

Source: docs.slack.dev/reference/methods/conversations.*
"""

from __future__ import annotations

from playground.slack import people
from playground.slack.calls import ApiError, Args, Data
from playground.slack.messages import Message, message_to_api, tombstone
from playground.slack.methods.method import Method
from playground.slack.methods.paging import page
from playground.slack.people import Channel
from playground.slack.state import Workspace

READ = ("channels:history", "groups:history", "im:history", "mpim:history")
LOOK = ("channels:read", "groups:read", "im:read", "mpim:read")
KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def _replies(workspace: Workspace, args: Args) -> Data:
    channel = workspace.joined(args.text("channel"))
    root = workspace.messages.get(channel.id, {}).get(args.text("ts"))
    if root is None:
        raise ApiError("thread_not_found")
    parent = workspace.messages[channel.id].get(root.root_ts, root)
    replies = workspace.thread(channel.id, parent.ts)
    if parent.deleted and not replies:
        raise ApiError("thread_not_found")
    wanted = [parent] + [one for one in replies if _in_range(one, args)]
    limit = 15 if workspace.options.history == "distributed" else 1000
    part, cursor = page(wanted, args, default=limit, largest=limit)
    whole = args.flag("include_all_metadata")
    shown = [message_to_api(one, metadata=whole, replies=replies if one is parent else None) for one in part]
    if parent.deleted and shown and part[0] is parent:
        shown[0] = tombstone(parent, replies)
    return _paged(shown, cursor)


def _history(workspace: Workspace, args: Args) -> Data:
    channel = workspace.joined(args.text("channel"))
    everything = [one for one in workspace.in_channel(channel.id) if one.broadcast or one.root_ts == one.ts]
    wanted = [one for one in reversed(everything) if _in_range(one, args)]
    limit = 15 if workspace.options.history == "distributed" else 999
    part, cursor = page(wanted, args, default=min(limit, 100), largest=limit)
    whole = args.flag("include_all_metadata")
    shown = [message_to_api(one, metadata=whole, replies=workspace.thread(channel.id, one.ts)) for one in part]
    return _paged(shown, cursor)


def _paged(messages: list[Data], cursor: str) -> Data:
    body: Data = {"messages": messages, "has_more": bool(cursor)}
    return {**body, "response_metadata": {"next_cursor": cursor}} if cursor else body


def _in_range(message: Message, args: Args) -> bool:
    oldest, latest = _time(args, "oldest"), _time(args, "latest")
    time = float(message.ts)
    if args.flag("inclusive"):
        return (oldest is None or time >= oldest) and (latest is None or time <= latest)
    return (oldest is None or time > oldest) and (latest is None or time < latest)


def _time(args: Args, name: str) -> float | None:
    if not args.has(name) or args.text(name) in ("0", "now"):
        return None
    try:
        return float(args.text(name))
    except ValueError:
        raise ApiError(f"invalid_ts_{name}") from None


def _info(workspace: Workspace, args: Args) -> Data:
    channel = workspace.channel(args.text("channel"))
    data = channel.to_api()
    if not args.flag("include_num_members"):
        data.pop("num_members", None)
    return {"channel": data}


def _list(workspace: Workspace, args: Args) -> Data:
    kinds = {KINDS.get(kind.strip()) for kind in args.text("types", "public_channel").split(",")}
    if None in kinds:
        raise ApiError("invalid_types")
    seen = [one for one in workspace.channels.values() if one.kind in kinds and _visible(one)]
    if args.flag("exclude_archived"):
        seen = [one for one in seen if not one.is_archived]
    part, cursor = page(seen, args, default=100, largest=1000)
    return {"channels": [one.to_api() for one in part], "response_metadata": {"next_cursor": cursor}}


def _visible(channel: Channel) -> bool:
    return channel.kind == "channel" or people.BOT_USER in channel.members


def _members(workspace: Workspace, args: Args) -> Data:
    channel = workspace.channel(args.text("channel"))
    part, cursor = page(sorted(channel.members), args, default=100, largest=1000)
    return {"members": part, "response_metadata": {"next_cursor": cursor}}


def _join(workspace: Workspace, args: Args) -> Data:
    channel = workspace.channel(args.text("channel"))
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    known = people.BOT_USER in channel.members
    channel.members.add(people.BOT_USER)
    warning: Data = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return {"channel": channel.to_api(), **(warning if known else {})}


def _open(workspace: Workspace, args: Args) -> Data:
    if args.has("channel"):
        return {"channel": {"id": workspace.channel(args.text("channel")).id}}
    users = [user for user in args.text("users").split(",") if user]
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        return {"channel": _open_group(workspace, users).to_api()}
    channel = workspace.open_im(users[0])
    return {"channel": channel.to_api() if args.flag("return_im") else {"id": channel.id}}


def _open_group(workspace: Workspace, users: list[str]) -> Channel:
    members = {people.BOT_USER, *(workspace.person(user).id for user in users)}
    for channel in workspace.channels.values():
        if channel.kind == "mpim" and channel.members == members:
            return channel
    channel = Channel(workspace.next_id("G"), "mpdm-" + "--".join(sorted(members)).lower(), "mpim", members)
    workspace.channels[channel.id] = channel
    return channel


METHODS = {
    "conversations.replies": Method(_replies, READ, needs=("channel", "ts"), json=False),
    "conversations.history": Method(_history, READ, needs=("channel",), json=False),
    "conversations.info": Method(_info, LOOK, needs=("channel",), json=False),
    "conversations.list": Method(_list, LOOK, json=False),
    "conversations.members": Method(_members, LOOK, needs=("channel",), json=False),
    "conversations.join": Method(_join, ("channels:join",), needs=("channel",)),
    "conversations.open": Method(_open, ("im:write", "mpim:write")),
}
