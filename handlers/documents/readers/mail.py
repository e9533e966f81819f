"""The reader of saved mails (.eml, .mbox, .mht): who, when, what about, the text, and everything that came with it.

The parser is the standard library's older policy (compat32): the newer one fails on headers that real mails have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from typing import Any

from bot.errors import Refused
from handlers.documents.charsets import codec_of
from handlers.documents.encodings import decode
from handlers.documents.limits import Limits
from handlers.documents.readers.attached import Attached, ReadContent
from handlers.documents.readers.calendar import calendar_lines
from handlers.documents.readers.flowed import unflowed
from handlers.documents.readers.html import html_lines, page_lines
from handlers.documents.readers.mail_headers import file_name, header, mend_headers, raw_letters
from handlers.documents.readers.mail_parts import (
    charset_of,
    declares_itself,
    holds,
    is_text,
    parameter,
    payload,
    unwrapped,
)
from handlers.documents.source import Source

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_TOO_DEEP = "This mail has too many parts within parts to be read; drop the part that matters by itself."
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_MBOX = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From \S[^\r\n]*\d{1,2}:\d\d[^\r\n]*\d{4}[^\r\n]*\r?\n")
_MARKS = (b"\xef\xbb\xbf", b"\xc3\xaf\xc2\xbb\xc2\xbf")
_MOST_MAILS = 500
_STUB_LETTERS = 400
FORWARDED = frozenset({"message/rfc822", "message/global", "message/news"})
_NOT_TEXT = "[A part of this mail is not text and was not read.]"
_SILENT = {
    "text/css", "text/javascript", "application/javascript", "application/x-javascript", "application/pgp-signature",
    "application/pkcs7-signature", "application/x-pkcs7-signature", "text/x-amp-html", "application/xml+rels",
}  # fmt: skip
"""What serves the mail program only."""


def read_mail(
    source: Source,
    limits: Limits,
    notes: list[str],
    blocks: list[list[str]] | None = None,
    read: ReadContent | None = None,
) -> Iterator[str]:
    """Header lines, the text that a person sees, and what is attached: named, and read where it can be.

    Pictures and PDFs among it go to `blocks` as [media type, name, base64]; `read` reads files of other
    formats. Without them such files are only named.
    """
    attached = Attached(limits, notes, blocks, read, mail_lines)
    yield from mail_lines(source.read_bytes(), limits, attached, 0)
    notes.extend(attached.remarks())


def mail_lines(data: bytes, limits: Limits, attached: Attached, depth: int) -> Iterator[str]:
    """The lines of one mail, or of all mails of a box, at that depth within others."""
    for mark in _MARKS:
        data = data.removeprefix(mark)
    data = data.lstrip(b"\r\n")
    starts = [match.span() for match in _MBOX.finditer(data)]
    if len(starts) < 2:
        yield from _one(data[starts[0][1] :] if starts and starts[0][0] == 0 else data, limits, attached, depth)
        return
    ends = [start for start, _ in starts[1:]] + [len(data)]
    for number, ((_, start), end) in enumerate(zip(starts, ends, strict=True), 1):
        if number > _MOST_MAILS:
            attached.notes.append(f"Only the first {_MOST_MAILS} of {len(starts)} mails were read.")
            return
        yield f"## Mail {number}"
        yield from _one(re.sub(rb"(?m)^>(>*From )", rb"\1", data[start:end]), limits, attached, depth)
        yield ""


def _one(data: bytes, limits: Limits, attached: Attached, depth: int) -> Iterator[str]:
    yield from OneMail(data, limits, attached, depth).lines()


def check(data: bytes, limits: Limits) -> None:
    """Raise Refused, before it is parsed, for a mail that takes more to parse than a mail needs."""
    end = _HEADER_END.search(data)
    if (end.start() if end else len(data)) > limits.mail_header_bytes:
        raise Refused("This mail has more headers than a mail needs, so it was not opened.")
    if data.lower().count(b"boundary=") > limits.mail_parts or data.count(b"\n--") > 3 * limits.mail_parts:
        raise Refused(_TOO_DEEP)


class OneMail:
    """One mail: its parts, and what undeclared bytes in it are taken for.

    `forwards_apart`: a mail within it counts as attached, not as text of its own.
    """

    def __init__(
        self, data: bytes, limits: Limits, attached: Attached, depth: int, *, forwards_apart: bool = False
    ) -> None:
        check(data, limits)
        self._limits = limits
        self._attached = attached
        self._depth = depth
        self._forwards_apart = forwards_apart
        self._mail: Any = BytesParser().parsebytes(data)
        self._likely = self._hint(data)
        self._raw = raw_letters(self._likely)

    def _hint(self, data: bytes) -> str | None:
        """What the first text of the mail declares; where nothing does, what the mail as a whole looks like."""
        for part in self._mail.walk():
            declared = codec_of(charset_of(part))
            if part.get_content_maintype() == "text" and declared:
                return declared
        if data.isascii():
            return None
        from handlers.documents.guessing import likeliest

        return likeliest(data)

    def lines(self) -> Iterator[str]:
        """The headers, an empty line, the parts."""
        self.mend()
        for name in _HEADERS:
            if value := header(self._mail, name, self._limits.mail_header_chars):
                yield f"{name}: {value}"
        yield ""
        listed: list[Message[Any, Any]] = []
        yield from self.text_lines(listed)
        for part in listed:
            # What is attached is told after the text, as mail programs show it.
            yield ""
            yield from self.attachment_lines(part)

    def mend(self) -> None:
        """Make letters of raw bytes in headers; comes first."""
        for part in self._mail.walk():
            mend_headers(part, self._raw)

    def text_lines(self, listed: list[Message[Any, Any]]) -> Iterator[str]:
        """The lines of its own text; what is attached is put into `listed`."""
        for line in self._part(self._mail, self._depth):
            if isinstance(line, Message):
                listed.append(line)
            else:
                yield line

    def _part(self, part: Any, depth: int) -> Iterator[str | Message[Any, Any]]:
        if depth > self._limits.mail_nesting:
            raise Refused(_TOO_DEEP)
        content, inner = part.get_content_type(), part.get_payload()
        if content in FORWARDED and self._forwards_apart and part is not self._mail:
            yield part
        elif content in FORWARDED:
            yield from self._forwarded(part, inner, depth)
        elif content == "message/delivery-status" and isinstance(inner, list):
            for block in inner:
                yield from (f"{name}: {value}" for name, value in block.items())
                yield ""
        elif isinstance(inner, list):
            yield from self._parts(content, inner, depth)
        elif content in _SILENT:
            return
        elif content.startswith("multipart/"):
            # A bundle without a boundary, or without any part: its text is all there is.
            yield from self._text(part, "text/plain")
        elif is_text(part, content):
            yield from self._text(part, content)
        else:
            yield part

    def _parts(self, content: str, inner: list[Any], depth: int) -> Iterator[str | Message[Any, Any]]:
        if content == "multipart/encrypted":
            self._attached.lost.append("the encrypted text")
            yield "[The text of this mail is encrypted and was not read.]"
            return
        if content != "multipart/alternative":
            for chosen in inner:
                yield from self._part(chosen, depth + 1)
            return
        chosen = self._preferred(inner)
        if chosen is not None:
            yield from self._part(chosen, depth + 1)
        for other in inner:
            # The same text in another form is not told twice; whatever else stands there is.
            if other is not chosen:
                yield from self._beside(other, depth + 1)

    def _beside(self, part: Any, depth: int) -> Iterator[str | Message[Any, Any]]:
        content, inner = part.get_content_type(), part.get_payload()
        if depth > self._limits.mail_nesting:
            raise Refused(_TOO_DEEP)
        if isinstance(inner, list) and not content.startswith("message/"):
            for within in inner:
                yield from self._beside(within, depth + 1)
        elif content == "text/calendar" or not is_text(part, content):
            yield from self._part(part, depth)

    def _preferred(self, parts: list[Any]) -> Any:
        """The plain text, unless it is a stub beside a page that says more; else the last form that says anything."""
        plain = next((part for part in parts if holds(part, "text/plain") and self._words(part)), None)
        pages = [part for part in parts if holds(part, "text/html")]
        if plain is None:
            said = [part for part in parts if self._words(part)]
            return (pages or said or parts or [None])[-1]
        if not pages:
            return plain
        text, page = self._words(plain), self._words(pages[-1])
        is_stub = len(text) < _STUB_LETTERS and len(page) > max(3 * len(text), 40)
        hints = re.search(r"html|browser|not (?:support|display)|view (?:this|the)", text, re.IGNORECASE)
        return pages[-1] if is_stub or (hints and len(text) < _STUB_LETTERS and len(page) > len(text)) else plain

    def _words(self, part: Any) -> str:
        """The text of the first text part within, its spaces aside."""
        leaf = next((inner for inner in part.walk() if inner.get_content_maintype() == "text"), None)
        if leaf is None or not payload(leaf).strip():
            return ""
        try:
            text = decode(payload(leaf)[:200_000], charset_of(leaf), cut=True).text
        except Refused:
            return ""
        if leaf.get_content_type() == "text/html":
            text = " ".join(html_lines(text))
        return "".join(text.split())

    # ── leaves ──

    def _text(self, part: Any, content: str) -> Iterator[str]:
        data = payload(part)
        if not data.strip():
            return
        declared = charset_of(part)
        try:
            if content == "text/html":
                yield from page_lines(data, [], declared, marks_quotes=True)
                return
            likely = declared or (None if declares_itself(data) else self._likely)
            most = self._limits.text_chars * 4 + 4  # more is cut behind, whatever its letters take
            text = decode(data[:most], likely, cut=len(data) > most).text
        except Refused:
            is_page = content == "text/html"
            self._attached.lost.append("a page that cannot be read" if is_page else "a part that is not text")
            yield _NOT_TEXT
            return
        if content == "text/calendar":
            yield from calendar_lines(text)
        elif content in {"text/enriched", "text/richtext"}:
            yield from re.sub(r"<param>.*?</param>|<[^<>]{1,60}>", "", text).splitlines()
        elif parameter(part, "format") == "flowed":
            yield from unflowed(text.splitlines(), drops_space=parameter(part, "delsp") == "yes")
        else:
            yield from text.splitlines()

    def _forwarded(self, part: Any, inner: Any, depth: int) -> Iterator[str]:
        mails = inner if isinstance(inner, list) else []
        if mails and (str(part.get("Content-Transfer-Encoding", "")).strip().lower() in {"base64", "quoted-printable"}):
            data = unwrapped(part, mails[0])
        elif mails:
            data = mails[0].as_bytes()
        else:
            data = payload(part)
        if depth + 1 > self._limits.mail_nesting:
            raise Refused(_TOO_DEEP)
        yield "[Forwarded mail]"
        yield from _one(data.lstrip(b"\r\n"), self._limits, self._attached, depth + 1)

    def attachment_lines(self, part: Any) -> Iterator[str]:
        """The lines of something attached, the first of which names it."""
        content = part.get_content_type()
        if content in FORWARDED:
            yield from self._forwarded(part, part.get_payload(), self._depth)
            return
        name = file_name(part) or content
        data = payload(part)
        if content in {"text/calendar", "application/ics"} or name.lower().endswith(".ics"):
            yield f"[Attached: {name}]"
            yield from self._text(part, "text/calendar")
            return
        seen = str(part.get_content_disposition()) != "attachment" and content.startswith("image/")
        yield from self._attached.lines(name, data, picture=seen, depth=self._depth)
