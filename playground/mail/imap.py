"""The IMAP4rev1 stand-in's loop: commands in, answers out, each in the states that RFC 3501 allows it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from playground.mail import folders, mails, signing_in
from playground.mail.grammar import NUL, Arguments, Bad, split_tag
from playground.mail.session import No, Session, capabilities
from playground.mail.wire import BrokenLine, Gone

LARGEST_LITERAL = 60_000_000
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\Z")
Run = Callable[[Session, Arguments], str | None]
"""What a command does; returns what to say behind its OK."""


def serve_imap(session: Session, heard: Callable[[str], None]) -> None:
    """Greet, then answer commands one after another until the client leaves or is cut off."""
    session.post.listen(session.line.ring)
    try:
        session.say(f"* OK [CAPABILITY {capabilities(session)}] ready")
        while not session.ends:
            _command(session, heard)
    except Gone:
        return
    except BrokenLine as error:
        session.say(f"* BYE {error}")
    finally:
        session.post.unlisten(session.line.ring)


def _command(session: Session, heard: Callable[[str], None]) -> None:
    text, literals = _read(session)
    tag = "*"
    try:
        tag, rest = split_tag(text)
        arguments = Arguments(rest, literals)
        name = arguments.atom().upper()
        heard(name)
        words = _run_of(session, name)(session, arguments) or f"{name} done"
    except Bad as error:
        session.say(f"{tag} BAD {error}")
    except No as error:
        session.say(f"{tag} NO {error}")
    else:
        # Numbers may not shift while a command goes by them (RFC 3501, 7.4.1).
        session.tell_changes(may_expunge=name not in ("FETCH", "STORE", "SEARCH"))
        session.say(f"{tag} OK {words}")
        _secure(session)


def _secure(session: Session) -> None:
    if session.secures and session.options.starttls:
        session.line.secure(session.options.starttls)
        session.secures = False


def _read(session: Session) -> tuple[bytes, list[bytes]]:
    text = b""
    literals: list[bytes] = []
    while True:
        part = session.line.line()
        if NUL in part:
            raise BrokenLine("NUL in a command")
        found = _LITERAL.search(part)
        if not found:
            return text + part, literals
        if found[2] or int(found[1]) > LARGEST_LITERAL:
            raise BrokenLine("such a literal is not taken here")
        session.say("+ go on")
        literals.append(session.line.exactly(int(found[1])))
        text += part[: found.start()] + NUL


def _run_of(session: Session, name: str) -> Run:
    if name not in COMMANDS:
        raise Bad(f"{name} is no command here")
    states, run = COMMANDS[name]
    if session.state not in states:
        raise Bad(f"{name} is not for now")
    return run


def _capability(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.say(f"* CAPABILITY {capabilities(session)}")


def _noop(_session: Session, arguments: Arguments) -> None:
    arguments.end()


def _logout(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.say("* BYE see you")
    session.ends = True


def _idle(session: Session, arguments: Arguments) -> None:
    arguments.end()
    if not session.options.idle:
        raise Bad("IDLE is no command here")
    session.say("+ idling")
    while True:
        session.tell_changes(may_expunge=True)
        if session.line.wait():
            if session.line.line().upper() != b"DONE":
                raise Bad("only DONE ends an IDLE")
            return


COMMANDS: Mapping[str, tuple[str, Run]] = {
    "CAPABILITY": ("BAS", _capability),
    "NOOP": ("BAS", _noop),
    "LOGOUT": ("BAS", _logout),
    "STARTTLS": ("B", signing_in.starttls),
    "LOGIN": ("B", signing_in.login),
    "AUTHENTICATE": ("B", signing_in.authenticate),
    "SELECT": ("AS", folders.select),
    "EXAMINE": ("AS", folders.examine),
    "LIST": ("AS", folders.list_folders),
    "STATUS": ("AS", folders.status),
    "APPEND": ("AS", folders.append),
    "IDLE": ("AS", _idle),
    "CHECK": ("S", _noop),
    "UNSELECT": ("S", folders.unselect),
    "FETCH": ("S", mails.fetch),
    "SEARCH": ("S", mails.search),
    "STORE": ("S", mails.store),
    "UID": ("S", mails.by_uid),
    "EXPUNGE": ("S", mails.expunge),
}
"""Each command with the states it is for: Before login, Authenticated, Selected."""
