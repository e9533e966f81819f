"""Mails as they come out of the mailbox: raw, and told apart by Message-ID and by what they say. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.doors.mail.mail_store import SeenMail, message_key
from bot.doors.mail.responses import Fetched
from bot.events import Emit, Record

LONGEST_ID = 998
"""Bytes of a Message-ID that count: a line has no more (RFC 5322, 2.1.1)."""
MARGIN_S = 600.0
"""Our clock and the server's may differ, and the server tells whole seconds: when in doubt a mail is new."""
HEADERS_THAT_COUNT = (b"from", b"date", b"subject")
"""The others change on the way: a mail that comes twice by two ways is one."""
_HEADER = re.compile(rb"(?m)^([!-9;-~]+)[ \t]*:((?:[^\n]*\n)(?:[ \t][^\n]*\n?)*)")
_BODY = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class RawMail:
    """One new mail. `content` is all of it as the server keeps it, `size_bytes` long.

    `is_whole` False: it is too big, and `content` only its headers. `message_id` as the header has it, "" for none.
    `shares_message_id`: an earlier mail with other content has the same one. `received_at`: when the server got it.
    """

    mailbox: str
    uid_validity: int
    uid: int
    content: bytes
    size_bytes: int
    message_id: str
    content_key: str
    received_at: datetime | None = None
    is_whole: bool = True
    shares_message_id: bool = False

    @property
    def seen(self) -> SeenMail:
        """What is remembered of it."""
        return SeenMail(self.uid_validity, self.uid, message_key(self.message_id), self.content_key)


class Take(Protocol):
    """What makes an event of a mail."""

    async def __call__(self, mail: RawMail, emit: Emit, record: Record) -> bool:
        """True: `record` was kept in one commit with an event, answered or skipped. False: nobody's mail.

        Raises TryAgain, or what the database raises, when it is to be handed over again; whatever else it raises five
        times over makes the mail one that is left alone.
        """


def message_id_of(head: bytes) -> str:
    """The Message-ID in a block of headers; "" when there is none."""
    said = _header(head, b"message-id")
    found = re.search(rb"<[^<>]+>", said)
    return (found[0] if found else said)[:LONGEST_ID].decode("ascii", "replace")


def content_key_of(content: bytes) -> str:
    """What stands for what a mail says, and for nothing that was added on its way: 128 bits."""
    end = _BODY.search(content)
    head, body = (content[: end.start()], content[end.end() :]) if end else (content, content)
    found = hashlib.sha256()
    for name in HEADERS_THAT_COUNT:
        found.update(_header(head, name) + b"\0")
    found.update(body.replace(b"\r\n", b"\n").strip())
    return found.hexdigest()[:32]


def _header(head: bytes, name: bytes) -> bytes:
    """The first header of that name, unfolded; b"" for none."""
    values = (found[2] for found in _HEADER.finditer(head + b"\n") if found[1].lower() == name)
    return b" ".join(next(values, b"").split())


def is_copy(content_key: str, others: Iterable[SeenMail]) -> bool:
    """Whether one of the mails with the same Message-ID says the same; one from before the first start is taken to."""
    return any(other.content_key in ("", content_key) for other in others)


def sort_out(
    present: Sequence[Fetched], known: Sequence[SeenMail], first_started_at: float
) -> tuple[list[tuple[int, str]], list[int]]:
    """Of the mails in a mailbox whose UIDs mean something else now: the old ones (UID, message key), and the new UIDs.

    `present`: with UID, Message-ID header and date. A Message-ID that is known is an old mail, as often as it is known;
    any other is a new one, unless the server had it well before the first start.
    """
    left = _counts(known)
    old: list[tuple[int, str]] = []
    new: list[int] = []
    for mail in present:
        key = message_key(message_id_of(mail.content or b""))
        is_known = bool(key) and left[key] > 0
        left[key] -= is_known
        was_before = mail.received_at is not None and mail.received_at.timestamp() < first_started_at - MARGIN_S
        if is_known or was_before:
            old.append((mail.uid or 0, key))
        else:
            new.append(mail.uid or 0)
    return old, new


def _counts(known: Sequence[SeenMail]) -> Counter[str]:
    """How often each Message-ID lay there at once: each change of UIDVALIDITY has a row of its own for it."""
    counts: Counter[str] = Counter()
    for (key, _), count in Counter((mail.message_key, mail.uid_validity) for mail in known).items():
        counts[key] = max(counts[key], count)
    return counts
