"""The fields of a hosted form, and what people wrote into them, held against what each field is. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bot.doors.webhook.delivery_store import File
from bot.rules.placeholders import folded
from bot.text import whole_text

Kind = Literal["text", "long", "email", "number", "date", "file"]
KINDS: tuple[Kind, ...] = ("text", "long", "email", "number", "date", "file")
CHOICE = "choice"

TEXT_CHARS, LONG_CHARS, EMAIL_CHARS, NUMBER_CHARS = 500, 20_000, 254, 40
"""A mail address is never longer. Source: https://www.rfc-editor.org/errata/eid1690"""
MOST_FIELDS = 50

EMPTY, NO_FILE, EMPTY_FILE = "Please fill this in.", "Please choose a file.", "This file is empty."
NO_CHOICE = "Please choose one of these."
NO_EMAIL = "This is not a mail address. It looks like name@example.com."
NO_NUMBER = "This is not a number. It looks like 12 or 12.5."
NO_DATE = "This is not a date. It looks like 2026-11-29."
TOO_LONG = "This is longer than {most:,} characters."
_EMAIL = re.compile(r"[^\s@<>,;:()\"]+@[^\s@<>,;:()\"]+\.[^\s@<>,;:()\".]+")
_NUMBER = re.compile(r"[+-]?(\d+([.,' ]\d+)*|[.,]\d+)")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: `name` is its label, and its name on the wire. `kind` "choice" has `choices`."""

    name: str
    kind: Kind | Literal["choice"]
    choices: tuple[str, ...] = ()
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent: the text of each field, the files, and by field what is wrong, in words for them."""

    values: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


def fields_of(written: Mapping[str, Kind | tuple[str, ...]]) -> tuple[FormField, ...]:
    """The fields as a rule writes them: a name that ends in "?" may stay empty, a list is a choice."""
    return tuple(_field(name, kind) for name, kind in written.items())


def fault_of(written: Mapping[str, object]) -> str:
    """What is wrong with the fields' names, in words; "" when nothing is."""
    names = [_bare(name) for name in written]
    wrong = next((name for name in names if not name or name.startswith("_") or len(name) > 100 or "\n" in name), None)
    if wrong is not None:
        return "a field's name has 1 to 100 characters on one line, and does not begin with _"
    if len({folded(name) for name in names}) < len(names):
        return "two fields have the same name"
    return "" if len(names) <= MOST_FIELDS else f"a form has at most {MOST_FIELDS} fields"


def _field(name: str, kind: Kind | tuple[str, ...]) -> FormField:
    is_required = not name.rstrip().endswith("?")
    if isinstance(kind, str):
        return FormField(_bare(name), kind, (), is_required)
    return FormField(_bare(name), "choice", kind, is_required)


def _bare(name: str) -> str:
    return name.strip().removesuffix("?").strip()


def checked(fields: Sequence[FormField], values: Mapping[str, str], files: Sequence[tuple[str, File]]) -> Sent:
    """What was sent, held against the fields; `files` with the name of the field that each came in.

    What no field asks for is left out.
    """
    said: dict[str, str] = {}
    brought: list[File] = []
    errors: dict[str, str] = {}
    for one in fields:
        mine = [file for name, file in files if name == one.name] if one.kind == "file" else []
        said[one.name] = ", ".join(file.name for file in mine) if mine else _clean(one, values.get(one.name, ""))
        brought += mine
        wrong = _file_fault(one, mine) if one.kind == "file" else _fault(one, said[one.name])
        if wrong:
            errors[one.name] = wrong
    return Sent(said, tuple(brought), errors)


def _clean(one: FormField, text: str) -> str:
    """Without control characters; line breaks stay only where there is room for them."""
    if one.kind == "file":
        return ""
    lines = whole_text(text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in lines if letter in "\n\t" or unicodedata.category(letter) != "Cc")
    return kept.strip() if one.kind == "long" else " ".join(kept.split())


def _file_fault(one: FormField, files: Sequence[File]) -> str:
    if not files:
        return NO_FILE if one.is_required else ""
    return EMPTY_FILE if any(not file.data for file in files) else ""


def _fault(one: FormField, text: str) -> str:
    if not text:
        return (NO_CHOICE if one.kind == CHOICE else EMPTY) if one.is_required else ""
    if one.kind == CHOICE:
        return "" if text in one.choices else NO_CHOICE
    most, words, is_fine = _LIMITS[one.kind]
    if len(text) > most:
        return TOO_LONG.format(most=most)
    return "" if is_fine(text) else words


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text))


_LIMITS: Mapping[str, tuple[int, str, Callable[[str], object]]] = {
    "text": (TEXT_CHARS, "", lambda _: True),
    "long": (LONG_CHARS, "", lambda _: True),
    "email": (EMAIL_CHARS, NO_EMAIL, _EMAIL.fullmatch),
    "number": (NUMBER_CHARS, NO_NUMBER, _NUMBER.fullmatch),
    "date": (10, NO_DATE, _is_date),
}
