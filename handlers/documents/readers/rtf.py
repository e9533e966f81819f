"""The reader of rich text files (.rtf): control words are followed as far as they make text, or hide it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from handlers.documents.limits import Limits
from handlers.documents.readers.rtf_group import RESTYLING, Group, RtfField, restyled
from handlers.documents.readers.rtf_page import RowShape, RtfPage
from handlers.documents.readers.rtf_tables import Head, head_of
from handlers.documents.readers.rtf_words import (
    BREAKS,
    DESTINATIONS,
    FORMATTING,
    OPENED,
    STARRED,
    SYMBOLS,
    WORDS,
)
from handlers.documents.remarks import HIDDEN, TRACKED
from handlers.documents.source import Source
from handlers.documents.writing.colours import WHITE, is_lost
from handlers.documents.writing.numbering import bullet
from handlers.documents.writing.symbols import in_font, is_symbol_font

_TOKEN = re.compile(
    rb"\\bin(\d{1,9}) ?|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_LABELS = {b"listtext", b"pntext"}
_FIELDS = frozenset((b"field", b"fldinst", b"fldrslt", b"formfield", b"ffl"))
_PROPERTIES = frozenset((b"sp", b"sn", b"sv"))
_ROWS = frozenset(b"trowd trleft clmrg clvmrg clcbpat clcfpat clshdng cellx cell row".split())
_HEADS = {b"fonttbl", b"colortbl", b"listtable", b"listoverridetable"}


_KNOWN = (
    DESTINATIONS | STARRED | BREAKS | RESTYLING | _LABELS | _HEADS | _FIELDS | _PROPERTIES | _ROWS | {b"u", b"upr"}
    | WORDS.keys() | OPENED.keys()
)  # fmt: skip
"""Every word that is about text, where it goes, or whether it is seen."""


def read_rtf(source: Source, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """The lines of the text, table cells separated by tabs, notes where they stand."""
    yield from rtf_lines(source.read_bytes(), notes)


def rtf_lines(data: bytes, notes: list[str]) -> Iterator[str]:
    """The lines of a rich text file as bytes."""
    text = _Text(data)
    yield from text.lines()
    notes.extend(sentence for sentence in (TRACKED, HIDDEN) if sentence in text.seen)


class _Text:
    """One walk through the tokens; `_skip` counts the stand-in characters that follow a Unicode character."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._head: Head = head_of(data)
        self._group = Group(font=self._head.default_font)
        self._stack: list[Group] = []
        self._skip = 0
        self._starred = False
        self._held = bytearray()
        self._caught: list[str] = []
        self._fields: list[RtfField] = []
        self._shape = RowShape()
        self._page = RtfPage()
        self.seen: set[str] = set()

    def lines(self) -> Iterator[str]:
        """The lines of the page."""
        at = 0
        while token := _TOKEN.search(self._data, at):
            at = token.end() + int(token[1] or 0)
            if token[4] is not None or token[7] is not None:
                # Letters of several bytes come byte by byte, and make a letter only together.
                self._hold(bytes.fromhex(token[4].decode("ascii")) if token[4] else token[7])
                self._starred = False
                continue
            self._release()
            if token[6] is not None:
                yield from self._brace(token[6])
            elif token[2] is not None:
                yield from self._word(token[2], token[3])
            elif token[5] is not None:
                yield from self._symbol(token[5])
            self._starred = token[5] == b"*"
        self._release()
        yield from self._page.end()

    # ── letters ──

    def _hold(self, data: bytes) -> None:
        taken = data[self._skip :]
        self._skip = max(self._skip - len(data), 0)
        if self._group.shown:
            self._held += taken

    def _release(self) -> None:
        if self._held:
            font = self._head.fonts.get(-1 if self._group.font is None else self._group.font)
            codec = (font.codec if font else None) or self._head.codec
            if font and font.symbol:
                text = in_font(self._held.decode("latin-1"), font.name if is_symbol_font(font.name) else "Symbol")
            else:
                text = self._held.decode(codec, "replace")
            self._held.clear()
            self._put(text)

    def _put(self, text: str) -> None:
        group = self._group
        if group.goes == "caught":
            self._caught.append(text)
        elif group.goes == "code" and self._fields:
            self._fields[-1].code += text
        elif group.goes == "page":
            self._on_page(text, group)

    def _on_page(self, text: str, group: Group) -> None:
        if group.deleted or group.hidden or self._is_lost(group):
            self._page.hid = True
            if group.deleted or text.strip():
                self.seen.add(TRACKED if group.deleted else HIDDEN)
            return
        self._page.put(text, group.place, struck=group.struck)

    def _is_lost(self, group: Group) -> bool:
        colours = self._head.colours
        if not 0 < group.colour < len(colours) or self._head.dark_page:
            return False
        if group.in_table and self._shape.coloured and not group.ground:
            return False
        behind = group.ground or group.paper
        ground = colours[behind] if 0 < behind < len(colours) else WHITE
        return is_lost(colours[group.colour], ground)

    def _symbol(self, sign: bytes) -> Iterator[str]:
        if self._skip:
            self._skip -= 1
        elif sign in {b"\n", b"\r"}:
            yield from self._break()
        elif sign in SYMBOLS:
            self._put(SYMBOLS[sign])

    # ── groups ──

    def _brace(self, brace: bytes) -> Iterable[str]:
        self._skip = 0
        if brace == b"{":
            self._stack.append(self._group)
            if self._group.closing:
                self._group = self._group._replace(closing="")
            return ()
        closed = self._group
        self._group = self._stack.pop() if self._stack else Group(font=self._head.default_font)
        return self._close(closed) if closed.closing else ()

    def _close(self, closed: Group) -> Iterator[str]:
        closing = closed.closing
        if closing == "label":
            text = "".join(self._caught).strip()
            self._caught = []
            mark = f"{text} " if any(letter.isalnum() for letter in text) else bullet(text, closed.level)
            self._page.set_label(mark if text else "")
        elif closing == "property":
            self._property()
        elif closing == "field" and self._fields:
            ended = self._fields.pop()
            self._put(ended.shown())
        elif closing == "entry" and self._fields:
            self._fields[-1].entries.append("".join(self._caught).strip())
            self._caught = []
        elif closing == "\n":
            if self._page.says_something:
                yield from self._break()
        elif closing:
            self._put(closing)

    def _property(self) -> None:
        """A property of a shape: whether it is hidden, or the letters it is made of."""
        name, _, value = "".join(self._caught).partition("\0")
        self._caught = []
        if name.strip() == "fHidden" and value.strip() not in {"", "0"}:
            self._group = self._group._replace(hidden=True)
        elif name.strip() == "gtextUNICODE" and self._group.goes == "page":
            self._on_page(value.strip(), self._group)

    def _break(self) -> Iterator[str]:
        """A paragraph ends. Where its file does not say what stands before it, its list does."""
        group = self._group
        if group.list_id and not self._page.has_label and not group.deleted:
            self._page.set_label(self._head.lists.mark(str(group.list_id), group.level))
        yield from self._page.end_paragraph(in_table=group.in_table)

    # ── words ──

    def _word(self, word: bytes, number: bytes | None) -> Iterable[str]:
        if self._skip and word not in {b"u", b"uc"}:
            self._skip -= 1
            return ()
        if word not in _KNOWN and not self._starred:
            return ()  # most words are about looks that plain text has not
        value = int(number) if number else None
        if word == b"ud":
            self._group = self._group._replace(goes=self._group.outer)
        elif not self._group.shown or self._destination(word) or self._letter(word, value) or self._row(word, value):
            return ()
        elif word in BREAKS:
            return self._break() if self._group.goes == "page" else ()
        elif word == b"row":
            return self._page.end_row(self._shape)
        elif word in WORDS:
            self._put(WORDS[word])
        return ()

    def _destination(self, word: bytes) -> bool:
        """Words that say where the text of their group goes."""
        group = self._group
        unknown = self._starred and word not in STARRED and word not in FORMATTING
        if word in DESTINATIONS or word in _HEADS or unknown:
            self._group = group._replace(goes="nowhere", closing="")
        elif word == b"upr":
            # The same text twice: what follows for old programs, then \\ud with all of its letters.
            self._group = group._replace(goes="nowhere", outer=group.goes)
        elif word in _LABELS:
            self._group = group._replace(goes="caught", closing="label")
        elif word in _PROPERTIES:
            self._caught = [] if word == b"sp" else [*self._caught, *(["\0"] if word == b"sv" else [])]
            self._group = group._replace(goes="caught", closing="property" if word == b"sp" else "")
        elif word in _FIELDS:
            self._field(word)
        elif word in OPENED and group.goes == "page":
            opening, closing = OPENED[word]
            self._page.put(opening if opening != "\n" or self._page.says_something else "")
            self._group = group._replace(closing=closing)
        else:
            return False
        return True

    def _field(self, word: bytes) -> None:
        group = self._group
        if word == b"field":
            self._fields.append(RtfField())
            self._group = group._replace(closing="field")
        elif word == b"fldinst":
            self._group = group._replace(goes="code")
        elif word == b"formfield":
            self._group = group._replace(goes="form")
        elif word == b"ffl":
            self._group = group._replace(goes="caught", closing="entry")
        elif self._fields and self._fields[-1].stands_alone:
            self._group = group._replace(goes="nowhere")

    def _letter(self, word: bytes, value: int | None) -> bool:
        """Words about letters and paragraphs, letters by their number, and what a form field says of itself."""
        changed = restyled(self._group, word, value, self._head.default_font)
        if changed is not None:
            self._group = changed
        elif word == b"u" and value is not None:
            self._skip = self._group.stand_in
            self._unicode(value)
        elif word in {b"fftype", b"ffres", b"ffdefres"} and self._fields:
            self._fields[-1].settings[word.decode("ascii")] = value or 0
        else:
            return False
        return True

    def _unicode(self, value: int) -> None:
        """Halves of a surrogate pair are joined when the whole text is cleaned."""
        letter = chr(value % 65_536)
        font = self._head.fonts.get(-1 if self._group.font is None else self._group.font)
        self._put(in_font(letter, font.name if font and font.symbol else None))

    def _row(self, word: bytes, value: int | None) -> bool:
        """Words about the rows of a table."""
        if word not in _ROWS:
            return False
        if word == b"trowd":
            self._shape = RowShape()
        elif word == b"trleft":
            self._shape.left = value or 0
        elif word in {b"clmrg", b"clvmrg"}:
            self._shape.next_covered = True
        elif word in {b"clcbpat", b"clcfpat", b"clshdng"}:
            self._shape.coloured = True
        elif word == b"cellx":
            self._shape.edge(value or 0)
        elif word == b"cell":
            if self._group.list_id and self._page.says_something and not self._page.has_label:
                self._page.set_label(self._head.lists.mark(str(self._group.list_id), self._group.level))
            self._page.end_cell()
        else:
            return False
        return True
