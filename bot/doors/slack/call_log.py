"""The call log: what was called in the last minute, so that a restart does not spend it again.

Slack's minute goes on when the process dies. Each call is a line in a small file, written before the call leaves and
never waited for; a process that starts reads what its predecessors, and its neighbours on this disk, called.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from bot.doors.slack.rate_limits import WINDOW_S, LogEntry

log = structlog.get_logger()

SLOT_S = 300.0
"""A file holds so many seconds; the current one and the one before are kept."""
READ_BYTES = 262_144


class CallLog(Protocol):
    """What the pacer tells of itself, method by method."""

    def called(self, method: str) -> None:
        """A call is about to leave."""

    def rests(self, method: str, seconds: float) -> None:
        """Slack turned a call away; the method rests for so long."""


class FileCallLog:
    """A call log in `folder`, which several processes may share. `clock` gives seconds since 1970. Never raises."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._slot = -1
        self._file: int | None = None

    def past(self) -> list[LogEntry]:
        """What may still count, oldest first."""
        now = self._clock()
        lines = [line for slot in (now // SLOT_S - 1, now // SLOT_S) for line in _lines(self._path(int(slot)))]
        return [entry for line in lines if (entry := _entry(line, now))]

    def called(self, method: str) -> None:
        """See CallLog."""
        self._write("call", method, self._clock())

    def rests(self, method: str, seconds: float) -> None:
        """See CallLog."""
        self._write("rest", method, self._clock() + seconds)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, what: str, method: str, at: float) -> None:
        try:
            os.write(self._current(), f"{what} {method} {at:.3f}\n".encode())
        except OSError as error:
            log.debug("slack call log not written", problem=type(error).__name__)

    def _current(self) -> int:
        slot = int(self._clock() // SLOT_S)
        if self._file is None or slot != self._slot:
            self.close()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Appended in one write each, so that the lines of several processes do not mix.
            self._file = os.open(self._path(slot), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._slot = slot
            self._tidy(slot)
        return self._file

    def _tidy(self, slot: int) -> None:
        for old in self._folder.glob("*.calls"):
            if old.stem.isdigit() and int(old.stem) < slot - 1:
                with suppress(OSError):
                    old.unlink(missing_ok=True)

    def _path(self, slot: int) -> Path:
        return self._folder / f"{slot}.calls"


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - READ_BYTES))
            return file.read().decode("ascii", "replace").splitlines()
    except OSError:
        return []


def _entry(line: str, now: float) -> LogEntry | None:
    what, _, rest = line.partition(" ")
    method, _, at = rest.partition(" ")
    try:
        moment = float(at)
    except ValueError:  # the process died in the middle of this line, or READ_BYTES began there
        return None
    # A clock that was set back since must not make the minute longer.
    if what == "call" and now - 2 * WINDOW_S < moment:
        return LogEntry("call", method, max(0.0, now - moment))
    if what == "rest" and now < moment:
        return LogEntry("rest", method, moment - now)
    return None
