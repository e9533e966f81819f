"""The reading of a dropped file without a private copy: one that was skipped, and is run again.

It is copied first, opened step by step below its root and never through a link: since it was dropped, anybody who may
write into the folder can have put a link to some other file in its place.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.doors.folder.file_store import FileStore
from bot.doors.folder.filenames import from_text
from bot.doors.folder.paths import open_beneath
from bot.doors.folder.reasons import LINK, too_big
from bot.errors import BellhopError, NotWanted, Refused, TryAgain
from bot.events import Event, FilePath
from bot.parts import Parts
from handlers.prompt import Gathered

if TYPE_CHECKING:
    from handlers.documents import Document

DELETED = "skipped: deleted. The file was taken away before its answer came."


def dropped_reader(most_bytes: int) -> Callable[[Event], Awaitable[Gathered]]:
    """What reads the files of the folder door that have no private copy, up to `most_bytes` (FOLDER_MAX_MB)."""

    async def gather(event: Event) -> Gathered:
        bare = [attachment for attachment in event.attachments if attachment.sha256 is None]
        if not bare or not isinstance(event.reply_to, FilePath):
            return Gathered()
        return Gathered(documents=(await read_dropped(event.reply_to, bare[0].name, most_bytes),))

    return gather


def open_reader(parts: Parts) -> Callable[[Event], Awaitable[Gathered]]:
    """The reader of the folder door."""
    return dropped_reader(parts.settings.folder_max_bytes)


def open_presence(parts: Parts) -> Callable[[Event], Awaitable[None]]:
    """What tells whether a dropped file still lies in its folder, under whatever name."""
    store = FileStore(parts.database)

    async def present(event: Event) -> None:
        if isinstance(event.reply_to, FilePath) and await asyncio.to_thread(_is_deleted, event, event.reply_to, store):
            raise NotWanted(DELETED)

    return present


def _is_deleted(event: Event, address: FilePath, store: FileStore) -> bool:
    root = Path(from_text(address.root))
    if os.path.lexists(root / from_text(address.name)) or not _is_there(root):
        return False
    hashes = [attachment.sha256 for attachment in event.attachments if attachment.sha256]
    return not any(os.path.lexists(root / name) for one in hashes for name in store.names_of(str(root), one))


def _is_there(root: Path) -> bool:
    """Whether this is the folder itself: an empty one may be where a drive is mounted, which is away."""
    try:
        return any(root.iterdir())
    except OSError:
        return False


async def read_dropped(address: FilePath, name: str, most_bytes: int) -> Document:
    """The file at that address as it is now; `name` is what it is called to the reader.

    Raises NotWanted for a link and for more than `most_bytes` (it stays skipped, nobody is told again), else what
    `read_document` raises.
    """
    from handlers.documents import read_document

    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="bellhop-"))
    try:
        copy = await asyncio.to_thread(_copied, address, folder, most_bytes)
        return await read_document(copy, name)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _copied(address: FilePath, folder: Path, most_bytes: int) -> Path:
    try:
        descriptor = open_beneath(from_text(address.root), from_text(address.name))
        with open(descriptor, "rb") as file, (folder / "copy").open("xb") as copy:  # noqa: PTH123 (a descriptor)
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refused("This is a folder or a device, not a file; drop a file.")
            if status.st_size > most_bytes:
                raise NotWanted(too_big(status.st_size, most_bytes).words)
            shutil.copyfileobj(file, copy)
    except OSError as error:
        raise _plain(error) from None
    return folder / "copy"


def _plain(error: OSError) -> BellhopError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return NotWanted(LINK.words)
    if error.errno in (errno.ENOENT, errno.ENXIO):
        return Refused("The file is not there any more; drop it again.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Refused("The file may not be opened by Bellhop; allow it to be read, then run it again.")
    return TryAgain(f"The file could not be read now: {error.strerror or 'the drive gave no answer'}.")
