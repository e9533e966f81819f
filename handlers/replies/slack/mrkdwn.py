"""Markdown in Slack's own markup, where markdown blocks are refused, and in plain words, for notifications. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.doors.slack.wire import escaped, unbroken

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

MARKS = {"strong": "*", "em": "_", "s": "~"}
LINKED = re.compile(r"(?i:https?://|mailto:)")
WIDEST_CELL = 40


def to_mrkdwn(text: str) -> str:
    """`text` with Slack's bold, links, lists, quotes and code; tables as aligned rows of code. Nothing in it pings."""
    # Imported here: few workspaces ever need it.
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return "\n\n".join(_blocks(SyntaxTreeNode(parser.parse(unbroken(text)))))


def _blocks(node: SyntaxTreeNode) -> list[str]:
    return [made for child in node.children if (made := _block(child))]


def _block(node: SyntaxTreeNode) -> str:
    make = BLOCKS.get(node.type)
    return make(node) if make else escaped(node.content.strip())


def _heading(node: SyntaxTreeNode) -> str:
    words = _inline(node, plain=True)
    return f"*{words}*" if words else ""


def _quote(node: SyntaxTreeNode) -> str:
    return "\n".join(f"> {line}" for line in "\n\n".join(_blocks(node)).split("\n"))


def _code(content: str) -> str:
    return f"```\n{escaped(content.rstrip(chr(10)))}\n```"


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    items: list[str] = []
    for number, item in enumerate(node.children, first):
        mark = f"{number}. " if node.type == "ordered_list" else "• "
        lines = "\n".join(_blocks(item)).split("\n")
        items.append("\n".join([mark + lines[0], *(f"    {line}" for line in lines[1:])]))
    return "\n".join(items)


def _table(node: SyntaxTreeNode) -> str:
    rows = [[_plain(cell) for cell in row.children] for part in node.children for row in part.children]
    widths = [min(max(len(cell) for cell in column), WIDEST_CELL) for column in zip(*rows, strict=True)]
    lines = [_row(row, widths) for row in rows]
    rule = "-+-".join("-" * width for width in widths)
    return _code("\n".join([lines[0], rule, *lines[1:]]))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _plain(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    return "".join(map(_plain, node.children)) if node.children else node.content


def _inline(node: SyntaxTreeNode, *, plain: bool = False) -> str:
    """What stands within a line; `plain`: without marks of its own, inside of which none can stand."""
    if node.type == "text":
        return escaped(node.content)
    if node.type in {"softbreak", "hardbreak"}:
        return " " if plain else "\n"
    if node.type == "code_inline":
        return escaped(node.content) if plain else f"`{escaped(node.content)}`"
    if node.type in {"link", "image"}:
        return _link(node)
    if not node.children:
        return escaped(node.content)
    inner = "".join(_inline(child, plain=plain) for child in node.children)
    mark = "" if plain else MARKS.get(node.type, "")
    return f"{mark}{inner}{mark}" if inner.strip() else inner


def _link(node: SyntaxTreeNode) -> str:
    target = str(node.attrs.get("href") or node.attrs.get("src") or "")
    label = escaped(_plain(node) if node.children else node.content) or escaped(target)
    if not LINKED.match(target):
        return label if not target or label == escaped(target) else f"{label} ({escaped(target)})"
    address = escaped(target).replace("|", "%7C")
    return f"<{address}>" if label == address else f"<{address}|{label.replace('|', '¦')}>"


BLOCKS: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "heading": _heading,
    "paragraph": _inline,
    "fence": lambda node: _code(node.content),
    "code_block": lambda node: _code(node.content),
    "blockquote": _quote,
    "bullet_list": _list,
    "ordered_list": _list,
    "table": _table,
    "hr": lambda _node: "———",
}

WORDS = (
    (re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*$", re.MULTILINE), ""),  # fences
    (
        re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$", re.MULTILINE),
        "",
    ),  # rules, also of tables
    (re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE), r"\1• "),
    (re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"), r"\1"),
    (re.compile(r"\[([^\[\]\n]+)\]\[[^\[\]\n]*\]"), r"\1"),
    (re.compile(r"<((?i:https?://|mailto:)[^<>\s|]+)>"), r"\1"),
    (re.compile(r"(\*\*\*|\*\*|~~|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?!\w)"), r"\1"),
    (re.compile(r"(`+)(?=[^`])(.+?)(?<=[^`])\1(?!`)"), r"\2"),
    (re.compile(r"^[ \t]*\|[ \t]*(.*?)[ \t]*\|?[ \t]*$", re.MULTILINE), r"\1"),
    (re.compile(r"\n{2,}"), "\n"),
)
"""Markdown's marks, by what stands for them where there are none."""


def plain_words(text: str) -> str:
    """The words of a Markdown text, without its marks, as a notification shows them; blank lines go."""
    for mark, words in WORDS:
        text = mark.sub(words, text)
    return text.strip()
