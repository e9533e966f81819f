"""What every request of a batch works with: the spreadsheet, the writer, and what Google leaves open."""

from __future__ import annotations

from dataclasses import dataclass

from playground.sheets.book import Book, Writer
from playground.sheets.masks import Mask, check, parse
from playground.sheets.reads import Behaviour
from playground.sheets.refusals import Json, Refused


@dataclass(frozen=True)
class Job:
    """One batch in progress."""

    book: Book
    writer: Writer
    behaviour: Behaviour


def change_mask(body: Json, message: str) -> Mask:
    """The `fields` of a change. Raises Refused when it is missing or names what `message` does not have."""
    text = str(body.get("fields", "")).strip()
    if not text:
        raise Refused.argument("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse(text)
    check(mask, message)
    return mask
