"""How bytes become text: Unicode first, an old code page as the last guess, binary junk refused."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from bot.errors import Refused
from handlers.documents.formats import UNKNOWN

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
GUESSED = "The text is not Unicode; it was read as Western European ({name}), so some letters may be wrong."


class Decoded(NamedTuple):
    """Text, and a note for the reader when its encoding was a guess."""

    text: str
    note: str | None


def decode(data: bytes, declared: str | None = None, *, cut: bool = False) -> Decoded:
    """Text of `data`; `declared` is tried after a byte order mark and before any guess.

    `cut` says that `data` is only the start of a file, so its last character may be incomplete. Raises Refused when it
    is no text.
    """
    name, note = _encoding(data, declared, cut=cut)
    text = codecs.getincrementaldecoder(name)("replace").decode(data, final=not cut)
    if _is_junk(text, guessed=note is not None):
        raise Refused(UNKNOWN)
    return Decoded(text, note)


def clean(text: str) -> str:
    """The text as it may be sent: one kind of line end, no control characters, no half surrogates."""
    text = _UNSENT.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encoding(data: bytes, declared: str | None, *, cut: bool) -> tuple[str, str | None]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, None
    for name in filter(None, (declared, "utf-8", _wide(data))):
        if _fits(data, name, cut=cut):
            return name, None
    guess = "cp1252" if _fits(data, "cp1252", cut=cut) else "latin-1"
    return guess, GUESSED.format(name=guess)


def _fits(data: bytes, name: str, *, cut: bool) -> bool:
    try:
        b"\0\0\0\0".decode(name)  # unlike `codecs`, this takes codecs of text only: no "zlib", no "rot13"
        text = codecs.getincrementaldecoder(name)().decode(data, final=not cut)
    except (LookupError, ValueError):
        return False
    # Bytes of a file without a mark may be UTF-8 by form and UTF-16 in truth: every second one is then a NUL.
    return not (name == "utf-8" and text.count("\0") * 4 > len(text))


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
