"""What people put into a message besides their words: other messages, tables, links that unfurl, clips, canvases.

Each function changes the workspace and publishes the events that Slack would send. Sources: docs.slack.dev/reference/
messaging/payload, docs.slack.dev/reference/block-kit/blocks/table-block, docs.slack.dev/reference/objects/file-object.
"""

from __future__ import annotations

import uuid
from typing import Any

from playground.slack import events, people
from playground.slack.calls import Data
from playground.slack.messages import Message, message_to_api, returned_blocks
from playground.slack.methods.files import file_to_api
from playground.slack.speech import put
from playground.slack.state import StoredFile, Workspace
from playground.slack.texts import encode_typing, rich_text_of

NO_PREVIEW = "[no preview available]"


def forward(
    workspace: Workspace, user: str, channel: str, source: Message, text: str = "", *, thread_ts: str | None = None
) -> Message:
    """A person forwards a message, with words of their own or without."""
    return put(
        workspace, _typed(workspace, user, channel, text, thread_ts=thread_ts, attachments=[shared(workspace, source)])
    )


def shared(workspace: Workspace, source: Message) -> Data:
    """A message as it stands in the attachments of another one, by forwarding or by a link to it."""
    author, place = workspace.people[source.user], workspace.channels[source.channel]
    link = f"https://{people.DOMAIN}.slack.com/archives/{source.channel}/p{source.ts.replace('.', '')}"
    original = {"blocks": returned_blocks(source.blocks), "attachments": source.attachments}
    body: Data = {
        "id": 1, "ts": source.ts, "author_id": source.user, "author_name": author.real_name,
        "channel_id": source.channel,
        "channel_team": people.TEAM, "is_msg_unfurl": True, "is_share": True, "from_url": link, "original_url": link,
        "author_subname": author.name, "mrkdwn_in": ["text"], "footer": f"Posted in #{place.name}",
        "text": source.text, "fallback": f"[{source.ts}] {author.name}: {source.text}" if source.text else NO_PREVIEW,
    }  # fmt: skip
    if source.blocks or source.attachments:
        kept = {name: value for name, value in original.items() if value}
        body["message_blocks"] = [{"team": people.TEAM, "channel": source.channel, "ts": source.ts, "message": kept}]
    return {**body, **({"files": source.files} if source.files else {})}


def paste_table(
    workspace: Workspace,
    user: str,
    channel: str,
    rows: list[list[str]],
    text: str = "",
    *,
    thread_ts: str | None = None,
) -> Message:
    """A person pastes cells of a spreadsheet: the composer makes a table of them, which stands in an attachment."""
    cells = [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]
    table = {"id": 1, "blocks": [{"type": "table", "block_id": "t1", "rows": cells}], "fallback": NO_PREVIEW}
    return put(workspace, _typed(workspace, user, channel, text, thread_ts=thread_ts, attachments=[table]))


def unfurl(workspace: Workspace, channel: str, ts: str, page: Data) -> None:
    """Slack has fetched a link of a message and shows its page: an edit that nobody made."""
    message = workspace.message(channel, ts)
    before = message_to_api(message)
    message.attachments = [*message.attachments, {"id": len(message.attachments) + 1, **page}]
    message.remember(workspace.now(), "unfurl")
    workspace.publish(events.message_changed(workspace, message, before))


def record_clip(
    workspace: Workspace, user: str, channel: str, spoken: str, *, thread_ts: str | None = None, preview: int = 200,
    status: str = "complete",
) -> Message:  # fmt: skip
    """A person records a clip; Slack writes down what it hears, with the first `preview` characters in the object."""
    clip = _stored(workspace, user, channel, "audio_message.m4a", b"not really sound", served_as="audio/mp4")
    vtt = f"WEBVTT \n\n00:00:00.000 --> 00:00:09.000\n- {spoken}\n".encode("utf-8-sig")
    beside = _stored(workspace, user, channel, "audio_message.vtt", vtt, served_as="text/vtt")
    heard = {"content": spoken[:preview], "has_more": len(spoken) > preview}
    done = {"locale": "en-US", "preview": heard} if status == "complete" else {}
    clip.more = {
        "mimetype": "audio/mp4", "filetype": "m4a", "subtype": "slack_audio", "media_display_type": "audio",
        "transcription": {"status": status, **done},
        **({"vtt": f"{workspace.base_url}/files/{beside.id}/audio_message.vtt"} if done else {}),
    }  # fmt: skip
    return _with_file(workspace, user, channel, clip, thread_ts)


def finish_transcript(workspace: Workspace, file_id: str, spoken: str) -> None:
    """Slack has understood a clip that was still being listened to."""
    heard = {"status": "complete", "locale": "en-US", "preview": {"content": spoken, "has_more": False}}
    workspace.files[file_id].more["transcription"] = heard


def share_page(
    workspace: Workspace, user: str, channel: str, page: bytes, *, kind: str, name: str, thread_ts: str | None = None
) -> Message:
    """A person shares a canvas (`kind` "quip") or a mail ("email"): what is served is no file of the told size."""
    file = _stored(workspace, user, channel, name, page, served_as="text/html")
    mimetype = "application/vnd.slack-docs" if kind == "quip" else "text/html"
    file.more = {"mimetype": mimetype, "filetype": kind, "mode": kind, "size": max(1, len(page) // 3)}
    return _with_file(workspace, user, channel, file, thread_ts)


def _typed(
    workspace: Workspace, user: str, channel: str, text: str, *, thread_ts: str | None, attachments: list[Any]
) -> Message:
    encoded = encode_typing(text, {one.name: one.id for one in workspace.people.values()})
    return Message(
        channel=channel, ts=workspace.next_ts(), user=user, team=workspace.people[user].team, text=encoded,
        thread_ts=thread_ts, blocks=[rich_text_of(encoded)] if encoded else [], client_msg_id=str(uuid.uuid4()),
        attachments=attachments,
    )  # fmt: skip


def _stored(workspace: Workspace, user: str, channel: str, name: str, content: bytes, *, served_as: str) -> StoredFile:
    file = StoredFile(workspace.next_id("F"), name, len(content), user, content, [channel], served_as=served_as)
    workspace.files[file.id] = file
    return file


def _with_file(workspace: Workspace, user: str, channel: str, file: StoredFile, thread_ts: str | None) -> Message:
    message = _typed(workspace, user, channel, "", thread_ts=thread_ts, attachments=[])
    message.client_msg_id, message.subtype, message.files = None, "file_share", [file_to_api(workspace, file)]
    return put(workspace, message)
