"""The errors that carry words for a person: every one says what is wrong and what to do next."""

from __future__ import annotations


class BellhopError(Exception):
    """What went wrong, in plain words for its owner.

    `reason` is shown to people (a thread, a cell, a file, the terminal): no stack trace, no secret, no other
    person's text. Details belong in the log under the event id.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SettingsError(BellhopError):
    """A setting or rule is missing or wrong: the start stops with exit code 2 and this one line."""


class Refused(BellhopError):
    """This event cannot be answered as it is, and trying again would not change that (an encrypted PDF)."""


class NotWanted(Refused):
    """Nobody wants this answer any more (its row was deleted): the event is skipped, and nobody is told."""


class TryAgain(BellhopError):
    """A passing fault (overload, timeout, lost connection): worth another attempt, after `after_s` seconds if given."""

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


def reason_of(fault: BaseException) -> str:
    """What a database's fault says itself, in one line; the library wraps it in a statement and a link."""
    said = str(getattr(fault, "orig", None) or fault).strip()
    return said.splitlines()[0] if said else type(fault).__name__
