"""The versions of files: what a finished look means, and the event of a new version.

A version is a name with a content. Decided by `verdict` and `event_from_file` (pure); `Versions` looks up what is
known, and gives copies their names before their event is made, so that no event speaks of a copy that is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from bot.doors.folder.file_store import FileStore, KnownFile
from bot.doors.folder.filenames import readable, to_text
from bot.doors.folder.reasons import DENIED, Reason
from bot.doors.folder.signature import Signature
from bot.events import Attachment, Event, FilePath, Record
from triggers.folder.copies import Copies, Reading
from triggers.folder.look import look
from triggers.folder.roots import Root

Verdict = Literal["new", "same", "moved"]

MAX_FOLDER_PARTS = 5
LATEST_TIME_NS = 253_402_300_799 * 10**9  # the last second of the year 9999
LATEST_ORDER_NS = 9 * 10**18
"""Databases keep 63 bits, enough until 2262; this is 2255, and leaves room for more versions than anybody makes."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What a look at a file came to: read whole (`reading`), or skipped for a `reason`."""

    name: str
    signature: Signature
    reading: Reading | None = None
    reason: Reason | None = None

    @property
    def sha256(self) -> str:
        """Of the content; "" when it was not read."""
        return self.reading.sha256 if self.reading else ""


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


def verdict(result: FileResult, before: KnownFile | None, moved_from: KnownFile | None) -> Verdict:
    """What a result means, given the version known under its name and a vanished file with the same signature."""
    if before is not None and _is_same(result.signature, result.sha256, before):
        return "same"
    if moved_from is not None and result.sha256 and moved_from.sha256 in ("", result.sha256):
        return "moved"
    return "new"


def _is_same(signature: Signature, content: str, before: KnownFile) -> bool:
    if content and before.sha256:
        return content == before.sha256
    # One of the two was never read: the signature must do, unless it is readable for the first time.
    return signature == before.signature and not (content and before.outcome == DENIED.code)


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
    # Other parts open this path as it stands, so it is only escaped where nothing could store it otherwise.
    path = to_text(file.path) if _has_stray_bytes(file.path) else file.path
    return Attachment(name, path=path, size_bytes=file.signature.size_bytes, sha256=file.content or None)


def _unread_mark(signature: Signature) -> str:
    return hashlib.sha256(repr(tuple(signature[1:])).encode()).hexdigest()[:16]


def _time_of(mtime_ns: int) -> datetime:
    return datetime.fromtimestamp(min(max(0, mtime_ns), LATEST_TIME_NS) / 1e9, UTC)


def _has_stray_bytes(path: str) -> bool:
    return not path.isascii() and any("\ud800" <= letter <= "\udfff" for letter in path)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that nobody has seen to: its event, and why it is not answered.

    `record` writes the row that remembers it (see `bot.events.Emit`); `when_recorded` is told once that is done.
    """

    event: Event
    reason: Reason | None
    record: Record
    when_recorded: Callable[[], object] = lambda: None


class Versions:
    """What is known of the files of one root. `_unrecorded`: new versions that are not durable yet, by watch id."""

    def __init__(self, root: Root, store: FileStore, copies: Copies) -> None:
        self._root = root
        self._store = store
        self._copies = copies
        self._unrecorded: dict[str, KnownFile] = {}

    def settle(self, results: Sequence[FileResult]) -> list[NewVersion]:
        """The new versions among these; the other files are remembered. When it raises (SQL errors), none is."""
        watches = [watch_id(self._root.path, result.name) for result in results]
        before = self._store.files(watches) | self._unrecorded
        moved = self._moved_from(results)
        seen: list[KnownFile] = []
        new: list[tuple[FileResult, KnownFile]] = []
        for watch, result in zip(watches, results, strict=True):
            known = before.get(watch)
            what = verdict(result, known, moved.get(result.signature))
            file = self._file(watch, result, known, what)
            if what == "new":
                new.append((result, file))
            else:
                seen.append(file)
        self._keep_copies(results, {result.name: file for result, file in new})
        self._store.record(seen)
        return [self._new_version(result, file) for result, file in new]

    def _moved_from(self, results: Iterable[FileResult]) -> dict[Signature, KnownFile]:
        read = {result.signature: result.name for result in results if result.reading}
        twins = self._store.twins(self._root.path, list(read)) if read else []
        twins += [file for file in tuple(self._unrecorded.values()) if file.signature in read]
        names = set(read.values())
        # A hard link has a twin that still stands: that is a second file, not a renamed one.
        return {twin.signature: twin for twin in twins if twin.name not in names and not _stands(twin)}

    def _file(self, watch: str, result: FileResult, before: KnownFile | None, what: Verdict) -> KnownFile:
        content = result.sha256
        if what == "same" and before is not None:
            content, order_ns, outcome = content or before.sha256, before.order_ns, before.outcome
        else:
            order_ns = next_order_ns(result.signature, before.order_ns if before else None)
            reason = result.reason.code if result.reason else "claimed"
            outcome = "moved" if what == "moved" else reason
        return KnownFile(watch, self._root.path, result.name, result.signature, content, order_ns, outcome)

    def _new_version(self, result: FileResult, file: KnownFile) -> NewVersion:
        path = self._copies.name_of(file) if result.reading else f"{self._root.path}/{result.name}"
        ready = ReadyFile(file.root, file.name, file.signature, file.order_ns, file.sha256, path)
        self._unrecorded[file.watch] = file
        record = partial(self._store.write, files=[file])
        event = event_from_file(ready, self._root.rule)
        return NewVersion(event, result.reason, record, partial(self._recorded, file))

    def _recorded(self, file: KnownFile) -> None:
        if self._unrecorded.get(file.watch) is file:  # a newer version of it may have come meanwhile
            del self._unrecorded[file.watch]

    def _keep_copies(self, results: Sequence[FileResult], new: Mapping[str, KnownFile]) -> None:
        kept = [result for result in results if result.reading and result.name in new]
        for result in results:
            if result.reading and result.name in new:
                self._copies.keep(result.reading, self._copies.name_of(new[result.name]))
            elif result.reading:
                self._copies.discard(result.reading)
        if kept:
            self._copies.sync_names()


def _stands(known: KnownFile) -> bool:
    here = look(f"{known.root}/{known.name}")
    return here.signature is not None and here.signature[:2] == known.signature[:2]
