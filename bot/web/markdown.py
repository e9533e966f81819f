"""Markdown as HTML that may stand in a page of ours, block by block, also while it is being written.

HTML in the text is shown as text; nothing is fetched from anywhere: pictures become links.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

SCHEMES = {"http", "https", "mailto", "tel"}
_LINK = {"rel": "noopener noreferrer nofollow", "target": "_blank"}


def html_of(text: str) -> str:
    """The whole text."""
    return "".join(block for block, _ in blocks_of(text))


def blocks_of(text: str) -> list[tuple[str, int]]:
    """Its paragraphs, lists, tables … each as HTML, with the line that it begins at."""
    renderer = _renderer()
    env: dict[str, Any] = {}
    tokens = renderer.parse(text, env)
    found: list[tuple[str, int]] = []
    start = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            part = tokens[start : at + 1]
            found.append((renderer.renderer.render(part, renderer.options, env), (part[0].map or [0])[0]))
            start = at + 1
    return found


class GrowingMarkdown:
    """The blocks of a text that grows. Only what may still change is read anew: its last block."""

    def __init__(self) -> None:
        self._text = ""
        self._done: list[str] = []
        self._rest_at = 0
        self._rest: list[str] = []

    def take(self, text: str) -> tuple[int, str] | None:
        """The first block that changed, by number, and the HTML of it and all after it; None when nothing did."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.startswith(self._text):
            self._done, self._rest_at, self._rest = [], 0, []
        self._text = text
        before, known = self._rest, len(self._done)
        blocks = blocks_of(text[self._rest_at :])
        now = [html for html, _ in blocks]
        if len(blocks) > 1:
            lines = text[self._rest_at :].split("\n")[: blocks[-1][1]]
            self._rest_at += sum(len(line) + 1 for line in lines)
            self._done += now[:-1]
        self._rest = now[-1:]
        same = len(os.path.commonprefix([before, now]))  # noqa: RUF071  # item by item is what is meant
        return None if before == now else (known + same, "".join(now[same:]))


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt  # a process whose pages nobody opens does not pay for it

    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    renderer.validateLink = _is_safe  # type: ignore[method-assign]  # the library's own way to narrow what links may be
    renderer.core.ruler.push("marks", _mark)
    renderer.add_render_rule("image", _picture)
    renderer.add_render_rule("table_open", _table_open)
    renderer.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return renderer


def _is_safe(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False


def _mark(state: Any) -> None:
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            # Each block is written from the side that its own words begin at.
            token.attrSet("dir", "auto")
        # How a table's columns are aligned comes as a style, which the page's policy would refuse.
        token.attrs.pop("style", None)
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrs.update(_LINK)


def _picture(renderer: Any, tokens: Sequence[Any], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    words = renderer.renderInlineAsText(token.children or (), options, env) or "picture"
    url = str(token.attrGet("src") or "")
    link = "".join(f' {name}="{value}"' for name, value in _LINK.items())
    return f'<a href="{escape(url)}"{link}>{escape(words)}</a>' if url else escape(words)


def _table_open(renderer: Any, tokens: Sequence[Any], at: int, _options: Any, _env: Any) -> str:
    # A wide table is moved sideways by itself, with the keyboard too; the page stays as wide as the phone.
    attrs = renderer.renderAttrs(tokens[at])
    return f'<div class="wide" tabindex="0" role="region" aria-label="Table"{attrs}><table>\n'
