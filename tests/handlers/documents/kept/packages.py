"""Packages that Office opens although they are not as they should be."""

import io
import zipfile

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept


def renamed(data: bytes, change: dict[str, str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return samples.zip_with({change.get(name, name): package.read(name) for name in package.namelist()})


def backslashed(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name)
            info.filename = name.replace("/", "\\")
            new.writestr(info, old.read(name))
    return buffer.getvalue()


DOCX, XLSX = samples.docx_with(["Hello"]), samples.xlsx_with({"A": [["Hello", 7]]})
PPTX = samples.pptx_with([("Hello", "x")])
SHEET = "xl/worksheets/sheet1.xml"

DOCUMENTS = (
    Kept(
        "case.xlsx",
        renamed(XLSX, {"xl/sharedStrings.xml": "xl/SharedStrings.xml", SHEET: "XL/worksheets/Sheet1.xml"}),
        ("Hello\t7",),
    ),
    Kept("backslash.xlsx", backslashed(XLSX), ("Hello\t7",)),
    Kept("backslash.docx", backslashed(DOCX), ("Hello",)),
    Kept("backslash.pptx", backslashed(PPTX), ("Hello",)),
    Kept("no styles.docx", samples.changed(DOCX, {"word/styles.xml": "<broken"}), ("Hello",), (), ("styles.xml",)),
    Kept(
        "broken comments.xlsx", samples.changed(XLSX, {"xl/styles.xml": "<broken"}), ("Hello\t7",), (), ("styles.xml",)
    ),
    Kept(
        "half a sheet.xlsx",
        samples.changed(XLSX, {SHEET: samples.member(XLSX, SHEET).replace(b"</sheetData>", b"<row><c></row")}),
        ("Hello\t7",),
        (),
        ("sheet1.xml",),
    ),
    Kept("big picture.docx", samples.changed(DOCX, {"word/media/a.bmp": b"\0" * 60_000_000}), ("Hello",)),
    Kept("no types.docx", samples.changed(DOCX, {"[Content_Types].xml": None}), ("Hello",)),
)
