"""The headers of a mail as they came, and as letters: no header, however broken, ends in an error.

Read by the standard library's older policy (compat32): the newer one fails on headers that real mails have, and takes
gigabytes for some that hostile ones have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.parser import BytesHeaderParser

from bot.errors import Refused

MOST_HEADER_BYTES = 64 * 1024
"""More is no mail of a person's; reading stops before it costs memory."""
MOST_CHARS = 2_000
"""Of one header's value, before it is decoded."""
UNREADABLE = "unreadable"
"""Code: bytes that no mail can be made of."""
_TOO_MANY = "This mail has more than 64 KB of headers, which no mail program writes, so it was not read."
_NO_MAIL = "This is no mail: it has no headers."
_END = re.compile(rb"\r?\n\r?\n|\r\r")


@dataclass(frozen=True, slots=True)
class Headers:
    """Each header in the order it stands, topmost first: its name in lower case, and its value on one line."""

    fields: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that header, topmost first, as it was sent."""
        return tuple(value for key, value in self.fields if key == name)

    def raw(self, name: str) -> str:
        """The topmost value of that header as it was sent; "" when there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def text(self, name: str) -> str:
        """The same in letters: encoded words decoded, without control characters."""
        return decoded(self.raw(name))

    def has(self, *names: str) -> str:
        """The first of these names that there is; "" when there is none."""
        return next((name for name in names if any(key == name for key, _ in self.fields)), "")


def split(raw: bytes) -> tuple[bytes, bytes]:
    """The bytes of the headers and those of the body."""
    raw = raw.lstrip(b"\r\n")
    end = _END.search(raw)
    return (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")


def read_headers(head: bytes) -> Headers:
    """The headers in these bytes. Raises Refused (code UNREADABLE) for what no mail can be made of."""
    if len(head) > MOST_HEADER_BYTES:
        raise Refused(_TOO_MANY, UNREADABLE)
    try:
        pairs: Iterable[tuple[str, object]] = BytesHeaderParser().parsebytes(head).raw_items()
        fields = tuple((name.strip().lower(), _one_line(str(value))) for name, value in pairs)
    except (ValueError, LookupError, TypeError, RecursionError, MessageError):
        fields = ()
    if not fields:
        raise Refused(_NO_MAIL, UNREADABLE)
    return Headers(fields)


def _one_line(value: str) -> str:
    """Folded lines as one, undeclared bytes as UTF-8 where they are, else as Latin-1."""
    data = value.encode("utf-8", "surrogateescape")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return re.sub(r"[\s\0]+", " ", text).strip()


def decoded(value: str) -> str:
    """A header's value in letters, of its first 2,000 characters as they were sent."""
    value = value[:MOST_CHARS]
    if "=?" not in value:
        return printable(value)
    try:
        pieces = decode_header(value)
    except (MessageError, ValueError, LookupError):
        return printable(value)
    return printable("".join(_letters(piece, charset) for piece, charset in pieces))


def _letters(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    # Only encodings of text: "rot13" and "zlib" are codecs too, and some raise errors of their own.
    for name in (charset, "utf-8"):
        try:
            return piece.decode(name) if name else piece.decode("ascii")
        except (LookupError, ValueError):
            continue
    return piece.decode("latin-1")


def printable(text: str) -> str:
    """On one line, without control characters and without marks that turn the direction of writing around."""
    kept = (" " if letter.isspace() else letter for letter in text)
    return " ".join("".join(letter for letter in kept if not _is_hidden(letter)).split())


def _is_hidden(letter: str) -> bool:
    return (
        unicodedata.category(letter) in {"Cc", "Cs"}
        or letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
