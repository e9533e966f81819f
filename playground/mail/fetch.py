"""What FETCH and SEARCH mean: read strictly, and answered from a mailbox (RFC 3501, 6.4.4 and 6.4.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from playground.mail.grammar import Arguments, Bad, numbers_of
from playground.mail.mailboxes import Message

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SIMPLE = ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE")
_PARTIAL = re.compile(r"<(\d+)\.([1-9]\d*)>")
Test = Callable[[Message, int], bool]
"""Whether a mail with this sequence number is meant."""


@dataclass(frozen=True)
class Item:
    """One thing to fetch: a simple `name`, or a part of the body (`fields`: only these headers)."""

    name: str
    section: str = ""
    fields: tuple[str, ...] = ()
    start: int | None = None
    size: int = 0
    peeks: bool = True


def read_items(arguments: Arguments) -> list[Item]:
    """The items of a FETCH; raises Bad."""
    if not arguments.take(b"("):
        return [_item(arguments)]
    items = [_item(arguments)]
    while not arguments.take(b")"):
        arguments.space()
        items.append(_item(arguments))
    return items


def _item(arguments: Arguments) -> Item:
    for start in (b"BODY.PEEK[", b"BODY["):
        if arguments.take(start):
            return _section(arguments, peeks=b"PEEK" in start)
    name = arguments.atom().upper()
    if name not in SIMPLE:
        raise Bad(f"{name} cannot be fetched here")
    return Item(name)


def _section(arguments: Arguments, *, peeks: bool) -> Item:
    section, fields = "", tuple[str, ...]()
    if arguments.take(b"HEADER.FIELDS "):
        section = "HEADER.FIELDS"
        fields = tuple(arguments.parenthesised(lambda: arguments.astring().decode("ascii")))
    else:
        section = next((name for name in ("HEADER", "TEXT") if arguments.take(name.encode())), "")
    arguments.expect(b"]")
    if not arguments.take(b"<"):
        return Item("BODY", section, fields, peeks=peeks)
    start = arguments.number()
    arguments.expect(b".")
    size = arguments.number()
    arguments.expect(b">")
    if not size:
        raise Bad("a part of no octets")
    return Item("BODY", section, fields, start, size, peeks)


def answer(message: Message, items: list[Item]) -> bytes:
    """The list behind `* n FETCH `."""
    return b"(" + b" ".join(_one(message, item) for item in items) + b")"


def _one(message: Message, item: Item) -> bytes:
    if item.name == "BODY":
        return _body(message, item)
    values = {
        "UID": str(message.uid),
        "FLAGS": f"({' '.join(sorted(message.flags))})",
        "RFC822.SIZE": str(len(message.content)),
        "INTERNALDATE": f'"{internal_date(message.received_at)}"',
    }
    return f"{item.name} {values[item.name]}".encode("ascii")


def _body(message: Message, item: Item) -> bytes:
    head, _, text = message.content.partition(b"\r\n\r\n")
    head += b"\r\n\r\n"
    whole = {"": message.content, "HEADER": head, "TEXT": text}.get(item.section)
    data = _only(head, item.fields) if whole is None else whole
    names = f" ({' '.join(item.fields)})" if item.fields else ""
    origin = f"<{item.start}>" if item.start is not None else ""
    if item.start is not None:
        data = data[item.start : item.start + item.size]
    return f"BODY[{item.section}{names}]{origin} {{{len(data)}}}\r\n".encode("ascii") + data


def _only(head: bytes, fields: tuple[str, ...]) -> bytes:
    lines = re.findall(rb"(?m)^[^ \t\r\n][^\n]*\n(?:[ \t][^\n]*\n)*", head)
    wanted = {name.lower().encode() for name in fields}
    return b"".join(line for line in lines if line.partition(b":")[0].strip().lower() in wanted) + b"\r\n"


def internal_date(at: datetime) -> str:
    """A date-time as IMAP writes it, in UTC."""
    when = at.astimezone(UTC)
    return f"{when.day:2d}-{MONTHS[when.month - 1]}-{when:%Y %H:%M:%S} +0000"


def read_date_time(text: str) -> datetime:
    """The date of an APPEND; raises Bad."""
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        raise Bad("no date-time") from None


def read_search(arguments: Arguments, uids: list[int]) -> Test:
    """The keys of a SEARCH, all of which must hold; raises Bad. `uids`: of the mailbox, ascending."""
    tests = [_key(arguments, uids)]
    while not arguments.is_over:
        arguments.space()
        tests.append(_key(arguments, uids))
    return lambda message, number: all(test(message, number) for test in tests)


def _key(arguments: Arguments, uids: list[int]) -> Test:
    for flag in ("SEEN", "ANSWERED", "FLAGGED", "DELETED", "DRAFT"):
        for word, wanted in ((f"UN{flag}", False), (flag, True)):
            if arguments.take(word.encode()):
                return _has_flag(flag, wanted=wanted)
    if arguments.take(b"ALL"):
        return lambda _message, _number: True
    if arguments.take(b"UID "):
        chosen = set(numbers_of(arguments.sequence_set(), uids))
        return lambda message, _number: message.uid in chosen
    if arguments.take(b"HEADER "):
        return _header(arguments)
    numbers = set(numbers_of(arguments.sequence_set(), list(range(1, len(uids) + 1))))
    return lambda _message, number: number in numbers


def _has_flag(flag: str, *, wanted: bool) -> Test:
    return lambda message, _number: (rf"\{flag}".lower() in {has.lower() for has in message.flags}) is wanted


def _header(arguments: Arguments) -> Test:
    name = arguments.astring().lower()
    arguments.space()
    text = arguments.astring().lower()

    def matches(message: Message, _number: int) -> bool:
        head = message.content.partition(b"\r\n\r\n")[0].lower() + b"\r\n"
        return any(line.startswith(name + b":") and text in line for line in re.split(rb"\r\n(?![ \t])", head))

    return matches
