"""What people write into a form's fields, held against what each field is."""

import pytest

from bot.doors.webhook.delivery_store import File
from bot.doors.webhook.fields import (
    EMPTY,
    EMPTY_FILE,
    LONG_CHARS,
    NO_CHOICE,
    NO_DATE,
    NO_EMAIL,
    NO_FILE,
    NO_NUMBER,
    checked,
    fault_of,
    fields_of,
)


def errors(written, **values):
    return dict(checked(fields_of(written), values, []).errors)


def test_a_name_that_ends_in_a_question_mark_may_stay_empty():
    assert errors({"Name": "text", "Email?": "email", "Kind ?": ("a", "b"), "File?": "file"}) == {"Name": EMPTY}


@pytest.mark.parametrize(
    ("kind", "good", "bad", "words"),
    [
        ("email", "ada@example.com", "ada@example", NO_EMAIL),
        ("email", "x+y@sub.example.co", "a b@example.com", NO_EMAIL),
        ("email", "ü@exämple.com", "ada@x.org, bob@y.org", NO_EMAIL),
        ("number", "1,234.50", "twelve", NO_NUMBER),
        ("number", "-3", "1e400", NO_NUMBER),
        ("number", ".5", "=1+1", NO_NUMBER),
        ("date", "2026-02-28", "2026-02-30", NO_DATE),
        ("date", "2024-02-29", "20260228", NO_DATE),
        ("text", "x" * 500, "x" * 501, "This is longer than 500 characters."),
        ("long", "x" * LONG_CHARS, "x" * (LONG_CHARS + 1), "This is longer than 20,000 characters."),
        (("bug", "wish"), "bug", "Bug", NO_CHOICE),
        (("bug", "wish"), "wish", "", NO_CHOICE),
    ],
)
def test_each_kind_takes_what_it_is_and_says_what_it_wants(kind, good, bad, words):
    assert errors({"It": kind}, It=good) == {}
    assert errors({"It": kind}, It=bad) == {"It": words}


def test_control_characters_go_and_lines_stay_only_where_there_is_room():
    sent = checked(fields_of({"A": "text", "B": "long"}), {"A": " a\r\nb\0\x1b[2J ", "B": "a\r\n\tb\0\ud83d"}, [])
    assert dict(sent.values) == {"A": "a b[2J", "B": "a\n\tb\ufffd"}


def test_files_belong_to_their_field_and_are_named_in_it():
    fields = fields_of({"Photo": "file", "More?": "file", "Name?": "text"})
    one, other = File("a.png", b"1"), File("b.png", b"2")
    sent = checked(fields, {"Photo": "typed"}, [("Photo", one), ("Photo", other), ("Else", File("c", b"3"))])
    assert sent.files == (one, other)
    assert dict(sent.values) == {"Photo": "a.png, b.png", "More": "", "Name": ""}
    assert checked(fields, {}, []).errors == {"Photo": NO_FILE}
    assert checked(fields, {}, [("Photo", File("a", b""))]).errors == {"Photo": EMPTY_FILE}


def test_what_no_field_asks_for_is_left_out():
    assert dict(checked(fields_of({"A": "text"}), {"A": "x", "is_admin": "1"}, []).values) == {"A": "x"}


@pytest.mark.parametrize(
    "names", [["_token"], ["?"], ["a\nb"], ["x" * 101], ["Name", "name?"], list(map(str, range(51)))]
)
def test_names_that_could_not_be_told_apart_or_shown_are_refused(names):
    assert fault_of(dict.fromkeys(names, "text"))
    assert not fault_of({"Name": "text", "E-mail address?": "email"})
