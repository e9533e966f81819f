"""What encoding a label means, as every browser reads it (encoding.spec.whatwg.org), and decoding in it."""

from __future__ import annotations

import codecs
import re

_CODECS = {
    "windows-1252": "cp1252",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5",
    "windows-874": "cp874",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "ibm866": "cp866",
    "iso-8859-8-i": "iso8859-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "x-user-defined": "latin-1",
}
"""Python's codec for a name of the standard, where it is called otherwise or means less."""

_MORE = {
    "cp932": "cp932", "ms932": "cp932", "cp943": "cp932", "x-sjis-cp932": "cp932", "sjis": "cp932",
    "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp", "iso-2022-jp-1": "iso-2022-jp",
    "eucjp": "euc-jp", "eucjp-ms": "euc-jp", "cp51932": "euc-jp", "ujis": "euc-jp",
    "cp936": "gb18030", "ms936": "gb18030", "euc-cn": "gb18030", "gb-2312": "gb18030",
    "hz-gb-2312": "hz", "hz": "hz", "iso-2022-kr": "iso2022_kr", "iso-2022-cn": "gb18030",
    "cp949": "cp949", "uhc": "cp949", "ms949": "cp949", "cp950": "big5", "ms950": "big5",
    "cp874": "cp874", "x-windows-874": "cp874", "ansi": "cp1252", "utf8mb4": "utf-8", "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7", "utf-16": "utf-16", "utf-32": "utf-32", "ansi_x3.110-1983": "cp1252",
    "x-mac-ce": "mac_latin2", "x-mac-greek": "mac_greek", "x-mac-turkish": "mac_turkish", "x-mac-japanese": "cp932",
    "x-mac-icelandic": "mac_iceland", "x-mac-simp-chinese": "gb18030", "x-mac-trad-chinese": "big5",
    "x-mac-korean": "cp949",
}  # fmt: skip
"""Labels of mail programs that no browser knows, and those that the standard refuses although text stands behind."""

_LOOKALIKE = re.compile(r"^(?:x-)?(?:cp|windows|win|ibm|dos|ms)[-_ ]?(\d{3,5})$")
ASCII = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968", "iso-ir-6", "iso646-us"})
"""Labels that promise seven bits: where there are eight, they promise nothing."""


def codec_of(label: str | None) -> str | None:
    """The codec that reads text of this label; None when the label is unknown or names no encoding of text."""
    from webencodings.labels import LABELS

    name = (label or "").strip(" \t\r\n\f\0\"'").lower()
    if name in _MORE:
        return _MORE[name]
    standard: str | None = LABELS.get(name)
    if standard in {"replacement", "hz-gb-2312"}:
        return None
    if standard:
        return _CODECS.get(standard, standard)
    number = _LOOKALIKE.match(name)
    if number and f"cp{number[1]}" in _MORE:
        return _MORE[f"cp{number[1]}"]
    return _python_codec(f"cp{number[1]}" if number else name)


def _python_codec(name: str) -> str | None:
    try:
        b"\0\0\0\0".decode(name)  # unlike `codecs`, this takes codecs of text only: no "zlib", no "rot13"
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found in {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"} else found


def text_in(data: bytes, codec: str, *, strict: bool, cut: bool = False) -> str:
    """The text of `data`; raises ValueError when `strict` and something does not fit.

    `cut` says that `data` is only the start of a file, so that its last letter may be incomplete.
    """
    if codec in {"euc-jp", "iso-2022-jp"}:
        return _japanese(data, strict=strict, cut=cut)
    if codec == "big5":
        codec = _big5(data, cut=cut)
    return codecs.getincrementaldecoder(codec)("strict" if strict else "replace").decode(data, final=not cut)


def _big5(data: bytes, *, cut: bool) -> str:
    """Taiwan's letters, or those of Hong Kong where they alone fit."""
    for codec in ("cp950", "big5hkscs"):
        try:
            codecs.getincrementaldecoder(codec)().decode(data, final=not cut)
        except UnicodeError:
            continue
        return codec
    return "cp950"


# ── Japanese, with the letters that NEC and IBM added: Python's own codecs of EUC-JP and ISO-2022-JP lack them ──

_JAPANESE = re.compile(
    rb"(\x1b(?:\$[@B]|\(B|\(J|\(I|\$\(D))|(\x8f[\xa1-\xfe]{2})|(\x8e[\xa1-\xdf])|([\xa1-\xfe]{2})|([\x21-\x7e]{2})|(.)",
    re.DOTALL,
)
_SETS = {b"\x1b$@": "kanji", b"\x1b$B": "kanji", b"\x1b(I": "kana", b"\x1b$(D": "more"}


def _japanese(data: bytes, *, strict: bool, cut: bool) -> str:
    pieces: list[str] = []
    state, at = "ascii", 0
    while match := _JAPANESE.match(data, at):
        at = match.end()
        escape, more, kana, pair, seven, single = match.groups()
        if escape:
            state = _SETS.get(escape, "ascii")
        elif more:
            pieces.append(_fitting(more, "euc_jp", strict=strict))
        elif kana:
            pieces.append(kana[1:].decode("cp932"))
        elif pair:
            pieces.append(_fitting(_shifted(pair[0] - 0xA0, pair[1] - 0xA0), "cp932", strict=strict))
        elif seven and state in {"kanji", "more"}:
            row, cell = seven[0] - 0x20, seven[1] - 0x20
            more_bytes = bytes((0x8F, row + 0xA0, cell + 0xA0))
            bytes_, codec = (_shifted(row, cell), "cp932") if state == "kanji" else (more_bytes, "euc_jp")
            pieces.append(_fitting(bytes_, codec, strict=strict))
        else:
            first = seven[:1] if seven else single
            at = match.start() + 1
            if first == b"\n":
                state = "ascii"  # a line starts anew, as mail programs read it
            if first[0] > 0x7F and strict and not (cut and at == len(data)):
                raise ValueError("not Japanese")
            byte = bytes((first[0] | 0x80,)) if state == "kana" and first >= b"!" else first
            pieces.append(byte.decode("cp932", "replace") if first[0] < 0x80 else "\ufffd")
    return "".join(pieces)


def _shifted(row: int, cell: int) -> bytes:
    """The Shift_JIS bytes of a letter by its row and cell (1 to 94)."""
    lead = (row + 1) // 2 + (0x80 if row <= 62 else 0xC0)
    trail = cell + (0x9E if row % 2 == 0 else (0x3F if cell <= 63 else 0x40))
    return bytes((lead, trail))


def _fitting(data: bytes, codec: str, *, strict: bool) -> str:
    return data.decode(codec, "strict" if strict else "replace")
