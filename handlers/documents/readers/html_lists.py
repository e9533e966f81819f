"""The lists of a web page: their numerals, where they start, which way they count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from handlers.documents.readers.css import Declarations
from handlers.documents.writing.numerals import columns, numeral, roman


@dataclass(slots=True)
class HtmlList:
    """A list that is open: its numerals ("" for bullets), the next number, the step to the one after."""

    form: str
    number: int = 1
    step: int = 1


def list_of(node: Any, tag: str, values: dict[str, str], style: Declarations) -> HtmlList:
    named = style.get("list-style-type") or style.get("list-style") or ""
    if tag != "ol" and not re.search(r"decimal|alpha|roman|latin|greek", named):
        return HtmlList("")
    form = named.split()[0] if re.search(r"decimal|alpha|roman|latin|greek", named) else values.get("type", "1").strip()
    start, back = values.get("start", ""), "reversed" in values
    count = sum(child.tag == "li" for child in node.iter())
    first = int(start[:9]) if start.lstrip("-").isdecimal() else (count if back else 1)
    return HtmlList(_LIST_FORMS.get(form, form), first, -1 if back else 1)


def list_numeral(number: int, form: str) -> str:
    if number < 1:
        return str(number)
    written = columns(number) if re.search("alpha|latin", form) else roman(number) if "roman" in form else str(number)
    if form == "lower-greek":
        return numeral(number, "greekLower")
    if form == "decimal-leading-zero":
        return f"{number:02}"
    if re.search("alpha|latin|roman", form):
        return written.upper() if form.startswith("upper") else written.lower()
    return written


_LIST_FORMS = {
    "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman", "1": "decimal",
}  # fmt: skip
