"""Native streaming: chat.startStream, appendStream and stopStream.

Source: docs.slack.dev/reference/methods/chat.startStream, chat.appendStream, chat.stopStream.
"""

from __future__ import annotations

from typing import Any

from playground.slack import events, people
from playground.slack.blocks import BLOCKS, check_blocks
from playground.slack.calls import ApiError, Args, Data, invalid_arguments
from playground.slack.messages import Message, Stream, message_to_api
from playground.slack.methods.method import Method
from playground.slack.methods.writing import MARKDOWN_TEXT, Content, bot_message, pings_of, read_metadata
from playground.slack.state import Workspace

CHUNKS: dict[str, tuple[str, ...]] = {
    "markdown_text": ("text",),
    "task_update": ("id", "title", "status"),
    "plan_update": ("title",),
    "blocks": ("blocks",),
}


def _start(workspace: Workspace, args: Args) -> Data:
    _supported(workspace)
    channel = workspace.writable(args.text("channel"))
    root = workspace.messages.get(channel.id, {}).get(args.text("thread_ts"))
    if root is None:
        raise ApiError("invalid_thread_ts")
    recipient = _recipient(workspace, args) if channel.kind != "im" else None
    text, chunks = _addition(workspace, args)
    message = bot_message(workspace, args, channel.id, Content("", None, None, None), root.root_ts)
    message.stream = Stream(workspace.now(), workspace.now(), recipient=recipient)
    _extend(message, text, chunks)
    workspace.add(message, "start", pings_of(workspace, args, text, chunks))
    workspace.sessions[channel.id, root.root_ts] = "processing"
    if workspace.options.echo:
        workspace.publish(events.message_event(workspace, message))
    return {"channel": channel.id, "ts": message.ts}


def _append(workspace: Workspace, args: Args) -> Data:
    _supported(workspace)
    message, stream = _live(workspace, args)
    text, chunks = _addition(workspace, args)
    if not text and not chunks:
        raise ApiError("no_text")
    _extend(message, text, chunks)
    stream.last_at = workspace.now()
    message.remember(workspace.now(), "append", pings_of(workspace, args, message.text, message.blocks))
    return {"channel": message.channel, "ts": message.ts}


def _stop(workspace: Workspace, args: Args) -> Data:
    _supported(workspace)
    message, stream = _live(workspace, args)
    if workspace.person(stream.recipient or people.BOT_USER).team != people.TEAM:
        raise ApiError("user_not_found")
    text, chunks = _addition(workspace, args)
    blocks = args.items("blocks", "invalid_blocks_format") or []
    check_blocks(blocks, markdown=workspace.options.markdown_length)
    metadata = read_metadata(args)
    before = message_to_api(message, metadata=True)
    _extend(message, text, chunks)
    message.blocks = [*message.blocks, *blocks]
    message.metadata = metadata or message.metadata
    stream.state = "stopped"
    workspace.sessions[message.channel, message.root_ts] = args.text("session_status", "active")
    message.remember(workspace.now(), "stop", pings_of(workspace, args, message.text, message.blocks))
    if workspace.options.echo:
        workspace.publish(events.message_changed(workspace, message, before))
    return {"channel": message.channel, "ts": message.ts, "message": message_to_api(message, metadata=True)}


def _supported(workspace: Workspace) -> None:
    if workspace.options.streaming_error:
        raise ApiError(workspace.options.streaming_error)


def _live(workspace: Workspace, args: Args) -> tuple[Message, Stream]:
    channel = workspace.joined(args.text("channel"))
    message = workspace.message(channel.id, args.text("ts"))
    if message.user != people.BOT_USER:
        raise ApiError("message_not_owned_by_app")
    if message.stream and message.stream.state == "stopped_by_user":
        raise ApiError("stopped_by_user")
    if message.stream is None or message.stream.state != "live":
        raise ApiError("message_not_in_streaming_state")
    return message, message.stream


def _recipient(workspace: Workspace, args: Args) -> str:
    if not args.has("recipient_team_id"):
        raise ApiError("missing_recipient_team_id")
    if not args.has("recipient_user_id"):
        raise ApiError("missing_recipient_user_id")
    return workspace.person(args.text("recipient_user_id")).id


def _addition(workspace: Workspace, args: Args) -> tuple[str, list[Any]]:
    """The new Markdown of this call, in order, and all its chunks."""
    text = args.text("markdown_text")
    chunks = args.items("chunks", "invalid_chunks") or []
    for number, chunk in enumerate(chunks):
        _check_chunk(workspace, number, chunk)
    text += "".join(chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text")
    if len(text) > MARKDOWN_TEXT:
        raise ApiError("msg_too_long")
    return text, chunks


def _check_chunk(workspace: Workspace, number: int, chunk: Any) -> None:
    kind = chunk.get("type") if isinstance(chunk, dict) else None
    if kind not in CHUNKS:
        raise ApiError("invalid_chunks", response_metadata=_words(f"unsupported type: {kind}", number))
    for name in CHUNKS[kind]:
        if name not in chunk:
            raise ApiError("invalid_chunks", response_metadata=_words(f"missing required field: {name}", number))
    if kind == "blocks":
        check_blocks(chunk["blocks"], markdown=workspace.options.markdown_length)


def _words(words: str, number: int) -> Data:
    return {"messages": [f"[ERROR] {words} [json-pointer:/chunks/{number}]"]}


def _extend(message: Message, text: str, chunks: list[Any]) -> None:
    if message.stream is None:
        raise invalid_arguments("not a stream")
    kept = [*message.stream.chunks, *(chunk for chunk in chunks if chunk["type"] != "markdown_text")]
    extra = [block for chunk in kept if chunk["type"] == "blocks" for block in chunk["blocks"]]
    if len(extra) > BLOCKS:
        raise ApiError("msg_blocks_too_many")
    message.stream.markdown += text
    message.stream.chunks = kept
    message.text = message.stream.markdown
    markdown = [{"type": "markdown", "text": message.text}] if message.text else []
    message.blocks = [*markdown, *extra]


METHODS = {
    "chat.startStream": Method(_start, ("chat:write",), needs=("channel",)),
    "chat.appendStream": Method(_append, ("chat:write",), needs=("channel", "ts")),
    "chat.stopStream": Method(_stop, ("chat:write",), needs=("channel", "ts")),
}
