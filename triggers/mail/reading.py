"""A mail as the trigger knows it: who wrote it to whom, when, about what, and what it belongs to. Pure.

Only headers are parsed here, which is cheap whatever the mail holds; its body is read later, in a child process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.doors.mail.addresses import Mailbox, addresses_in, one_mailbox
from bot.doors.mail.headers import Headers, read_headers, split
from bot.doors.mail.message_ids import conversation_of, digest, ids_in, one_id

_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "resent-to")
_LOOKED_AT_BYTES = 256 * 1024
_PART = re.compile(rb"^content-type:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. Ids are without brackets, addresses in lower case; "" and () where the mail does not say.

    `key` is the same whenever the same mail is seen again, and differs where two mails share a Message-ID.
    `sender` is None where From is missing, stands twice, or names nobody or several. `sent_at` is aware. `to` holds
    everybody it names and whom it was delivered to. `parts` are the content types of the parts within, as they stand.
    """

    headers: Headers
    key: str
    message_id: str
    references: tuple[str, ...]
    in_reply_to: tuple[str, ...]
    conversation: str
    sender: Mailbox | None
    reply_to: Mailbox | None
    to: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    parts: tuple[str, ...] = ()

    @property
    def event_id(self) -> str:
        """The id of its event: from the mail alone, and in the order of sending within a conversation."""
        stamp = self.sent_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S") if self.sent_at else "0"
        return f"mail:{stamp}:{self.key}"


def read_mail(raw: bytes) -> Mail:
    """What is known of a mail from its bytes; of one that is too big, its headers and an empty line are enough.

    Raises Refused (code UNREADABLE) for bytes that no mail can be made of, and nothing else.
    """
    head, body = split(raw)
    headers = read_headers(head)
    message_id = one_id(headers.raw("message-id"))
    key = _key(headers, message_id, body)
    references, in_reply_to = ids_in(" ".join(headers.all("references"))), ids_in(" ".join(headers.all("in-reply-to")))
    senders = headers.all("from")
    return Mail(
        headers=headers,
        key=key,
        message_id=message_id,
        references=references,
        in_reply_to=in_reply_to,
        conversation=conversation_of(message_id or key, references, in_reply_to),
        sender=one_mailbox(senders[0]) if len(senders) == 1 else None,
        reply_to=one_mailbox(headers.raw("reply-to")),
        to=addresses_in(" , ".join(value for name in _TO for value in headers.all(name))),
        subject=headers.text("subject"),
        sent_at=_date(headers.raw("date")),
        parts=_parts(headers, body),
    )


def _key(headers: Headers, message_id: str, body: bytes) -> str:
    # What servers add on the way is left out: the same mail, delivered twice, is one.
    said = "\0".join((message_id, *(headers.raw(name) for name in ("from", "date", "subject"))))
    body = body.replace(b"\r\n", b"\n").rstrip()
    return digest(said.encode("utf-8", "surrogatepass"), b"\0", body)


def _date(value: str) -> datetime | None:
    """An aware time; None for none, and for one that no mail can have."""
    try:
        sent_at = parsedate_to_datetime(value[:200])
        sent_at = (sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return sent_at if sent_at >= _EARLIEST else None


def _parts(headers: Headers, body: bytes) -> tuple[str, ...]:
    within = (found[1] for found in _PART.finditer(body[:_LOOKED_AT_BYTES]))
    lines = (" ".join(value.decode("latin-1").lower().split()) for value in within)
    return (headers.raw("content-type").lower(), *lines)
