"""PDFs with something before them or beside what they show, and tall pictures."""

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept

INVISIBLE = samples.pdf_with(["seen"]).replace(b"Tj 0 -16 Td ET", b"Tj 3 Tr  Tj ET")


def xfa() -> bytes:
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

    writer = PdfWriter(clone_from=PdfReader(BytesIO(samples.pdf_with(["Please wait..."]))))
    packets = ArrayObject()
    for name, xml in (
        (
            "template",
            b'<template><field name="sum"><caption><value><text>Total</text></value></caption></field></template>',
        ),
        ("datasets", b"<datasets><data><sum>149 EUR</sum></data></datasets>"),
    ):
        stream = StreamObject()
        stream.set_data(xml)
        packets.extend([TextStringObject(name), writer._add_object(stream)])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): packets})
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


DOCUMENTS = (
    Kept("marked.pdf", b"\xef\xbb\xbf" + samples.pdf_with(["x"]), blocks=1),
    Kept("printer.pdf", b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n" + samples.pdf_with(["x"]), blocks=1),
    Kept("invisible.pdf", INVISIBLE, ("drawn invisibly",), (), ("invisible text layer",), blocks=2),
    Kept("form.pdf", xfa(), ("Total: 149 EUR",), (), ("XFA",), blocks=2),
    Kept("tall.tiff", samples.picture("TIFF", (800, 3000)), (), (), ("2 pieces that overlap",), blocks=2),
    Kept("tall.png", samples.picture("PNG", (1080, 12_000)), (), (), ("pieces that overlap",), blocks=9),
)
