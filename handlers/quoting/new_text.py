"""What is new in a mail: its text without the history that it quotes and without the signature below it. Pure.

When in doubt the text is kept: too much is read once more, too little is lost. A mail that was passed on is the matter
itself and stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from handlers.quoting.clients import LANGUAGES
from handlers.quoting.marks import Mark, first_mark, is_forward, is_quoted, plain

_PRODUCTS = re.compile(
    r"iphone|ipad|ios|android|samsung|galaxy|huawei|xiaomi|redmi|oneplus|pixel|nokia|sony|blackberry|windows|outlook|"
    r"yahoo|aol|gmx|web\.de|t-online|gmail|proton|spark|thunderbird|mail\b|mail app|mobil|smartphone|handy|phone|"
    r"tablet|"
    r"téléphone|móvil|celular|telefon|qq|163|手机|手機|邮箱|郵箱|スマートフォン|携帯|bluemail|fairphone|aquamail|edison",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_\-—=*\s]{5,}")
_MOST_SIGNATURE = 12
_MOST_SIGNATURE_CHARS = 120


@dataclass(frozen=True, slots=True)
class Parted:
    """`new` is what its writer wrote now; `history` what stood in the mail besides, "" where nothing was taken away."""

    new: str
    history: str = ""


def part(text: str, subject: str = "", *, answers: bool = True) -> Parted:
    """The mail's text in two. `answers`: the mail answers another; one that does not quotes no history."""
    lines = text.splitlines()
    mark = first_mark(lines)
    if not answers or is_forward(subject) or (mark and mark.kind == "forward"):
        return Parted(_text(_unsigned(lines)) if mark is None else text.strip())
    new = _unsigned(lines) if mark is None else _new(lines, mark)
    if new is None or not _has_words(new):
        return Parted(text.strip())
    return Parted(_text(new), _text(_rest(lines, new)))


def _new(lines: list[str], mark: Mark) -> list[str] | None:
    """The lines that are new; None where that cannot be told."""
    above, below = lines[: mark.start], lines[mark.end :]
    first = next((line for line in below if line.strip()), "")
    if is_quoted(lines[mark.start]) or is_quoted(first):
        return _around_quotes(above, lines[mark.start :], mark.end - mark.start)
    if not first and mark.kind == "attribution":
        return None
    if not mark.is_sure or not _has_words(above) or _points_below(above):
        return None
    return _unsigned(_unruled(above))


def _around_quotes(above: list[str], rest: list[str], heading: int) -> list[str]:
    """What is new where each quoted line is marked: above, below, or in between; then with what it answers to."""
    ours = [at for at, line in enumerate(rest) if at >= heading and line.strip() and not is_quoted(line)]
    while ours and _is_older_heading(rest, ours[-1]):
        ours.pop()
    if not ours:
        return _unsigned(above)
    within = rest[heading : ours[-1] + 1]
    runs = _runs(within)
    if runs == 1 and not _has_words(above):
        return _unsigned([*above, *rest[ours[0] : ours[-1] + 1]])
    return _unsigned([*above, *within])


def _is_older_heading(rest: Sequence[str], at: int) -> bool:
    """Whether a line that is not marked is only what introduces, or ends, what is quoted."""
    return first_mark([rest[at]]) is not None or (_sent_with(rest[at]) and (at == 0 or not rest[at - 1].strip()))


def _runs(lines: Sequence[str]) -> int:
    """How many stretches of own words there are between the quoted ones."""
    kinds = [is_quoted(line) for line in lines if line.strip()]
    return sum(1 for at, quoted in enumerate(kinds) if not quoted and (at == 0 or kinds[at - 1]))


def _unruled(lines: list[str]) -> list[str]:
    """Without the line that is drawn above a header block, and the empty ones around it."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or _RULE.fullmatch(kept[-1])):
        kept.pop()
    return kept


def _unsigned(lines: list[str]) -> list[str]:
    """Without what follows "-- ", and without what a phone or a free service adds at the end."""
    kept = _unadvertised(lines)
    for at in range(len(kept) - 1, max(len(kept) - _MOST_SIGNATURE - 2, 0), -1):
        if plain(kept[at]) == "--" and not is_quoted(kept[at]) and _is_signature(kept[at], kept[at + 1 :]):
            kept = _unadvertised(kept[:at])
            break
    return kept if _has_words(kept) else lines


def _is_signature(line: str, below: Sequence[str]) -> bool:
    said = [text for text in below if text.strip()]
    if line == "-- ":
        return len(said) <= _MOST_SIGNATURE
    # Many programs cut the space off; then a question, or a line as long as a paragraph, is somebody's own words.
    return len(said) <= 6 and all(len(text) <= 80 and not text.rstrip().endswith(("?", "？")) for text in said)


def _unadvertised(lines: list[str]) -> list[str]:
    kept = list(lines)
    while kept and (not kept[-1].strip() or _is_advertisement(kept)):
        kept.pop()
    return kept


def _is_advertisement(lines: Sequence[str]) -> bool:
    alone = len(lines) > 1 and (not lines[-2].strip() or plain(lines[-2]) == "--")
    return alone and _sent_with(lines[-1])


def _sent_with(line: str) -> bool:
    text = re.sub(r"\s*[<\[(]?https?://\S+", "", plain(line))
    is_short = 0 < len(text) <= _MOST_SIGNATURE_CHARS
    return is_short and bool(_advertising().fullmatch(text)) and bool(_PRODUCTS.search(text))


@cache
def _advertising() -> re.Pattern[str]:
    return re.compile("|".join(language.sent_with for language in LANGUAGES), re.IGNORECASE)


@cache
def _below() -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{language.below})" for language in LANGUAGES[:-2])
                      + "|" + "|".join(language.below for language in LANGUAGES[-2:]), re.IGNORECASE)  # fmt: skip


def _points_below(lines: Sequence[str]) -> bool:
    """Whether somebody says that they wrote more further down, between lines that are not marked."""
    return bool(_below().search("\n".join(lines)))


def _has_words(lines: Sequence[str]) -> bool:
    return any(letter.isalnum() for line in lines for letter in line)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _rest(lines: Sequence[str], new: Sequence[str]) -> list[str]:
    """The lines that were taken away; those that were kept stand in the same order."""
    rest, at = [], 0
    for line in lines:
        if at < len(new) and new[at] == line:
            at += 1
        else:
            rest.append(line)
    return rest
