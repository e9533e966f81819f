"""Slack's own writing turned into what a person reads: names for ids, labels for links, no escapes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.doors.slack.wire import MENTION

TOKEN = re.compile(r"<([^<>]+)>")


def mentioned(text: str) -> set[str]:
    """The ids of the people a message names."""
    return set(MENTION.findall(text))


def named(text: str, names: Mapping[str, str]) -> str:
    """The same text with people's names for their ids; nothing else of it is touched."""
    return MENTION.sub(lambda token: _token(token[0][1:-1], names), text)


def readable(text: str, names: Mapping[str, str]) -> str:
    """A message as people see it. https://docs.slack.dev/messaging/formatting-message-text"""
    return html.unescape(TOKEN.sub(lambda token: _token(token[1], names), text))


def words_of(message: Mapping[str, Any]) -> str:
    """A message's words in Slack's writing: its text, else what its blocks or attachments say."""
    if text := str(message.get("text") or "").strip():
        return text
    blocks = answer_of_blocks(message.get("blocks") or ())
    attached = (str(one.get("text") or one.get("fallback") or "") for one in message.get("attachments") or ())
    return blocks or "\n".join(filter(None, attached))


def answer_of_blocks(blocks: Any) -> str:
    """The answer in a message of ours. Small print, buttons and notices stand in blocks of other kinds.

    Slack hands Markdown back as rich text: https://docs.slack.dev/reference/block-kit/blocks/markdown-block
    """
    return "\n".join(filter(None, (_block(block) for block in blocks)))


def _block(block: Mapping[str, Any]) -> str:
    kind, text = block.get("type"), block.get("text")
    if kind == "rich_text":
        return "".join(_rich(block)).strip("\n")
    if kind == "markdown":
        return str(text or "")
    if kind == "section" and isinstance(text, Mapping) and text.get("type") == "mrkdwn":
        return html.unescape(str(text.get("text") or ""))
    return ""


def _rich(element: Mapping[str, Any]) -> Iterator[str]:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    for inner in element.get("elements") or ():
        yield from _rich(inner)
        kind = inner.get("type", "")
        if kind in {"text", "link"}:
            yield str(inner.get("text") or inner.get("url") or "")
        elif kind == "emoji":
            yield f":{inner.get('name', '')}:"
        elif kind in {"user", "channel", "broadcast"}:
            yield f"@{inner.get(f'{kind}_id') or inner.get('range') or ''}"
        elif kind.startswith("rich_text_"):
            yield "\n"


def _token(inner: str, names: Mapping[str, str]) -> str:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return "@" + names.get(target[1:], label or target[1:])
    if target.startswith("#"):
        return "#" + (label or target[1:])
    if target.startswith("!"):
        return "@" + (label.lstrip("@") or target[1:].partition("^")[0])
    return f"{label} ({target})" if label and label != target else target
