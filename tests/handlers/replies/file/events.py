"""Events whose answers are laid as files of one name, and what lies there afterwards."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.events import Answer, Event, FilePath
from handlers.replies.file.answer_folder import AnswerFolder
from handlers.replies.file.answer_page import read_header
from handlers.replies.file.reply import FileReply

NOON_S = datetime(2026, 11, 23, 14, 3, tzinfo=UTC).timestamp()
END = "the end"


class LinkLess(AnswerFolder):
    """As a stick formatted for Windows has it."""

    def _link(self, name: str, other: str) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))


class Laid(FileReply):
    """A reply whose folder is of the given kind."""

    def __init__(
        self, event: Event, address: FilePath, at_s: float = NOON_S, kind: Callable[..., AnswerFolder] = AnswerFolder
    ) -> None:
        super().__init__(event, address, clock=lambda: at_s)
        self._address, self._kind = address, kind

    def again(self, at_s: float) -> Laid:
        """The same delivery in another process, later."""
        return Laid(self._event, self._address, at_s, self._kind)

    def _folder(self) -> AnswerFolder:
        return self._kind(self._root, ("answers",))


def sent(root: Path, who: str, name: str = "photo.txt", **more: Any) -> Laid:
    """The reply to a hook's event with an attachment of that name; ids of hooks have no order."""
    address = FilePath(str(root), name)
    event_id = f"hook:up:{who}"
    return Laid(Event(event_id, "webhook", "up", "", "up", datetime.now(UTC), event_id, address), address, **more)


def dropped(root: Path, version: int, name: str = "photo.txt", **more: Any) -> Laid:
    """The reply to one version of a dropped file."""
    address = FilePath(str(root), name)
    event_id = f"file:{'a' * 16}:{version:020d}:{'b' * 16}"
    event = Event(event_id, "folder", "folder", "", name, datetime.now(UTC), f"file:{'a' * 16}", address)
    return Laid(event, address, **more)


def words(text: str, **more: Any) -> Answer:
    """An answer long enough to be torn."""
    return Answer(f"{text}\n{'x' * 5000}\n{END}", "claude-sonnet-5-5", "end_turn", **more)


def lying(root: Path) -> dict[str, str]:
    """Whose file lies under which name: the id's last part but the content's, as `up:anna` and `2` for a version."""
    return {path.name: _whose(path) for path in sorted((root / "answers").iterdir())}


def _whose(path: Path) -> str:
    first, _, rest = path.read_text().partition("\n")
    header = read_header(first)
    if header is None:
        return "the user's"
    assert ".answer" not in path.name or rest.rstrip().endswith(END) or "**Note:**" in rest, f"torn: {path}"
    kind, _, name = header.event_id.partition(":")
    return name.removeprefix("up:") if kind == "hook" else f"version {int(name.split(':')[1])}"
