"""What a reader sees of a message, in reading order: its own words, what it forwards, what its links show. Pure.

`parts_of` keeps what was said, in Slack's writing; `written` makes it readable once the names are known, with other
people's words in a fence that names their author. Nothing is said twice: blocks are what Slack shows, and a message's
`text` beside them repeats them; an attachment's `fallback` counts only where it says nothing else.
https://docs.slack.dev/reference/messaging/payload
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

from handlers.context.slack.blocks import blocks_text
from handlers.context.slack.markup import escaped, labelled, labels_in, readable
from handlers.context.slack.rich_text import Element, elements_of, text_at
from handlers.fence import fenced

Message = Mapping[str, Any]
"""A message as Slack gives it. https://docs.slack.dev/reference/objects/message-object"""
NO_PREVIEW = "[no preview available]"
DEEPEST = 5
"""A forward of a forward of a forward is enough."""
CLIPS = {"slack_audio", "slack_video"}
"""The `subtype` of a file that was recorded in Slack: somebody speaks. Seen in Slack's answers."""
SENT = "%A, {day} %B %Y, %H:%M"


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a message, in Slack's writing, and the parts within them.

    "forwarded": another message, by `author`, from `place`, sent at the ts `sent`. "preview": what a link shows;
    `author` is the site, `place` its address.
    """

    text: str
    kind: Literal["own", "forwarded", "preview"] = "own"
    author: str = ""
    place: str = ""
    sent: str = ""
    parts: tuple[Part, ...] = ()


def parts_of(message: Element, depth: int = 0) -> tuple[Part, ...]:
    """Everything a message says; () where it says nothing."""
    body, shown = text_at(message, "text").strip("\n"), blocks_text(message.get("blocks"))
    own = labelled(shown, labels_in(body)) if shown.strip() else body
    spoken = [_spoken(file) for file in elements_of(message, "files")]
    own = "\n".join(filter(None, (own, *spoken)))
    parts = [part for one in elements_of(message, "attachments") for part in _attachment(one, depth)]
    return tuple(_once([Part(own), *parts]))


def written(
    parts: Sequence[Part], names: Mapping[str, str], zone: tzinfo = UTC, *, own_user: str = "", within: str = ""
) -> str:
    """The parts as text for Claude. A mention of `own_user` at the beginning is an address and not said."""
    lines = [_written(part, names, zone, own_user if number == 0 else "") for number, part in enumerate(parts)]
    return "\n\n".join(filter(None, (within, *lines)))


def writings(parts: Sequence[Part]) -> Iterator[str]:
    """All Slack writing in the parts: what may hold ids."""
    for part in parts:
        yield from (part.text, part.author, part.place)
        yield from writings(part.parts)


def addressed(text: str, own_user: str) -> str:
    """The text without the mention of us that opens it; elsewhere in a sentence it is a word of it."""
    return re.sub(rf"^(?:\s*<@{own_user}(?:\|[^<>]*)?>)+[,:]?\s*", "", text) if own_user else text


def moment(ts: str, zone: tzinfo) -> str:
    """When a message was sent, in words; "" for a ts that is none."""
    try:
        at = datetime.fromtimestamp(float(ts), zone)
    except (ValueError, OverflowError, OSError):
        return ""
    return at.strftime(SENT).format(day=at.day)


def _written(part: Part, names: Mapping[str, str], zone: tzinfo, own_user: str) -> str:
    text = readable(addressed(part.text, own_user), names, zone).strip("\n")
    text = written(part.parts, names, zone, within=text)
    if part.kind == "own" or not text.strip():
        return text.strip()
    by, place = readable(part.author, names).lstrip("@"), readable(part.place, names)
    if part.kind == "preview":
        return fenced("preview", text, site=by, url=place)
    return fenced("message", text, sender=by or "somebody", channel=place, sent=moment(part.sent, zone))


def _once(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts that say something, none that another one says as well."""
    said: list[Part] = []
    for part in parts:
        if not (part.text.strip() or part.parts) or part in said:
            continue
        said.append(part)
    for part in said:
        others = (other for other in said if other is not part and part.kind == other.kind == "own")
        if not any(_says(other.text, part.text) for other in others):
            yield part


def _says(text: str, other: str) -> bool:
    return f"\n{other.strip()}\n" in f"\n{text.strip()}\n" and text.strip() != other.strip()


def _spoken(file: Element) -> str:
    """The transcript of a clip that somebody recorded, where all of it stands in the file object."""
    content, whole = transcript_of(file)
    return f"[voice clip, transcribed by Slack] {escaped(content)}" if file.get("subtype") in CLIPS and whole else ""


def transcript_of(file: Element) -> tuple[str, bool]:
    """What Slack heard in a file, and whether that is all of it; ("", False) where it heard nothing yet."""
    heard = file.get("transcription")
    preview = heard.get("preview") if isinstance(heard, Mapping) else None
    content = text_at(preview, "content").strip() if isinstance(preview, Mapping) else ""
    return content, bool(content) and not (isinstance(preview, Mapping) and preview.get("has_more"))


def _attachment(one: Element, depth: int) -> list[Part]:
    if depth > DEEPEST:
        return []
    if one.get("is_share") or one.get("is_msg_unfurl") or one.get("message_blocks"):
        return [_forwarded(one, depth)]
    text = blocks_text(one.get("blocks")) or _legacy(one)
    inner = tuple(part for nested in elements_of(one, "attachments") for part in _attachment(nested, depth + 1))
    address = text_at(one, "from_url") or text_at(one, "original_url") or text_at(one, "app_unfurl_url")
    if address or one.get("is_app_unfurl"):
        return [Part(text or _fallback(one), "preview", text_at(one, "service_name"), escaped(address), parts=inner)]
    return [Part(text or ("" if inner else _fallback(one))), *inner]


def _forwarded(one: Element, depth: int) -> Part:
    """https://docs.slack.dev/reference/messaging/payload: the original stands in `message_blocks`, else in `text`."""
    inner = [part for message in _originals(one) for part in parts_of(message, depth + 1)]
    if not any(part.text.strip() for part in inner):
        text = blocks_text(one.get("blocks")) or text_at(one, "text").strip("\n")
        inner = [Part(text), *inner]
    rest = Part(_legacy({name: one.get(name) for name in ("pretext", "title", "title_link", "fields")}))
    nested = [part for inner_one in elements_of(one, "attachments") for part in _attachment(inner_one, depth + 1)]
    files = [Part(_file_name(file)) for file in elements_of(one, "files")]
    own, *more = list(_once([*inner, rest, *nested, *files])) or [Part(_fallback(one))]
    if own.kind != "own":
        own, more = Part(""), [own, *more]
    author = text_at(one, "author_name") or text_at(one, "author_subname") or _token("@", text_at(one, "author_id"))
    place = text_at(one, "channel_name").lstrip("#")
    place = f"#{place}" if place else _token("#", text_at(one, "channel_id"))
    return Part(own.text, "forwarded", author, place, str(one.get("ts") or ""), tuple(more))


def _originals(one: Element) -> list[Element]:
    messages = [block.get("message") for block in elements_of(one, "message_blocks")]
    return [message for message in messages if isinstance(message, Mapping)]


def _file_name(file: Element) -> str:
    name = text_at(file, "name") or text_at(file, "title")
    return f"[file: {escaped(name)}]" if name else ""


def _token(sign: str, target: str) -> str:
    return f"<{sign}{target}>" if target.isalnum() else ""


def _legacy(one: Element) -> str:
    """https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments, from top to bottom."""
    title, link = text_at(one, "title"), text_at(one, "title_link")
    heading = f"{title} (<{link}>)" if title and link and link not in title and link != one.get("from_url") else title
    image = f"[image: {text_at(one, 'alt_text')}]" if text_at(one, "alt_text") else ""
    said = (text_at(one, "pretext"), text_at(one, "author_name"), heading, text_at(one, "text"))
    return "\n".join(filter(None, (*dict.fromkeys(said), *_fields(one), image, text_at(one, "footer"))))


def _fields(one: Element) -> Iterator[str]:
    for field in elements_of(one, "fields"):
        title, value = text_at(field, "title"), field.get("value")
        words = str(value).strip() if isinstance(value, str | int | float) else ""
        yield ": ".join(filter(None, (title, words)))


def _fallback(one: Element) -> str:
    words = text_at(one, "fallback").strip()
    return "" if words == NO_PREVIEW else words
