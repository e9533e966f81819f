"""The tests of the guard over zip packages, and of packages that only Office opens."""

import pytest

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.package import open_package, pictures_note
from handlers.documents.readers.sheet import read_sheet
from handlers.documents.readers.slides import read_slides
from handlers.documents.readers.word import read_word
from tests.handlers.documents import samples

LIMITS = Limits()


def opened(folder, data, limits=LIMITS):
    path = folder / "package"
    path.write_bytes(data)
    return path, *open_package(path, limits)


def text_of(folder, data, read):
    path, _, package = opened(folder, data)
    with package, path.open("rb") as source:
        return "\n".join(read(source, Limits(), []))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.docx_with(), "docx"),
        (samples.xlsx_with({"A": [[1]]}), "xlsx"),
        (samples.pptx_with([("a", "b")]), "pptx"),
        (samples.odt_with("<a/>"), "odt"),
        (samples.zip_with({"word/document.xml": "<x/>"}), "docx"),
    ],
)
def test_a_package_is_known_by_what_is_in_it(tmp_path, data, name):
    assert opened(tmp_path, data)[1] == name


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.txt": "x"}, "packed archive"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "save it as .xlsx"),
        ({"mimetype": "application/vnd.oasis.opendocument.presentation"}, "save it as .pptx"),
        ({"mimetype": "application/epub+zip"}, "e-book"),
        ({"Index/Document.iwa": "x"}, "Pages"),
        ({"[Content_Types].xml": "application/vnd.ms-excel.sheet.binary.macroEnabled.main"}, "binary Excel"),
    ],
)
def test_other_packages_are_refused_with_what_to_do(tmp_path, members, words):
    with pytest.raises(Refused, match=words):
        opened(tmp_path, samples.zip_with(members))


@pytest.mark.parametrize(
    "limits",
    [
        Limits(unpacked_bytes=1000),
        Limits(member_bytes=1000),
        Limits(members=3),
        Limits(member_ratio=2, ratio_from_bytes=1000),
    ],
)
def test_each_rule_of_the_guard_stops_a_package(tmp_path, limits):
    with pytest.raises(Refused, match="unpacks to far more"):
        opened(tmp_path, samples.docx_with(["word"] * 100), limits)


def test_an_archive_inside_is_refused_unless_office_embedded_it(tmp_path):
    inner = samples.zip_with({"a": "b"})
    with pytest.raises(Refused):
        opened(tmp_path, samples.changed(samples.docx_with(), {"word/inner.zip": inner}))
    assert opened(tmp_path, samples.changed(samples.docx_with(), {"word/embeddings/inner.zip": inner}))


def test_an_encrypted_member_is_a_password(tmp_path):
    data = bytearray(samples.docx_with())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= 1
    with pytest.raises(Refused, match="password"):
        opened(tmp_path, bytes(data))


@pytest.mark.parametrize(
    ("data", "old", "new", "read"),
    [
        (samples.docx_with(["Hello"]), "wordprocessingml.document.main", "wordprocessingml.template.main", read_word),
        (
            samples.docx_with(["Hello"]),
            samples.DOCX_TYPE,
            "application/vnd.ms-word.document.macroEnabled.main+xml",
            read_word,
        ),
        (
            samples.pptx_with([("Hello", "x")]),
            "presentationml.presentation.main",
            "presentationml.slideshow.main",
            read_slides,
        ),
        (samples.xlsx_with({"A": [["Hello"]]}), "spreadsheetml.sheet.main", "spreadsheetml.template.main", read_sheet),
    ],
)
def test_templates_shows_and_macro_files_are_read_like_any_other(tmp_path, data, old, new, read):
    types = samples.member(data, "[Content_Types].xml").decode()
    assert old in types
    copy = samples.changed(data, {"[Content_Types].xml": types.replace(old, new)})
    assert "Hello" in text_of(tmp_path, copy, read)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (samples.docx_with(["Hello"]), read_word),
        (samples.pptx_with([("Hello", "x")]), read_slides),
        (samples.xlsx_with({"A": [["Hello"]]}), read_sheet),
    ],
)
def test_the_strict_dialect_of_office_is_read_like_the_usual_one(tmp_path, data, read):
    import io
    import re
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    strict = {
        name: re.sub(
            rb"http://schemas\.openxmlformats\.org/(officeDocument|wordprocessingml|presentationml|spreadsheetml|drawingml)"
            rb"/2006/",
            rb"http://purl.oclc.org/ooxml/\1/",
            content,
        )
        for name, content in members.items()
    }
    assert "Hello" in text_of(tmp_path, samples.zip_with(strict), read)


def test_a_link_to_a_part_that_is_not_there_does_no_harm(tmp_path):
    data = samples.docx_with(["Hello"])
    name = "word/_rels/document.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    dead = f'<Relationship Id="rId99" Type="{kind}" Target="NULL"/></Relationships>'
    rels = samples.member(data, name).decode().replace("</Relationships>", dead)
    assert "Hello" in text_of(tmp_path, samples.changed(data, {name: rels}), read_word)


def test_pictures_that_are_left_out_are_mentioned(tmp_path):
    data = samples.changed(samples.docx_with(), {"word/media/a.png": "x", "word/media/b.jpeg": "x"})
    assert pictures_note(opened(tmp_path, data)[2]) == ["2 pictures in it were not read."]
    assert pictures_note(opened(tmp_path, samples.docx_with())[2]) == []
