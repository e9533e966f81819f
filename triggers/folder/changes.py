"""This file is what a hint of the watcher does: a file waits to be looked at, or its folder to be scanned."""

from __future__ import annotations

from dataclasses import dataclass

from bot.doors.folder.ignored import is_ignored
from bot.doors.folder.paths import is_within
from triggers.folder import candidates as rule
from triggers.folder.candidate_queue import Waiting
from triggers.folder.candidates import Hint, Limits
from triggers.folder.observer import Notice
from triggers.folder.refusals import Refusals
from triggers.folder.root_status import Condition
from triggers.folder.supervisor import Supervision

HINTS: dict[str, Hint] = {
    "created": "created",
    "modified": "modified",
    "closed": "closed",
    "deleted": "deleted",
    "attrib": "attrib",
}


@dataclass(frozen=True, slots=True)
class Hints:
    """Takes the hints of one root; what Bellhop writes itself (`excluded`) gives none."""

    waiting: Waiting
    condition: Condition
    refusals: Refusals
    supervision: Supervision
    limits: Limits
    excluded: frozenset[str]

    def take(self, notice: Notice, now_s: float) -> None:
        """Take one notice of the watcher, at monotonic seconds."""
        if notice.is_folder:
            self._take_folder(notice, now_s)
            return
        if notice.word != "moved":
            self._put(notice.path, HINTS.get(notice.word), now_s)
            return
        self._put(notice.path, "deleted", now_s)
        self._put(notice.destination, "moved", now_s)

    def _take_folder(self, notice: Notice, now_s: float) -> None:
        if notice.word != "attrib":
            return
        if self._relative(notice.path) in self.condition.unreadable:
            self.supervision.rebuild_soon()
        elif notice.path == self.supervision.real_root:
            self.supervision.scan_soon(now_s)

    def _put(self, path: str, hint: Hint | None, now_s: float) -> None:
        name = self._relative(path)
        if hint is None or not name or is_ignored(name) or self._is_own(name):
            return
        self.refusals.given_up.discard(name)
        self.waiting.put(name, rule.noticed(self.waiting.get(name), hint, now_s, self.limits))

    def _relative(self, path: str) -> str:
        real = self.supervision.real_root
        return path[len(real) + 1 :] if path != real and is_within(path, real) else ""

    def _is_own(self, name: str) -> bool:
        return any(is_within(name, own) for own in self.excluded)
