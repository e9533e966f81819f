"""Message-IDs: those that a mail names, and those that we give to our own mails.

Ours are made from the event alone, so a mail that is sent again after a crash has the same one, and they carry the
conversation, so an answer to one finds its thread even where a mail program left out the References.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from bot.doors.mail.headers import MOST_CHARS

Kind = Literal["answer", "failure", "wait", "draft"]
_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE = re.compile(r"[^<>\s,;]+@[^<>\s,;]+")
_OURS = re.compile(r"bellhop\.([0-9a-f]{20})\.[0-9a-f]{20}\.[a-z]+@(.+)")
MOST_REFERENCES = 20


def ids_in(value: str) -> tuple[str, ...]:
    """The ids in a header such as References, each once, without their brackets."""
    return tuple(dict.fromkeys(found for found in _ID.findall(value) if found.strip("[]")))


def one_id(value: str) -> str:
    """The id in a Message-ID header, without its brackets; "" when there is none that others could refer to."""
    found = ids_in(value[:MOST_CHARS])
    bare = value.strip()
    return found[0] if found else bare if len(bare) < 900 and _BARE.fullmatch(bare) else ""


def digest(*pieces: str | bytes) -> str:
    """Twenty letters that stand for a text, which may come in pieces."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:20]


def conversation_of(message_id: str, references: Sequence[str], in_reply_to: Sequence[str]) -> str:
    """The conversation that a mail belongs to, as the digest of the id it began with.

    `message_id` is the mail's own. An id of ours among those it refers to says the conversation itself.
    """
    named = (*references, *in_reply_to)
    for other in reversed(named):
        if ours := _OURS.fullmatch(other):
            return ours[1]
    return digest(named[0] if named else message_id)


def our_id(conversation: str, event_id: str, kind: Kind, domain: str) -> str:
    """The Message-ID of our mail for an event, without brackets; `conversation` is `conversation_of` its mail."""
    return f"bellhop.{conversation}.{digest(event_id)}.{kind}@{domain}"


def is_ours(message_id: str, domains: Sequence[str]) -> bool:
    """Whether we gave this id, from one of these domains."""
    ours = _OURS.fullmatch(message_id)
    return bool(ours) and ours is not None and ours[2].lower() in {domain.lower() for domain in domains}


def bounded(references: Sequence[str]) -> tuple[str, ...]:
    """The first and the last twenty: what mail programs need to draw a thread, in a header that stays short."""
    seen = tuple(dict.fromkeys(references))
    return seen if len(seen) <= MOST_REFERENCES + 1 else (seen[0], *seen[-MOST_REFERENCES:])
