"""The `{Name}`s of a rule's `ask`: one rule for every door of what is a placeholder, and of which names are the same.

A piece in braces is a placeholder when it is, as names are compared, the name of a field (a column's header, a form's
field). All other braces stay as they are: JSON, code and numbers among them. Pure.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

LONGEST_NAME = 600
"""Characters between two braces that are still looked at; people have headers of several sentences."""

MOST_CLOSINGS = 4
"""A name may itself hold braces: so many closing ones are tried."""

LONGEST_GUESS = 120
ALIKE = 0.75
"""From here on, what looks like JSON or code (`{kind: bug}`) is taken for a name with a slip in it."""

_QUOTES = str.maketrans("\u2018\u2019\u02bc\u2032\u201c\u201d\u201e\u2013\u2014", "''" + "''" + '"""' + "--")
_REQUIRED = re.compile(
    r"[(\[](required|mandatory|optional|pflichtfeld|erforderlich|obligatoire|requis|obligatorio|requerido|"
    r"obrigatório|obbligatorio|verplicht|wymagane|обязательно|必須|必填|필수)[)\]]"
)
_TAIL = " :?!.,;*-"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece in braces of a template, from `start` to `end`: `written` as it stands there, `index` of the name it is.

    `index` None: it is no name, but was surely meant as one.
    """

    start: int
    end: int
    written: str
    index: int | None


def folded(name: str) -> str:
    """A name as it is compared: without invisible characters, case and outer or doubled white space."""
    visible = "".join(one for one in unicodedata.normalize("NFKC", name) if _is_visible(one))
    return " ".join(visible.translate(_QUOTES).split()).casefold()


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) != "Cf" and not "\ufe00" <= character <= "\ufe0f"


def bare(name: str) -> str:
    """A name without what people add to it: "(required)", an asterisk, a colon or question mark at its end."""
    return " ".join(_REQUIRED.sub(" ", folded(name)).split()).strip(_TAIL)


def indexes_of(names: Sequence[str], wanted: str) -> list[int]:
    """Where `wanted` stands among the names: those that are equal to it, or else those that are so when bare."""
    for form in (folded, bare):
        key = form(wanted)
        found = [index for index, name in enumerate(names) if key and form(name) == key]
        if found:
            return found
    return []


def spans(template: str, names: Sequence[str]) -> Iterator[Span]:
    """The placeholders of a template in order, and the pieces in braces that were meant as one but name nothing."""
    at = template.find("{")
    while at >= 0:
        span = _named(template, at, names) or _unknown(template, at, names)
        if span is not None:
            yield span
        at = template.find("{", span.end if span else at + 1)


def used(template: str, names: Sequence[str]) -> dict[str, int]:
    """The placeholders as they are written, each once, with the index of the name that each is."""
    found: dict[str, int] = {}
    for span in spans(template, names):
        if span.index is not None and span.index not in found.values():
            found[" ".join(span.written.split())] = span.index
    return found


def unknown(template: str, names: Sequence[str]) -> tuple[str, ...]:
    """What stands in braces as if it were a name, and is none; each once."""
    return tuple(dict.fromkeys(" ".join(one.written.split()) for one in spans(template, names) if one.index is None))


def near_name(written: str, names: Sequence[str]) -> str:
    """The name that was probably meant by what stands in braces; "" when none is like it."""
    by_key = {bare(name): name for name in names}
    meant = re.sub(r"^form\.", "", bare(written))
    return next((by_key[key] for key in difflib.get_close_matches(meant, by_key, n=1, cutoff=ALIKE)), "")


def replaced(template: str, names: Sequence[str], value_of: Callable[[int], str]) -> str:
    """The template with each placeholder replaced; everything else as it is."""
    pieces: list[str] = []
    at = 0
    for span in spans(template, names):
        if span.index is not None:
            pieces += [template[at : span.start], value_of(span.index)]
            at = span.end
    return "".join([*pieces, template[at:]])


def _named(template: str, start: int, names: Sequence[str]) -> Span | None:
    end = start
    for _ in range(MOST_CLOSINGS):
        end = template.find("}", end + 1)
        if end < 0 or end - start > LONGEST_NAME:
            return None
        written = template[start + 1 : end]
        for name in (written, re.sub(r"^\s*form\.", "", written, flags=re.IGNORECASE)):
            found = indexes_of(names, name)
            if found:
                return Span(start, end + 1, written, found[0])
    return None


def _unknown(template: str, start: int, names: Sequence[str]) -> Span | None:
    end = template.find("}", start + 1)
    written = template[start + 1 : end]
    if end < 0 or end - start > LONGEST_NAME or "{" in written:
        return None
    return Span(start, end + 1, written, None) if _is_meant_as_name(written, names) else None


def _is_meant_as_name(written: str, names: Sequence[str]) -> bool:
    """Words in braces are a name, unless they look like JSON, code or a long text, and like none of the names."""
    if not any(character.isalpha() for character in written):
        return False
    looks_like_code = re.search(r'["\n;:=<>`$\\]', written) or re.match(r"\s*'", written)
    if not looks_like_code and len(written) <= LONGEST_GUESS:
        return True
    key = bare(written)
    return any(difflib.SequenceMatcher(None, key, bare(name)).ratio() >= ALIKE for name in names if name)
