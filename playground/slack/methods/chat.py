"""Messages: chat.postMessage, update, delete, postEphemeral and getPermalink.

Source: docs.slack.dev/reference/methods/chat.*
"""

from __future__ import annotations

from dataclasses import replace

from playground.slack import events, people
from playground.slack.calls import ApiError, Args, Data
from playground.slack.messages import Message, message_to_api
from playground.slack.methods.method import Method
from playground.slack.methods.writing import (
    SPLIT_TEXT,
    TEXT,
    UPDATE_TEXT,
    Content,
    bot_message,
    parent_of,
    pings_of,
    read_content,
)
from playground.slack.state import Workspace
from playground.slack.texts import split_post


def _post(workspace: Workspace, args: Args) -> Data:
    channel = workspace.writable(args.text("channel")).id
    content = read_content(workspace, args)
    if content.empty:
        raise ApiError("no_text")
    thread_ts = parent_of(workspace, args, channel)
    parts = _parts(workspace, content)
    posted = [_put(workspace, args, channel, part, thread_ts) for part in parts]
    return {"channel": channel, "ts": posted[0].ts, "message": message_to_api(posted[0], metadata=True)}


def _parts(workspace: Workspace, content: Content) -> list[Content]:
    text = (content.text or "")[:TEXT]
    if content.blocks or content.attachments or not workspace.options.split_long_posts or len(text) <= SPLIT_TEXT:
        return [content]
    return [replace(content, text=piece) for piece in split_post(text, SPLIT_TEXT)]


def _put(workspace: Workspace, args: Args, channel: str, content: Content, thread_ts: str | None) -> Message:
    message = bot_message(workspace, args, channel, content, thread_ts)
    workspace.add(message, "post", pings_of(workspace, args, message.text, message.blocks))
    if workspace.options.echo:
        workspace.publish(events.message_event(workspace, message))
    return message


def _update(workspace: Workspace, args: Args) -> Data:
    channel = workspace.joined(args.text("channel"))
    message = workspace.message(channel.id, args.text("ts"))
    _may_update(workspace, message)
    content = read_content(workspace, args)
    if len(content.text or "") > UPDATE_TEXT and not args.has("markdown_text"):
        raise ApiError("msg_too_long")
    if content.empty and content.blocks is None and content.attachments is None:
        raise ApiError("no_text")
    before = message_to_api(message, metadata=True)
    _rewrite(workspace, message, content)
    message.remember(workspace.now(), "update", pings_of(workspace, args, message.text, message.blocks))
    if workspace.options.echo:
        workspace.publish(events.message_changed(workspace, message, before))
    shown = message_to_api(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def _may_update(workspace: Workspace, message: Message) -> None:
    if message.user != people.BOT_USER:
        raise ApiError("cant_update_message")
    if message.stream and message.stream.state == "live":
        raise ApiError("streaming_state_conflict")
    window_s = workspace.options.edit_window_s
    if window_s is not None and workspace.now() - float(message.ts) > window_s:
        raise ApiError("edit_window_closed")


def _rewrite(workspace: Workspace, message: Message, content: Content) -> None:
    """Text without blocks drops the old blocks and marks the message as edited; blocks leave no mark."""
    if content.blocks is not None:
        message.blocks = content.blocks
    elif content.text is not None:
        message.blocks = []
    if content.text is not None:
        message.text = content.text
    if content.attachments is not None:
        message.attachments = content.attachments
    if content.metadata is not None:
        message.metadata = content.metadata
    if not message.blocks:
        message.edited = {"user": people.BOT_USER, "ts": workspace.next_ts()}


def _delete(workspace: Workspace, args: Args) -> Data:
    channel = workspace.joined(args.text("channel"))
    message = workspace.message(channel.id, args.text("ts"))
    if message.user != people.BOT_USER:
        raise ApiError("cant_delete_message")
    before = message_to_api(message, metadata=True)
    message.deleted = True
    message.remember(workspace.now(), "delete")
    if workspace.options.echo:
        workspace.publish(events.message_deleted(workspace, message, before))
    return {"channel": channel.id, "ts": message.ts}


def _ephemeral(workspace: Workspace, args: Args) -> Data:
    channel = workspace.writable(args.text("channel"))
    user = workspace.person(args.text("user"))
    if user.id not in channel.members:
        raise ApiError("user_not_in_channel")
    content = read_content(workspace, args)
    if content.empty:
        raise ApiError("no_text")
    message = bot_message(workspace, args, channel.id, content, parent_of(workspace, args, channel.id))
    message.only_for = user.id
    message.remember(workspace.now(), "post")
    workspace.ephemerals.append(message)
    return {"message_ts": message.ts}


def _permalink(workspace: Workspace, args: Args) -> Data:
    channel = workspace.channel(args.text("channel"))
    message = workspace.message(channel.id, args.text("message_ts"))
    link = f"https://{people.DOMAIN}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": link + thread}


METHODS = {
    "chat.postMessage": Method(_post, ("chat:write",), needs=("channel",)),
    "chat.update": Method(_update, ("chat:write",), needs=("channel", "ts")),
    "chat.delete": Method(_delete, ("chat:write",), needs=("channel", "ts")),
    "chat.postEphemeral": Method(_ephemeral, ("chat:write",), needs=("channel", "user")),
    "chat.getPermalink": Method(_permalink, needs=("channel", "message_ts"), json=False),
}
