"""This file is Slack's own writing turned into what a person reads: names for ids, labels for links, no escapes."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

TOKEN = re.compile(r"<([^<>]+)>")
USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def mentioned(text: str) -> set[str]:
    """The ids of the people a message names."""
    return set(USER.findall(text))


def readable(text: str, names: Mapping[str, str]) -> str:
    """A message as people see it. https://docs.slack.dev/messaging/formatting-message-text"""
    return html.unescape(TOKEN.sub(lambda token: _token(token[1], names), text))


def _token(inner: str, names: Mapping[str, str]) -> str:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return "@" + names.get(target[1:], label or target[1:])
    if target.startswith("#"):
        return "#" + (label or target[1:])
    if target.startswith("!"):
        return "@" + (label.lstrip("@") or target[1:].partition("^")[0])
    return f"{label} ({target})" if label and label != target else target
