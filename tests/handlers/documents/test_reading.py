"""The tests of read_document from end to end, child process included."""

import base64

import pytest

from bot.errors import Refused
from handlers.documents import Limits, read_document
from tests.handlers.documents import samples

LIMITS = Limits()

pytestmark = pytest.mark.anyio

HELLO = "Hello"


async def read(folder, data, name="file", limits=LIMITS):
    path = folder / "private copy"
    path.write_bytes(data)
    return await read_document(path, name, limits)


async def reason(folder, data, name="file", limits=LIMITS):
    with pytest.raises(Refused) as refused:
        await read(folder, data, name, limits)
    assert "\n" not in refused.value.reason
    assert len(refused.value.reason) < 160
    return refused.value.reason


def text_of(document):
    (block,) = document.blocks
    assert block["type"] == "document"
    assert block["source"]["type"] == "text"
    assert block["source"]["media_type"] == "text/plain"
    return block["source"]["data"]


# ── every kind ──


async def test_a_pdf_goes_as_it_is_with_its_name_as_title(tmp_path):
    data = samples.pdf_with(["Invoice 4711"])
    document = await read(tmp_path, data, "Invoice.pdf")
    (block,) = document.blocks
    assert block == {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(data).decode()},
        "title": "Invoice.pdf",
    }
    assert (document.kind, document.notes, document.size_bytes) == ("pdf", (), len(data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_a_picture_that_claude_takes_goes_byte_for_byte(tmp_path, form):
    data = samples.picture(form)
    document = await read(tmp_path, data, f"picture.{form.lower()}")
    (block,) = document.blocks
    assert block["type"] == "image"
    assert block["source"]["media_type"] == f"image/{form.lower()}"
    assert base64.b64decode(block["source"]["data"]) == data
    assert (document.kind, document.notes) == ("image", ())


@pytest.mark.parametrize("form", ["TIFF", "BMP", "AVIF"])
async def test_a_picture_of_another_kind_is_converted(tmp_path, form):
    document = await read(tmp_path, samples.picture(form), f"picture.{form.lower()}")
    assert document.kind == "image"
    assert document.notes == ()
    assert document.blocks[0]["source"]["media_type"] in {"image/png", "image/jpeg"}


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.docx", samples.docx_with(["Hello", "Grüße 漢字 🎉"], [["Total", "1,234.50"]]), "word document"),
        ("a.xlsx", samples.xlsx_with({"One": [["Hello", "Grüße 漢字 🎉"], ["Total", "1,234.50"]]}), "spreadsheet"),
        ("a.pptx", samples.pptx_with([("Hello", "Grüße 漢字 🎉"), ("Total", "1,234.50")]), "presentation"),
        ("a.odt", samples.odt_with("<t:p xmlns:t='t'>Hello Grüße 漢字 🎉 Total 1,234.50</t:p>"), "word document"),
        ("a.rtf", rb"{\rtf1 Hello Gr\'fc\'dfe \u28450?\u23383? \u-10180?\u-8311? Total 1,234.50}", "rich text"),
        ("a.eml", samples.mail_with("Hello Grüße 漢字 🎉 Total 1,234.50"), "mail"),
        ("a.html", "<!doctype html><p>Hello Grüße 漢字 🎉 Total 1,234.50".encode(), "web page"),
        ("a.md", "# Hello\nGrüße 漢字 🎉 Total 1,234.50".encode(), "text"),
        ("a.csv", "Hello;Grüße\n漢字;🎉\nTotal;1,234.50".encode(), "text"),
        ("a.tsv", "Hello\tGrüße\n漢字\t🎉\nTotal\t1,234.50".encode(), "text"),
        ("a.json", '{"Hello": "Grüße 漢字 🎉", "Total": "1,234.50"}'.encode(), "text"),
        ("a.xml", "<a>Hello Grüße 漢字 🎉 Total 1,234.50</a>".encode(), "text"),
        ("a.yaml", "Hello: Grüße 漢字 🎉\nTotal: 1,234.50".encode(), "text"),
        ("a.py", "print('Hello Grüße 漢字 🎉 Total 1,234.50')".encode(), "text"),
        ("a.log", "2026-11-23 Hello Grüße 漢字 🎉 Total 1,234.50".encode(), "text"),
        ("a.svg", "<svg><text>Hello Grüße 漢字 🎉 Total 1,234.50</text></svg>".encode(), "text"),
    ],
)
async def test_every_word_of_every_kind_arrives(tmp_path, name, data, kind):
    document = await read(tmp_path, data, name)
    text = text_of(document)
    assert all(word in text for word in ("Hello", "Grüße", "漢字", "🎉", "Total", "1,234.50"))
    assert (document.kind, document.notes) == (kind, ())
    assert document.blocks[0]["title"] == name


# ── content, not name ──


@pytest.mark.parametrize(
    ("name", "data", "kind", "note"),
    [
        ("a.docx", samples.pdf_with(), "pdf", "The name says .docx, but it is a PDF."),
        ("a.pdf", samples.picture("JPEG"), "image", "The name says .pdf, but it is a JPEG picture."),
        ("a.xlsx", samples.docx_with(), "word document", "The name says .xlsx, but it is a Word document."),
        ("a.docx", samples.xlsx_with({"A": [[1]]}), "spreadsheet", "The name says .docx, but it is an Excel workbook."),
        ("a.pdf", b"just words", "text", "The name says .pdf, but it is plain text."),
    ],
)
async def test_a_file_is_read_as_what_it_is_and_the_wrong_name_is_mentioned(tmp_path, name, data, kind, note):
    document = await read(tmp_path, data, name)
    assert (document.kind, document.notes) == (kind, (note,))


async def test_a_file_without_an_ending_is_read_without_remark(tmp_path):
    assert (await read(tmp_path, samples.docx_with(), "minutes")).notes == ()


# ── refused, in one plain sentence ──


@pytest.mark.parametrize("data", [b"", b"   \n\t \r\n ", b"\xef\xbb\xbf \n", " \n".encode("utf-16"), b" " * 200_000])
async def test_an_empty_file_is_refused(tmp_path, data):
    assert await reason(tmp_path, data) == "The file is empty."


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (samples.locked_pdf(), "This PDF is locked with a password. Save it without one and drop it again."),
        (samples.locked_pdf(""), "protected"),
        (samples.pdf_with(pages=101), "101 pages"),
        (samples.pdf_with(pages=601), "601 pages"),
        (samples.pdf_with(padding_bytes=40_000_000), "40 MB"),
        (samples.pdf_with(["x"] * 50, pages=3)[:-400], "cut short or damaged"),
        (samples.pdf_with(["x"] * 50)[:200], "cut short or damaged"),
        (b"%PDF-1.7\nrubbish\n%%EOF\n", "cut short or damaged"),
        (samples.picture("JPEG", (800, 600))[:-2000], "cut short or damaged"),
        (samples.noise("PNG", (100, 100))[:-2000], "cut short or damaged"),
        (samples.docx_with(["x"])[:-500], "cut short or damaged"),
        (samples.docx_bomb(), "unpacks to far more"),
        (samples.zip_with({"inner.zip": samples.zip_with({"a.txt": "a"})}), "packed archive"),
        (samples.odt_with("<t/>", encrypted=True), "locked with a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "save it as .docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"), "save it as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "PowerPoint Document".encode("utf-16-le"), ".pptx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\x1f\x8b\x08\x00" + b"x" * 50, "packed archive"),
        (b"7z\xbc\xaf\x27\x1c" + b"x" * 50, "packed archive"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 50, "program"),
        (b"MZ\x90\x00\x03\x00" + b"\0" * 150, "program"),
        (b"ID3\x04\x00" + b"\0" * 50, "sound"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 50, "video"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "HEIC"),
        (bytes(range(256)) * 20, "This kind of file cannot be read"),
        (b"abc\0\x01\x02\xff\xfe\x80" * 20, "This kind of file cannot be read"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path, data, words):
    assert words in await reason(tmp_path, data)


async def test_a_document_without_text_says_what_to_do_instead(tmp_path):
    assert "save it as PDF" in await reason(tmp_path, samples.docx_with([""]))


async def test_a_file_that_has_gone_is_refused(tmp_path):
    with pytest.raises(Refused, match="not there any more"):
        await read_document(tmp_path / "gone", "gone.txt")


async def test_a_folder_is_refused(tmp_path):
    with pytest.raises(Refused, match="not a file"):
        await read_document(tmp_path, "folder")


async def test_a_hundred_pages_are_taken_and_the_figure_can_be_raised(tmp_path):
    assert (await read(tmp_path, samples.pdf_with(pages=100))).kind == "pdf"
    assert (await read(tmp_path, samples.pdf_with(pages=101), limits=Limits(pdf_pages=600))).kind == "pdf"


# ── long files ──


async def test_a_long_text_is_cut_where_one_can_see_it(tmp_path):
    document = await read(tmp_path, b"a" * 200_001, "a.txt")
    note = "Only the first 200,000 characters were read."
    assert document.notes == (note,)
    assert text_of(document) == "a" * 200_000 + f"\n\n[Cut here. {note}]"


async def test_a_text_of_exactly_the_limit_is_whole(tmp_path):
    document = await read(tmp_path, b"a" * 200_000)
    assert (document.notes, len(text_of(document))) == ((), 200_000)


async def test_a_long_word_document_is_cut_where_one_can_see_it(tmp_path):
    document = await read(tmp_path, samples.docx_with(["paragraph"] * 20), limits=Limits(text_chars=55))
    assert text_of(document).startswith("paragraph\n" * 5 + "parag\n\n[Cut here.")
    assert document.notes == ("Only the first 55 characters were read.",)


async def test_of_a_table_of_a_gigabyte_only_the_start_is_read(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.write("Größe;Preis\n".encode() * 100_000)
        file.truncate(1_000_000_000)
    document = await read_document(path, "big.csv")
    assert document.size_bytes == 1_000_000_000
    assert text_of(document).startswith("Größe;Preis\n")
    assert len(text_of(document)) < 200_200


async def test_characters_cut_in_two_at_the_end_of_what_is_read_do_no_harm(tmp_path):
    text = text_of(await read(tmp_path, "🎉".encode() * 300_000, limits=Limits(text_chars=50_000)))
    assert text.startswith("🎉" * 50_000 + "\n\n[Cut")
    assert "\ufffd" not in text


# ── safety ──


@pytest.mark.parametrize("member", ["word/document.xml", "[Content_Types].xml", "word/styles.xml"])
async def test_no_local_file_leaks_through_an_entity(tmp_path, member):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET")
    entity = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY leak SYSTEM "file://{secret}">]>'.encode()
    original = samples.member(samples.docx_with(["Hello"]), member)
    body = original[original.index(b"?>") + 2 :].replace(b"Hello", b"Hello &leak;")
    try:
        document = await read(tmp_path, samples.changed(samples.docx_with(["Hello"]), {member: entity + body}))
    except Refused as refused:
        assert "TOP-SECRET" not in refused.reason  # noqa: PT017 # either outcome is right
    else:
        assert "TOP-SECRET" not in text_of(document)


async def test_a_billion_laughs_are_not_laughed(tmp_path):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'
    for package, member in (
        (samples.docx_with(), "word/document.xml"),
        (samples.xlsx_with({"A": [[1]]}), "xl/worksheets/sheet1.xml"),
        (samples.odt_with("<a/>"), "content.xml"),
    ):
        assert await reason(tmp_path, samples.changed(package, {member: xml}))


async def test_a_directory_that_lies_about_sizes_is_stopped_by_the_memory_limit(tmp_path):
    lying = samples.lying(samples.docx_bomb(120_000_000), "word/document.xml")
    assert await reason(tmp_path, lying, limits=Limits(child_memory_bytes=256_000_000))


async def test_control_characters_and_half_surrogates_never_reach_the_request(tmp_path):
    text = text_of(await read(tmp_path, b"one\x1b[31m red\x1b[0m\r\ntwo\x00 three" + b" four" * 20))
    assert text.startswith("one red\ntwo three four")
    text = text_of(await read(tmp_path, rb"{\rtf1 half \u-10180? surrogate}"))
    text.encode("utf-8")
