"""What can be told of a text without understanding it: counts, lines, columns, figures, key words."""

from __future__ import annotations

import csv
import re
from collections import Counter

from playground.claude.mind.reading import Paper

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_COMMON_WORDS = """
a about after all also an and any are as at be been but by can could do does each every file for
from had has have how i if in into is it its just make me more my no not of on one or our out please
read say says should so some tell than that the their them then there these they this to up us was
we were what when where which who why will with would write you your answer attached summarise
summarize matters figure figures show give explain translate compare make table
ist der die das und was wie ein eine zwischen bitte
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(text)


def numbers(text: str) -> list[str]:
    """The figures of a text, as they stand there."""
    return _NUMBER.findall(text)


def key_words(text: str, most: int = 5) -> list[str]:
    """What a text seems to be about: its rarer words, most frequent first, then in order of appearance."""
    seen = [word for word in words(text) if word.lower() not in _COMMON and not word.isdigit() and len(word) > 1]
    counts = Counter(word.lower() for word in seen)
    first = {word.lower(): word for word in reversed(seen)}
    order = list(dict.fromkeys(word.lower() for word in seen))
    return [first[word] for word in sorted(order, key=lambda word: -counts[word])[:most]]


def first_line(text: str, most: int = 160) -> str:
    """The first line with anything on it, shortened."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def columns(text: str) -> list[str]:
    """The column names of a table: CSV, tab-separated or Markdown; empty when the text is none."""
    lines = [line for line in text.splitlines() if line.strip()][:3]
    if len(lines) < 2:
        return []
    for sign in ("\t", "|", ";", ","):
        rows = [[cell.strip() for cell in row if cell.strip()] for row in csv.reader(lines, delimiter=sign)]
        if len(rows[0]) > 1 and len(rows[0]) == len(rows[1]) and all(len(cell) <= 60 for cell in rows[0]):
            return rows[0]
    return []


def lines_with_figures(text: str, most: int = 8) -> list[str]:
    """The first lines that carry a figure."""
    found = [line.strip() for line in text.splitlines() if _NUMBER.search(line)]
    return [line if len(line) <= 200 else line[:199] + "…" for line in found[:most]]


def facts_of(paper: Paper) -> list[tuple[str, str]]:
    """What is known of a document, as pairs of label and value."""
    lines = [line for line in paper.text.splitlines() if line.strip()]
    found = [("Pages", str(paper.pages))] if paper.pages is not None else []
    found += [("Words", f"{len(words(paper.text)):,}"), ("Lines with text", f"{len(lines):,}")]
    if names := columns(paper.text):
        found += [("Columns", ", ".join(names)), ("Rows", f"{len(lines) - 1:,}")]
    if lines:
        found.append(("First line", first_line(paper.text)))
    return found
