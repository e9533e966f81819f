"""Headers and file names of mails as letters: encoded words, raw bytes, and names in pieces."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Callable
from email.message import Message
from email.utils import unquote
from typing import Any

from bot.errors import Refused
from handlers.documents.charsets import codec_of, text_in
from handlers.documents.document import display_name
from handlers.documents.encodings import decode

_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[\w-]*)?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)*?)\?=")
_GAP = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")

Raw = Callable[[bytes], str]
"""How bytes that no header declares become letters."""


def raw_letters(hint: str | None) -> Raw:
    """Undeclared bytes as UTF-8 where they are, else in the encoding of the mail's text, else in the likeliest."""

    def letters(data: bytes) -> str:
        for codec in filter(None, ("utf-8", hint)):
            try:
                return text_in(data, codec, strict=True)
            except ValueError:
                continue
        try:
            return decode(data).text
        except Refused:
            return data.decode("latin-1")

    return letters


def mend_headers(part: Message[Any, Any], raw: Raw) -> None:
    """Make the raw bytes in the headers of one part letters, so that the standard library can work with them."""
    for name, value in list(part.raw_items()):
        text = str(value)
        if any("\udc80" <= letter <= "\udcff" for letter in text):
            mended = raw(text.encode("utf-8", "surrogateescape"))
            if len(part.get_all(name, [])) == 1:
                part.replace_header(name, mended)


def header(mail: Message[Any, Any], name: str, most: int) -> str:
    """A header's letters on one line, of at most `most` characters as it was sent."""
    return " ".join(words(str(mail.get(name, ""))[:most]).split())


def words(value: str) -> str:
    """The text with its encoded words (RFC 2047) decoded; letters cut in two between words are put together."""
    joined: list[tuple[str, str | bytes]] = []
    at = 0
    value = _GAP.sub(r"\1", value)
    for match in _WORD.finditer(value):
        if match.start() > at:
            joined.append(("", value[at : match.start()]))
        charset, data = match[1].lower(), _bytes_of(match[2], match[3])
        last = joined[-1] if joined else None
        if last and last[0] == charset and isinstance(last[1], bytes) and match.start() == at:
            joined[-1] = (charset, last[1] + data)
        else:
            joined.append((charset, data))
        at = match.end()
    joined.append(("", value[at:]))
    return "".join(text if isinstance(text, str) else _letters(text, charset) for charset, text in joined)


def _bytes_of(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    if kind in "qQ":
        return quopri.decodestring(data.replace(b"_", b" ").replace(b"=\n", b""), header=False)
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return base64.b64decode(plain[: len(plain) // 4 * 4] or b"")


def _letters(data: bytes, charset: str) -> str:
    try:
        return decode(data, charset).text if codec_of(charset) else raw_letters(None)(data)
    except Refused:
        return data.decode("utf-8", "replace")


def file_name(part: Message[Any, Any]) -> str | None:
    """The name of an attachment, fit to be shown; None when it has none."""
    for of, key in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(key, None, of)
        except (ValueError, LookupError, TypeError, IndexError):
            value = None
        if value:
            name = _continued(value) if isinstance(value, tuple) else words(unquote(value))
            return display_name(name)
    location = str(part.get("Content-Location", "")).strip()
    return display_name(location) if location else None


def _continued(value: tuple[str | None, str | None, str]) -> str:
    """A name by RFC 2231, which says its encoding."""
    charset, _, text = value
    return _letters(text.encode("latin-1", "replace"), (charset or "utf-8").lower())
