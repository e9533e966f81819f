"""An answer as a page for mail programs: Markdown as HTML, the question quoted below, readable by day and by night.

Nothing in it is fetched from anywhere: pictures become links, and HTML that stands in the text is shown as text.
Styles stand at each element, because many mail programs drop or rewrite a sheet of styles; colours are left to the
reader's program, so that a dark one stays dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_GREY = "rgba(127,127,127,.{})"
_CELL = f"border:1px solid {_GREY.format('4')};padding:6px 10px;vertical-align:top"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
_STYLES = {
    "p": "margin:0 0 12px",
    "ul": "margin:0 0 12px;padding-left:24px",
    "ol": "margin:0 0 12px;padding-left:28px",
    "li": "margin:0 0 4px",
    "h1": "font-size:22px;line-height:1.3;margin:20px 0 10px",
    "h2": "font-size:19px;line-height:1.3;margin:18px 0 8px",
    "h3": "font-size:17px;line-height:1.3;margin:16px 0 6px",
    "h4": "font-size:16px;margin:14px 0 6px",
    "h5": "font-size:15px;margin:14px 0 6px",
    "h6": "font-size:15px;margin:14px 0 6px",
    "table": "border-collapse:collapse;margin:0",
    "th": f"{_CELL};background-color:{_GREY.format('12')};font-weight:600;text-align:left",
    "td": _CELL,
    "blockquote": f"margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid {_GREY.format('4')}",
    "hr": f"border:0;border-top:1px solid {_GREY.format('4')};margin:16px 0",
}
_CODE = f"font-family:{_MONO};font-size:90%;background-color:{_GREY.format('12')};padding:1px 4px;border-radius:3px"
_PRE = (
    f"font-family:{_MONO};font-size:13px;line-height:1.45;background-color:{_GREY.format('12')};padding:10px 12px;"
    "border-radius:6px;margin:0 0 12px;white-space:pre-wrap;overflow-wrap:anywhere"
)
_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<style>:root{{color-scheme:light dark;supported-color-schemes:light dark}}
@media (prefers-color-scheme:dark){{a{{color:#8ab4f8}}}}</style></head>
<body style="margin:0;padding:12px">
<div style="font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;\
line-height:1.5;max-width:720px;overflow-wrap:break-word">
{answer}{notes}</div>
{quoted}</body></html>
"""
_NOTE = '<p style="margin:12px 0 0;font-size:13px;opacity:.75"><b>Note:</b> {}</p>\n'
_QUOTED = (
    '<div class="gmail_quote" style="margin:20px 0 0;font-family:-apple-system,BlinkMacSystemFont,\'Segoe UI\',Roboto,'
    'Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45;max-width:720px;opacity:.8"><div>{heading}</div>\n'
    f'<blockquote class="gmail_quote" type="cite" style="margin:6px 0 0;padding:0 0 0 12px;border-left:2px solid '
    f'{_GREY.format("45")};white-space:pre-wrap;overflow-wrap:anywhere">{{text}}</blockquote></div>\n'
)
_SCHEMES = {"http", "https", "mailto", "tel"}


def page(markdown: str, notes: Sequence[str] = (), heading: str = "", question: str = "") -> str:
    """The whole page. `heading` is the line above the quoted `question`; without a question nothing is quoted."""
    quoted = _QUOTED.format(heading=escape(heading), text=escape(question)) if question else ""
    said = "".join(_NOTE.format(escape(" ".join(note.split()))) for note in notes)
    return _PAGE.format(answer=html_of(markdown), notes=said, quoted=quoted)


def html_of(markdown: str) -> str:
    """The Markdown of an answer as HTML."""
    rendered: str = _renderer().render(markdown)
    return rendered


@cache
def _renderer() -> MarkdownIt:
    # Imported here: only a process that answers mails pays for it.
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    renderer.validateLink = _is_safe  # type: ignore[method-assign]  # the library's own way to narrow what links may be
    renderer.core.ruler.push("styles", _style)
    renderer.add_render_rule("image", _picture)
    renderer.add_render_rule("fence", _code_block)
    renderer.add_render_rule("code_block", _code_block)
    renderer.add_render_rule("table_open", _table_open)
    renderer.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return renderer


def _is_safe(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def _style(state: Any) -> None:
    for token in state.tokens:
        _style_one(token)
        for inner in token.children or ():
            _style_one(inner)


def _style_one(token: Any) -> None:
    if token.type == "code_inline":
        token.attrSet("style", _CODE)
    elif token.type == "link_open":
        token.attrSet("rel", "noopener noreferrer")
    elif token.nesting >= 0 and token.tag in _STYLES:
        # The library sets text-align on cells of a table whose columns say so.
        own = token.attrGet("style")
        token.attrSet("style", f"{_STYLES[token.tag]};{own}" if own else _STYLES[token.tag])


def _picture(renderer: Any, tokens: Sequence[Any], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    words = renderer.renderInlineAsText(token.children or (), options, env) or "picture"
    url = str(token.attrGet("src") or "")
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(words)}</a>' if url else escape(words)


def _code_block(_renderer: Any, tokens: Sequence[Any], at: int, _options: Any, _env: Any) -> str:
    return f'<pre style="{_PRE}"><code style="font-family:inherit">{escape(tokens[at].content.rstrip())}</code></pre>\n'


def _table_open(renderer: Any, tokens: Sequence[Any], at: int, _options: Any, _env: Any) -> str:
    # A wide table is moved sideways by itself; the page around it stays as wide as the phone.
    attributes = renderer.renderAttrs(tokens[at])
    return f'<div style="overflow-x:auto;margin:0 0 12px"><table{attributes}>\n'
