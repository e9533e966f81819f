"""The mail that carries an answer, as bytes: its headers, its plain text, its page. Pure.

Written by the standard library's older policy (compat32): the newer one turns a long Message-ID in References into an
encoded word, and the thread is lost.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime

from bot.doors.mail.addresses import Mailbox
from bot.doors.mail.headers import printable
from bot.doors.mail.message_ids import bounded
from bot.text import whole_text
from handlers.quoting.marks import without_prefixes
from handlers.replies.mail.page import page

MOST_SUBJECT = 300
MOST_QUOTED = 20_000
CUT = "\n[…]"
_POLICY = policy.compat32.clone(linesep="\r\n", max_line_length=998)
"""Lines are folded here where they must be: an id on a line of its own is not found by every server's search."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The question as it is quoted below the answer: who asked, when (aware), and their own words.

    `about` is named in place of somebody whom nobody knows: who fills in a form, or a row.
    """

    who: str
    at: datetime
    text: str
    about: str = ""

    @property
    def heading(self) -> str:
        """The line above it, in the words that mail programs fold away."""
        at = f"{self.at.astimezone(UTC):%a, %d %b %Y at %H:%M} UTC"
        return f"On {at}, {printable(self.who)} wrote:" if self.who else f"{printable(self.about)}, {at}:"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: `text` is Markdown, ids are without brackets, `answers` "" begins a thread.

    `submitted` is the word of Auto-Submitted; "" for a draft, which a person sends.
    """

    sender: Mailbox
    to: str
    subject: str
    message_id: str
    text: str
    notes: tuple[str, ...] = ()
    answers: str = ""
    references: tuple[str, ...] = ()
    quoted: Quoted | None = None
    submitted: str = "auto-replied"


def compose(letter: Letter, now: datetime) -> bytes:
    """The mail, with CRLF at each line's end; `now` is aware, and its Date."""
    mail = MIMEMultipart("alternative")
    for name, value in _headers(letter, now):
        mail[name] = value
    question = _cut(letter.quoted.text) if letter.quoted else ""
    heading = letter.quoted.heading if letter.quoted else ""
    mail.attach(_part("plain", plain_text(letter)))
    mail.attach(_part("html", page(whole_text(letter.text), letter.notes, heading, whole_text(question))))
    return mail.as_bytes(policy=_POLICY)


def _headers(letter: Letter, now: datetime) -> list[tuple[str, str]]:
    references = bounded((*letter.references, letter.answers)) if letter.answers else ()
    fields = [
        ("Date", format_datetime(now)),
        ("From", _mailbox(letter.sender)),
        ("To", ascii_address(letter.to)),
        ("Subject", _encoded(reply_subject(letter.subject) if letter.answers else _subject(letter.subject), "Subject")),
        ("Message-ID", f"<{letter.message_id}>"),
        ("In-Reply-To", _id(letter.answers)),
        ("References", "\n ".join(filter(None, map(_id, references)))),
        ("Auto-Submitted", letter.submitted),
        # So that Exchange sends no "out of office" back.
        ("X-Auto-Response-Suppress", "OOF, AutoReply" if letter.submitted else ""),
    ]
    return [(name, value) for name, value in fields if value]


def reply_subject(subject: str) -> str:
    """The subject with one `Re: ` before it, however many, and in whatever language, stood there."""
    return f"Re: {without_prefixes(_subject(subject))}".rstrip()


def _subject(subject: str) -> str:
    subject = printable(whole_text(subject))
    return subject if len(subject) <= MOST_SUBJECT else subject[: MOST_SUBJECT - 1] + "…"


def _encoded(value: str, name: str) -> str:
    """As it may stand in a header: letters beyond ASCII as encoded words (RFC 2047), folded."""
    return value if value.isascii() else Header(value, "utf-8", header_name=name).encode()


def _mailbox(sender: Mailbox) -> str:
    name, address = printable(sender.name), ascii_address(sender.address)
    if not name:
        return address
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if name.isascii() else _encoded(name, "From")
    return f"{quoted} <{address}>"


def ascii_address(address: str) -> str:
    """An address with its domain as every server knows it (IDNA); on one line, whatever it was."""
    local, _, domain = "".join(printable(address).split()).strip("<>").rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def _id(message_id: str) -> str:
    bare = "".join(letter for letter in printable(message_id) if letter.isascii() and letter not in "<> ")
    return f"<{bare[:900]}>" if bare else ""


def plain_text(letter: Letter) -> str:
    """The answer as it came, its notes, and the question quoted below."""
    notes = "".join(f"\n\nNote: {' '.join(note.split())}" for note in letter.notes)
    text = f"{whole_text(letter.text).rstrip()}{notes}\n"
    if letter.quoted and letter.quoted.text.strip():
        marked = "\n".join(f"> {line}".rstrip() for line in _cut(letter.quoted.text).splitlines())
        text += f"\n{letter.quoted.heading}\n{whole_text(marked)}\n"
    return text


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MOST_QUOTED else text[:MOST_QUOTED] + CUT


def _part(kind: str, text: str) -> MIMENonMultipart:
    # Letters of Europe stay readable to whoever looks at the source; for others base64 is half as long.
    beyond = sum(1 for letter in text if ord(letter) > 127)
    charset = Charset("utf-8")
    charset.body_encoding = BASE64 if beyond * 3 > len(text) else QP
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part.set_payload(text, charset)
    return part
