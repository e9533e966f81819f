"""The reader of a mail that came to us: its own text, and apart from it each file that came along."""

from __future__ import annotations

from email.message import Message
from typing import Any

from handlers.documents.collecting import collect
from handlers.documents.limits import Limits
from handlers.documents.readers.attached import Attached, ReadContent
from handlers.documents.readers.mail import FORWARDED, OneMail, mail_lines
from handlers.documents.readers.mail_headers import file_name, header
from handlers.documents.readers.mail_parts import payload
from handlers.documents.source import Source

_FORWARDED = "forwarded mail"


def read_letter(source: Source, limits: Limits, notes: list[str], read: ReadContent) -> dict[str, Any]:
    """`text` without headers; `files`, each with its name, what is read of it, and pictures and PDFs as `blocks`.

    A block is [media type, name, base64].
    """
    blocks: list[list[str]] = []
    attached = Attached(limits, notes, blocks, read, mail_lines)
    mail = OneMail(source.read_bytes(), limits, attached, 0, forwards_apart=True)
    mail.mend()
    listed: list[Message[Any, Any]] = []
    text = collect(mail.text_lines(listed), limits, notes)
    files = []
    for part in listed:
        before = len(blocks)
        lines = collect(mail.attachment_lines(part), limits, notes).split("\n")
        said = "\n".join(lines[1:]).strip("\n")  # the first line names it, and so does what is made of it
        if said.strip() or blocks[before:]:
            size = len(payload(part))
            files.append({"name": _name(part, limits), "text": said, "blocks": blocks[before:], "size": size})
    notes.extend(attached.remarks(""))
    return {"text": text.strip("\n"), "files": files}


def _name(part: Message[Any, Any], limits: Limits) -> str:
    name = file_name(part)
    if name is None and part.get_content_type() in FORWARDED:
        inner = part.get_payload()
        within = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else part
        subject = header(within, "Subject", limits.mail_header_chars)
        return f"{_FORWARDED}: {subject}" if subject else _FORWARDED
    return name or part.get_content_type()
