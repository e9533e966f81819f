"""This file is how the stand-in answers: from the input, the same every time, in the form that was asked for."""

from __future__ import annotations

import json
import re
from typing import Any

from playground.claude.mind.facts import facts_of, first_line, key_words, lines_with_figures, numbers, words
from playground.claude.mind.reading import Asked, Paper, Picture, read
from playground.claude.mind.sums import solve
from playground.claude.mind.values import value_for
from playground.claude.mind.writing import code, essay, question_table, table

_LONG = re.compile(r"\b(essay|at length|in detail|(?<!how )long)\b", re.IGNORECASE)
_CODE = re.compile(r"\b(code|python)\b", re.IGNORECASE)
_TABLE = re.compile(r"\btable\b", re.IGNORECASE)
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
    forms = (_long, _about_what_came, _sum, _code, _table, _what_was_before)
    return next((said for form in forms if (said := form(asked))), None) or _about_the_question(asked)


def _long(asked: Asked) -> str | None:
    return essay(asked) if _LONG.search(asked.question) else None


def _sum(asked: Asked) -> str | None:
    return solve(asked.question)


def _code(asked: Asked) -> str | None:
    return code(asked) if _CODE.search(asked.question) else None


def _table(asked: Asked) -> str | None:
    return question_table(asked) if _TABLE.search(asked.question) else None


def _about_what_came(asked: Asked) -> str | None:
    parts = [_about_paper(paper, as_table=bool(_TABLE.search(asked.question))) for paper in asked.papers]
    parts += [_about_picture(picture) for picture in asked.pictures]
    if not parts:
        return None
    if asked.question:
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
    topics, figures = key_words(asked.question), numbers(asked.question)
    parts = [f"You asked: “{first_line(asked.question, 300)}”"]
    if topics:
        parts.append(f"It is about **{', '.join(topics)}**.")
    if figures:
        parts.append(f"The figures in it: {', '.join(figures)}.")
    parts.append(
        f"The question has {len(words(asked.question))} words. Ask for a table, for code or for a long answer, give me "
        "a sum, or send a document, and I will work with that."
    )
    return "\n\n".join(parts)
