"""The reply beside a file: `answers/<name>.answer.md`, `.error.md` when there is none, `.waiting.md` while it waits.

Written hidden in the same folder, synced, then put at its name in one step: nobody ever sees half an answer, a crash
leaves none, and what other events answered at the same moment stays.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath

from bot.doors.folder.answers import ANSWERS, with_ending
from bot.doors.folder.filenames import from_text, readable, to_text
from bot.errors import PROGRAM, Refused, TryAgain
from bot.events import Address, Answer, Event, FilePath, Place
from bot.parts import Parts, Standing
from bot.waiting import waiting_words
from handlers.replies.file import answer_page as page
from handlers.replies.file.answer_folder import AnswerFolder
from handlers.replies.file.event_files import ANSWER, FAILED, WAITING, EventFiles

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
THEN = f"then run it again: `{PROGRAM} retry --failed`. What was paid is not paid again."
"""These words are read, in the log or by `bot events`, when the tries are over: nothing comes by itself any more."""
RETRY_FULL_S = 60.0
"""Before Claude is asked there are few tries, so they wait long; an answer that is there has many, the first soon."""


class DiskFull(TryAgain):
    """No room for the answer just now."""


class FileReply:
    """Nobody watches a file: one shot. Every method may be repeated; the same event writes the same file again.

    The path comes from the address alone and stays below `root/answers`, whatever the event's text says.
    """

    watched = False

    def __init__(self, event: Event, address: FilePath, *, clock: Callable[[], float] = time.time) -> None:
        self._event = event
        self._root = from_text(address.root)
        self._parts = _safe_parts(from_text(address.name))
        self._clock = clock
        self._name = ""

    async def open(self, place: Place | None) -> Place:
        """Make the folder of the answer and prove that it can be written, before Claude is paid."""
        del place  # the address says it all
        try:
            return await asyncio.to_thread(self._guarded, self._open)
        except DiskFull as error:
            raise TryAgain(error.reason, RETRY_FULL_S) from None

    async def show(self, text_so_far: str) -> None:
        """Nobody is looking."""

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Write `<name>.waiting.md`, which goes when the answer or the reason for none is there."""
        await asyncio.to_thread(self._guarded, lambda: self._wait(reason, until))

    async def finish(self, answer: Answer) -> None:
        """Put the answer at its place; an older version's answer is kept under a dated name."""
        await asyncio.to_thread(self._guarded, lambda: self._finish(answer))

    async def fail(self, reason: str) -> None:
        """Write the reason into `<name>.error.md`; an answer that stands there stays."""
        await asyncio.to_thread(self._guarded, lambda: self._fail(reason))

    async def standing(self) -> Standing:
        """The path of the answer."""
        return Standing(readable("/".join((self._root, ANSWERS, *self._parts[:-1], self._name))) if self._name else "")

    def _guarded(self, work: Callable[[], Place]) -> Place:
        try:
            return work()
        except OSError as error:
            place = f"{readable(self._root)}/{ANSWERS}"
            raise _plain(error, place, readable("/".join((place, *self._parts[:-1])))) from None

    def _open(self) -> Place:
        with self._folder() as folder:
            folder.prove_writable(self._event.id)
        return {"file": to_text("/".join((ANSWERS, *self._parts[:-1], with_ending(self._parts[-1], ANSWER))))}

    def _wait(self, reason: str, until: datetime | None) -> Place:
        now_s = self._clock()
        words = waiting_words(reason, until, datetime.fromtimestamp(now_s, UTC))
        with self._folder() as folder:
            return {"file": self._files(folder).lay(WAITING, page.waiting_page(words, self._event.id, now_s))}

    def _finish(self, answer: Answer) -> Place:
        now_s = self._clock()
        with self._folder() as folder:
            files = self._files(folder)
            self._name = files.lay_answer(page.answer_page(answer, self._event.id, now_s), page.time_words(now_s))
            files.remove(FAILED)
            files.remove(WAITING)
        return {"file": self._name}

    def _fail(self, reason: str) -> Place:
        with self._folder() as folder:
            files = self._files(folder)
            name = files.lay(FAILED, page.error_page(reason, self._event.id, self._clock()))
            files.remove(WAITING)
        return {"file": name}

    def _files(self, folder: AnswerFolder) -> EventFiles:
        return EventFiles(folder, self._parts[-1], self._event)

    def _folder(self) -> AnswerFolder:
        return AnswerFolder(self._root, (ANSWERS, *self._parts[:-1]))


class FileReplies:
    """Makes a reply for each event; it holds nothing."""

    def reply_for(self, event: Event, *, watched: bool) -> FileReply:
        """The reply beside the event's file; a file does not grow before anybody's eyes."""
        del watched
        assert isinstance(event.reply_to, FilePath)
        return FileReply(event, event.reply_to)

    async def note(self, address: Address, words: str) -> None:
        """Nobody is there to see it."""

    async def aclose(self) -> None:
        """Nothing is held."""


def open_replies(_parts: Parts) -> FileReplies:
    """Replies beside files."""
    return FileReplies()


def _safe_parts(name: str) -> tuple[str, ...]:
    parts = tuple(name.split("/"))
    if not PurePosixPath(name).parts or any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise Refused("This file's name cannot be answered beside it: it leads out of its folder.")
    return parts


def _plain(error: OSError, place: str, folder: str) -> Refused | TryAgain:
    """`folder` is the one below `place` that the answer belongs into."""
    if error.errno in FULL:
        return DiskFull(f"The disk that holds {place} is full. Free some space, {THEN}")
    if error.errno in CLOSED:
        return TryAgain(f"Bellhop may not write into {folder}. Give it write permission, {THEN}")
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return Refused(f"{place} is a link or a file. Remove it, {THEN}")
    if error.errno == errno.ENOENT:
        return TryAgain(f"The folder above {place} is gone. Put it back, {THEN}")
    return TryAgain(f"The answer could not be written into {place} ({error.strerror or 'unknown fault'}).")
