"""The tests of the child's work on broken files: whatever the bytes, it answers in plain words."""

import random

import pytest

from bot.errors import Refused
from handlers.documents import child
from handlers.documents.limits import Limits
from handlers.documents.reading import _look
from tests.handlers.documents import samples

SEEDS = {
    "docx": samples.docx_with(["# Title", "words"], [["a", "b"]]),
    "xlsx": samples.xlsx_with({"A": [["x", "=A1"]]}),
    "pptx": samples.pptx_with([("title", "body")], {1: "note"}),
    "odt": samples.odt_with("<t:p xmlns:t='t'>words</t:p>"),
    "rtf": rb"{\rtf1\ansi{\fonttbl x}Hello \'e9\u8364?\par}",
    "mail": samples.mail_with("words", "<p>words", {"a": b"b"}),
    "html": b"<!doctype html><table><tr><td>a<p style='color:#fff'>x</table>",
    "pdf": samples.pdf_with(["words"], 3),
    "jpeg": samples.picture("JPEG"),
    "tiff": samples.picture("TIFF"),
}


def broken(data, chance):
    """The bytes with some changed, some left out, some doubled, or the end missing."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 30))):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                del data[at : at + chance.randrange(20)]
            case 1:
                data[at:at] = data[: chance.randrange(40)]
            case 2 if chance.random() < 0.3:
                del data[max(at, 5) :]
            case _:
                data[at] = chance.randrange(256)
        data = data or bytearray(b"x")
    return bytes(data)


@pytest.mark.parametrize("name", SEEDS)
@pytest.mark.filterwarnings("ignore")
def test_broken_files_end_in_a_result_or_a_plain_refusal(tmp_path, name):
    chance = random.Random(name)
    path = tmp_path / "file"
    for _ in range(40):
        path.write_bytes(broken(SEEDS[name], chance))
        try:
            _, found, _ = _look(path, Limits())
        except Refused:
            continue
        if found != "text":
            result = child._result(found, path, Limits())
            assert ("refused" in result) != ("notes" in result)


def test_the_limits_reach_the_child_whole(tmp_path):
    import json

    work = json.loads(child.job("pdf", tmp_path / "a", Limits(pdf_pages=7)))
    assert Limits(**work["limits"]) == Limits(pdf_pages=7)
