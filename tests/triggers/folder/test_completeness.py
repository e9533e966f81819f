import io
import json
import zipfile

import pytest

from triggers.folder.completeness import is_unfinished


def _zip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "x" * 5000)
    return stream.getvalue()


WHOLE = {
    "a.pdf": b"%PDF-1.7\n" + b"x" * 3000 + b"\n%%EOF\n",
    "a.docx": _zip(),
    "a.png": b"\x89PNG\r\n\x1a\n" + b"x" * 3000 + b"IEND\xaeB`\x82",
    "a.jpg": b"\xff\xd8\xff\xe0" + b"x" * 3000 + b"\xff\xd9",
    "a.json": json.dumps({"a": list(range(500))}).encode(),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_a_file_cut_anywhere_is_unfinished_and_whole_it_is_not(tmp_path, name, part):
    path = tmp_path / name
    for content, unfinished in ((WHOLE[name], False), (WHOLE[name][: int(len(WHOLE[name]) * part)], True)):
        path.write_bytes(content)
        with path.open("rb") as file:
            assert is_unfinished(file.fileno(), len(content), name) is unfinished


def test_a_reserved_but_unwritten_file_is_unfinished_and_plain_text_never_is(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\0" * 5000)
    with path.open("rb") as file:
        assert is_unfinished(file.fileno(), 5000, "a.pdf")
        assert not is_unfinished(file.fileno(), 5000, "a.bin")
