"""The errors that carry words for a person: every one says what is wrong and what to do next."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

PROGRAM = "bellhop" if Path(sys.argv[0]).stem == "bellhop" else "python -m bot"
"""How this program was started: what a person types who follows a hint."""


class BellhopError(Exception):
    """What went wrong, in plain words for its owner.

    `reason` is shown to people (a thread, a cell, a file, the terminal): no stack trace, no secret, no other
    person's text. Details belong in the log under the event id. `code` is the same for programs: what a receipt
    keeps and an exit code is made from; the words may change, it does not.
    """

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class SettingsError(BellhopError):
    """A setting or rule is missing or wrong: the start stops with exit code 2 and this one line."""


class Refused(BellhopError):
    """This event cannot be answered as it is, and trying again would not change that (an encrypted PDF)."""


class NotWanted(Refused):
    """Nobody wants this answer any more (its row was deleted): the event is skipped, and nobody is told."""


class TryAgain(BellhopError):
    """A passing fault (overload, timeout, lost connection): worth another attempt, after `after_s` seconds if given."""

    def __init__(self, reason: str, after_s: float | None = None, code: str = "") -> None:
        super().__init__(reason, code)
        self.after_s = after_s


class Waits(BellhopError):
    """Not now: the event is parked, which costs nothing, and begins again when its time comes or somebody calls it.

    `until` is aware; None: only `Engine.wake` ends it, which may also come before `until`. `waits_for` is a code for
    what it waits for ("batch"), and `note` a small JSON object for whoever parked it; None keeps the one that is there.
    """

    def __init__(
        self,
        reason: str,
        until: datetime | None = None,
        *,
        waits_for: str = "",
        note: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        if until is not None and until.tzinfo is None:
            raise ValueError("Waits needs an aware time.")
        self.until, self.waits_for = until, waits_for
        self.note = None if note is None else json.dumps(dict(note))


STOPPED = "stopped"
"""Code: a person wanted no answer any more."""
POISON = "poison"
"""Code: it brought the process down too often."""
UNEXPECTED = "unexpected"
"""Code: a mistake of ours, told in the log."""
GIVEN_UP = "given-up"
"""Code: the queue could not finish it."""
BUSY = "busy"
"""Code of what waits for Claude to have time again: whoever waits behind it is told the same."""
OUTAGE = "outage"
"""Code: Claude's API is overloaded or away, whatever is asked; and of what waits for that to end."""
FAULT = "fault"
"""Code: Claude's side failed, which may be an outage and may be this very question."""
SPENT = "spent"
"""Code: the day's ceiling of money is reached."""
PLACE = "place"
"""Code of what waits for the place of its answer, which takes nothing just now."""
BATCH = "batch"
"""Code of what is with a Message Batch, or waits for the next one."""
RESERVED = "reserved"
"""Code of what waits for calls on their way: they may use up the day's money."""
SETTING = "setting"
"""Code: a key or another setting is wrong, which only its owner can mend."""


def reason_of(fault: BaseException) -> str:
    """What a database's fault says itself, in one line; the library wraps it in a statement and a link."""
    said = str(getattr(fault, "orig", None) or fault).strip()
    return said.splitlines()[0] if said else type(fault).__name__
