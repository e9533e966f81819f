"""What a Slack message says as its event keeps it: its own words without the address, whom it mentions, its subject.

What else it shows (blocks, forwards, clips) the event carries along; it is read when the question is answered.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.doors.slack.wire import MENTION

Payload = Mapping[str, Any]
OWN_NAME = "@Bellhop"
SUBJECT_CHARS = 80
TOKEN = re.compile(r"<([@#!]?)([^<>|\n]+)(?:\|([^<>\n]*))?>")
SAYING = ("pretext", "title", "text")
DEEPEST = 20


def own_words(text: str, bot_user: str) -> str:
    """The text without the mention of us that opens it; within a sentence we are a word of it."""
    opening = rf"^(?:\s*<@{bot_user}(?:\|[^<>]*)?>)+[,:]?\s*"
    named = MENTION.sub(lambda token: OWN_NAME if token[1] == bot_user else token[0], re.sub(opening, "", text))
    return html.unescape(named).strip()


def mentioned_in(message: Payload) -> set[str]:
    """The people whom a message mentions itself, in its text or in its blocks alone; not in what it forwards."""
    return set(MENTION.findall(str(message.get("text") or ""))) | set(_users(message.get("blocks"), 0))


def subject_of(message: Payload) -> str:
    """Its first words, for people; what it shows where it has no words of its own."""
    text = TOKEN.sub(_shown, MENTION.sub("", str(message.get("text") or "")))
    words = " ".join(html.unescape(text).split())
    if not words:
        found = dict.fromkeys(_sayings([message.get("blocks"), message.get("attachments")], 0))
        words = " ".join(html.unescape(TOKEN.sub(_shown, " ".join(found))).split())
    return words[:SUBJECT_CHARS] + ("…" if len(words) > SUBJECT_CHARS else "") or "(a file)"


def said_anew(now: Payload, before: Payload) -> bool:
    """Whether an edit changed what the message says: its text, or a table or list in its blocks."""
    return any(_bare(now.get(name), 0) != _bare(before.get(name), 0) for name in ("text", "blocks"))


def _shown(token: re.Match[str]) -> str:
    sign, target, label = token[1], token[2], token[3]
    return (sign.replace("!", "@") if sign and not (label or "").startswith("@") else "") + (label or target)


def _users(value: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        if value.get("type") == "user" and isinstance(value.get("user_id"), str):
            yield value["user_id"]
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _users(inner, depth + 1)


def _sayings(value: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        for name in SAYING:
            if isinstance(value.get(name), str):
                yield value[name]
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _sayings(inner, depth + 1)


def _bare(value: Any, depth: int) -> Any:
    """A value without what Slack makes anew for each version."""
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {key: _bare(inner, depth + 1) for key, inner in value.items() if key != "block_id"}
    return [_bare(inner, depth + 1) for inner in value] if isinstance(value, list) else value
