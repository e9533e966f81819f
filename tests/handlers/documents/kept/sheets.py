"""Workbooks: cells as they are shown, hidden rows, comments, check boxes, broken styles."""

import io

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept

SHOWN = (
    (2494, "00000", "02494"),
    (0.075, "0.0 %", "7.5 %"),
    (1250, '#,##0.00 "€"', "1.250,00 €"),
    (1250, "#,##0.00\\ [$€-407]", "1.250,00 €"),
    (1.5, "[h]:mm", "36:00"),
    (46349, "dd.mm.yyyy", "23.11.2026"),
    (46349, "[$-407]dddd, d. mmmm yyyy", "Montag, 23. November 2026"),
    (-1234.5, "#,##0.00;[Red](#,##0.00)", "(1,234.50)"),
    (5551234567, "(000) 000-0000", "(555) 123-4567"),
    (1.25, "# ?/?", "1 1/4"),
    (1234567, '0.0,,"M"', "1.2M"),
    (12345.678, "0.00E+00", "1.23E+04"),
    (0, '0;-0;"none"', "none"),
    (12, '[<10]"low";[>=10]"high"', "high"),
    (0.5, "h:mm AM/PM", "12:00 PM"),
)


def formats() -> bytes:
    book = openpyxl.Workbook()
    for row, (value, code, _) in enumerate(SHOWN, 1):
        cell = book.worksheets[0].cell(row, 1, value)
        cell.number_format = code
    return samples.saved(book)


def hidden() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("seen", "secret", "too"), ("secret", "secret", "secret"), ("last", None, None)):
        sheet.append(row)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[2].hidden = True
    sheet["A3"].font = Font(strike=True)
    sheet["D3"], sheet["D3"].number_format = 5, ";;;"
    sheet["E3"], sheet["E3"].font = "secret", Font(color="FFFFFFFF")
    return samples.saved(book)


def comments() -> bytes:
    book = openpyxl.Workbook()
    for title in ("One", "Two"):
        sheet = book.create_sheet(title)
        sheet["B2"] = title
        sheet["B2"].comment = Comment(f"about {title}", "Ada")
    return samples.saved(book)


def merged() -> bytes:
    data = samples.xlsx_with({"A": [["wide", "old", "next"]]})
    xml = samples.member(data, "xl/worksheets/sheet1.xml").decode()
    cells = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    return samples.changed(data, {"xl/worksheets/sheet1.xml": xml.replace("</sheetData>", f"</sheetData>{cells}")})


def bad_styles() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(samples.xlsx_with({"A": [["kept", 7]]})))
    data = samples.saved(book)
    broken = '<styleSheet><numFmts><numFmt numFmtId="x"/></numFmts><fonts><font><sz val="huge"/><family val="99"/></font></fonts><cellXfs><xf numFmtId="none" fontId="-1" fillId="x"/></cellXfs></styleSheet>'
    names = (
        samples.member(data, "xl/workbook.xml")
        .decode()
        .replace("<definedNames", "<x")
        .replace("</sheets>", '</sheets><definedNames><definedName name="1 2">#REF!!</definedName></definedNames>')
    )
    return samples.changed(data, {"xl/styles.xml": broken, "xl/workbook.xml": names})


DOCUMENTS = (
    Kept("formats.xlsx", formats(), tuple(shown for _, _, shown in SHOWN)),
    Kept(
        "hidden.xlsx",
        hidden(),
        ("seen\ttoo", "~~last~~", "[Left out: 1 hidden row and"),
        ("secret", "5"),
        ("Hidden or filtered",),
    ),
    Kept(
        "comments.xlsx",
        comments(),
        ("## Sheet: One\n\tOne\n[Comment on B2] about One", "## Sheet: Two\n\tTwo\n[Comment on B2] about Two"),
    ),
    Kept("merged.xlsx", merged(), ("wide\t\tnext",), ("old",)),
    Kept("bad styles.xlsx", bad_styles(), ("kept\t7",)),
)
