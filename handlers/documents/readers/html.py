"""The reader of web pages: the text a person would see, tables by tabs, links with their host."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from handlers.documents.encodings import decode
from handlers.documents.limits import Limits

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,100}encoding=[\"']([\w.-]{1,40})",
    re.IGNORECASE,
)
_UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "datalist", "head"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param"}
_BLOCK = {"p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "ul", "ol", "dl", "dt", "dd"}
_BLOCK |= {"table", "tr", "li", "blockquote", "pre", "form", "fieldset", "figure", "figcaption", "address", "title"}
_BLOCK |= {
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "body",
    "html",
    "caption",
    "details",
    "summary",
    "option",
    "select",
}
_CLOSED_BY = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"},
    "th": {"td", "th"}, "option": {"option"}, "body": {"head"},
}  # fmt: skip
_HIDDEN = re.compile(r"display:none|visibility:hidden|font-size:0(?![.\d]*[1-9])|opacity:0(?![.\d]*[1-9])|mso-hide:all")
_COLOUR = re.compile(r"(?:^|;)color:([^;]+)")
_GROUND = re.compile(r"background(?:-color)?:([^;]+)")
_WHITE = {"white", "#fff", "#ffffff", "rgb(255,255,255)", "transparent"}
_SCOPES = {"table", "html", "body", "div", "section", "article", "ul", "ol", "dl", "select"}


def read_html(path: Path, limits: Limits, notes: list[str]) -> Iterator[str]:  # noqa: ARG001 # the shape of every reader
    """The lines of the page that a person would see."""
    data = path.read_bytes()
    found = _CHARSET.search(data[:4096])
    declared = (found[1] or found[2]).decode("ascii") if found else None
    text, note = decode(data, declared)
    if note:
        notes.append(note)
    yield from html_lines(text)


def html_lines(markup: str) -> Iterator[str]:
    """What a person would see of the markup: hidden elements are dropped, since they may speak to the model alone."""
    page = _Page()
    page.feed(markup)
    page.close()
    blank = False
    for line in "".join(page.pieces).split("\n"):
        text = "\t".join(" ".join(cell.split()) for cell in line.split("\t")).rstrip("\t")
        if text.strip() or not blank:
            yield text if text.strip() else ""
        blank = not text.strip()


class _Page(HTMLParser):
    """Collects what is seen; every open element is on a stack with whether it hides its content."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._open: list[tuple[str, bool, str]] = []
        self._count: Counter[str] = Counter()
        self._hidden = 0
        self._pre = 0
        self._host = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._close_implied(tag)
        values = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self._void(tag, values)
            return
        # A page's title is in its head, which is not shown otherwise.
        hides = (tag in _UNSEEN and tag != "head") or _is_hidden(values, self._ground())
        self._open.append((tag, hides, _ground(values) or self._ground()))
        self._count[tag] += 1
        self._hidden += hides
        self._pre += tag == "pre"
        self._break(tag)
        if tag == "a":
            self._host = urlsplit_host(values.get("href", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._count[tag]:
            return
        depth = next(n for n, (name, _, _) in enumerate(reversed(self._open), 1) if name == tag)
        if tag == "a" and self._host and not self._hidden:
            self.pieces.append(f" ({self._host})")
            self._host = ""
        for _ in range(depth):
            self._pop()
        if tag in _BLOCK:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden or (self._open and self._open[-1][0] == "head"):
            return
        self.pieces.append(data if self._pre else re.sub(r"\s+", " ", data))

    def _void(self, tag: str, values: dict[str, str]) -> None:
        if self._hidden or _is_hidden(values, self._ground()):
            return
        if tag in {"br", "hr"}:
            self.pieces.append("\n")
        elif tag == "img" and values.get("alt", "").strip():
            self.pieces.append(f"[picture: {' '.join(values['alt'].split())}]")
        elif tag == "input" and values.get("type", "text").lower() not in {"hidden", "password"}:
            self.pieces.append(" " + " ".join(values.get("value", "").split()))

    def _break(self, tag: str) -> None:
        if self._hidden:
            return
        if tag in {"td", "th"}:
            if self.pieces and not self.pieces[-1].endswith("\n"):
                self.pieces.append("\t")
        elif tag in _BLOCK:
            # Blocks inside a table's cell must not break its row.
            inside = self._count["td"] + self._count["th"] and tag not in {"tr", "table"}
            self.pieces.append(" " if inside else "\n")
            if tag == "li" and self._open and self._open[-1][0] == "li":
                self.pieces.append("- ")

    def _close_implied(self, tag: str) -> None:
        closed = _CLOSED_BY.get(tag, set()) | ({"p"} if tag in _BLOCK else set())
        for depth, (name, _, _) in enumerate(reversed(self._open), 1):
            if name in closed:
                for _ in range(depth):
                    self._pop()
                return
            if name in _SCOPES:
                return

    def _pop(self) -> None:
        tag, hides, _ = self._open.pop()
        self._count[tag] -= 1
        self._hidden -= hides
        self._pre -= tag == "pre"

    def _ground(self) -> str:
        return self._open[-1][2] if self._open else "white"


def urlsplit_host(href: str) -> str:
    """The host of a link, or the address of a mailto; "" for links within the page and broken ones."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        return parts.path[:200]
    return (parts.hostname or "") if parts.scheme in {"http", "https", ""} else ""


def _ground(values: dict[str, str]) -> str | None:
    match = _GROUND.search(_style(values))
    return (match[1] if match else values.get("bgcolor", "").lower().strip()) or None


def _is_hidden(values: dict[str, str], ground: str) -> bool:
    style = _style(values)
    if "hidden" in values or _HIDDEN.search(style):
        return True
    colour = _COLOUR.search(style)
    if colour is None:
        return False
    own, behind = colour[1], _ground(values) or ground
    return own == behind or (own in _WHITE and behind in _WHITE)


def _style(values: dict[str, str]) -> str:
    return re.sub(r"\s+|!important", "", values.get("style", "").lower())
