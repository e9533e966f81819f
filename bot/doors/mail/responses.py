"""What an IMAP server answers, as imaplib hands it over, read into plain data (RFC 3501, 7)."""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.doors.mail.folder_names import from_utf7

_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)", re.IGNORECASE)
_INLINE = re.compile(rb'\bBODY\[[^\]]*\](?:<\d+>)? (?:"((?:[^"\\]|\\.)*)"|NIL)', re.IGNORECASE)
_LIST = re.compile(rb'\(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) ?(.*)\Z', re.DOTALL)

KNOWN_NAMES = {
    r"\drafts": ("drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos"),
    r"\sent": (
        "sent",
        "sent items",
        "sent messages",
        "sent mail",
        "gesendet",
        "gesendete objekte",
        "gesendete elemente",
    ),
}
"""Folders of servers that know no special use (RFC 6154), by the names that mail programs give them."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail of a FETCH answer: what was asked for; None is what did not come. `content` is the part of its body."""

    uid: int | None = None
    size_bytes: int | None = None
    flags: tuple[str, ...] = ()
    received_at: datetime | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    r"""A folder of the mailbox: its readable name, and its attributes in lower case (`\drafts`)."""

    name: str
    attributes: frozenset[str]


def read_fetch(data: Iterable[Any]) -> list[Fetched]:
    """Every mail in imaplib's list of FETCH answers, whatever stands between and around their literals."""
    return [fetched for text, content in _answers(data) if (fetched := _fetched(text, content)).uid is not None]


def _answers(data: Iterable[Any]) -> Iterator[tuple[bytes, bytes | None]]:
    """The text and the literal of each answer: pairs end in a literal, and a plain piece ends an answer."""
    text, content = b"", None
    for piece in data:
        if isinstance(piece, tuple):
            text, content = text + piece[0], piece[1]
        elif isinstance(piece, bytes):
            yield text + piece, content
            text, content = b"", None


def _fetched(text: bytes, content: bytes | None) -> Fetched:
    inline = _INLINE.search(text)
    if content is None and inline:
        content = re.sub(rb"\\(.)", rb"\1", inline[1] or b"")
    uid, size, flags = _UID.search(text), _SIZE.search(text), _FLAGS.search(text)
    return Fetched(
        uid=int(uid[1]) if uid else None,
        size_bytes=int(size[1]) if size else None,
        flags=tuple(flags[1].decode("ascii", "replace").split()) if flags else (),
        received_at=_date(text),
        content=content,
    )


def _date(text: bytes) -> datetime | None:
    at = imaplib.Internaldate2tuple(text)
    return datetime.fromtimestamp(time.mktime(at), UTC) if at else None


def read_search(data: Iterable[Any]) -> list[int]:
    """The numbers of a SEARCH answer, ascending."""
    return sorted({int(word) for line in data if line for word in line.split() if word.isdigit()})


def read_folders(data: Iterable[Any]) -> list[Folder]:
    """The folders of a LIST answer; a name may have come as a literal."""
    lines = (line[0].rpartition(b"{")[0] + line[1] if isinstance(line, tuple) else line for line in data)
    found = (_LIST.fullmatch(line) for line in lines if line)
    return [_folder(match) for match in found if match and match[2]]


def _folder(found: re.Match[bytes]) -> Folder:
    name = found[2].decode("utf-8", "replace")
    if name.startswith('"') and name.endswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Folder(from_utf7(name), frozenset(found[1].decode("ascii", "replace").lower().split()))


def special_folder(folders: Sequence[Folder], use: str) -> str | None:
    r"""The folder for `\drafts` or `\sent`: by its special use, else by its name; None when there is none. Pure."""
    names = KNOWN_NAMES.get(use, ())
    told = [folder.name for folder in folders if use in folder.attributes]
    named = [folder.name for folder in folders if folder.name.rpartition("/")[2].casefold() in names]
    return next(iter([*told, *named]), None)
