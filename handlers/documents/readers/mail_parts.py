"""What one part of a mail is: its bytes, its encoding, whether it is text of the mail itself or came with it."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from email.message import Message
from typing import Any

from handlers.documents.charsets import codec_of
from handlers.documents.readers.mail_headers import file_name


def is_text(part: Message[Any, Any], content: str) -> bool:
    """Whether a part is text of the mail itself: not attached, and without a name unless it is shown all the same."""
    if not content.startswith("text/") or part.get_content_disposition() == "attachment":
        return False
    named = content not in {"text/plain", "text/html", "text/calendar"} and file_name(part) is not None
    return not (named or content in {"text/rtf", "text/csv", "text/xml", "text/vcard", "text/x-vcard"})


def holds(part: Any, content: str) -> bool:
    """Whether a part is of this type, or is a bundle whose first text is."""
    texts = (inner for inner in part.walk() if inner.get_content_maintype() == "text")
    return next((inner.get_content_type() for inner in texts), "") == content


def declares_itself(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"\x1b$" in data
    return True


def charset_of(part: Message[Any, Any]) -> str | None:
    try:
        found = part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None
    return found if found and codec_of(found) else None


def parameter(part: Message[Any, Any], name: str) -> str:
    """A parameter of the content type, in lower case; "" without one, or where it cannot be read."""
    try:
        found = part.get_param(name, "")
    except (ValueError, LookupError, TypeError):
        return ""
    return found.lower() if isinstance(found, str) else ""


def payload(part: Message[Any, Any]) -> bytes:
    """The bytes of a part; b"" for what cannot be decoded."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return data if isinstance(data, bytes) else b""


def unwrapped(part: Any, inner: Any) -> bytes:
    """A forwarded mail that was wrapped in base64 or quoted-printable, against RFC 2046, as some programs do."""
    wrapped: bytes = inner.as_bytes().lstrip(b"\r\n")
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return bytes(quopri.decodestring(wrapped))
    plain = re.sub(rb"[^A-Za-z0-9+/=]", b"", wrapped)
    try:
        unwrapped = base64.b64decode(plain)
    except binascii.Error:
        return wrapped
    return unwrapped if b":" in unwrapped[:2000] else wrapped
