"""What people do in Slack: say, edit, delete, share files, react, open the assistant, join.

Each function changes the workspace and publishes the events that Slack would send to the app.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from playground.slack import events, people
from playground.slack.calls import Data
from playground.slack.messages import Message, message_to_api
from playground.slack.methods.files import file_to_api
from playground.slack.people import Channel
from playground.slack.state import StoredFile, Workspace
from playground.slack.texts import encode_typing, pings_in, rich_text_of


def say(
    workspace: Workspace,
    user: str,
    channel: str,
    text: str,
    *,
    thread_ts: str | None = None,
    files: Mapping[str, bytes] | None = None,
    broadcast: bool = False,
) -> Message:
    """A person writes a message; `@name` in it is a mention. With files it is a `file_share`."""
    person = workspace.people[user]
    encoded = encode_typing(text, {one.name: one.id for one in workspace.people.values()})
    message = Message(
        channel=channel, ts=workspace.next_ts(), user=user, team=person.team, text=encoded, thread_ts=thread_ts,
        blocks=[rich_text_of(encoded)] if encoded else [], client_msg_id=None if files else str(uuid.uuid4()),
        files=[_share(workspace, user, channel, name, content) for name, content in (files or {}).items()],
        subtype="file_share" if files else "thread_broadcast" if broadcast else None, broadcast=broadcast,
    )  # fmt: skip
    return put(workspace, message)


def say_as_bot(
    workspace: Workspace, user: str, channel: str, text: str, *, thread_ts: str | None = None, classic: bool = False,
    blocks: list[Data] | None = None, attachments: list[Data] | None = None,
) -> Message:  # fmt: skip
    """Another app writes a message, as it is; `classic`: as an incoming webhook, with the subtype bot_message."""
    person = workspace.people[user]
    message = Message(
        channel=channel, ts=workspace.next_ts(), user=user, team=person.team, text=text, thread_ts=thread_ts,
        bot_id=person.bot_id, app_id=person.app_id, subtype="bot_message" if classic else None,
        username=person.name if classic else None, blocks=blocks or [], attachments=attachments or [],
    )  # fmt: skip
    return put(workspace, message)


def edit(workspace: Workspace, user: str, channel: str, ts: str, text: str) -> Message:
    """A person edits a message of theirs; an edit that adds the mention gives an `app_mention`, too."""
    message = workspace.message(channel, ts)
    before = message_to_api(message)
    was_mentioned = is_mentioned(message.text)
    message.text = encode_typing(text, {one.name: one.id for one in workspace.people.values()})
    message.blocks = [rich_text_of(message.text)]
    message.edited = {"user": user, "ts": workspace.next_ts()}
    message.remember(workspace.now(), "edit", pings_in(message.text, []))
    changed = events.message_changed(workspace, message, before)
    twin = is_mentioned(message.text) and not was_mentioned and workspace.channels[channel].kind != "im"
    workspace.publish(*([changed, events.mention_event(message)] if twin else [changed]))
    return message


def delete(workspace: Workspace, channel: str, ts: str) -> None:
    """A person deletes a message of theirs."""
    message = workspace.message(channel, ts)
    before = message_to_api(message)
    message.deleted = True
    message.remember(workspace.now(), "delete")
    workspace.publish(events.message_deleted(workspace, message, before))


def react(workspace: Workspace, user: str, channel: str, ts: str, name: str) -> None:
    """A person puts an emoji on a message, or takes it off when it is there."""
    message = workspace.message(channel, ts)
    users = message.reactions.setdefault(name, [])
    kind = "reaction_removed" if user in users else "reaction_added"
    users.remove(user) if user in users else users.append(user)
    workspace.publish(events.reaction_event(workspace, kind, user, name, message))


def open_assistant(workspace: Workspace, user: str, context: str | None = None) -> tuple[str, str]:
    """A person opens the assistant pane, looking at channel `context`; the pane's channel and thread_ts."""
    channel = workspace.open_im(user)
    root = Message(
        channel=channel.id, ts=workspace.next_ts(), user=people.BOT_USER, team=people.TEAM, text="New Assistant Thread",
        subtype="assistant_app_thread", bot_id=people.BOT, app_id=people.APP,
    )  # fmt: skip
    workspace.add(root)
    workspace.publish(events.assistant_event(workspace, "started", (user, channel.id, root.ts), context))
    return channel.id, root.ts


def change_context(workspace: Workspace, user: str, thread_ts: str, context: str) -> None:
    """A person with an open assistant pane looks at another channel."""
    where = (user, "D" + user[1:], thread_ts)
    workspace.publish(events.assistant_event(workspace, "context_changed", where, context))


def join(workspace: Workspace, user: str, channel: str, inviter: str | None = None) -> None:
    """Somebody, perhaps the bot, becomes a member of a channel."""
    workspace.channels[channel].members.add(user)
    workspace.publish(events.joined_channel(workspace, user, channel, inviter))


def stop_stream(workspace: Workspace, user: str, channel: str, ts: str) -> None:
    """A person presses the Stop button of a native stream. The session goes on "processing" until the app ends it."""
    message = workspace.message(channel, ts)
    if message.stream and message.stream.state == "live":
        message.stream.state = "stopped_by_user"
        workspace.publish(events.session_stopped(workspace, user, message))


def put(workspace: Workspace, message: Message) -> Message:
    """A message stands there, and the app hears of it."""
    workspace.add(message, "post", pings_in(message.text, []))
    channel = workspace.channels[message.channel]
    workspace.publish(*_twins(workspace, message, channel))
    return message


def _twins(workspace: Workspace, message: Message, channel: Channel) -> list[Data]:
    """What the app gets for one message: `message`, and `app_mention` when it is mentioned outside a DM."""
    plain = events.message_event(workspace, message)
    if not is_mentioned(message.text) or channel.kind == "im":
        return [plain]
    mention = events.mention_event(message)
    orders = {
        "message_first": [plain, mention], "mention_first": [mention, plain], "mention_only": [mention],
    }  # fmt: skip
    return orders[workspace.options.twins]


def is_mentioned(text: str) -> bool:
    """Whether the text mentions the bot."""
    return re.search(rf"<@{people.BOT_USER}(?:\|[^>]*)?>", text) is not None


def _share(workspace: Workspace, user: str, channel: str, name: str, content: bytes) -> Data:
    file = StoredFile(workspace.next_id("F"), name, len(content), user, content, [channel])
    workspace.files[file.id] = file
    if workspace.people[user].team != people.TEAM:
        return {"id": file.id, "created": int(workspace.now()), "file_access": "check_file_info"}
    return file_to_api(workspace, file)
