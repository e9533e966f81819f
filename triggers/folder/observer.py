"""The observer of one folder tree: watchdog's events become changes in a queue, its warnings a new scan.

The handler neither looks at files nor blocks nor raises: an exception in it would kill the library's thread for good.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from watchdog.events import (
    DirAttribEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

WANTED: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileAttribEvent,
    DirAttribEvent,
]
"""Not the openings: each file we read, and each folder we list, would make some, and they tell nothing of a writer."""

# The library warns of a harmless overlap whenever folders are made in one go, and each warning fills a screen.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, r"watchdog\.")

LIBRARY_LOGGER = "watchdog.observers"


class FileChange(NamedTuple):
    """One thing the library said: its word for it, the path, and for a rename where it went ("" for outside)."""

    word: str
    path: str
    destination: str
    is_folder: bool


class ChangeQueue(FileSystemEventHandler):
    """The queue between the library's thread and ours."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._queue: deque[FileChange] = deque()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take one event; called by the library's thread."""
        paths = (str(event.src_path), str(event.dest_path))
        self._queue.append(FileChange(event.event_type, *paths, event.is_directory))
        self._wake()

    def take_all(self) -> list[FileChange]:
        """Everything queued so far."""
        return [self._queue.popleft() for _ in range(len(self._queue))]


class FolderObserver:
    """A running observer of one folder tree. Raises OSError when the kernel refuses (no folder, no watches left)."""

    def __init__(self, real_root: str, changes: ChangeQueue) -> None:
        self._observer = _new_observer()
        try:
            self._observer.schedule(changes, real_root, recursive=True, event_filter=WANTED)
            self._observer.start()
        except BaseException:
            self._observer.stop()
            raise

    def is_alive(self) -> bool:
        """Whether every thread of it still runs; a deleted root ends the emitter's."""
        return self._observer.is_alive() and all(emitter.is_alive() for emitter in self._observer.emitters)

    def stop(self) -> None:
        """End its threads; gives up waiting after a second (they are daemons)."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join(timeout=1.0)


def _new_observer() -> BaseObserver:
    if sys.platform != "linux":
        return Observer()
    from watchdog.observers.inotify import InotifyObserver

    # Full events tell a file moved in from outside ("moved", no source) from one being created.
    return InotifyObserver(generate_full_events=True)


class OverflowListener(logging.Handler):
    """Listens to the library's own log: an overflow of the kernel's queue is told nowhere else."""

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._wake = wake
        self._has_heard = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take one warning; called by whichever thread logged it."""
        del record
        self._has_heard = True
        self._wake()

    def take(self) -> bool:
        """Whether there was a warning since this was asked last."""
        heard, self._has_heard = self._has_heard, False
        return heard

    def attach(self) -> None:
        """Begin to listen."""
        logging.getLogger(LIBRARY_LOGGER).addHandler(self)

    def detach(self) -> None:
        """Stop listening."""
        logging.getLogger(LIBRARY_LOGGER).removeHandler(self)
