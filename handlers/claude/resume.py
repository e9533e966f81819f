"""The stitching of a broken answer: what was shown and what came after are joined into one text.

Pure. A cut answer is asked for again with its shown part quoted, because the API refuses a prefilled answer. The model
then does one of three things, and `join` tells them apart: it repeats the last words and goes on (we ask for that:
it leaves no doubt where the seam is), it goes on exactly where the text stopped, or it begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.fence import fenced

SHORT_CHARS = 12
"""Less shown text than this is not worth joining: it is asked for from the start and replaced."""
HEAD_CHARS = 40
"""So many equal characters at the start mean that the model began anew."""
SURE_CHARS = 12
"""From this length an overlap is believed. Shorter ones must be whole words: "ha ha" and "| 0 | 0" repeat by nature."""
ANCHOR_CHARS = 40
"""The model is asked to repeat about this much of the end."""
WINDOW_CHARS = 4_000
"""A repeated passage is looked for in this much of the text's end."""

_SPACE = re.compile(r"\s+")
_WORDS = re.compile(r"[^\W\d_]+(?:[ ,.;:'\u2019-]+[^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]{3,}\Z")


@dataclass(frozen=True, slots=True)
class Seam:
    """Where the new text joins: the whole is `kept + fresh[skip:]`, now and for all that still comes."""

    kept: str
    skip: int

    def joined(self, fresh: str) -> str:
        """The whole text."""
        return self.kept + fresh[self.skip :]


def quote_shown(shown: str) -> str | None:
    """What to add to the last user message so that the model goes on after `shown`; None: ask from the start again."""
    if _is_short(shown):
        return None
    quoted, last = _tagged("already_shown", shown), _tagged("last_words", anchor(shown))
    return (
        "Your answer to the above was cut off by a connection fault. The reader already has this part of it:"
        f"\n\n{quoted}\n\n"
        "Continue from exactly there, so that both parts make one text. Begin by repeating its last words, character "
        f"for character:\n\n{last}\n\n"
        "and go straight on from them, in the middle of a word if they stop there. Do not begin anew, repeat nothing "
        "else, and do not mention the interruption. If nothing is missing, write only those last words."
    )


def anchor(shown: str) -> str:
    """The last words of `shown`: SURE_CHARS or more, from the start of a word, without the space at the end."""
    text = shown.rstrip()
    start = max(0, len(text) - ANCHOR_CHARS)
    if start == 0:
        return text
    return text[next((m.end() for m in _SPACE.finditer(text, start) if len(text) - m.end() >= SURE_CHARS), start) :]


def find_seam(shown: str, fresh: str, *, ended: bool) -> Seam | None:
    """How `fresh` goes on from `shown`; None while too little has come to tell. `ended`: nothing more comes.

    Never trims a passage that repeats by nature (the text around it goes on in the same rhythm), nor a short one that
    is not made of whole words: a word said twice is a smaller fault than a word lost.
    """
    if _is_short(shown):
        return Seam("", 0)
    plain, plain_shown = _plain(fresh).lstrip(), _plain(shown).lstrip()
    if fresh.startswith(last := anchor(shown)):
        return Seam(shown.rstrip(), len(last))
    if not ended and (len(plain) < 2 * SURE_CHARS or plain in plain_shown):
        return None
    if _begins_anew(plain_shown, plain):
        return Seam("", 0)
    seam = _after_overlap(shown, fresh)
    return None if not ended and 0 < len(fresh) - seam.skip < SURE_CHARS else seam


def overlap_chars(shown: str, fresh: str) -> int:
    """How many characters at the start of `fresh` repeat the end of `shown`; 0 unless the repetition is believed.

    Both with every run of white space as one space.
    """
    for length in _overlaps(shown, fresh):
        repeated = fresh[:length]
        long_enough = length >= SURE_CHARS or _is_words(shown, repeated)
        if long_enough and not _repeats_by_nature(shown, fresh, repeated):
            return length
    return _repeated_word_chars(shown, fresh)


def _is_short(shown: str) -> bool:
    return len(shown.strip()) < SHORT_CHARS


def _tagged(tag: str, text: str) -> str:
    # The plain tag reads best; a text that speaks of the tag itself gets one that it cannot close.
    return fenced(tag, text) if tag in text else f"<{tag}>\n{text}\n</{tag}>"


def _begins_anew(shown: str, fresh: str) -> bool:
    head = shown[:HEAD_CHARS].rstrip()
    return fresh.startswith(head) or (len(fresh) >= SURE_CHARS and head.startswith(fresh.rstrip()))


def _after_overlap(shown: str, fresh: str) -> Seam:
    tail, head = _plain(shown[-WINDOW_CHARS:]), _plain(fresh[:WINDOW_CHARS])
    length = overlap_chars(tail, head)
    if length and tail.endswith(" "):
        # Cut inside white space, only the repetition has all of it.
        return Seam(shown.rstrip(), _raw_chars(fresh, length - 1))
    if length or not tail.endswith(" ") or max(_overlaps(tail, head), default=0) >= SURE_CHARS:
        return Seam(shown, _raw_chars(fresh, length))
    # A text that stops after a space may be repeated without it; a single word after a space is no repetition.
    length = overlap_chars(tail.rstrip(), head)
    return Seam(shown.rstrip(), _raw_chars(fresh, length)) if length >= SURE_CHARS else Seam(shown, 0)


def _borders(row: Sequence[str | None]) -> list[int]:
    """For each place, how long a start of the row ends there (the prefix function of Knuth, Morris and Pratt)."""
    borders = [0] * len(row)
    for at in range(1, len(row)):
        length = borders[at - 1]
        while length and row[at] != row[length]:
            length = borders[length - 1]
        borders[at] = length + (row[at] == row[length])
    return borders


def _overlaps(shown: str, fresh: str) -> list[int]:
    """Every length at which the end of `shown` and the start of `fresh` are the same, shortest first."""
    borders = _borders([*fresh, None, *shown])
    lengths = []
    length = borders[-1]
    while length:
        lengths.append(length)
        length = borders[length - 1]
    return lengths[::-1]


def _repeats_by_nature(shown: str, fresh: str, repeated: str) -> bool:
    row = repeated.strip() + " "
    if row.isspace() or len(row) >= 2 * (len(row) - _borders(row)[-1]):
        return True
    before, after = shown[: len(shown) - len(repeated)], fresh[len(repeated) :]
    in_rhythm = _same_chars(before[::-1], repeated[::-1]) + _same_chars(after, repeated)
    return in_rhythm >= min(SURE_CHARS, len(repeated))


def _same_chars(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _is_words(shown: str, repeated: str) -> bool:
    before = shown[: len(shown) - len(repeated)][-1:]
    several = len(set(repeated.casefold().split())) > 1
    return not before.isalnum() and several and len(repeated) >= 6 and bool(_WORDS.fullmatch(repeated))


def _repeated_word_chars(shown: str, fresh: str) -> int:
    # Cut inside a word, models like to write that word again from its start.
    found = _LAST_WORD.search(shown)
    word = found[0] if found and not shown[: found.start()][-1:].isalnum() else ""
    cased = word.lower() != word.upper()  # scripts without letter case do without spaces, too: there this says nothing
    again = fresh[len(word) :]
    return len(word) if cased and fresh.startswith(word) and not again.startswith(word) else 0


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text)


def _raw_chars(text: str, plain_chars: int) -> int:
    """How many characters of `text` its first `plain_chars` characters with single spaces stand for."""
    pieces = re.finditer(r"\s+|\S", text)
    return next((piece.end() for number, piece in enumerate(pieces, 1) if number == plain_chars), 0)
