"""The private copy: what Claude is asked about is read once, proven whole, and can no longer change.

A file is opened below its root without following a link anywhere on the way, copied, and read a second time: the copy
stands only when both readings and both looks at the file agree.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import signal
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from bot.doors.folder.file_store import KnownFile
from bot.doors.folder.paths import open_beneath
from bot.doors.folder.signature import Signature, signature_of
from triggers.folder.candidates import Read
from triggers.folder.completeness import is_unfinished

log = structlog.get_logger()

CHUNK_BYTES = 1024 * 1024
ORPHAN_AFTER_S = 3_600.0
"""A file younger than this may be a copy in the making."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file. Only "whole" has the content's hash and the copy, still under its working name.

    "stuck": the copy could not be made, by no fault of the file (disk full, state folder not writable).
    """

    outcome: Literal["whole", "empty", "torn", "unfinished", "denied", "gone", "stuck"]
    signature: Signature | None = None
    sha256: str = ""
    copy: str = ""


class Copies:
    """The folder of private copies; `is_local` says whether the kernel knows every writer of the watched files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def read(self, root: str, name: str, order: Read, *, is_local: bool) -> Reading:
        """Read `name` below `root` into a working copy; never raises for a fault of the file."""
        try:
            descriptor = open_beneath(root, name)
        except OSError as error:
            return Reading(_outcome_of(error))
        try:
            return self._read_open(descriptor, name, order, is_local=is_local)
        except OSError as error:
            return Reading(_outcome_of(error))
        finally:
            os.close(descriptor)

    def _read_open(self, descriptor: int, name: str, order: Read, *, is_local: bool) -> Reading:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            return Reading("gone")
        if signature_of(before) != order.signature:
            return Reading("torn")
        if order.checked and self._must_hold(descriptor, name, order, is_local=is_local):
            return Reading("unfinished")
        return self._copy(descriptor, order.signature) if order.signature.size_bytes else Reading("empty")

    def _must_hold(self, descriptor: int, name: str, order: Read, *, is_local: bool) -> bool:
        # After a close or a rename a second holder is no writer of this content: editors keep what they saved open.
        was_closed = order.candidate.phase in ("closed", "moved")
        if is_local and not was_closed and is_open_for_writing(descriptor):
            return True
        return is_unfinished(descriptor, order.signature.size_bytes, name)

    def _copy(self, descriptor: int, signature: Signature) -> Reading:
        working = f"{self.folder}/.{secrets.token_hex(8)}.part"
        try:
            first = self._write(descriptor, working)
            second = _digest(descriptor)
            if first != second or signature_of(os.fstat(descriptor)) != signature:
                _remove(working)
                return Reading("torn")
        except OSError as error:
            log.warning("private copy failed", fault=error.strerror)
            with contextlib.suppress(OSError):
                _remove(working)
            return Reading("stuck")
        return Reading("whole", signature, first, working)

    def _write(self, descriptor: int, working: str) -> str:
        digest = hashlib.sha256()
        copy = self._new_file(working)
        try:
            for chunk in _chunks(descriptor):
                digest.update(chunk)
                _write_all(copy, chunk)
            os.fsync(copy)
        finally:
            os.close(copy)
        return digest.hexdigest()

    def _new_file(self, working: str) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        try:
            return os.open(working, flags, 0o600)
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
            return os.open(working, flags, 0o600)

    def name_of(self, file: KnownFile) -> str:
        """The path of the copy of a file's version; its name is the event's id with other marks between the parts."""
        return f"{self.folder}/{file.watch}-{file.order_ns:020d}-{file.sha256[:16]}"

    def keep(self, reading: Reading, final: str) -> None:
        """Give the working copy its final name."""
        os.replace(reading.copy, final)  # noqa: PTH105 (a burst renames thousands, and a Path costs more than the rename)

    def discard(self, reading: Reading) -> None:
        """Remove a working copy that is not needed after all."""
        Path(reading.copy).unlink(missing_ok=True)

    def sync_names(self) -> None:
        """Make the names given by `keep` survive a power cut."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sweep(self, is_wanted: Callable[[Sequence[str]], Collection[str]], now: float) -> int:
        """Remove every copy whose event is known no more, and what a crash left half made; returns how many went.

        `is_wanted` says which of so many events are still known; `now` in seconds since 1970.
        """
        files = list(self.folder.iterdir()) if self.folder.is_dir() else []
        old = {path: _event_id(path.name) for path in files if _age_s(path, now) > ORPHAN_AFTER_S}
        wanted = is_wanted(list(old.values()))
        orphans = [path for path, event_id in old.items() if event_id not in wanted]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)


def _event_id(name: str) -> str:
    return f"file:{name.replace('-', ':')}"


def _age_s(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0


def is_open_for_writing(descriptor: int) -> bool:
    """Whether another program has this file open for writing; False where the system cannot tell.

    A read lease is only granted on a file without writers (fcntl(2), F_SETLEASE), and is given back at once. Should a
    writer come in between, the kernel tells us by a signal: SIGURG, which is ignored, not the deadly SIGIO.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _remove(path: str) -> None:
    Path(path).unlink()


def _chunks(descriptor: int) -> Iterator[bytes]:
    at = 0
    while chunk := os.pread(descriptor, CHUNK_BYTES, at):
        at += len(chunk)
        yield chunk


def _digest(descriptor: int) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(descriptor):
        digest.update(chunk)
    return digest.hexdigest()


def _write_all(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _outcome_of(error: OSError) -> Literal["denied", "gone", "stuck"]:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "denied"
    # A link on the way (ELOOP, ENOTDIR) is met again, and recorded, by the next look or scan.
    return "gone" if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO) else "stuck"
