"""How raised, lowered and struck-out letters are written in a line of plain text: 10^6, H_2O, ~~199~~."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

RAISED = "^"
LOWERED = "_"
_SINGLE = re.compile(r"[+\-−–±]?[\w'′*†‡§.,°™®©]+|[^\w\s]|[⁺⁻+\-−]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters of one look: `place` is RAISED, LOWERED or "" for those on the line."""

    text: str
    place: str = ""
    struck: bool = False


def joined(pieces: Iterable[Piece]) -> str:
    """The pieces as one text; neighbours of one look are written together."""
    parts = _merged(pieces)
    written: list[str] = []
    for at, piece in enumerate(parts):
        following = parts[at + 1].text if at + 1 < len(parts) else ""
        text = _placed(piece.text, piece.place, following) if piece.place else piece.text
        written.append(_struck(text) if piece.struck else text)
    return "".join(written)


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if not piece.text:
            continue
        if last and (last.place, last.struck) == (piece.place, piece.struck):
            merged[-1] = replace(last, text=last.text + piece.text)
        else:
            merged.append(piece)
    return merged


def _placed(text: str, mark: str, following: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    runs_on = not after and following[:1].isdigit() and inner[-1].isdigit()
    written = inner if _SINGLE.fullmatch(inner) and not runs_on else f"({inner})"
    return f"{before}{mark}{written}{after}"


def _struck(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(re.sub(r"\S(?:.*\S)?", lambda match: f"~~{match[0]}~~", line, count=1) for line in lines)


def script(base: str, raised: str = "", lowered: str = "") -> str:
    """A base with its indices, as formulas write them: x_i^2."""
    low = _placed(lowered, LOWERED, "") if lowered.strip() else ""
    high = _placed(raised, RAISED, "") if raised.strip() else ""
    return f"{base}{low}{high}"
