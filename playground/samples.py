"""Two pleasant documents for the demo: a fictional invoice as PDF and meeting notes as docx."""

from __future__ import annotations

import io

_INK, _GREY, _BLUE, _PALE = "0.13 0.15 0.2", "0.45 0.48 0.55", "0.16 0.33 0.62", "0.93 0.95 0.98"
_LEFT, _RIGHT = 56, 539
_WIDTHS = {" ": 278, ".": 278, ",": 278, "-": 333, "%": 889}
"""Widths of Helvetica in thousandths of the font size; digits and the euro sign have 556."""

ITEMS = (
    ("Oak desk, 160 x 80 cm", 2, 489.00),
    ("Task chair \u201cLinnet\u201d", 4, 215.50),
    ("Desk lamp, brass", 4, 64.90),
    ("Delivery and assembly", 1, 120.00),
)
VAT = 0.19


def sample_pdf() -> bytes:
    """One page: an invoice of Larkspur Office Furniture to Bellweather Studio, with four items and a total."""
    content = "\n".join((*_head(), *_table(), *_foot())).encode("cp1252")
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << %s >> >> >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    return _pdf_file(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page % b"/Plain 5 0 R /Bold 6 0 R",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    )


def _head() -> list[str]:
    return [
        _box(0, 762, 595, 80, _BLUE),
        _text(_LEFT, 796, "Larkspur Office Furniture", 20, "1 1 1", bold=True),
        _text(_LEFT, 778, "12 Harbour Row, 20457 Hamburg  \u00b7  hello@larkspur.example", 9, "1 1 1"),
        _text(_LEFT, 716, "Invoice 2026-1147", 16, bold=True),
        _text(_LEFT, 694, "Date: 16 November 2026     Due: 30 November 2026     Your order: BW-3302", 9, _GREY),
        _text(_LEFT, 658, "Bill to", 9, _GREY),
        _text(_LEFT, 642, "Bellweather Studio, Ms Ines Okafor", 11, bold=True),
        _text(_LEFT, 627, "4 Mill Lane, 50667 Cologne", 10),
    ]


def _table() -> list[str]:
    drawn = [_box(_LEFT - 8, 572, _RIGHT - _LEFT + 16, 22, _PALE), _text(_LEFT, 579, "Item", 9, _GREY)]
    drawn += [_right(360, 579, "Quantity", 9, _GREY), _right(450, 579, "Each", 9, _GREY)]
    drawn.append(_right(_RIGHT, 579, "Amount", 9, _GREY))
    for line, (item, count, price) in enumerate(ITEMS):
        y = 548 - 26 * line
        drawn += [_text(_LEFT, y, item, 10.5), _right(360, y, str(count)), _right(450, y, _money(price))]
        drawn += [_right(_RIGHT, y, _money(count * price)), _box(_LEFT - 8, y - 10, _RIGHT - _LEFT + 16, 0.5, _PALE)]
    return drawn


def _foot() -> list[str]:
    net = sum(count * price for _, count, price in ITEMS)
    tax = round(net * VAT, 2)
    return [
        *(_right(450, 420, "Net", 10, _GREY), _right(_RIGHT, 420, _money(net))),
        *(_right(450, 402, "VAT 19 %", 10, _GREY), _right(_RIGHT, 402, _money(tax))),
        _box(340, 392, _RIGHT - 340 + 8, 1, _BLUE),
        *(_right(450, 372, "Total", 12, bold=True), _right(_RIGHT, 372, _money(net + tax), 12, bold=True)),
        _text(_LEFT, 310, "Please pay within 14 days to DE00 1234 5678 9012 3456 00, Larkspur Bank.", 10),
        _text(_LEFT, 294, "2 % discount if paid by 23 November 2026. The desks carry a guarantee of five years.", 10),
        _text(_LEFT, 40, "A made-up invoice of made-up companies, to try Bellhop with.", 8, _GREY),
    ]


def _money(amount: float) -> str:
    return f"{amount:,.2f} \u20ac"


def _text(x: float, y: float, text: str, size: float = 10.5, colour: str = _INK, *, bold: bool = False) -> str:
    shown = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT {colour} rg /{'Bold' if bold else 'Plain'} {size} Tf {x:.1f} {y} Td ({shown}) Tj ET"


def _right(x: float, y: float, text: str, size: float = 10.5, colour: str = _INK, *, bold: bool = False) -> str:
    width = sum(_WIDTHS.get(letter, 556) for letter in text) * size / 1000
    return _text(x - width, y, text, size, colour, bold=bold)


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f"{colour} rg {x} {y} {width} {height} re f"


def _pdf_file(*objects: bytes) -> bytes:
    """The objects as a file with its table of places; object 1 is the catalogue."""
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    count = len(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n" % count + b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(data)


def sample_docx() -> bytes:
    """Meeting notes of a fictional team: who was there, three decisions, and a table of who does what by when."""
    import docx

    notes = docx.Document()
    notes.add_heading("Studio move: weekly meeting", level=1)
    notes.add_paragraph(
        "Thursday, 19 November 2026, 10:00 to 10:45. Present: Ines, Tomasz, Priya, Joon. Excused: Mara."
    )
    notes.add_heading("What was decided", level=2)
    for decision in (
        "The move is on Friday, 11 December 2026; the old lease ends on 31 December.",
        "The quote of Swift & Sons over 2,340 \u20ac is accepted; Northway asked for 3,100 \u20ac.",
        "The printer is not moved. A new one may cost up to 450 \u20ac.",
    ):
        notes.add_paragraph(decision, style="List Bullet")
    notes.add_heading("Who does what", level=2)
    _add_tasks(notes.add_table(rows=1, cols=3, style="Light Grid Accent 1"))
    notes.add_paragraph()
    notes.add_paragraph("Open question: is the lift large enough for the oak desks? Joon measures it on Monday.")
    notes.add_paragraph("Next meeting: Thursday, 26 November 2026, 10:00.")
    buffer = io.BytesIO()
    notes.save(buffer)
    return buffer.getvalue()


TASKS = (
    ("Task", "Who", "By"),
    ("Sign the quote of Swift & Sons", "Ines", "23 November"),
    ("Order internet for the new rooms", "Tomasz", "25 November"),
    ("Label all boxes by room", "Priya", "9 December"),
    ("Tell customers the new address", "Mara", "1 December"),
)


def _add_tasks(table: object) -> None:
    head, *rest = TASKS
    for cell, text in zip(table.rows[0].cells, head, strict=True):  # type: ignore[attr-defined]  # python-docx is untyped
        cell.text = text
    for row in rest:
        for cell, text in zip(table.add_row().cells, row, strict=True):  # type: ignore[attr-defined]  # as above
            cell.text = text
