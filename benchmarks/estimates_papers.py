"""The documents whose price is estimated: short mails, reports of some 1,500 tokens, PDFs and Office files."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

from benchmarks.night import KINDS

WORDS = "the harbour office counted ships crews cargo and wrote down what each of them owed Zürich 12,400 2026".split()  # noqa: SIM905 (one line)
MADE = dict(KINDS)
CHARS_PER_TOKEN, PAGE_TOKENS = 3, 2_000

Paper = tuple[str, bytes, float]
"""The end of a name, the content, and about how many tokens Claude is told of it."""


def _prose(chance: random.Random, tokens: int) -> str:
    text = ""
    while len(text) < tokens * CHARS_PER_TOKEN:
        text += " ".join(chance.choice(WORDS) for _ in range(12)) + ".\n"
    return text


def _mail(chance: random.Random) -> Paper:
    text = _prose(chance, chance.randint(30, 200))
    return "eml", MADE["eml"](text), len(text) / CHARS_PER_TOKEN


def _report(chance: random.Random) -> Paper:
    text = _prose(chance, chance.randint(1_200, 1_800))
    return "txt", text.encode(), len(text) / CHARS_PER_TOKEN


def _pdf(chance: random.Random) -> Paper:
    from pypdf import PdfWriter

    writer, out, pages = PdfWriter(), io.BytesIO(), chance.randint(1, 4)
    for _ in range(pages):
        writer.add_blank_page(595, 800 + chance.random() * 100)
    writer.write(out)
    return "pdf", out.getvalue(), pages * PAGE_TOKENS


def _letter(chance: random.Random) -> Paper:
    text = _prose(chance, chance.randint(200, 2_000)).replace("\n", " ")
    return "docx", MADE["docx"](text), len(text) / CHARS_PER_TOKEN


def _book(chance: random.Random) -> Paper:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    rows = [
        [chance.choice(WORDS), chance.randint(1, 90_000), chance.random() * 100] for _ in range(chance.randint(9, 99))
    ]
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(out)
    return "xlsx", out.getvalue(), sum(len(str(cell)) + 3 for row in rows for cell in row) / CHARS_PER_TOKEN


PAPERS: dict[str, tuple[Callable[[random.Random], Paper], ...]] = {
    "mails": (_mail,),
    "reports": (_report,),
    "files": (_pdf, _letter, _book),
    "mixed": (_mail, _report, _pdf, _letter, _book),
}


def lay(folder: Path, count: int, seed: int) -> float:
    """Lay papers into a new folder that is named by their kind; returns the tokens of their answers, the naive way."""
    folder.mkdir()
    chance, makers, answers = random.Random(f"{folder.name} {seed}"), PAPERS[folder.name.partition("-")[0]], 0.0
    for number in range(count):
        ending, content, tokens = makers[number % len(makers)](chance)
        (folder / f"{folder.name}-{number:02}.{ending}").write_bytes(content)
        answers += min(600.0, tokens / 5)
    return answers
