"""Rich text, which Slack's composer makes of what people type, in Slack's own writing.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers.context.slack.markup import escaped

Element = Mapping[str, Any]
DEEPEST = 40
"""Nobody nests deeper; what an odd app sends must not end in a recursion."""


def rich_text(block: Element, depth: int = 0) -> str:
    """The block's parts below each other: paragraphs, lists, quotes, code."""
    parts = (_part(part, depth) for part in elements_of(block))
    return "\n".join(part.rstrip("\n") for part in parts if part.strip())


def elements_of(block: Element, name: str = "elements") -> list[Element]:
    """The elements that are such; whatever else stands there is passed over."""
    found = block.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def text_at(element: Element, name: str) -> str:
    """A field that holds text, "" where it holds something else."""
    value = element.get(name)
    return value if isinstance(value, str) else ""


def _part(part: Element, depth: int) -> str:
    kind = part.get("type")
    if depth > DEEPEST:
        return ""
    if kind == "rich_text_list":
        return _bordered(part, _list(part, depth))
    if kind == "rich_text_quote":
        return _quoted(_inline(part, depth))
    if kind == "rich_text_preformatted":
        return _bordered(part, f"```{text_at(part, 'language')}\n{_inline(part, depth).strip(chr(10))}\n```")
    if str(kind).startswith("rich_text"):
        return _bordered(part, _inline(part, depth))
    return _element(part, depth)


def _inline(part: Element, depth: int) -> str:
    written = []
    for element in elements_of(part):
        inner = str(element.get("type")).startswith("rich_text")
        written.append(f"{_part(element, depth + 1)}\n" if inner else _element(element, depth + 1))
    return "".join(written)


def _list(part: Element, depth: int) -> str:
    indent = "  " * _number(part, "indent")
    first = _number(part, "offset") + 1
    lines = []
    for number, item in enumerate(elements_of(part), first):
        mark = f"{number}. " if part.get("style") == "ordered" else "- "
        if item.get("type") == "rich_text_list":
            lines.append("\n".join("  " + line for line in _part(item, depth + 1).split("\n")))
            continue
        text = _part(item, depth + 1).strip("\n")
        lines.append(indent + mark + text.replace("\n", "\n" + indent + " " * len(mark)))
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "\n".join(f"&gt; {line}".rstrip() for line in text.strip("\n").split("\n"))


def _bordered(part: Element, text: str) -> str:
    """A list or code within a quote says so by its border."""
    return _quoted(text) if part.get("border") else text


def _number(part: Element, name: str) -> int:
    value = part.get(name)
    return min(max(value, 0), 1_000_000) if isinstance(value, int) else 0


def _element(element: Element, depth: int) -> str:
    make = ELEMENTS.get(str(element.get("type")))
    if make is not None:
        return make(element)
    if elements_of(element) and depth < DEEPEST:
        return _inline(element, depth)
    words = (text_at(element, name) for name in ("text", "title", "label", "fallback", "url"))
    return escaped(next(filter(None, words), ""))


def _text(element: Element) -> str:
    """Bold and italics say little; what is struck through means the opposite, and code is code."""
    text, style = text_at(element, "text"), element.get("style")
    marks = {"code": "`", "strike": "~~"}
    for name, mark in marks.items():
        if isinstance(style, Mapping) and style.get(name) and text.strip():
            bare = text.strip()
            start = text.index(bare)
            text = f"{text[:start]}{mark}{bare}{mark}{text[start + len(bare) :]}"
    return escaped(text)


def _link(element: Element) -> str:
    url, text = text_at(element, "url"), text_at(element, "text")
    if not url or any(one in url for one in "<>|\n"):
        return escaped(text or url)
    return f"<{escaped(url)}|{escaped(text)}>" if text and "\n" not in text else f"<{escaped(url)}>"


def _date(element: Element) -> str:
    label = escaped(text_at(element, "fallback")).replace("\n", " ")
    template = text_at(element, "format").translate(str.maketrans("", "", "<>|^\n"))
    return f"<!date^{element.get('timestamp', '')}^{template}|{label}>"


def _id(prefix: str, name: str) -> Callable[[Element], str]:
    def write(element: Element) -> str:
        target = text_at(element, name)
        return f"<{prefix}{target}>" if target.replace("_", "").isalnum() else ""

    return write


ELEMENTS: Mapping[str, Callable[[Element], str]] = {
    "text": _text,
    "link": _link,
    "emoji": lambda element: f":{text_at(element, 'name')}:",
    "user": _id("@", "user_id"),
    "channel": _id("#", "channel_id"),
    "usergroup": _id("!subteam^", "usergroup_id"),
    "broadcast": _id("!", "range"),
    "date": _date,
    "color": lambda element: escaped(text_at(element, "value")),
    "team": lambda element: "@" + escaped(text_at(element, "team_id")),
}
