"""The reader of web pages: the text a person would see, tables by tabs, links with their host, forms with their state.

selectolax (Lexbor) builds the page as a browser would; nothing in it runs, and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.errors import Refused
from handlers.documents.encodings import decode
from handlers.documents.limits import Limits
from handlers.documents.source import Source

_OPAQUE = re.compile(rb"<!--|<(script|style)\b", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^<>]*>", re.IGNORECASE)
_CHARSET = re.compile(rb"[\s\"'/]charset\s*=\s*[\"']?\s*([\w.:()-]{1,40})", re.IGNORECASE)
_CONTENT = re.compile(rb"content\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_IN_CONTENT = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:()-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 1_000_000
_TAG = re.compile(
    r"<(/?)(?!(?:p|li|td|th|tr|dt|dd|option|br|img|hr|input|meta|link|wbr|col|area|source|track|embed|param)\b)[a-z]",
    re.IGNORECASE,
)
"""A tag that opens or closes an element; those that close by themselves are left out."""
_MOST_DEEP = 20_000
"""Elements within elements; from there on every browser's way of parsing takes time that grows with its square."""
_TOO_DEEP = "This page is nested too deeply to be read; save it in a simpler form and drop that."
_NOSCRIPT = re.compile(r"<(/?)noscript\b", re.IGNORECASE)


def read_html(source: Source, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """The lines of the page that a person would see."""
    yield from page_lines(source.read_bytes(), notes)


def page_lines(
    data: bytes, notes: list[str], declared: str | None = None, *, marks_quotes: bool = False
) -> Iterator[str]:
    """The lines of a page as bytes; `declared` is the encoding that was said outside of it."""
    text, note = decode(data, declared or declared_charset(data))
    if note:
        notes.append(note)
    yield from html_lines(text, marks_quotes=marks_quotes)


def declared_charset(data: bytes) -> str | None:
    """The encoding that the page declares in a meta element anywhere in its head, or in an XML declaration."""
    head = data[:_HEAD_BYTES]
    body = re.search(rb"<body[\s>]", head, re.IGNORECASE)
    head = _bare(head[: body.start()] if body else head)
    for meta in _META.finditer(head):
        found = _CHARSET.search(_CONTENT.sub(b"", meta[0]))
        if found is None and re.search(rb"http-equiv", meta[0], re.IGNORECASE):
            content = _CONTENT.search(meta[0])
            found = _IN_CONTENT.search((content[1] or content[2] or b"") if content else meta[0])
        if found:
            label = found[1].decode("ascii").lower()
            # What can be read as ASCII is not in UTF-16, whatever it says.
            return "utf-8" if label.startswith("utf-16") else label
    found = _XML.match(head)
    return found[1].decode("ascii") if found else None


def _bare(head: bytes) -> bytes:
    """The head without comments, scripts and styles; what is not closed ends it."""
    pieces, at = [], 0
    while match := _OPAQUE.search(head, at):
        pieces.append(head[at : match.start()])
        closing = re.compile(rb"-->" if match[1] is None else b"</" + match[1], re.IGNORECASE).search(head, match.end())
        if closing is None:
            return b"".join(pieces)
        at = closing.end()
    return b"".join((*pieces, head[at:]))


def html_lines(markup: str, *, marks_quotes: bool = False) -> Iterator[str]:
    """What a person would see of the markup: hidden elements are dropped, since they may speak to the model alone.

    `marks_quotes`: lines of a blockquote begin with "> ", as mails in plain text have it.
    """
    _check_depth(markup)
    from selectolax.lexbor import LexborHTMLParser

    from handlers.documents.readers.html_page import Page

    # Browsers run scripts, so they show nothing of what stands there for those that do not.
    yield from Page(LexborHTMLParser(_NOSCRIPT.sub(r"<\1template", markup)), marks_quotes=marks_quotes).lines()


def _check_depth(markup: str) -> None:
    depth = 0
    for tag in _TAG.finditer(markup):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > _MOST_DEEP:
            raise Refused(_TOO_DEEP)
