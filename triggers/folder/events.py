"""This file is how a ready file becomes an event: pure, and the same for the same content under the same name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.doors.folder.filenames import readable, to_text
from bot.events import Attachment, Event, FilePath
from triggers.folder.candidates import Signature

MAX_FOLDER_PARTS = 5
LATEST_TIME_NS = 253_402_300_799 * 10**9  # the last second of the year 9999
LATEST_ORDER_NS = 9 * 10**18
"""Databases keep 63 bits, enough until 2262; this is 2255, and leaves room for more versions than anybody makes."""


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """One version of one file: `root` absolute, `name` relative to it (both as the system gives them).

    `order_ns` is its modification time, pushed past the version before it when a file's clock went backwards.
    `content` is the SHA-256 of what was read, "" for a file that was not read; `path` is the private copy, or the file
    itself when there is none.
    """

    root: str
    name: str
    signature: Signature
    order_ns: int
    content: str
    path: str


def event_from_file(file: ReadyFile, rule: str) -> Event:
    """The event of one version of a file; its id tells root, name and content apart and sorts by version."""
    watch = watch_id(file.root, file.name)
    folder, _, last = file.name.rpartition("/")
    return Event(
        id=f"file:{watch}:{file.order_ns:020d}:{file.content[:16] or _unread_mark(file.signature)}",
        source="folder",
        rule=rule,
        text="",
        subject=readable(file.name),
        time=_time_of(file.signature.mtime_ns),
        conversation=f"file:{watch}",
        reply_to=FilePath(root=to_text(file.root), name=to_text(file.name)),
        attachments=(_attachment(file, readable(last)),),
        fields={"filename": readable(last), "folder": readable("/".join(folder.split("/")[:MAX_FOLDER_PARTS]))},
    )


def watch_id(root: str, name: str) -> str:
    """A short id of one name below one root: 64 bits, the same for ever."""
    return hashlib.sha256(f"{to_text(root)}\0{to_text(name)}".encode()).hexdigest()[:16]


def next_order_ns(signature: Signature, previous_ns: int | None) -> int:
    """The version's place in the order of its name: its modification time, but always after the version before."""
    order_ns = min(max(0, signature.mtime_ns), LATEST_ORDER_NS)
    return order_ns if previous_ns is None else max(order_ns, previous_ns + 1)


def _attachment(file: ReadyFile, name: str) -> Attachment:
    return Attachment(
        name, path=_storable(file.path), size_bytes=file.signature.size_bytes, sha256=file.content or None
    )


def _unread_mark(signature: Signature) -> str:
    return hashlib.sha256(repr(tuple(signature[1:])).encode()).hexdigest()[:16]


def _time_of(mtime_ns: int) -> datetime:
    return datetime.fromtimestamp(min(max(0, mtime_ns), LATEST_TIME_NS) / 1e9, UTC)


def _storable(path: str) -> str:
    # Other parts open this path as it stands, so it is only escaped where nothing could store it otherwise.
    return to_text(path) if _has_stray_bytes(path) else path


def _has_stray_bytes(path: str) -> bool:
    return not path.isascii() and any("\udc80" <= letter <= "\udcff" for letter in path)
