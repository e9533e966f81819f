"""The reader of saved mails (.eml): who, when, what about, the text, and the names of what is attached.

The parser is the standard library's older policy (compat32): the newer one fails on headers that real mails have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from bot.errors import Refused
from handlers.documents.document import display_name
from handlers.documents.encodings import decode
from handlers.documents.limits import Limits
from handlers.documents.readers.html import html_lines

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_TOO_DEEP = "This mail has too many parts within parts to be read; drop the part that matters by itself."
_HEADER_END = re.compile(rb"\r?\n\r?\n")


def read_mail(path: Path, limits: Limits, notes: list[str]) -> Iterator[str]:
    """Header lines, the text parts, and one line for each attachment, which is not read."""
    data = path.read_bytes().lstrip(b"\r\n")
    _check(data, limits)
    attached: list[str] = []
    yield from _mail(BytesParser().parsebytes(data), limits, attached, depth=0)
    if attached:
        notes.append("The files attached to the mail were not read; drop them by themselves.")
        yield ""
        yield from (f"[Attached: {name}]" for name in attached)


def _check(data: bytes, limits: Limits) -> None:
    end = _HEADER_END.search(data)
    if (end.start() if end else len(data)) > limits.mail_header_bytes:
        raise Refused("This mail has more headers than a mail needs, so it was not opened.")
    if data.lower().count(b"boundary=") > limits.mail_parts or data.count(b"\n--") > 3 * limits.mail_parts:
        raise Refused(_TOO_DEEP)


def _mail(mail: Any, limits: Limits, attached: list[str], depth: int) -> Iterator[str]:
    for name in _HEADERS:
        if value := _header(mail, name, limits):
            yield f"{name}: {value}"
    yield ""
    yield from _part(mail, limits, attached, depth)


def _part(part: Any, limits: Limits, attached: list[str], depth: int) -> Iterator[str]:
    if depth > limits.mail_nesting:
        raise Refused(_TOO_DEEP)
    content = part.get_content_type()
    inner = part.get_payload()
    if content == "message/rfc822" and isinstance(inner, list):
        yield "[Forwarded mail]"
        for mail in inner:
            yield from _mail(mail, limits, attached, depth + 1)
    elif isinstance(inner, list):
        for chosen in _preferred(content, inner):
            yield from _part(chosen, limits, attached, depth + 1)
    elif _is_attached(part, content):
        attached.append(_filename(part))
    else:
        yield from _text(part, content)


def _preferred(content: str, parts: list[Any]) -> list[Any]:
    """Of an alternative only the plain text, or the last form when none says anything; of the rest everything."""
    if content != "multipart/alternative" or not parts:
        return parts
    plain = (part for part in parts if part.get_content_type() == "text/plain" and _payload(part).strip())
    return [next(plain, parts[-1])]


def _is_attached(part: Message[str, str], content: str) -> bool:
    return part.get_content_disposition() == "attachment" or not content.startswith("text/")


def _text(part: Message[str, str], content: str) -> Iterator[str]:
    data = _payload(part)
    if not data.strip():
        return
    try:
        text = decode(data, _charset(part)).text
    except Refused:
        yield "[A part of this mail is not text and was not read.]"
        return
    yield from html_lines(text) if content == "text/html" else text.splitlines()


def _charset(part: Message[str, str]) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None


def _payload(part: Message[str, str]) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return data if isinstance(data, bytes) else b""


def _header(mail: Message[str, str], name: str, limits: Limits) -> str:
    value = str(mail.get(name, ""))[: limits.mail_header_chars]
    try:
        pieces = decode_header(value)
        text = "".join(_decoded(piece, charset) for piece, charset in pieces)
    except (ValueError, LookupError, UnicodeError):
        text = value
    return " ".join(text.split())


def _decoded(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        return piece.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return piece.decode("latin-1")


def _filename(part: Message[str, str]) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError, IndexError):
        name = None
    if not name:
        return part.get_content_type()
    return display_name("".join(_decoded(piece, charset) for piece, charset in decode_header(name)))
