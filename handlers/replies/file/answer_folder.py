"""The folder an answer is written into: opened step by step below its root, never through a link."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from types import TracebackType

from bot.doors.folder.paths import open_folder
from handlers.replies.file.answer_page import Header, read_header

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

    def header(self, name: str) -> Header | None:
        """The header of the file of ours at that name; None when there is nothing, or somebody else's."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError:
            return None
        try:
            first_line = os.read(descriptor, HEADER_BYTES).partition(b"\n")[0]
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return read_header(first_line.decode("utf-8", "replace"))

    def write(self, name: str, text: str) -> None:
        """Put `text` at that name in one step, durable when this returns."""
        with self._working(name) as working:
            descriptor = os.open(
                working, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666, dir_fd=self._folder
            )
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
            self._put(working, name)
        os.fsync(self._folder)

    def keep(self, name: str, dated_name: str) -> None:
        """Let the file at `name` be found at `dated_name` too; the plain name is about to be replaced."""
        if self.exists(dated_name):
            return
        try:
            os.link(name, dated_name, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            os.rename(name, dated_name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def remove(self, name: str) -> None:
        """Remove the file at that name."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)

    def prove_writable(self) -> None:
        """Make and remove a hidden file; raises OSError when that is refused."""
        with self._working("proof") as working:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            os.close(os.open(working, flags, 0o600, dir_fd=self._folder))

    @contextlib.contextmanager
    def _working(self, name: str) -> Iterator[str]:
        # The same hidden name each time: what a crash left behind is removed by the next attempt.
        working = f".bellhop-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}.tmp"
        self.remove(working)
        try:
            yield working
        finally:
            self.remove(working)

    def _put(self, working: str, name: str) -> None:
        # A link is refused where a name is taken, a rename is not: a file the user made just now stays.
        if self.header(name) is None and _link(working, name, self._folder):
            return
        os.replace(working, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)


def _link(working: str, name: str, folder: int) -> bool:
    """False where the file system has no hard links (FAT, some network shares)."""
    try:
        os.link(working, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno in NO_HARD_LINKS:
            return False
        raise
    return True
