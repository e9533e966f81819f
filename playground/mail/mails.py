"""The IMAP commands about the mails of the selected folder: FETCH, SEARCH, STORE, each also by UID, and EXPUNGE."""

from __future__ import annotations

import re

from playground.mail.fetch import Item, answer, read_items, read_search
from playground.mail.grammar import Arguments, Bad, numbers_of
from playground.mail.mailboxes import Message
from playground.mail.session import No, Session


def by_uid(session: Session, arguments: Arguments) -> str:
    """FETCH, SEARCH or STORE by UID."""
    arguments.space()
    name = arguments.atom().upper()
    run = {"FETCH": fetch, "SEARCH": search, "STORE": store}.get(name)
    if run is None:
        raise Bad(f"UID {name} is no command here")
    run(session, arguments, by_uid=True)
    return f"UID {name} done"


def _chosen(session: Session, sequence_set: str, *, by_uid: bool) -> list[tuple[int, Message]]:
    """The mails that a set means, each with its sequence number."""
    assert session.mailbox is not None
    present = {message.uid: message for message in session.mailbox.messages}
    numbers = list(range(1, len(session.known) + 1))
    if by_uid:
        wanted = set(numbers_of(sequence_set, session.known))
        chosen = [number for number in numbers if session.known[number - 1] in wanted]
    else:
        if any(int(end) > len(numbers) or int(end) < 1 for end in re.findall(r"\d+", sequence_set)):
            raise Bad("there is no such sequence number")
        chosen = numbers_of(sequence_set, numbers)
    return [(number, present[uid]) for number in chosen if (uid := session.known[number - 1]) in present]


def fetch(session: Session, arguments: Arguments, *, by_uid: bool = False) -> None:
    """Items of mails."""
    arguments.space()
    chosen = arguments.sequence_set()
    arguments.space()
    items = read_items(arguments)
    arguments.end()
    if by_uid and Item("UID") not in items:
        items = [Item("UID"), *items]
    with session.post.lock:
        found = _chosen(session, chosen, by_uid=by_uid)
        if not session.reads_only and any(not item.peeks for item in items):
            for _, message in found:
                message.flags.add(r"\Seen")
        lines = [b"* %d FETCH " % number + answer(message, items) for number, message in found]
    for line in lines:
        session.line.send(line + b"\r\n")


def search(session: Session, arguments: Arguments, *, by_uid: bool = False) -> None:
    """Which mails meet every key."""
    arguments.space()
    with session.post.lock:
        test = read_search(arguments, session.known)
        everything = _chosen(session, "1:*", by_uid=True) if session.known else []
        found = [message.uid if by_uid else number for number, message in everything if test(message, number)]
    session.say(" ".join(["* SEARCH", *map(str, found)]))


def store(session: Session, arguments: Arguments, *, by_uid: bool = False) -> None:
    """Change flags."""
    arguments.space()
    chosen = arguments.sequence_set()
    arguments.space()
    change = next((word for word in ("+FLAGS", "-FLAGS", "FLAGS") if arguments.take(word.encode())), "")
    is_silent = arguments.take(b".SILENT")
    arguments.space()
    flags = set(arguments.parenthesised(arguments.flag))
    arguments.end()
    if not change:
        raise Bad("STORE changes FLAGS")
    if session.reads_only:
        raise No("the folder was opened with EXAMINE")
    with session.post.lock:
        for number, message in _chosen(session, chosen, by_uid=by_uid):
            more, less = message.flags | flags, message.flags - flags
            message.flags = {"+FLAGS": more, "-FLAGS": less, "FLAGS": flags}[change]
            if not is_silent:
                session.say(f"* {number} FETCH {answer(message, [Item('UID'), Item('FLAGS')]).decode()}")


def expunge(session: Session, arguments: Arguments) -> None:
    """Delete what has the flag for it."""
    arguments.end()
    assert session.mailbox is not None
    if session.reads_only:
        raise No("the folder was opened with EXAMINE")
    gone = [message.uid for message in session.mailbox.messages if r"\Deleted" in message.flags]
    session.post.remove(session.mailbox, gone)
