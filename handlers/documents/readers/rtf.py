"""The reader of rich text files (.rtf): control words are followed as far as they make text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from handlers.documents.limits import Limits

_TOKEN = re.compile(
    rb"\\bin(\d{1,9}) ?|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_DESTINATIONS = {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"themedata", b"colorschememapping"}
_DESTINATIONS |= {b"datastore", b"latentstyles", b"listtable", b"listoverridetable", b"rsidtbl", b"generator"}
_DESTINATIONS |= {b"fldinst", b"objdata", b"objclass", b"bkmkstart", b"bkmkend", b"pgdsctbl", b"revtbl", b"filetbl"}
_DESTINATIONS |= {b"xmlnstbl", b"nonshppict", b"atnid", b"atnref", b"atrfstart", b"atrfend", b"sp"}
_STARRED = {b"shpinst", b"shptxt", b"footnote", b"annotation", b"atnauthor"}
"""Destinations marked as optional that hold text all the same."""
_WORDS = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"nestrow": " / ",
    b"tab": "\t",
    b"cell": "\t",
    b"nestcell": " | ",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"bullet": "\u2022",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"emspace": " ",
    b"enspace": " ",
    b"qmspace": " ",
}
_SYMBOLS = {b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n", b"\\": "\\", b"{": "{", b"}": "}"}
_OPENED = {
    **dict.fromkeys((b"header", b"headerl", b"headerr", b"headerf"), ("[Header] ", "\n")),
    **dict.fromkeys((b"footer", b"footerl", b"footerr", b"footerf"), ("[Footer] ", "\n")),
    b"footnote": (" [Note: ", "]"),
    b"annotation": (" [Comment: ", "]"),
    b"atnauthor": (" [Comment by ", "]"),
    b"shptxt": ("\n", "\n"),
}


def read_rtf(path: Path, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """The lines of the text, table cells separated by tabs, notes where they stand."""
    pending: list[str] = []
    for piece in _Text(path.read_bytes()).pieces():
        first, *more = piece.split("\n")
        pending.append(first)
        for line in more:
            yield "".join(pending).rstrip("\t")
            pending = [line]
    yield "".join(pending)


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds within one pair of braces: is it shown, how long are stand-ins, what closes it."""

    shown: bool = True
    stand_in: int = 1
    closing: str = ""


class _Text:
    """One walk through the tokens; `_skip` counts the stand-in characters that follow a Unicode character."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._codec = _codec(data)
        self._group = _Group()
        self._stack: list[_Group] = []
        self._skip = 0
        self._starred = False

    def pieces(self) -> Iterator[str]:
        """The shown text, piece by piece."""
        held = bytearray()
        at = 0
        while token := _TOKEN.search(self._data, at):
            at = token.end() + int(token[1] or 0)
            if token[4] is not None and not self._skip:
                # Letters of several bytes come byte by byte, and make a letter only together.
                held += bytes.fromhex(token[4].decode("ascii")) if self._group.shown else b""
                continue
            if held:
                yield held.decode(self._codec, "replace")
                held.clear()
            yield self._piece(token)
            self._starred = token[5] == b"*"
        yield held.decode(self._codec, "replace")

    def _piece(self, token: re.Match[bytes]) -> str:
        if token[6] is not None:
            return self._brace(token[6])
        if token[2] is not None:
            return self._word(token[2], token[3])
        if token[7] is not None:
            text = token[7][self._skip :]
            self._skip = max(self._skip - len(token[7]), 0)
            return text.decode(self._codec, "replace") if self._group.shown else ""
        self._skip -= token[4] is not None
        return _SYMBOLS.get(token[5] or b"", "") if self._group.shown else ""

    def _brace(self, brace: bytes) -> str:
        self._skip = 0
        if brace == b"{":
            self._stack.append(self._group)
            self._group = replace(self._group, closing="")
            return ""
        closing = self._group.closing
        self._group = self._stack.pop() if self._stack else _Group()
        return closing

    def _word(self, word: bytes, number: bytes | None) -> str:
        if word in _DESTINATIONS or (self._starred and word not in _STARRED):
            self._group = replace(self._group, shown=False, closing="")
        elif word == b"uc" and number:
            self._group = replace(self._group, stand_in=max(int(number), 0))
        elif self._group.shown and word == b"u" and number:
            self._skip = self._group.stand_in
            # Halves of a surrogate pair are joined when the whole text is cleaned.
            return chr(int(number) % 65_536)
        elif self._group.shown and word in _OPENED:
            opening, closing = _OPENED[word]
            self._group = replace(self._group, closing=closing)
            return opening
        return _WORDS.get(word, "") if self._group.shown else ""


def _codec(data: bytes) -> str:
    match = re.search(rb"\\ansicpg(\d{3,5})", data[:2000])
    try:
        return codecs.lookup(f"cp{match[1].decode('ascii')}" if match else "cp1252").name
    except LookupError:
        return "cp1252"
