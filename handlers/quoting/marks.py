"""Where in a mail something older begins: the line above a quotation, a header block, a dashed line. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from handlers.quoting.clients import ANSWERS, FORWARDS, LANGUAGES, Language

MOST_CHARS = 400
"""Of a line above a quotation; longer ones are somebody's own words."""
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u3000": " ", "\u200e": None, "\u200f": None, "\ufeff": None})
_QUOTE = re.compile(r" {0,3}>")
_DIGITS = re.compile(r"\d+")
_BLOCK_LINES = 9
_COLONS = {":", "："}
MOST_LINES, MOST_TRIED = 2_000, 40
"""How far is looked, and at how many lines that end in a colon: a mail made to keep us busy stays whole."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something older begins at line `start`; what it consists of begins at line `end`.

    `is_sure`: what follows is older even where it is not marked line by line.
    """

    kind: Literal["attribution", "block", "dashes", "forward"]
    start: int
    end: int
    is_sure: bool = True


def plain(line: str) -> str:
    """A line as it is compared: usual spaces, without marks of quotation and of bold type around it."""
    return line.translate(_SPACES).strip().lstrip("> ").strip("* ")


def is_quoted(line: str) -> bool:
    """Whether a line is marked as somebody's earlier words."""
    return bool(_QUOTE.match(line))


def first_mark(lines: Sequence[str]) -> Mark | None:
    """The first place at which something older begins; None when there is none."""
    plains = [plain(line) if len(line) <= MOST_CHARS else "" for line in lines[:MOST_LINES]]
    tried = 0
    for at, line in enumerate(plains):
        tried += line[-1:] in _COLONS
        if tried > MOST_TRIED:
            return None
        if line and (
            found := _forward(line, at) or _dashes(line, at) or _block(plains, at) or _attribution(plains, at)
        ):
            return found
    return None


def _forward(line: str, at: int) -> Mark | None:
    if line[0] in "-—" and _dashed("forwarded").fullmatch(line):
        return Mark("forward", at, at + 1)
    return Mark("forward", at, at + 1) if line[-1] in ":：" and _forwarding().fullmatch(line) else None


def _dashes(line: str, at: int) -> Mark | None:
    return Mark("dashes", at, at + 1) if line[0] in "-—" and _dashed("original").fullmatch(line) else None


@cache
def _dashed(field: Literal["original", "forwarded"]) -> re.Pattern[str]:
    words = "|".join(getattr(language, field) for language in LANGUAGES)
    return re.compile(rf"[-—]{{2,}}\s*({words})( message)?\s*[-—]{{2,}}", re.IGNORECASE)


@cache
def _forwarding() -> re.Pattern[str]:
    return re.compile("|".join(language.forwarding for language in LANGUAGES), re.IGNORECASE)


@cache
def _labels(language: Language) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"({label})\s*\**\s*[:：]\**\s*(?P<value>.*)", re.IGNORECASE) for label in language.labels)


def _block(plains: Sequence[str], at: int) -> Mark | None:
    """From, a date, and To or Subject, each on its line: nobody writes that by chance."""
    if not re.search(r"[:：]", plains[at][:24]):
        return None
    for language in LANGUAGES:
        found: dict[int, int] = {}
        for offset, line in enumerate(plains[at : at + _BLOCK_LINES]):
            label = next(
                (n for n, p in enumerate(_labels(language)) if (m := p.match(line)) and _holds(n, m["value"])), None
            )
            if label is None and offset == 0:
                break
            if label is not None:
                found.setdefault(label, at + offset)
        if {0, 1} <= found.keys() and len(found) >= 3:
            return Mark("block", at, max(found.values()) + 1)
    return None


def _holds(label: int, value: str) -> bool:
    return any(letter.isdigit() for letter in value) if label == 1 else True


@cache
def _attributions() -> tuple[tuple[re.Pattern[str], bool], ...]:
    rows = []
    for language in LANGUAGES:
        for pattern in language.attribution:
            is_loose = pattern.startswith(("{date}", "(Den )?{date}", "(W dniu |Dnia )?{date}"))
            body = pattern.replace(" ?:", " ?[:：]").replace("{who}", ".{1,150}?")
            if is_loose:
                # Without a word before it, a date begins with a figure, or with the day of the week.
                body = body.replace("{date}", r"(?:[^\W\d_]{1,12}[.,]{0,2} )?\d.{0,80}?", 1)
            body = body.replace("{date}", ".{1,90}?")
            rows.append((re.compile(body, re.IGNORECASE), is_loose))
    return tuple(rows)


def _attribution(plains: Sequence[str], at: int) -> Mark | None:
    """The line by which a mail program introduces what it quotes; it may be wrapped over three."""
    for count in (1, 2, 3):
        wrapped = plains[at : at + count]
        joined = " ".join(wrapped)
        if len(joined) > MOST_CHARS or len(wrapped) < count or not wrapped[-1]:
            return None
        if count > 1 and not any(letter.isdigit() or letter in "@<" for letter in wrapped[0]):
            return None
        if joined[-1:] in _COLONS and _is_attribution(joined):
            return Mark("attribution", at, at + count, is_sure="@" in joined)
    return None


def _is_attribution(line: str) -> bool:
    groups = len(_DIGITS.findall(re.sub(r"\S+@\S+", "", line)))
    if groups < 2:
        return False
    return any(pattern.fullmatch(line) for pattern, is_loose in _attributions() if groups >= 3 or not is_loose)


def is_forward(subject: str) -> bool:
    """Whether a subject says that the mail was passed on; an answer to one that was is no forward."""
    return _prefix(subject) in FORWARDS


def is_answer(subject: str) -> bool:
    """Whether a subject says that the mail is an answer."""
    return _prefix(subject) in ANSWERS


def without_prefixes(subject: str) -> str:
    """The subject without any Re:, Aw:, Antw:, Sv: …, however many; what says that it was passed on stays."""
    while (prefix := _prefix(subject)) in ANSWERS:
        subject = re.split("[:：]", subject, maxsplit=1)[1].strip()
        if not prefix:
            break
    return subject.strip()


def _prefix(subject: str) -> str:
    found = re.match(r"\s*([^\W\d_]{1,16}(?:-fw)?)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]", subject)
    return found[1].lower() if found else ""
