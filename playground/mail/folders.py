"""The IMAP commands about folders: LIST, SELECT, EXAMINE, STATUS and APPEND."""

from __future__ import annotations

import fnmatch
import re
from datetime import datetime

from playground.mail.fetch import read_date_time
from playground.mail.grammar import Arguments, Bad
from playground.mail.mailboxes import Mailbox
from playground.mail.names import from_wire, to_wire
from playground.mail.session import No, Session


def _folder(session: Session, wire: bytes) -> Mailbox:
    try:
        name = from_wire(wire)
    except ValueError:
        raise Bad("a folder's name is in modified UTF-7") from None
    assert session.account is not None
    mailbox = session.account.find(name)
    if mailbox is None:
        raise No("[NONEXISTENT] there is no such folder")
    return mailbox


def select(session: Session, arguments: Arguments) -> str:
    """Open a folder for reading and writing."""
    return _open(session, arguments, reads_only=False)


def examine(session: Session, arguments: Arguments) -> str:
    """Open a folder for reading only."""
    return _open(session, arguments, reads_only=True)


def _open(session: Session, arguments: Arguments, *, reads_only: bool) -> str:
    arguments.space()
    name = arguments.astring()
    arguments.end()
    session.mailbox = None  # a SELECT that fails leaves nothing selected (RFC 3501, 6.3.1)
    mailbox = _folder(session, name)
    with session.post.lock:
        session.mailbox, session.reads_only, session.validity = mailbox, reads_only, mailbox.uid_validity
        session.known = [message.uid for message in mailbox.messages]
        flags = r"(\Answered \Flagged \Deleted \Seen \Draft)"
        session.say(f"* FLAGS {flags}", f"* {len(session.known)} EXISTS", "* 0 RECENT")
        session.say(rf"* OK [PERMANENTFLAGS {flags[:-1]} \*)] kept")
        session.say(f"* OK [UIDVALIDITY {mailbox.uid_validity}] valid", f"* OK [UIDNEXT {mailbox.uid_next}] next")
    return "[READ-ONLY] open" if reads_only else "[READ-WRITE] open"


def list_folders(session: Session, arguments: Arguments) -> None:
    """The folders, with their special use."""
    arguments.space()
    only_special = arguments.take(b"(")
    if only_special:
        if not session.options.special_use:
            raise Bad("LIST has no options here")
        arguments.expect(b"SPECIAL-USE) ")
    arguments.astring()
    arguments.space()
    pattern = arguments.list_mailbox().decode("ascii").replace("%", "*")
    arguments.end()
    assert session.account is not None
    for mailbox in session.account.mailboxes.values():
        wire = to_wire(mailbox.name).decode()
        if fnmatch.fnmatchcase(wire, pattern) and (mailbox.special_use or not only_special):
            use = f" {mailbox.special_use}" if mailbox.special_use and session.options.special_use else ""
            quoted = wire.replace("\\", "\\\\").replace('"', r"\"")
            session.say(rf'* LIST (\HasNoChildren{use}) "/" "{quoted}"')


def status(session: Session, arguments: Arguments) -> None:
    """Figures of a folder that need not be open."""
    arguments.space()
    name = arguments.astring()
    arguments.space()
    items = arguments.parenthesised(lambda: arguments.atom().upper())
    arguments.end()
    mailbox = _folder(session, name)
    values = {"MESSAGES": len(mailbox.messages), "UIDNEXT": mailbox.uid_next, "UIDVALIDITY": mailbox.uid_validity}
    if not items or set(items) - set(values):
        raise Bad("no such item of STATUS here")
    found = " ".join(f"{item} {values[item]}" for item in items)
    session.say(f'* STATUS "{to_wire(mailbox.name).decode()}" ({found})')


def append(session: Session, arguments: Arguments) -> str:
    """Lay a mail into a folder."""
    arguments.space()
    name = arguments.astring()
    arguments.space()
    flags: list[str] = []
    if arguments.take(b"("):
        while not arguments.take(b")"):
            flags.append(arguments.flag())
            arguments.take(b" ")
        arguments.space()
    at = _date(arguments)
    content = arguments.literal()
    arguments.end()
    try:
        mailbox = _folder(session, name)
    except No:
        raise No("[TRYCREATE] there is no such folder") from None
    if not content or re.search(rb"(?<!\r)\n|\r(?!\n)", content):
        raise Bad("a mail has CRLF line ends")
    uid = session.post.add(mailbox, content, flags, at)
    return f"[APPENDUID {mailbox.uid_validity} {uid}] laid there"


def _date(arguments: Arguments) -> datetime | None:
    if not arguments.take(b'"'):
        return None
    text = ""
    while not arguments.take(b'"'):
        text += " " if arguments.take(b" ") else arguments.atom()
    arguments.space()
    return read_date_time(text)


def unselect(session: Session, arguments: Arguments) -> None:
    """Close the folder and delete nothing (RFC 3691)."""
    arguments.end()
    session.mailbox = None
