"""A folder's new files, read as at the folder door: those that no earlier run of the rule has told."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.doors.folder.filenames import readable, to_text
from bot.doors.folder.ignored import IgnoreTable
from bot.doors.folder.paths import absolute, open_beneath
from bot.doors.folder.settings import FolderSettings
from bot.errors import Refused
from bot.parts import Parts
from handlers.documents import Document, read_document
from handlers.reading.material import Material, Seen, missing

MOST_FILES = 20
MOST_BYTES = 30_000_000
"""So much is read for one run; what is over comes with the next one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file below the folder, and its state: another size or time is another file."""

    name: str
    size_bytes: int
    mtime_ns: int

    @property
    def item(self) -> str:
        """What stands for it among what was told."""
        return f"{to_text(self.name)}\n{self.size_bytes}\n{self.mtime_ns}"


class NewFiles:
    """`quiet_s`: a file that was changed less long ago may not be complete, and comes with the next run."""

    def __init__(
        self, ignored: IgnoreTable, quiet_s: float, most_bytes: int, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._ignored, self._quiet_s, self._most_bytes, self._clock = ignored, quiet_s, most_bytes, clock

    async def read(self, place: str, seen: Seen) -> Material:
        """The oldest that were not told yet, as many as one run takes; the rest comes with the next."""
        root = absolute(place)
        try:
            fresh = await asyncio.to_thread(self._fresh, root, seen)
        except OSError as error:
            return missing(f"{readable(root)} cannot be read ({error.strerror})")
        chosen = list(_fitting(fresh))
        documents, notes = list[Document](), list[str]()
        for one in chosen:
            try:
                documents.append(await self._document(root, one))
            except (Refused, OSError) as error:
                why = error.reason if isinstance(error, Refused) else f"it cannot be read ({error.strerror})"
                notes.append(f"{readable(one.name)}: {why}")
        if not chosen:
            return Material("nothing new")
        left = len(fresh) - len(chosen)
        if left:
            notes.append(f"{left} more files come with the next run")
        words = "; ".join((f"{len(documents)} new files", *notes))
        return Material(words, tuple(documents), tuple(one.item for one in chosen), tuple(notes), not documents)

    def _fresh(self, root: str, seen: Seen) -> list[Found]:
        found = [one for one in self._listed(root, "") if self._clock() - one.mtime_ns / 1e9 >= self._quiet_s]
        told = seen([one.item for one in found])
        fresh = (one for one in found if one.item not in told)
        return sorted(fresh, key=lambda one: (one.mtime_ns, one.name))

    def _listed(self, root: str, folder: str) -> Iterator[Found]:
        with os.scandir(f"{root}/{folder}") as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                name = f"{folder}/{entry.name}" if folder else entry.name
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode) and not self._ignored.folder(name):
                    yield from self._listed(root, name)
                elif stat.S_ISREG(status.st_mode) and status.st_size and not self._ignored.file(name):
                    yield Found(name, status.st_size, status.st_mtime_ns)

    async def _document(self, root: str, one: Found) -> Document:
        if one.size_bytes > self._most_bytes:
            raise Refused(f"it has {one.size_bytes / 1e6:.0f} MB, and {self._most_bytes / 1e6:.0f} are read at most")
        with tempfile.TemporaryDirectory() as private:
            copy = Path(private) / "file"
            await asyncio.to_thread(_copy, root, one.name, copy)
            return await read_document(copy, readable(one.name))


def _copy(root: str, name: str, to: Path) -> None:
    # What stands there may be exchanged at any time: only a copy of our own is opened by its path.
    with os.fdopen(open_beneath(root, name), "rb") as source, to.open("wb") as target:
        shutil.copyfileobj(source, target)


def _fitting(files: list[Found]) -> Iterator[Found]:
    total = 0
    for count, one in enumerate(files):
        total += one.size_bytes
        if count and (count >= MOST_FILES or total > MOST_BYTES):
            return
        yield one


def open_source(parts: Parts) -> NewFiles:
    """What reads folders by the settings of the folder door."""
    own = parts.settings.door(FolderSettings)
    return NewFiles(IgnoreTable(own.folder_ignore), own.folder_quiet_seconds or 1.0, parts.settings.folder_max_bytes)
