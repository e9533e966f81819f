"""The blocks of a message in reading order, in Slack's own writing; buttons and menus are no words.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from handlers.context.slack.markup import escaped_but_tokens
from handlers.context.slack.rich_text import DEEPEST, Element, elements_of, rich_text, text_at

RULE = "---"
PIPE = re.compile(r"<[^<>\n]*>|\|")
SILENT = {"actions", "context_actions", "button", "icon_button", "workflow_button", "feedback_buttons", "overflow"}
"""What is there to be pressed."""
NAMED = ("title", "subtitle", "header", "text", "body", "description", "caption", "details", "output", "status")
"""Where kinds that have no line of their own below keep their words, in reading order."""
NESTED = ("elements", "blocks", "tasks", "sources", "cards", "rows")


def blocks_text(blocks: Any, depth: int = 0) -> str:
    """Everything the blocks say, one below the other; "" where they say nothing."""
    listed = elements_of({"blocks": blocks}, "blocks")
    lines = [text for block in listed if (text := block_text(block, depth).strip("\n")).strip()]
    while lines and lines[-1] == RULE:
        lines.pop()
    while lines and lines[0] == RULE:
        lines.pop(0)
    return "\n".join(lines)


def block_text(block: Element, depth: int = 0) -> str:
    """What one block says."""
    kind = str(block.get("type"))
    if kind in SILENT or depth > DEEPEST:
        return ""
    write = KINDS.get(kind)
    return write(block) if write else _other(block, depth)


def table_text(rows: Any) -> str:
    """A table as Markdown: its first row is the header, as Slack shows it."""
    found = [row for row in rows if isinstance(row, list | tuple)] if isinstance(rows, list | tuple) else []
    cells = [[_cell(cell) for cell in row] for row in found]
    if not any(any(row) for row in cells):
        return ""
    width = max(len(row) for row in cells)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(cell: Any) -> str:
    if not isinstance(cell, Mapping):
        text = "" if cell is None else str(cell)
    elif cell.get("type") == "rich_text":
        text = rich_text(cell)
    else:
        text = _words(cell) or str(cell.get("value") if cell.get("value") is not None else "")
    one_line = " ".join(part.strip() for part in text.splitlines() if part.strip())
    return PIPE.sub(lambda found: r"\|" if found[0] == "|" else found[0], one_line)


def _words(value: Any) -> str:
    """A text object, or text as it is."""
    return text_at(value, "text") if isinstance(value, Mapping) else value if isinstance(value, str) else ""


def _section(block: Element) -> str:
    fields = block.get("fields")
    parts = [_words(block.get("text")), *map(_words, fields if isinstance(fields, list | tuple) else ())]
    accessory = block.get("accessory")
    if isinstance(accessory, Mapping) and accessory.get("type") == "image":
        parts.append(_image(accessory))
    return "\n".join(filter(None, parts))


def _context(block: Element) -> str:
    parts = (_image(one) if one.get("type") == "image" else _context_part(one) for one in elements_of(block))
    return " ".join(filter(None, parts))


def _context_part(element: Element) -> str:
    return rich_text(element) if element.get("type") == "rich_text" else _words(element)


def _image(block: Element) -> str:
    title, alt = _words(block.get("title")), text_at(block, "alt_text")
    words = ": ".join(dict.fromkeys(filter(None, (title, alt))))
    return f"[image: {words}]" if words else "[image]"


def _video(block: Element) -> str:
    title, url = _words(block.get("title")), text_at(block, "title_url") or text_at(block, "video_url")
    head = f"[video: {title or text_at(block, 'alt_text')}]" + (f" <{url}>" if url else "")
    by = " · ".join(filter(None, (text_at(block, "author_name"), text_at(block, "provider_name"))))
    return "\n".join(filter(None, (head, by, _words(block.get("description")))))


def _input(block: Element) -> str:
    element = block.get("element")
    filled = _words(element.get("initial_value")) if isinstance(element, Mapping) else ""
    label = _words(block.get("label"))
    return "\n".join(filter(None, (f"{label}: {filled}" if filled else label, _words(block.get("hint")))))


def _file(block: Element) -> str:
    inner = block.get("file")
    file = inner if isinstance(inner, Mapping) else block
    title = text_at(file, "title") or text_at(file, "name")
    return f"[file: {title}]" if title else ""


def _call(block: Element) -> str:
    call = block.get("call")
    inner = call.get("v1") if isinstance(call, Mapping) else None
    name = text_at(inner, "name") or text_at(inner, "display_id") if isinstance(inner, Mapping) else ""
    return f"[call: {name}]" if name else "[call]"


def _table(block: Element) -> str:
    return "\n".join(filter(None, (_words(block.get("caption")), table_text(block.get("rows")))))


def _other(block: Element, depth: int) -> str:
    """A kind that came after this was written: its words where such kinds keep them."""
    parts = []
    for name in NAMED:
        value = block.get(name)
        inner = block_text(value, depth + 1) if isinstance(value, Mapping) and value.get("elements") else _words(value)
        parts.append(inner)
    parts += [blocks_text(block.get(name), depth + 1) for name in NESTED]
    parts.append(_image(block) if "alt_text" in block else "")
    return "\n".join(dict.fromkeys(filter(None, parts)))


KINDS: Mapping[str, Callable[[Element], str]] = {
    "rich_text": rich_text,
    "section": _section,
    "header": lambda block: _words(block.get("text")),
    "context": _context,
    "divider": lambda _: RULE,
    "markdown": lambda block: escaped_but_tokens(text_at(block, "text")),
    "table": _table,
    "data_table": _table,
    "image": _image,
    "video": _video,
    "input": _input,
    "file": _file,
    "call": _call,
}
