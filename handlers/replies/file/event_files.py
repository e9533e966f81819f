"""The files of one event among the answers: which names they have, and that no other event's file is ever touched.

A file has the plain name (`photo.txt.answer.md`) where that is free. Where another event's answer stands there, as
when two people send a `photo.txt` each, it has a mark of its own (`photo.txt~3fa9c1d2.answer.md`). Only versions of
one dropped file share a name: the newest has it, the older ones are kept under dated names.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.doors.folder.answers import dated, numbered, with_ending
from bot.events import Event
from handlers.replies.file.answer_folder import AnswerFolder
from handlers.replies.file.answer_page import Header, safe_id

ANSWER, FAILED, WAITING = ENDINGS = (".answer.md", ".error.md", ".waiting.md")
MOST_TRIES = 1_000
"""So often may a name be taken by others between looking and taking; more is a fault of the disk."""

_DATED = re.compile(r"\.answer\.\d{4}-\d\d-\d\d-\d{4}(-\d+)?\.md", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spot:
    """A name, the plain or marked name of the question that it is made of, and what of ours stands there."""

    name: str
    base: str
    header: Header | None = None


class EventFiles:
    """The files of one event, named after `last_name`, in an open folder. Everything raises OSError."""

    def __init__(self, folder: AnswerFolder, last_name: str, event: Event) -> None:
        self._folder, self._last_name = folder, last_name
        self._id, conversation = safe_id(event.id), safe_id(event.conversation)
        # Ids of versions are their conversation and what sorts them; any other event has only its own files.
        self._versions = f"{conversation}:" if self._id.startswith(f"{conversation}:") else ""
        subject = conversation if self._versions else self._id
        self._mark = hashlib.sha256(subject.encode("utf-8", "replace")).hexdigest()[:8]

    def lay_answer(self, text: str, time_words: str) -> str:
        """Put the answer at its name, which is returned; an older version's answer is kept under a dated one."""
        return self._lay(text, lambda working: self._put_answer(working, time_words))

    def lay(self, ending: str, text: str) -> str:
        """Put that at its name, which is returned, in place of what any version said with this ending."""
        return self._lay(text, lambda working: self._put(working, self._spot(ending)))

    def remove(self, ending: str) -> None:
        """Remove what this event said with this ending, or an older version; what a newer one says stays."""
        spot = self._spot(ending)
        if spot.header is not None and not self._is_older_than(spot.header):
            self._folder.remove(spot.name)

    def _lay(self, text: str, put: Callable[[str], str]) -> str:
        with self._folder.written(text, self._id) as working:
            for _ in range(MOST_TRIES):
                if name := put(working):
                    return name
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))

    def _put(self, working: str, spot: Spot) -> str:
        """The name it has now; "" when another event took it meanwhile, and it is time to look again."""
        if spot.header is None:
            return spot.name if self._folder.take(working, spot.name) else ""
        self._folder.replace(working, spot.name)
        return spot.name

    def _put_answer(self, working: str, time_words: str) -> str:
        spot = self._spot(ANSWER)
        if spot.header is None or spot.header.event_id == self._id:
            return self._put(working, spot)
        if self._is_older_than(spot.header):
            return self._put_dated(working, spot, time_words)
        self._folder.keep(spot.name, spot.header.event_id, dated(spot.base, spot.header.time_words))
        # Looked up again: where it could only be moved, its name is free now, or another event's already.
        return self._put(working, self._spot(ANSWER))

    def _put_dated(self, working: str, spot: Spot, time_words: str) -> str:
        for name in self._folder.names():
            if _DATED.search(name) and self._is_own(self._folder.header(name)):
                self._folder.replace(working, name)
                return name
        return next(name for name in dated(spot.base, time_words) if self._folder.take(working, name))

    def _spot(self, ending: str) -> Spot:
        """Where a file of this event or of another version stands; where none does, a free name."""
        plain, is_anothers = self._search(self._last_name, ending)
        if plain.header is not None:
            return plain
        marked, _ = self._search(f"{self._last_name}~{self._mark}", ending)
        # Once another event has the plain name for anything, all that is said here has the mark: it belongs together.
        return marked if marked.header is not None or is_anothers or self._is_shared() else plain

    def _search(self, base: str, ending: str) -> tuple[Spot, bool]:
        """The first name that is ours or free, past the user's own by number; was another event's among them?"""
        is_anothers = False
        for name in numbered(base, ending):
            if not self._folder.exists(name):
                return Spot(name, base), is_anothers
            header = self._folder.header(name)
            if header is not None and self._is_version(header):
                return Spot(name, base, header), is_anothers
            is_anothers |= header is not None
        raise AssertionError("names never run out")

    def _is_shared(self) -> bool:
        headers = (self._folder.header(with_ending(self._last_name, ending)) for ending in ENDINGS)
        return any(header is not None and not self._is_version(header) for header in headers)

    def _is_own(self, header: Header | None) -> bool:
        return header is not None and header.event_id == self._id

    def _is_version(self, header: Header) -> bool:
        return header.event_id == self._id or bool(self._versions and header.event_id.startswith(self._versions))

    def _is_older_than(self, header: Header) -> bool:
        return self._is_version(header) and header.event_id > self._id
