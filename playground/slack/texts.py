"""What text means in Slack: what a reader sees, whom it would notify, and how a client encodes typing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from playground.slack.calls import Data

TOKEN = re.compile(r"<(![a-z]+(?:\^[A-Z0-9]+)?(?:\|[^>]*)?|@[UW][A-Z0-9]+(?:\|[^>]*)?|#C[A-Z0-9]+(?:\|[^>]*)?)>")
PING = re.compile(r"<(!(?:channel|here|everyone)|!subteam\^[A-Z0-9]+|@[UW][A-Z0-9]+)(?:\|[^>]*)?>")
LINK = re.compile(r"https?://[^\s<>|]+")
NO_FALLBACK = "This content can't be displayed."


def visible_text(text: str, blocks: list[Any]) -> str:
    """What stands in the message for its reader, without context, actions and other furniture."""
    if not blocks:
        return text
    return "\n".join(part for block in blocks if (part := _block_text(block)))


def pings_in(text: str, blocks: list[Any], *, names: Iterable[str] = (), loose: bool = False) -> tuple[str, ...]:
    """Who would be notified: tokens such as `!channel` or `@U0ANNA`; with `loose` (link_names, parse=full) bare @names.

    Blocks count as text does: Slack resolves tokens there too, and so does the stand-in in Markdown.
    """
    shown = "\n".join([text, *_strings(blocks)])
    found = [match[1] for match in PING.finditer(shown)] + _rich_pings(blocks)
    if loose:
        words = ("channel", "here", "everyone", *names)
        found += [f"@{word}" for word in words if re.search(rf"(?<![\w<])@{re.escape(word)}\b", shown)]
    return tuple(dict.fromkeys(found))


def encode_typing(text: str, ids_by_name: dict[str, str]) -> str:
    """What a person typed as the client sends it: @names as tokens, links in angle brackets, &<> escaped."""
    named = re.sub(
        r"(?<![\w<])@([a-z0-9_.-]+)", lambda m: f"<@{ids_by_name[m[1]]}>" if m[1] in ids_by_name else m[0], text
    )
    kept: list[str] = []
    at = 0
    for match in re.finditer(rf"{TOKEN.pattern}|<https?://[^>]+>|{LINK.pattern}", named):
        kept += [_escape(named[at : match.start()]), _link_or_token(match[0])]
        at = match.end()
    return "".join([*kept, _escape(named[at:])])


def rich_text_of(text: str) -> Data:
    """The rich_text block that a client sends along with `text`."""
    elements: list[Data] = []
    at = 0
    for match in re.finditer(rf"{TOKEN.pattern}|<(https?://[^>|]+)(?:\|[^>]*)?>", text):
        elements += _text_element(text[at : match.start()])
        elements.append(_token_element(match[1]) if match[1] else {"type": "link", "url": match[2]})
        at = match.end()
    elements += _text_element(text[at:])
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": "rt" + str(abs(hash(text)) % 10_000), "elements": [section]}


def split_post(text: str, size: int) -> list[str]:
    """A long post as Slack cuts it: at most `size` characters, at a line break where there is one, fences or not."""
    pieces: list[str] = []
    while len(text) > size:
        cut = text.rfind("\n", size // 2, size) + 1 or size
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _block_text(block: Any) -> str:
    kind = block.get("type")
    if kind == "markdown":
        return str(block.get("text", ""))
    if kind in ("section", "header"):
        parts = [block.get("text"), *(block.get("fields") or [])]
        return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
    if kind in ("rich_text", "table"):
        return "".join(_strings(block))
    return ""


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, part in value.items() for text in _strings_at(key, part)]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return []


def _rich_pings(value: Any) -> list[str]:
    if isinstance(value, list):
        return [ping for part in value for ping in _rich_pings(part)]
    if not isinstance(value, dict):
        return []
    kind = value.get("type")
    if kind == "user" and "user_id" in value:
        return [f"@{value['user_id']}"]
    if kind == "broadcast" and "range" in value:
        return [f"!{value['range']}"]
    if kind == "usergroup" and "usergroup_id" in value:
        return [f"!subteam^{value['usergroup_id']}"]
    return [ping for part in value.values() for ping in _rich_pings(part)]


def _strings_at(key: str, part: Any) -> list[str]:
    return [part] if key == "text" and isinstance(part, str) else _strings(part)


def _text_element(text: str) -> list[Data]:
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": plain}] if text else []


def _token_element(inner: str) -> Data:
    """A token as the composer sends it: its id alone."""
    target = inner.partition("|")[0]
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.partition("^")[2]}
    kind, name = {"@": ("user", "user_id"), "#": ("channel", "channel_id"), "!": ("broadcast", "range")}[target[0]]
    return {"type": kind, name: target[1:]}


def _link_or_token(found: str) -> str:
    return found if found.startswith("<") else f"<{found}>"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
