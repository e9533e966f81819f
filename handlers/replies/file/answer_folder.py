"""The folder an answer is written into: opened step by step below its root, never through a link."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from types import TracebackType

from bot.doors.folder.paths import open_folder
from handlers.replies.file.answer_page import Header, read_header

NOT_OURS = (errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENXIO, errno.ENODEV, errno.EISDIR, errno.EAGAIN)
"""What opening or reading a link, a folder, a pipe or another one's closed file is answered with."""
LONGEST_LINE_BYTES = 65_536
"""Far more than a header of ours has; a file of the user's own may be one endless line."""
HEADER_BYTES = 4096
NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)  # two apart on macOS


class AnswerFolder:
    """A directory descriptor and what is done in it; a context manager. Everything raises OSError."""

    def __init__(self, root: str, parts: tuple[str, ...]) -> None:
        self._root = root
        self._parts = parts
        self._folder = -1

    def __enter__(self) -> AnswerFolder:
        self._folder = open_folder(self._root, self._parts, makes=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._folder)

    def exists(self, name: str) -> bool:
        """Whether anything stands at that name, a link included."""
        try:
            os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        """Everything that stands in it."""
        return os.listdir(self._folder)  # noqa: PTH208 (a Path cannot hold a descriptor)

    def header(self, name: str) -> Header | None:
        """The header of the file of ours at that name; None when there is nothing, or somebody else's."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._folder)
            try:
                first_line = _first_line(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            # Any other fault tells nothing: were a file of ours taken for another's, its answer would lie there twice.
            if error.errno not in NOT_OURS:
                raise
            return None
        return read_header(first_line.decode("utf-8", "replace"))

    @contextlib.contextmanager
    def written(self, text: str, event_id: str) -> Iterator[str]:
        """A hidden file with that text, durable, to be put at a name; it is gone afterwards."""
        with self._working(event_id) as working:
            with os.fdopen(self._create(working), "wb") as file:
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
            yield working
        os.fsync(self._folder)

    def take(self, working: str, name: str) -> bool:
        """Put the file at a name that is free, in one step; False when something stands there by now."""
        try:
            self._link(working, name)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            return self._move(working, name)
        return True

    def replace(self, working: str, name: str) -> None:
        """Put the file where an earlier one of the same event, or of its file's older version, stands."""
        os.replace(working, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def keep(self, name: str, event_id: str, dated_names: Iterable[str]) -> None:
        """Let that event's file at `name` be found at a dated name too; without hard links it is moved there."""
        for dated_name in dated_names:
            header = self.header(dated_name)
            if (header is not None and header.event_id == event_id) or self.take(name, dated_name):
                return

    def remove(self, name: str) -> None:
        """Remove the file at that name."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)

    def prove_writable(self, event_id: str) -> None:
        """Make and remove a hidden file; raises OSError when that is refused."""
        with self._working(event_id) as working:
            os.close(self._create(working))

    @contextlib.contextmanager
    def _working(self, event_id: str) -> Iterator[str]:
        # One hidden name for each event: no other event touches it, and its next attempt removes what a crash left.
        working = f".bellhop-{hashlib.sha256(event_id.encode('utf-8', 'replace')).hexdigest()[:16]}.tmp"
        self.remove(working)
        try:
            yield working
        finally:
            self.remove(working)

    def _create(self, working: str) -> int:
        return os.open(working, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666, dir_fd=self._folder)

    def _link(self, name: str, other: str) -> None:
        # A link is refused where a name is taken, a rename is not.
        os.link(name, other, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False)

    def _move(self, name: str, other: str) -> bool:
        # Without hard links (FAT, some network shares) looking and renaming are two steps. The lock keeps the other
        # answers of this machine out between them; it goes when the folder is closed, or its process killed.
        with contextlib.suppress(OSError):
            fcntl.flock(self._folder, fcntl.LOCK_EX)
        if self.exists(other):
            return False
        os.rename(name, other, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        return True


def _first_line(descriptor: int) -> bytes:
    line = b""
    while b"\n" not in line and len(line) < LONGEST_LINE_BYTES and (more := os.read(descriptor, HEADER_BYTES)):
        line += more
    return line.partition(b"\n")[0]
