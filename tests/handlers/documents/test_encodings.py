"""The tests of turning bytes into text."""

import pytest

from bot.errors import Refused
from handlers.documents.encodings import clean, decode

TEXT = "Größe;Preis\nStühle;12,50 €\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_every_unicode_form_is_read_without_a_remark(encoding):
    assert decode(TEXT.encode(encoding)) == (TEXT, None)


def test_both_byte_orders_are_known_by_their_mark():
    assert decode(b"\xff\xfe" + TEXT.encode("utf-16-le")).text == TEXT
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")).text == TEXT


def test_an_old_code_page_is_guessed_and_said():
    text, note = decode(TEXT.encode("cp1252"))
    assert text == TEXT
    assert note is not None
    assert "cp1252" in note


def test_the_declared_encoding_is_tried_before_any_guess():
    assert decode("Привет".encode("cp1251"), "windows-1251") == ("Привет", None)


@pytest.mark.parametrize("declared", ["rot13", "zlib", "no-such-thing", "utf\0", "idna", "hex"])
def test_a_declared_encoding_that_makes_no_sense_is_passed_over(declared):
    assert decode(TEXT.encode(), declared).text == TEXT


def test_a_character_cut_in_two_is_no_reason_to_guess():
    assert decode("a€".encode()[:-1], cut=True) == ("a", None)


@pytest.mark.parametrize("data", [bytes(range(256)), b"\x00\x01\x02" * 50, b"\x89\xff\x00\x9d" * 9])
def test_binary_junk_is_refused(data):
    with pytest.raises(Refused):
        decode(data)


def test_what_cannot_be_sent_is_cleaned_away():
    assert clean("a\r\nb\rc\x00\x07\x1b[1;31md\x1b[0m") == "a\nb\ncd"
    assert clean("\ud83c\udf89 \ud83c") == "🎉 \ufffd"
