"""The words of an IMAP command, read as strictly as the formal syntax of RFC 3501 and RFC 9051 says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

NUL = b"\x00"
"""Stands in a command's text where a literal came; no client may send it itself."""
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_LIST_MAILBOX = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_QUOTED = re.compile(rb'"((?:[^\x00\r\n"\\\x80-\xff]|\\["\\])*)"')
_NUMBER = re.compile(rb"[0-9]+")
_SET = re.compile(rb"(?:[1-9][0-9]*|\*)(?::(?:[1-9][0-9]*|\*))?(?:,(?:[1-9][0-9]*|\*)(?::(?:[1-9][0-9]*|\*))?)*")
_TAG = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\+]+")
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+')


class Bad(Exception):
    """The command is not one that the RFC allows: answered with BAD."""


def split_tag(text: bytes) -> tuple[str, bytes]:
    """The tag of a command, and the rest; raises Bad."""
    found = _TAG.match(text)
    if not found or text[found.end() : found.end() + 1] != b" ":
        raise Bad("a command begins with a tag and a space")
    return found[0].decode("ascii"), text[found.end() + 1 :]


class Arguments:
    """Reads one command from left to right; every method raises Bad where the text is something else."""

    def __init__(self, text: bytes, literals: Iterable[bytes] = ()) -> None:
        self._text = text
        self._at = 0
        self._literals = list(literals)

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._text):
            raise Bad("too many arguments")

    @property
    def is_over(self) -> bool:
        """Whether nothing follows."""
        return self._at == len(self._text)

    def space(self) -> None:
        """One space, no more."""
        self.expect(b" ")

    def expect(self, text: bytes) -> None:
        """Exactly this, whatever its case."""
        if not self.take(text):
            raise Bad(f"expected {text.decode('ascii')!r}")

    def take(self, text: bytes) -> bool:
        """Go past this if it comes now."""
        if self._text[self._at : self._at + len(text)].upper() != text.upper():
            return False
        self._at += len(text)
        return True

    def atom(self) -> str:
        """An atom."""
        return self._match(_ATOM, "an atom").decode("ascii")

    def flag(self) -> str:
        r"""A flag: an atom, or one of the system's with its backslash."""
        return self._match(_FLAG, "a flag").decode("ascii")

    def number(self) -> int:
        """A number."""
        return int(self._match(_NUMBER, "a number"))

    def astring(self) -> bytes:
        """An atom, a quoted string or a literal."""
        return self.string() if self._next() in (b'"', NUL) else self._match(_ASTRING, "a string")

    def list_mailbox(self) -> bytes:
        """A pattern of LIST: as a string, with the wildcards % and *."""
        return self.string() if self._next() in (b'"', NUL) else self._match(_LIST_MAILBOX, "a mailbox pattern")

    def string(self) -> bytes:
        """A quoted string, or a literal."""
        if self.take(NUL):
            return self._literals.pop(0)
        return re.sub(rb"\\(.)", rb"\1", self._match(_QUOTED, "a quoted string", 1))

    def literal(self) -> bytes:
        """A literal only."""
        if not self.take(NUL):
            raise Bad("expected a literal")
        return self._literals.pop(0)

    def sequence_set(self) -> str:
        """Numbers and ranges such as 1,5:7,9:*."""
        return self._match(_SET, "a sequence set").decode("ascii")

    def parenthesised(self, item: Callable[[], str]) -> list[str]:
        """A list in parentheses, its items one space apart."""
        self.expect(b"(")
        if self.take(b")"):
            return []
        found = [item()]
        while not self.take(b")"):
            self.space()
            found.append(item())
        return found

    def _next(self) -> bytes:
        return self._text[self._at : self._at + 1]

    def _match(self, pattern: re.Pattern[bytes], what: str, group: int = 0) -> bytes:
        found = pattern.match(self._text, self._at)
        if not found:
            raise Bad(f"expected {what}")
        self._at = found.end()
        return found[group]


def numbers_of(sequence_set: str, present: list[int]) -> list[int]:
    """Which of these ascending numbers a set means; `*` is the last one, and a range may run backwards."""
    last, wanted = (present[-1] if present else 0), set()
    for part in sequence_set.split(","):
        ends = [last if end == "*" else int(end) for end in part.split(":")]
        low, high = min(ends), max(ends)
        wanted |= {number for number in present if low <= number <= high}
    return sorted(wanted)
