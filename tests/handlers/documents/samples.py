"""Real files for tests, made as bytes: Office files, PDFs, pictures, mails, and bombs in small."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage
from typing import Any
from xml.sax.saxutils import escape

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx_with(paragraphs: Iterable[str] = ("Hello",), table: Sequence[Sequence[str]] = ()) -> bytes:
    """A Word document: paragraphs (those that start with "# " are headings), then a table."""
    import docx

    document = docx.Document()
    for text in paragraphs:
        if text.startswith("# "):
            document.add_heading(text[2:], level=1)
        else:
            document.add_paragraph(text)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    return saved(document)


def xlsx_with(sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Iterable[str] = ()) -> bytes:
    """An Excel workbook: rows by the title of the sheet; the sheets named in `hidden` are hidden."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        if title in set(hidden):
            sheet.sheet_state = "hidden"
    return saved(book)


def pptx_with(slides: Sequence[tuple[str, str]], notes: Mapping[int, str] | None = None) -> bytes:
    """A PowerPoint presentation: (title, body) for each slide; notes by the number of the slide, from 1."""
    import pptx

    show = pptx.Presentation()
    for number, (title, body) in enumerate(slides, 1):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        if notes and number in notes:
            slide.notes_slide.notes_text_frame.text = notes[number]
    return saved(show)


def saved(document: Any) -> bytes:
    """The bytes of anything with `save(file)`."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def pdf_with(lines: Iterable[str] = ("Hello",), pages: int = 1, padding_bytes: int = 0) -> bytes:
    """A PDF written by hand: the same lines on every page, padded by a stream that nothing refers to."""
    shown = "".join(f"({_pdf_text(line)}) Tj 0 -16 Td " for line in lines)
    content = f"BT /F1 12 Tf 50 800 Td {shown}ET".encode("cp1252")
    kids = " ".join(f"{5 + n} 0 R" for n in range(pages))
    fonts = b"/Resources << /Font << /F1 3 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % fonts
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        *[page] * pages,
    ]
    if padding_bytes:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (padding_bytes, b"x" * padding_bytes))
    return _pdf_file(objects)


def _pdf_text(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(data)


def locked_pdf(user_password: str = "secret", algorithm: str = "RC4-128") -> bytes:
    """An encrypted PDF; with an empty password it opens for reading, but stays protected."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_with())))
    writer.encrypt(user_password=user_password, owner_password="owner", algorithm=algorithm)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def picture(form: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue, in any format Pillow writes."""
    from PIL import Image

    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def noise(form: str = "PNG", size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A picture that does not compress."""
    import random

    from PIL import Image

    data = random.Random(7).randbytes(size[0] * size[1] * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", size, data).save(buffer, form)
    return buffer.getvalue()


def odt_with(body: str, styles: str = "", encrypted: bool = False) -> bytes:
    """An OpenDocument text around the given XML of office:text (and of office:styles)."""
    names = 'xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:draw="d" xmlns:style="s" xmlns:dc="dc"'
    text = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content {names}>{text}</office:document-content>"
    members = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "styles.xml": f"<office:document-styles {names}>{styles}</office:document-styles>",
        "META-INF/manifest.xml": "<manifest><encryption-data/></manifest>" if encrypted else "<manifest/>",
    }
    return zip_with(members)


def mail_with(text: str = "Hello", html: str | None = None, attached: Mapping[str, bytes] | None = None) -> bytes:
    """A saved mail with Subject "Offer", from Ada to Bob."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada <ada@example.com>", "bob@example.com", "Offer für Bob"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", "<1@example.com>"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for name, data in (attached or {}).items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def zip_with(members: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return buffer.getvalue()


def changed(package: bytes, members: Mapping[str, str | bytes | None]) -> bytes:
    """A copy of a zip file with members replaced or added; those given as None are left out."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        kept = {name: old.read(name) for name in old.namelist() if name not in members}
    return zip_with({**kept, **{name: data for name, data in members.items() if data is not None}})


def member(package: bytes, name: str) -> bytes:
    """One member of a zip file."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return opened.read(name)


def docx_of(body: str, parts: Mapping[str, tuple[str, str]] | None = None) -> bytes:
    """A Word document around the given XML of w:body; `parts` maps a name ("footnotes") to its (type, XML)."""
    names = (
        f'xmlns:w="{_WORD}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    plain = docx_with([])
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="x{name}" Type="{kind}/{relation}" Target="{name}.xml"/>'
        for name, (relation, _) in (parts or {}).items()
    )
    rels = (
        member(plain, "word/_rels/document.xml.rels").decode().replace("</Relationships>", links + "</Relationships>")
    )
    extra = {f"word/{name}.xml": xml.replace("<w:root", f"<w:root {names}") for name, (_, xml) in (parts or {}).items()}
    main = f"<w:document {names}><w:body>{body}</w:body></w:document>"
    return changed(plain, {"word/document.xml": main, "word/_rels/document.xml.rels": rels, **extra})


def word_p(text: str) -> str:
    """The XML of one paragraph."""
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def docx_bomb(size_bytes: int = 60_000_000) -> bytes:
    """A Word document of some 60 KB that unpacks to `size_bytes` of XML."""
    filler = word_p("A" * 1000) * (size_bytes // 1050)
    return docx_of(filler)


def lying(package: bytes, name: str, declared_bytes: int = 1000) -> bytes:
    """The same zip file, whose directory declares a smaller unpacked size for one member."""
    data = bytearray(package)
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        info = opened.getinfo(name)
        start = opened.start_dir
    at = data.index(name.encode(), start) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = declared_bytes.to_bytes(4, "little")
    data[info.header_offset + 22 : info.header_offset + 26] = declared_bytes.to_bytes(4, "little")
    return bytes(data)
