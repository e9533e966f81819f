"""How the stand-in answers: from the input, the same every time, in the form that was asked for."""

from __future__ import annotations

import json
import re
from typing import Any

from playground.claude.mind.facts import facts_of, first_line, key_words, lines_with_figures, words
from playground.claude.mind.reading import Asked, Paper, Picture, read
from playground.claude.mind.sums import solve
from playground.claude.mind.talking import confess, talk
from playground.claude.mind.values import value_for
from playground.claude.mind.writing import code, comparison, essay, list_table, listed, question_table, table

_LONG = re.compile(r"\b(essay|at length|in detail|(?<!how )long)\b", re.IGNORECASE)
_CODE = re.compile(r"\b(code|python)\b", re.IGNORECASE)
_TABLE = re.compile(r"\btable\b", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(?:count the|how many) (word|letter)s\b[^:]*?(?::|\bin\b|\bhas\b)\s*(.+)", re.IGNORECASE | re.DOTALL
)
_COMPARE = re.compile(r"\bcompare (.{1,60}?) (?:and|with|to) (.{1,60})", re.IGNORECASE)
_BEFORE = re.compile(r"\b(before|earlier|previous(?:ly)?|first question|so far)\b", re.IGNORECASE)


def answer(body: dict[str, Any]) -> str:
    """The answer to a request; JSON where `output_config.format` asks for it."""
    asked = read(body)
    wanted = (body.get("output_config") or {}).get("format")
    if wanted:
        everything = "\n".join([asked.question, *(paper.text for paper in asked.papers)])
        return json.dumps(value_for(wanted["schema"], everything), ensure_ascii=False)
    return _in_words(asked)


def _in_words(asked: Asked) -> str:
    forms = (_long, _about_what_came, _sum, _code, _count, _compared, _table, _what_was_before, _talk)
    return next((said for form in forms if (said := form(asked))), None) or _about_the_question(asked)


def _long(asked: Asked) -> str | None:
    return essay(asked) if _LONG.search(asked.question) else None


def _talk(asked: Asked) -> str | None:
    return talk(asked.question)


def _count(asked: Asked) -> str | None:
    found = _COUNT.search(asked.question)
    if not found:
        return None
    text = found.group(2).strip(' :.?!"“”')
    what, count = ("words", len(words(text))) if found.group(1) == "word" else ("letters", sum(map(str.isalpha, text)))
    return f"“{text}” has {count} {what}."


def _compared(asked: Asked) -> str | None:
    found = _COMPARE.search(asked.question)
    return comparison(found.group(1).strip(), found.group(2).strip(" :?.!")) if found else None


def _sum(asked: Asked) -> str | None:
    return solve(asked.question)


def _code(asked: Asked) -> str | None:
    return code(asked) if _CODE.search(asked.question) else None


def _table(asked: Asked) -> str | None:
    if not _TABLE.search(asked.question):
        return None
    things = listed(asked.question)
    return list_table(things) if len(things) > 1 else question_table(asked)


def _about_what_came(asked: Asked) -> str | None:
    parts = [_about_paper(paper, as_table=bool(_TABLE.search(asked.question))) for paper in asked.papers]
    parts += [_about_picture(picture) for picture in asked.pictures]
    if not parts:
        return None
    if asked.question and asked.question not in {paper.name for paper in asked.papers}:
        parts.append(f"You asked: “{first_line(asked.question, 300)}”")
    return "\n\n".join(parts)


def _about_paper(paper: Paper, *, as_table: bool) -> str:
    facts = facts_of(paper)
    shown = table(["What", "Value"], facts) if as_table else "\n".join(f"- {label}: {value}" for label, value in facts)
    parts = [f"**{paper.name}**", shown]
    if topics := key_words(paper.text):
        parts.append(f"It is about {', '.join(topics)}.")
    if lines := lines_with_figures(paper.text):
        parts.append("Lines with figures:\n\n" + "\n".join(f"- {line}" for line in lines))
    if not paper.text:
        parts.append("I found no text in it; it may be a scan.")
    return "\n\n".join(parts)


def _about_picture(picture: Picture) -> str:
    size = f", {picture.width} by {picture.height} pixels" if picture.width else ""
    return f"The picture is a {picture.kind.upper()}{size}."


def _what_was_before(asked: Asked) -> str | None:
    if not asked.earlier or not _BEFORE.search(asked.question):
        return None
    lines = "\n".join(f"{at}. {first_line(question)}" for at, question in enumerate(asked.earlier, start=1))
    return f"Before this you asked:\n\n{lines}"


def _about_the_question(asked: Asked) -> str:
    if not asked.question:
        return "There was no question in this message. Ask me anything, or send a document."
    return confess(asked.question, first_line(asked.question, 300))
