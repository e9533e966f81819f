"""The tests of the sample documents of the demo."""

import io

import pytest
from pypdf import PdfReader

from handlers.documents import read_document
from playground.samples import ITEMS, TASKS, sample_docx, sample_pdf

pytestmark = pytest.mark.anyio


def test_the_invoice_is_one_page_with_every_figure():
    reader = PdfReader(io.BytesIO(sample_pdf()), strict=True)
    (page,) = reader.pages
    text = page.extract_text()
    assert all(item in text for item, _, _ in ITEMS)
    assert "Invoice 2026-1147" in text
    # 2 x 489.00 + 4 x 215.50 + 4 x 64.90 + 120.00 = 2,219.60; with 19 % VAT 2,641.32
    assert all(figure in text for figure in ("2,219.60 €", "421.72 €", "2,641.32 €"))


async def test_the_invoice_and_the_notes_are_read_without_remark(tmp_path):
    for name, data, kind in (("invoice.pdf", sample_pdf(), "pdf"), ("notes.docx", sample_docx(), "word document")):
        path = tmp_path / name
        path.write_bytes(data)
        document = await read_document(path, name)
        assert (document.kind, document.notes) == (kind, ())


async def test_every_task_of_the_notes_arrives(tmp_path):
    path = tmp_path / "notes.docx"
    path.write_bytes(sample_docx())
    (block,) = (await read_document(path, "notes.docx")).blocks
    for row in TASKS:
        assert "\t".join(row) in block["source"]["data"]
    assert "# Studio move: weekly meeting" in block["source"]["data"]
    assert "- The printer is not moved." in block["source"]["data"]


def test_the_samples_are_the_same_bytes_every_time():
    assert sample_pdf() == sample_pdf()
