"""What stands at the head of a rich text file: its fonts, its colours and its lists."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from handlers.documents.readers.rtf_words import FONT_CODECS, NUMBERS, SYMBOL_SET
from handlers.documents.writing.colours import Colour
from handlers.documents.writing.numbering import BULLET, Level, Lists
from handlers.documents.writing.symbols import in_font, is_symbol_font

_GROUP = re.compile(rb"\\bin(\d{1,9}) ?|\\[\\{}]|[{}]")


@dataclass(slots=True)
class Font:
    """A font of the table: the code page of its letters, its name; `symbol` when it draws signs for letters."""

    codec: str | None = None
    name: str = ""
    symbol: bool = False


@dataclass(slots=True)
class Head:
    """Everything that the head says."""

    codec: str = "cp1252"
    fonts: dict[int, Font] = field(default_factory=dict)
    colours: list[Colour | None] = field(default_factory=list)
    lists: Lists = field(default_factory=Lists)
    default_font: int | None = None
    dark_page: bool = False


def head_of(data: bytes) -> Head:
    """The head of the file; what is missing in it has its usual value."""
    start = data[:200_000]
    head = Head(_codec(start), dark_page=b"\\*\\background" in start)
    default = re.search(rb"\\deff(\d{1,5})", start[:2000])
    head.default_font = int(default[1]) if default else None
    if (table := _group(data, rb"\{\s*(?:\\\*)?\\fonttbl\b")) is not None:
        head.fonts = dict(_fonts(table, head.codec))
    if (table := _group(data, rb"\{\s*(?:\\\*)?\\colortbl\b")) is not None:
        head.colours = list(_colours(table))
    lists = _group(data, rb"\{\s*(?:\\\*)?\\listtable\b")
    overrides = _group(data, rb"\{\s*(?:\\\*)?\\listoverridetable\b")
    if lists is not None:
        _fill(head.lists, lists, overrides or b"", head.fonts)
    return head


def _codec(start: bytes) -> str:
    page = re.search(rb"\\ansicpg(\d{3,5})", start[:2000])
    if page:
        number = page[1].decode("ascii")
        name = {"10000": "mac_roman", "936": "gb18030", "65001": "utf-8", "10001": "cp932"}.get(number, f"cp{number}")
        try:
            return codecs.lookup(name).name
        except LookupError:
            return "cp1252"
    kinds = {b"mac": "mac_roman", b"pca": "cp850", b"pc": "cp437"}
    found = re.search(rb"\\(mac|pca|pc)\b", start[:200])
    return kinds[found[1]] if found else "cp1252"


def _group(data: bytes, opening: bytes, start: int = 0) -> bytes | None:
    """The content of the first group that begins so, from `start` on."""
    match = re.compile(opening).search(data, start, 5_000_000)
    if match is None:
        return None
    depth, at = 1, match.end()
    while depth and (token := _GROUP.search(data, at)):
        at = token.end() + int(token[1] or 0)
        depth += {b"{": 1, b"}": -1}.get(token[0], 0)
    return data[match.end() : at - 1 if not depth else at]


def _groups(data: bytes, word: bytes) -> Iterator[bytes]:
    """The content of every group that begins with that word, at any depth."""
    at = 0
    opening = re.compile(rb"\{\s*(?:\\\*)?\\" + word + rb"(?![a-z])")
    while match := opening.search(data, at):
        content = _group(data, rb"\{\s*(?:\\\*)?\\" + word + rb"(?![a-z])", match.start()) or b""
        yield content
        at = match.end() + len(content)


def _number(data: bytes, word: bytes, absent: int) -> int:
    found = re.search(rb"\\" + word + rb"(-?\d{1,10})", data)
    return int(found[1]) if found else absent


def _fonts(table: bytes, codec: str) -> Iterator[tuple[int, Font]]:
    sets = {int(n) for n in re.findall(rb"\\fcharset(\d{1,3})", table)}
    # Simple programs write one character set for all fonts, and mean the document's code page.
    plain = not sets - {0, 1, SYMBOL_SET} and codec != "cp1252"
    for entry in re.split(rb"(?=\\f\d{1,5}(?![a-z\d]))", table)[1:]:
        number = _number(entry, rb"f", 0)
        letters = _number(entry, rb"fcharset", 1)
        page = _number(entry, rb"cpg", 0)
        bare = re.sub(rb"\{\\\*[^{}]*\}", b"", entry)
        text = re.sub(rb"\\[a-z]+-?\d* ?|[{}]", b"", bare).partition(b";")[0]
        name = text.decode("latin-1").strip()
        own = FONT_CODECS.get(letters) if not (plain and letters == 0) else None
        yield number, Font(_known(page) or own, name, letters == SYMBOL_SET or is_symbol_font(name))


def _known(page: int) -> str | None:
    try:
        return codecs.lookup(f"cp{page}").name if page else None
    except LookupError:
        return None


def _colours(table: bytes) -> Iterator[Colour | None]:
    for entry in table.split(b";")[:-1]:
        parts = [_number(entry, word, -1) for word in (b"red", b"green", b"blue")]
        yield None if min(parts) < 0 else (parts[0] & 255, parts[1] & 255, parts[2] & 255)


# ── lists ──


def _fill(lists: Lists, table: bytes, overrides: bytes, fonts: dict[int, Font]) -> None:
    known = {}
    for definition in _groups(table, rb"list"):
        levels = dict(enumerate(_level(level, fonts) for level in _groups(definition, rb"listlevel")))
        known[_number(definition, rb"listid", 0)] = levels
    for override in _groups(overrides, rb"listoverride"):
        list_id, name = _number(override, rb"listid", 0), _number(override, rb"ls", 0)
        levels, starts = dict(known.get(list_id, {})), {}
        for at, change in enumerate(_groups(override, rb"lfolevel")):
            for level in _groups(change, rb"listlevel"):
                levels[at] = _level(level, fonts)
            if b"\\listoverridestartat" in change:
                starts[at] = _number(change, rb"levelstartat", levels[at].start if at in levels else 1)
        lists.add(str(name), str(list_id), levels, starts)


def _level(data: bytes, fonts: dict[int, Font]) -> Level:
    form = NUMBERS.get(_number(data, rb"levelnfcn", _number(data, rb"levelnfc", 0)), "decimal")
    text = next(_groups(data, rb"leveltext"), b"")
    pattern = _pattern(text)
    font = fonts.get(_number(re.sub(rb"\{[^{}]*\}", b"", data), rb"f", -1))
    if form == BULLET:
        return Level(BULLET, bullet=in_font(pattern, font.name if font else None))
    gap = "" if _number(data, rb"levelfollow", 0) == 2 else " "
    return Level(
        form, pattern, _number(data, rb"levelstartat", 1), plain=_number(data, rb"levellegal", 0) == 1, gap=gap
    )


def _pattern(text: bytes) -> str:
    """The text of a level: its length, then letters, among which 0 to 8 stand for the number of a level."""
    letters: list[str] = []
    bare = re.sub(rb"\\leveltemplateid-?\d+ ?", b"", text)
    for match in re.finditer(rb"\\u(-?\d{1,6}) ?\??|\\'([0-9a-fA-F]{2})|\\[a-z]+-?\d* ?|\\(.)|([^\\{}\r\n])", bare):
        if match[1]:
            letters.append(chr(int(match[1]) % 65_536))
        elif match[2]:
            code = int(match[2], 16)
            letters.append(f"%{code + 1}" if code < 9 and letters else bytes((code,)).decode("cp1252", "replace"))
        elif match[3] or match[4]:
            letters.append((match[3] or match[4]).decode("cp1252", "replace"))
    return "".join(letters[1:]).removesuffix(";")
