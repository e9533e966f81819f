"""What came with a mail: each file is named, and read as if it had been dropped by itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

from bot.errors import Refused
from handlers.documents.encodings import decode, start_of
from handlers.documents.formats import FORMATS, HEAD_BYTES, IMAGES, format_of_bytes, format_of_text, mismatch
from handlers.documents.limits import Limits
from handlers.documents.source import Held, Source

_DAMAGED = "it cannot be read and seems to be damaged"
_SPACER_BYTES = 200
"""Pictures smaller than this are spacers and counters that nobody sees."""

ReadContent = Callable[[str, Source, Limits, list[str]], dict[str, Any]]
"""How a file of a known format is read: format, bytes, limits and notes to what it becomes (see `child.py`)."""

MailLines = Callable[[bytes, Limits, "Attached", int], Iterator[str]]
"""How a mail that is attached as a file is read: with what came with it, at its depth within others."""


class Attached:
    """The attachments of one mail. `lost` names what was not read; pictures and PDFs go to `blocks`."""

    def __init__(
        self,
        limits: Limits,
        notes: list[str],
        blocks: list[list[str]] | None,
        read: ReadContent | None,
        mail: MailLines,
    ) -> None:
        self._limits = limits
        self._read = read
        self._mail = mail
        self._blocks = blocks
        self._room = limits.native_bytes * 4 // 3
        self._pages = limits.pdf_pages
        self._pictures = limits.images
        self.notes = notes
        self.lost: list[str] = []

    def remarks(self, advice: str = "; drop files by themselves") -> list[str]:
        """A sentence that names what was left out."""
        if not self.lost:
            return []
        names = ", ".join(dict.fromkeys(self.lost))
        shown = names if len(names) <= 300 else names[:300] + "…"
        return [f"Of the mail this was not read: {shown}{advice}."]

    def lines(self, name: str, data: bytes, *, picture: bool, depth: int) -> Iterator[str]:
        """The line that names the file, and the lines that are read from it."""
        if picture and len(data) < _SPACER_BYTES:
            return
        yield f"[{'Picture' if picture else 'Attached'}: {name}]"
        try:
            yield from self._content(name, data, depth)
        except Refused as refused:
            self._lose(name, refused.reason)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 # parsers raise anything on hostile files; the mail itself is read all the same
            self._lose(name, _DAMAGED)

    def _lose(self, name: str, reason: str) -> None:
        first = reason.rstrip(".").partition("; ")[0]
        self.lost.append(f"{name} ({first[0].lower()}{first[1:]})")

    def _content(self, name: str, data: bytes, depth: int) -> Iterator[str]:
        if not data.strip():
            raise Refused("it is empty")
        found = format_of_bytes(data[:HEAD_BYTES]) or format_of_text(start_of(data[:HEAD_BYTES]), name)
        if found == "ole":
            raise Refused("it is a file of an old Office program")
        if depth >= self._limits.mail_nesting:
            raise Refused("it is nested too deeply")
        wrong = mismatch(name, found) if found != "zip" else None
        if wrong and found == "text":
            raise Refused(wrong)
        if wrong:
            self.notes.append(f"{name}: {wrong}")
        if found == "text":
            yield from decode(data).text.splitlines()
            return
        if found in IMAGES or found == "pdf":
            self._keep(found, name, data)
            return
        if found == "mail":
            yield from self._mail(data, self._limits, self, depth + 1)
            return
        yield from str(self._result(found, name, data)["text"]).splitlines()

    def _result(self, found: str, name: str, data: bytes) -> dict[str, Any]:
        if self._read is None:
            raise Refused("it is not read here")
        notes: list[str] = []
        result = self._read(found, Held(data), self._limits, notes)
        self.notes.extend(f"{name}: {note}" for note in notes)
        return result

    def _keep(self, found: str, name: str, data: bytes) -> None:
        """Hand on a picture or a PDF, as long as there is room for it in the request."""
        if self._blocks is None:
            raise Refused(f"{FORMATS[found].words} is not read here")
        result = self._result(found, name, data)
        made = (
            [["application/pdf", base64.b64encode(data).decode("ascii")]]
            if found == "pdf"
            else [[kind, text or base64.b64encode(data).decode("ascii")] for kind, text in result["pictures"]]
        )
        pages = int(result.get("pages", 0))
        pictures = len(made) if found != "pdf" else 0
        if sum(len(text) for _, text in made) > self._room or pages > self._pages or pictures > self._pictures:
            raise Refused("there is no room for it beside the rest")
        self._room -= sum(len(text) for _, text in made)
        self._pages -= pages
        self._pictures -= pictures
        self._blocks.extend([kind, name, text] for kind, text in made)
