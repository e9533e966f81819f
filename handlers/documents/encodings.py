"""How bytes become text: Unicode first, the declared encoding, the likeliest last; junk is refused."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from bot.errors import Refused
from handlers.documents.charsets import ASCII, codec_of, text_in
from handlers.documents.formats import UNKNOWN
from handlers.documents.guessing import likeliest

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_UNSENT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
GUESSED = "The text is not Unicode; it was read as {words} ({name}), so some letters may be wrong."
UNFIT = "Some letters do not fit the encoding of the text ({name}) and were left as \ufffd."
_WORDS = {
    "cp1252": "Western European", "mac_roman": "Western European", "cp850": "Western European",
    "cp437": "Western European", "cp1250": "Central European", "iso8859-2": "Central European", "cp932": "Japanese",
    "euc-jp": "Japanese", "iso-2022-jp": "Japanese", "gb18030": "Chinese", "big5": "Chinese", "cp949": "Korean",
    "cp1251": "Cyrillic", "koi8-r": "Cyrillic", "koi8-u": "Cyrillic", "cp866": "Cyrillic", "iso8859-5": "Cyrillic",
    "mac_cyrillic": "Cyrillic", "windows-1251": "Cyrillic",
}  # fmt: skip


class Decoded(NamedTuple):
    """Text, and a note for the reader when its encoding was a guess or did not fit."""

    text: str
    note: str | None


def decode(data: bytes, declared: str | None = None, *, cut: bool = False) -> Decoded:
    """Text of `data`; a byte order mark counts most, then `declared` as browsers read it, then what fits best.

    `cut` says that `data` is only the start of a file, so its last character may be incomplete. Raises Refused when it
    is no text.
    """
    name, guessed = _encoding(data, declared, cut=cut)
    text = text_in(data, name, strict=False, cut=cut)
    unfit = text.count("\ufffd")
    if _is_junk(text, guessed=guessed) or (guessed and unfit * 20 > len(text)):
        raise Refused(UNKNOWN)
    if guessed:
        return Decoded(text, GUESSED.format(words=_WORDS.get(name, "text of an old encoding"), name=name))
    return Decoded(text, UNFIT.format(name=name) if unfit and not _fits(data, name, cut=cut) else None)


def start_of(data: bytes) -> str:
    """The start of a file as letters to tell its format by: those of ASCII are right, whatever its encoding."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    wide = _wide(data)
    return data.decode(wide, "replace") if wide else data.decode("latin-1")


def clean(text: str) -> str:
    """The text as it may be sent: one kind of line end, no control characters, no half surrogates."""
    text = _UNSENT.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encoding(data: bytes, declared: str | None, *, cut: bool) -> tuple[str, bool]:
    """The codec to read `data` with, and whether it is a guess."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, False
    label = codec_of(declared)
    if label and not ((declared or "").lower().strip() in ASCII and _fits(data, "utf-8", cut=cut)):
        return _labelled(data, label, cut=cut), False
    if _ISO_2022_JP.search(data) and _fits(data, "iso-2022-jp", cut=cut):
        return "iso-2022-jp", False
    wide = (_wide(data), _other_wide(data))
    # Letters of the East in UTF-16 may all be ASCII byte by byte; text has no NUL in it otherwise.
    for name in filter(None, (*wide, "utf-8") if b"\0" in data[:4096] else ("utf-8", *wide)):
        if _fits(data, name, cut=cut):
            return name, False
    if _is_mostly_utf8(data):
        return "utf-8", False
    return likeliest(data, cut=cut), True


def _labelled(data: bytes, label: str, *, cut: bool) -> str:
    """The label is believed, unless it is plainly wrong: nothing of the text fits it, and all of it fits UTF-8."""
    if _fits(data, label, cut=cut):
        return label
    if label == "utf-8":
        text = data.decode("utf-8", "replace")
        fitting = sum(ord(letter) > 0x7F and letter != "\ufffd" for letter in text)
        return label if fitting or "\0" in text else likeliest(data, cut=cut)
    return "utf-8" if _fits(data, "utf-8", cut=cut) else label


def _is_mostly_utf8(data: bytes) -> bool:
    text = data[:1_000_000].decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return "\0" not in text and sum(letter > "\x7f" for letter in text) > 5 * bad


def _fits(data: bytes, name: str, *, cut: bool) -> bool:
    try:
        text = text_in(data, name, strict=True, cut=cut)
    except ValueError:
        return False
    # Bytes of a file without a mark may be UTF-8 by form and UTF-16 in truth: every second one is then a NUL.
    return not (name == "utf-8" and text.count("\0") * 4 > len(text))


_ISO_2022_JP = re.compile(rb"\A[^\x80-\xff]*?\x1b\$[@B](?:[\x21-\x7e]{2})+\x1b\([BJ]")
_PLAIN = re.compile(
    r"[\t\n\r -~\u00a0-\u024f\u0370-\u06ff\u0e00-\u0e7f\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
    r"\uff00-\uffef]"
)
_PAUSES = frozenset("\n ,\u3000\u3001\u3002\uff0c")


def _other_wide(data: bytes) -> str | None:
    """UTF-16 of other letters than Latin ones, in which few bytes are NUL."""
    sample = data[: 4096 & ~1]
    for name in ("utf-16-le", "utf-16-be"):
        text = sample[: len(sample) & ~1].decode(name, "replace")
        if len(text) > 3 and len(_PLAIN.findall(text)) * 50 >= len(text) * 49 and _PAUSES & set(text):
            return name
    return None


def _wide(data: bytes) -> str | None:
    sample = data[:4096]
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) * 10 > half * 4 and sample[0::2].count(0) * 20 < half:
        return "utf-16-le"
    if sample[0::2].count(0) * 10 > half * 4 and sample[1::2].count(0) * 20 < half:
        return "utf-16-be"
    return None


def _is_junk(text: str, *, guessed: bool) -> bool:
    sample = text[:HEAD_CHARS]
    if guessed and "\0" in sample:
        return True
    return len(_CONTROL.findall(sample)) * 50 > len(sample)


HEAD_CHARS = 65_536
