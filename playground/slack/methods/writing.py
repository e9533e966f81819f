"""What all methods that write a message share: their content checked against Slack's limits.

Sources: docs.slack.dev/reference/methods/chat.postMessage, chat.update, and .../messaging/message-metadata.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playground.slack import people
from playground.slack.blocks import check_blocks
from playground.slack.calls import ApiError, Args, Data
from playground.slack.messages import Message
from playground.slack.state import Workspace
from playground.slack.texts import NO_FALLBACK, pings_in

TEXT = 40_000
UPDATE_TEXT = 4_000
SPLIT_TEXT = 4_000
MARKDOWN_TEXT = 12_000
METADATA_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shall say. None: not given, which for chat.update is not the same as empty."""

    text: str | None
    blocks: list[Any] | None
    attachments: list[Any] | None
    metadata: Data | None

    @property
    def empty(self) -> bool:
        return not self.text and not self.blocks and not self.attachments


def read_content(workspace: Workspace, args: Args) -> Content:
    """The content of a post or an update, or the error Slack has for it; markdown_text becomes a markdown block."""
    blocks = args.items("blocks", "invalid_blocks_format")
    attachments = args.items("attachments", "invalid_attachments")
    text = args.text("text") if args.values.get("text") is not None else None
    if args.has("markdown_text"):
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        text, blocks = _from_markdown(args.text("markdown_text"))
    if blocks:
        check_blocks(blocks, markdown=workspace.options.markdown_length)
        _check_taste(workspace, blocks)
    if attachments and len(attachments) > 100:
        raise ApiError("too_many_attachments")
    return Content(text, blocks, attachments, read_metadata(args))


def _check_taste(workspace: Workspace, blocks: list[Any]) -> None:
    """What Slack refuses of one message, or in one workspace, without telling why."""
    options = workspace.options
    unknown = not options.markdown_blocks and any(block.get("type") == "markdown" for block in blocks)
    if unknown or (options.refused_words and options.refused_words in json.dumps(blocks, ensure_ascii=False)):
        raise ApiError("invalid_blocks")


def read_metadata(args: Args) -> Data | None:
    """The message's metadata; raises invalid_metadata_format, invalid_metadata_schema or metadata_too_large."""
    metadata = args.object("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not metadata.get("event_type") or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_schema")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def bot_message(workspace: Workspace, args: Args, channel: str, content: Content, thread_ts: str | None) -> Message:
    """A message by Bellhop, not yet in its channel."""
    text = content.text if content.text is not None else NO_FALLBACK
    return Message(
        channel=channel, ts=workspace.next_ts(), user=people.BOT_USER, team=people.TEAM, text=text[:TEXT],
        blocks=content.blocks or [], attachments=content.attachments or [], metadata=content.metadata,
        thread_ts=thread_ts, bot_id=people.BOT, app_id=people.APP, username=args.text("username") or None,
        broadcast=args.flag("reply_broadcast"), unfurl_links=_tristate(args, "unfurl_links"),
        unfurl_media=_tristate(args, "unfurl_media"),
    )  # fmt: skip


def pings_of(workspace: Workspace, args: Args, text: str, blocks: list[Any]) -> tuple[str, ...]:
    """Whom this content would notify, link_names and parse=full included."""
    names = [person.name for person in workspace.people.values()]
    loose = args.flag("link_names") or args.text("parse") == "full"
    return pings_in(text, blocks, names=names, loose=loose)


def parent_of(workspace: Workspace, args: Args, channel: str) -> str | None:
    """The root of the thread that `thread_ts` names; a reply's ts leads to its thread.

    Of a deleted message without replies there is no thread any more: what is meant for it lands in the channel.
    """
    if not args.has("thread_ts"):
        return None
    found = workspace.messages.get(channel, {}).get(args.text("thread_ts"))
    if found is None:
        raise ApiError("thread_not_found")
    root = workspace.messages[channel].get(found.root_ts, found)
    if root.locked:
        raise ApiError("restricted_action_thread_locked")
    return None if root.deleted and not workspace.thread(channel, root.ts) else root.ts


def _from_markdown(text: str) -> tuple[str, list[Any]]:
    if len(text) > MARKDOWN_TEXT:
        raise ApiError("msg_too_long")
    return text, [{"type": "markdown", "text": text}]


def _tristate(args: Args, name: str) -> bool | None:
    return args.flag(name) if args.has(name) else None
