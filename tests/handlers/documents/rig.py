"""The rig: documents with what must be read from them, made by us or taken from a folder.

A document NAME of a folder is judged by the text file NAME.expected beside it. Each of its lines begins with "+ "
(must be in the text), "- " (must not be in it) or "! " (must be in a note for the person); others are remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Refused
from handlers.documents import child, reading
from handlers.documents.document import Document, text_block
from handlers.documents.limits import Limits


@dataclass(frozen=True, slots=True)
class Kept:
    """One document: its name, its bytes, and what its text has, lacks, and what its notes say."""

    name: str
    data: bytes
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blocks: int | None = None


def folder_of(folder: Path) -> Iterator[Kept]:
    """The documents of a folder that have expectations beside them."""
    for expected in sorted(folder.rglob("*.expected")):
        document = expected.with_suffix("")
        lines = [line for line in expected.read_text().splitlines() if line[1:2] == " "]
        said = {mark: tuple(line[2:] for line in lines if line[0] == mark) for mark in "+-!"}
        yield Kept(document.name, document.read_bytes(), said["+"], said["-"], said["!"])


def read(kept: Kept, folder: Path, limits: Limits = Limits()) -> tuple[str, Document]:  # noqa: B008 # frozen
    """What is read of it, without a process of its own: the text of all its blocks, and the document."""
    path = folder / "private copy"
    path.write_bytes(kept.data)
    size, found, head = reading._look(path, limits, kept.name)
    if found == "text":
        text, notes = reading._read_text(path, head, limits)
        blocks = (text_block(text, kept.name),)
        document = reading._document(kept.name, size, found, blocks, notes)
    else:
        result = child._result(found, path, limits)
        if "refused" in result:
            raise Refused(f"{result['refused']} {result.get('fault', '')}".strip())
        made = reading._blocks(path, result, kept.name)
        document = reading._document(kept.name, size, result["format"], made, result["notes"])
    texts = (b["source"]["data"] for b in document.blocks if b.get("source", {}).get("type") == "text")
    return "\n".join(texts), document


def faults(kept: Kept, folder: Path) -> list[str]:
    """What was read otherwise than expected; an empty list when all is well."""
    try:
        text, document = read(kept, folder)
    except Refused as refused:
        return [f"refused: {refused.reason}"]
    notes = " ".join(document.notes)
    found = [f"is missing: {part!r} in {text!r}" for part in kept.has if part not in text]
    found += [f"should not be there: {part!r} in {text!r}" for part in kept.lacks if part in text]
    found += [f"is not told: {part!r} in {notes!r}" for part in kept.notes if part not in notes]
    if kept.blocks is not None and len(document.blocks) != kept.blocks:
        found.append(f"{len(document.blocks)} blocks instead of {kept.blocks}")
    return found
