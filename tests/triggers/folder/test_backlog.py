"""What waits at a first start, and what it is said to cost: near what Claude is really told."""

import os
import random
import zlib

import pytest

from bot.doors.folder.ignored import IgnoreTable
from bot.doors.folder.signature import Signature
from handlers.claude.forecast import text_tokens
from handlers.documents import read_document
from tests.handlers.documents import samples
from triggers.folder.backlog import (
    CHARS_PER_TOKEN,
    PDF_PAGE_TOKENS,
    PICTURE_TOKENS,
    backlog,
    is_much,
    told_tokens,
)
from triggers.folder.candidates import Limits
from triggers.folder.scan import scan

LIMITS = Limits()
WORDS = "budget meeting customer invoice revenue quarter 12,400 2026 figure team the of and with".split()  # noqa: SIM905 (one line)


def words(count, chance=random.Random(5)):  # noqa: B008 (one for all)
    return " ".join(chance.choice(WORDS) for _ in range(count))


def with_shared_texts(texts, rows):
    """A workbook as Excel writes it: each text once, and its number in the cells."""
    names = "".join(f"<si><t>{text}</t></si>" for text in texts)
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row % len(texts)}</v></c><c r="B{row}"><v>{row}</v></c></row>'
        for row in range(1, rows + 1)
    )
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = samples.member(samples.xlsx_with({"Q1": [[1]]}), "[Content_Types].xml").decode()
    shared = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>'
    return samples.changed(samples.xlsx_with({"Q1": [[1]]}), {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{name}"><sheetData>{cells}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{name}">{names}</sst>',
        "[Content_Types].xml": types.replace("</Types>", shared),
    })  # fmt: skip


OFFICE = {
    "memo.docx": samples.docx_with(["# Memo", *(words(60) for _ in range(8))], [["a", "b", "c"]] * 5),
    "long.docx": samples.docx_with([words(90) for _ in range(60)]),
    "book.xlsx": samples.xlsx_with({"Q1": [[words(1), row, row * 1.5, words(2)] for row in range(300)]}),
    "talk.pptx": samples.pptx_with([(words(4), words(40)) for _ in range(12)], {1: words(50)}),
    "note.txt": words(400).encode(),
    "data.csv": "\n".join(f"{row};{words(2)};{row * 3}" for row in range(300)).encode(),
    "wide.txt": words(400).encode("utf-16"),
    "page.html": b"<html><body>" + b"".join(b"<p class=x>%b</p>" % words(40).encode() for _ in range(20)) + b"</body>",
    "brief.txt": ("Двенадцать дубовых столов заказаны на пятницу. " * 40).encode(),
    "港.txt": ("港の事務所は船を数えた。" * 60).encode(),
    "письмо.docx": samples.docx_with(["Двенадцать дубовых столов заказаны на пятницу. " * 20] * 4),
    "same.xlsx": samples.xlsx_with({"Q1": [["harbour office", "paid in full", row] for row in range(300)]}),
    "shared.xlsx": with_shared_texts(["harbour office", "paid in full", "Zürich"], 400),
    "mail.eml": samples.mail_with(words(300), attached={"a.png": samples.noise(size=(64, 64))}),
}


def looked_at(folder):
    return backlog(str(folder), scan(str(folder), IgnoreTable()).files, LIMITS)


def tokens_of(block):
    return text_tokens(block.get("text") or block["source"]["data"])


@pytest.mark.anyio
@pytest.mark.parametrize("name", OFFICE)
async def test_of_an_office_file_the_estimate_is_near_what_claude_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(OFFICE[name])
    document = await read_document(tmp_path / name, name)
    told = sum(PICTURE_TOKENS if block["type"] == "image" else tokens_of(block) for block in document.blocks)
    assert looked_at(tmp_path).tokens == pytest.approx(told, rel=0.1)


def test_a_pdf_counts_by_its_pages_and_a_picture_once():
    content = samples.pdf_with(["Hello"] * 30, pages=7)
    assert told_tokens(content, len(content)) == 7 * PDF_PAGE_TOKENS
    assert told_tokens(samples.picture("PNG"), 500_000) == PICTURE_TOKENS


def test_a_pdf_whose_pages_are_packed_is_counted_as_well():
    packed = b"/Type /ObjStm /N 5 /First 30 /Filter /FlateDecode /Length 9 >>\nstream\n"
    objects = zlib.compress(b"<< /Type /Page /Parent 1 0 R >> " * 5 + b"<< /Type /Pages >>")
    newer = b"%PDF-1.7\n4 0 obj <<" + packed + objects + b"\nendstream"
    assert told_tokens(newer, len(newer)) == 5 * PDF_PAGE_TOKENS


@pytest.mark.parametrize("content", [
    b"PK\x03\x04 broken", b"\x7fELF\0\0\0", samples.zip_with({"a.bin": b"x" * 1000}), b"\0" * 5000,
])  # fmt: skip
def test_what_is_refused_costs_nothing(tmp_path, content):
    (tmp_path / "a.bin").write_bytes(content)
    found = looked_at(tmp_path)
    assert (found.count, found.asked, found.tokens) == (1, 0, 0)


@pytest.mark.parametrize("content", [
    b"<html>" + b"<" * 3_000_000, b"%PDF-1.7" + b"/ObjStm" * 300_000, samples.docx_bomb(), b"A" * 3_000_000,
    b"%PDF-1.7" + b"/ObjStm >> stream\n" * 100_000, samples.lying(samples.docx_with(["x"]), "word/document.xml"),
])  # fmt: skip
def test_a_trap_is_counted_like_any_other_file(tmp_path, content):
    (tmp_path / "trap").write_bytes(content)
    assert looked_at(tmp_path).tokens <= 200_000


def test_thousands_of_files_are_estimated_from_a_few(tmp_path):
    chance, told = random.Random(1), []
    for number in range(3_000):
        length = int(chance.lognormvariate(6, 1))
        (tmp_path / f"{number}.{chance.choice(['txt', 'md', 'log'])}").write_bytes(b"a " * length)
        told.append(2 * length / CHARS_PER_TOKEN)
    found = looked_at(tmp_path)
    assert found.count == 3_000
    assert found.asked == 3_000
    assert found.tokens == pytest.approx(sum(told), rel=0.1)


def test_empty_files_and_those_over_the_limit_are_not_counted():
    sizes = (1_000, 0, 60_000_000)
    files = {f"{size}.txt": Signature(1, size, size, 0) for size in sizes}
    assert (backlog("/nowhere", files, LIMITS).count, backlog("/nowhere", files, LIMITS).total_bytes) == (1, 1_000)


def test_more_than_twenty_files_are_not_begun_without_a_word():
    files = {str(number): Signature(1, number, 5, 0) for number in range(21)}
    assert is_much(files, LIMITS)
    assert not is_much(dict(list(files.items())[:20]), LIMITS)


def test_a_file_that_has_gone_or_may_not_be_read_is_counted_and_costs_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    files = {"gone.txt": Signature(1, 1, 5, 0), "pipe": Signature(1, 2, 5, 0)}
    found = backlog(str(tmp_path), files, LIMITS)
    assert (found.count, found.tokens) == (2, 0)
