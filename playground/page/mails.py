"""The mails of the page: what a person writes as bytes, and what lies in their mailbox as plain data. Pure."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from playground.names import BOT_MAIL

Data = dict[str, Any]

PEOPLE = {"anna": ("Anna Berg", "anna@example.com"), "ben": ("Ben Ito", "ben@example.com")}
_ID = re.compile(r"<([^<>\s]+)>")
_QUOTED = "<style>.gmail_quote{display:none}</style>"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The mail that is answered: its headers as they stand, who wrote it and its text."""

    message_id: str
    references: str
    subject: str
    who: str
    at: datetime
    text: str


def written(person: str, subject: str, text: str, files: Mapping[str, bytes], earlier: Earlier | None) -> bytes:
    """A person's mail to the bot, as their mail program writes it; `earlier` is quoted below."""
    name, address = PEOPLE[person]
    mail = EmailMessage(policy.SMTP)
    mail["From"], mail["To"] = f"{name} <{address}>", BOT_MAIL
    mail["Subject"] = _reply_subject(earlier.subject) if earlier else subject or "(no subject)"
    mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="example.com")
    if earlier:
        mail["In-Reply-To"] = earlier.message_id
        mail["References"] = f"{earlier.references} {earlier.message_id}".strip()
        heading = f"On {earlier.at:%a, %d %b %Y at %H:%M}, {earlier.who} wrote:"
        text += "\n\n" + "\n".join([heading, *(f"> {line}".rstrip() for line in earlier.text.splitlines())])
    mail.set_content(text + "\n")
    for file, content in files.items():
        kind, _, subtype = (mimetypes.guess_type(file)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(content, maintype=kind, subtype=subtype, filename=file)
    return mail.as_bytes()


def _reply_subject(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def mail_data(content: bytes) -> Data:
    """A mail as the page draws it; `thread` is the id that its conversation began with."""
    mail = message_from_bytes(content, policy=policy.default)
    named = _ID.findall(f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}")
    own = (_ID.findall(str(mail["Message-ID"])) or [""])[0]
    return {
        "from": str(mail["From"]), "subject": str(mail["Subject"] or ""), "id": own,
        "thread": named[0] if named else own, "text": text_of(content), "has_page": bool(page_of(content)),
        "files": [{"name": part.get_filename() or "file", "size_bytes": len(_bytes(part))} for part in _files(mail)],
    }  # fmt: skip


def earlier_of(content: bytes) -> Earlier:
    """The mail as one that is answered."""
    mail = message_from_bytes(content, policy=policy.default)
    sent_at = mail["Date"].datetime if mail["Date"] else datetime.now(UTC)
    who, text = str(mail["From"]), text_of(content)
    return Earlier(str(mail["Message-ID"]), str(mail["References"] or ""), str(mail["Subject"]), who, sent_at, text)


def text_of(content: bytes) -> str:
    """The plain text of a mail."""
    part = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n").strip() if part else ""


def page_of(content: bytes, *, with_quote: bool = True) -> str:
    """The page that a mail brings; "" without one."""
    part = message_from_bytes(content, policy=policy.default).get_body(("html",))
    if part is None:
        return ""
    page = str(part.get_content())
    return page if with_quote else page.replace("</head>", f"{_QUOTED}</head>", 1)


def _files(mail: Any) -> Sequence[Any]:
    return list(mail.iter_attachments()) if mail.get_content_type() == "multipart/mixed" else []


def _bytes(part: Any) -> bytes:
    return bytes(part.get_payload(decode=True) or b"")
