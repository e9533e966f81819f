"""Text as it may go on: whole characters only, and in a table nothing that a spreadsheet would calculate.

Half an emoji is told to nobody, stored nowhere and sent to no one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would take for the start of a formula.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""


def whole_text(text: str) -> str:
    """`text` with every lone surrogate as U+FFFD; two halves that belong together become the character they are.

    JSON may name half a character by its number, and a program that cuts a text by UTF-16 units leaves one behind.
    Python keeps it, but neither UTF-8 nor a database does.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def name_text(text: str) -> str:
    """`text` as the name of something: whole, and without what no name shows (NUL, a line break)."""
    return "".join(one for one in whole_text(text) if unicodedata.category(one) != "Cc")


def size_words(size_bytes: int) -> str:
    """A size for people: bytes, then KB, then MB, of a thousand each."""
    if size_bytes < 1000:
        return f"{size_bytes} byte{'' if size_bytes == 1 else 's'}"
    return f"{size_bytes / 1e3:.0f} KB" if size_bytes < 999_500 else f"{size_bytes / 1e6:,.1f} MB"


def whole(value: T) -> T:
    """The same plain data (texts, mappings, lists, tuples, frozen dataclasses), every text in it whole."""
    return _whole(value)  # type: ignore[no-any-return]  # the same kind of value as came in


def uncalculated(value: T) -> T | str:
    """A cell of a CSV file: a text that would be taken for a formula stands behind an apostrophe, all else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, Mapping):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_whole(inner) for inner in value])
    if is_dataclass(value) and not isinstance(value, type):
        now = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        changed = {name: new for name, old in now.items() if (new := _whole(old)) != old}
        return replace(value, **changed) if changed else value
    return value
