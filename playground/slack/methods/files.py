"""The file methods: an upload in three steps, and files.info.

Source: docs.slack.dev/reference/methods/files.getUploadURLExternal, files.completeUploadExternal, files.info.
"""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from playground.slack import events, people
from playground.slack.calls import ApiError, Args, Data
from playground.slack.methods.method import Method
from playground.slack.methods.writing import Content, bot_message, parent_of, pings_of, read_content
from playground.slack.state import StoredFile, Workspace


def file_to_api(workspace: Workspace, file: StoredFile) -> Data:
    """The `file` object, as it stands in files.info and in messages."""
    kind = PurePosixPath(file.name).suffix.lstrip(".") or "text"
    address = f"{workspace.base_url}/files/{file.id}/{quote(file.name)}"
    return {
        "id": file.id, "created": int(workspace.now()), "timestamp": int(workspace.now()), "name": file.name,
        "title": file.title or file.name, "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "filetype": kind, "pretty_type": kind.upper(), "user": file.owner, "user_team": people.TEAM,
        "editable": False, "size": file.size_bytes, "mode": "hosted", "is_external": False, "external_type": "",
        "is_public": True, "public_url_shared": False, "url_private": address,
        "url_private_download": address + "?download=1", "file_access": "visible", "channels": file.shared_in,
        "permalink": f"https://{people.DOMAIN}.slack.com/files/{file.owner}/{file.id}/{quote(file.name)}", **file.more,
    }  # fmt: skip


def _get_upload_url(workspace: Workspace, args: Args) -> Data:
    try:
        size_bytes = int(args.text("length"))
    except ValueError:
        raise ApiError("invalid_arguments") from None
    if size_bytes <= 0:
        raise ApiError("invalid_arguments")
    if size_bytes > 1_000_000_000:
        raise ApiError("file_too_large")
    file = StoredFile(workspace.next_id("F"), args.text("filename"), size_bytes, people.BOT_USER)
    workspace.files[file.id] = file
    return {"upload_url": f"{workspace.base_url}/files/upload/v1/{file.id}", "file_id": file.id}


def _complete(workspace: Workspace, args: Args) -> Data:
    uploaded = [_uploaded(workspace, entry) for entry in args.items("files", "invalid_arguments") or []]
    if not uploaded:
        raise ApiError("invalid_arguments")
    targets = [args.text("channel_id")] if args.has("channel_id") else args.text("channels").split(",")
    for channel in filter(None, targets):
        _share(workspace, args, channel, uploaded)
    return {"files": [file_to_api(workspace, file) for file in uploaded]}


def _uploaded(workspace: Workspace, entry: Any) -> StoredFile:
    file = workspace.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or file.content is None or file.shared_in:
        raise ApiError("file_not_found")
    file.title = str(entry.get("title") or file.name)
    return file


def _share(workspace: Workspace, args: Args, target: str, uploaded: list[StoredFile]) -> None:
    try:
        channel = workspace.writable(target)
    except ApiError:
        raise ApiError("invalid_channel") from None
    comment = args.text("initial_comment")
    content = read_content(workspace, args) if args.has("blocks") else None
    blocks = content.blocks if content else None
    shown = Content(comment, blocks, None, None)
    message = bot_message(workspace, args, channel.id, shown, parent_of(workspace, args, channel.id))
    for file in uploaded:
        file.shared_in.append(channel.id)
    message.files = [file_to_api(workspace, file) for file in uploaded]
    message.subtype = "file_share"
    workspace.add(message, "post", pings_of(workspace, args, comment, message.blocks))
    if workspace.options.echo:
        workspace.publish(events.message_event(workspace, message))


def _info(workspace: Workspace, args: Args) -> Data:
    file = workspace.files.get(args.text("file"))
    if file is None or file.content is None:
        raise ApiError("file_not_found")
    return {"file": file_to_api(workspace, file), "comments": [], "response_metadata": {"next_cursor": ""}}


METHODS = {
    "files.getUploadURLExternal": Method(_get_upload_url, ("files:write",), needs=("filename", "length"), json=False),
    "files.completeUploadExternal": Method(_complete, ("files:write",), needs=("files",)),
    "files.info": Method(_info, ("files:read",), needs=("file",), json=False),
}
