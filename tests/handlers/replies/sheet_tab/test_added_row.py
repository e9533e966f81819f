"""Which header gets what, typed, and never as a formula."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.doors.sheet.addresses import tab_of_place
from bot.doors.sheet.status import is_own_column, parse
from bot.events import Attachment, Event, FilePath, SheetTab
from handlers.replies.sheet_tab.added_row import Headers, NewRow, cells_of, fault_of, token_of
from tests.handlers.replies.sheet_tab.rig import answer

HEADERS = Headers("Answer", "Bot")
WHEN = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
PLACE = SheetTab("book", "Log")


def event(**fields):
    files = (Attachment("a.pdf"), Attachment("b.png"))
    return Event(
        "mail:1", "mail", "mail", "the text", "the subject", WHEN, "c", FilePath("/x", "y"), files, fields, "ana@x.org"
    )


def row(header, said=None, kinds=None, zone=UTC, **fields):
    new = NewRow("k7f3q9ab", PLACE, event(**fields), kinds or {}, answer() if said is None else said)
    return [
        next(iter(cell.get("userEnteredValue", {"": None}).values()))
        for cell in cells_of(new, header, HEADERS, "14:03", zone)
    ]


def test_headers_name_what_they_get_and_others_stay_empty():
    header = ["Subject", "From", "date", "Filename", "ANSWER ", "Owner", "Bot", "Text"]
    assert row(header, zone=ZoneInfo("Europe/Berlin")) == [
        "the subject", "ana@x.org", "2026-11-30 00:30", "a.pdf, b.png", "the answer", None, "added 14:03 · k7f3q9ab",
        "the text",
    ]  # fmt: skip


def test_a_forms_field_comes_before_what_is_known_of_every_event_and_after_the_answer():
    assert row(["From", "Answer", "Your Name"], **{"From": "Bo", "Answer": "no", "your name": "Bo"}) == [
        "Bo",
        "the answer",
        "Bo",
    ]


def test_columns_are_typed_and_the_whole_answer_stands_under_answer():
    kinds = {"Kind": ("bug", "wish"), "Due": "date", "Points": "integer", "Sure": "boolean"}
    values = {"Kind": "bug", "Due": "2026-11-29", "Points": 3, "Sure": True, "Bot": "mine", "Owner": "me"}
    said = answer("Kind: bug", values)
    header = ["Kind", "Due", "Points", "Sure", "Answer", "Owner"]
    assert row(header, said, kinds) == ["bug", 46355, 3, True, "Kind: bug", None]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=A1", "0042", '=IMPORTXML("http://x","//a")'])
def test_what_looks_like_a_formula_is_a_string(text):
    new = NewRow("k7f3q9ab", PLACE, event(Name=text), {}, answer(text))
    assert cells_of(new, ["Answer", "Name"], HEADERS, "", UTC) == [{"userEnteredValue": {"stringValue": text}}] * 2


def test_a_text_longer_than_a_cell_is_cut_and_whole_in_its_note():
    (cell,) = cells_of(NewRow("k7f3q9ab", PLACE, event(), {}, answer("x" * 60_000)), ["Answer"], HEADERS, "", UTC)
    assert len(cell["userEnteredValue"]["stringValue"]) <= 49_900
    assert cell["note"] == "x" * 60_000


def test_without_an_answer_the_row_says_why():
    new = NewRow("k7f3q9ab", PLACE, event(), {"Kind": "text"}, None, "Claude refused\nthis.")
    cells = cells_of(new, ["Subject", "Kind", "Answer", "Bot"], HEADERS, "14:03", UTC)
    assert cells[1:3] == [{}, {}]
    assert cells[3] == {"userEnteredValue": {"stringValue": "error: Claude refused this. · k7f3q9ab"}}


def test_notes_stand_below_the_answer():
    assert row(["Answer"], answer("yes", notes=("a note",))) == ["yes\n\n(a note)"]


def test_two_columns_of_one_header_get_the_value_once():
    assert row(["Answer", "answer"]) == ["the answer", None]


def test_a_tab_without_a_place_for_the_answer_is_told_what_to_add():
    assert fault_of(["Answer"], {}, HEADERS, "Log") == ""
    assert fault_of(["Kind"], {"Kind": "text"}, HEADERS, "Log") == ""
    assert fault_of(["Reply"], {}, HEADERS, "Log") == (
        'Tab "Log" has no column for the answer. Add the header "Answer" to its row 1.'
    )
    assert "has no headers in row 1" in fault_of([], {}, HEADERS, "Log")


def test_a_token_is_the_events_own_and_a_failure_or_another_tab_has_another():
    assert token_of("form:1", "answer", PLACE) != token_of("form:1", "answer", SheetTab("book", "Other"))
    assert token_of("form:1", "answer", PLACE) == token_of("form:1", "answer", PLACE)
    assert len({token_of(f"form:{n}", kind, PLACE) for n in range(2_000) for kind in ("answer", "failure")}) == 4_000
    assert parse(f"added 14:03 · {token_of('form:1', 'answer', PLACE)}") == (
        "added",
        token_of("form:1", "answer", PLACE),
    )
    assert not is_own_column(["added 14:03 · k7f3q9ab"])


@pytest.mark.parametrize(
    ("place", "means"),
    [
        ("abc/Log", SheetTab("abc", "Log")),
        ("abc", SheetTab("abc", "")),
        ("abc / Q1 / 2026", SheetTab("abc", "Q1 / 2026")),
        ("https://docs.google.com/spreadsheets/d/abc/edit#gid=7", SheetTab("abc", "", 7)),
        ("https://docs.google.com/spreadsheets/d/abc/edit?gid=7#gid=7", SheetTab("abc", "", 7)),
        ("https://docs.google.com/spreadsheets/d/abc/edit?usp=sharing/Log", SheetTab("abc", "Log")),
        ("https://docs.google.com/spreadsheets/d/abc/Log", SheetTab("abc", "Log")),
        ("https://docs.google.com/spreadsheets/d/abc", SheetTab("abc", "")),
        ("/Log", None),
    ],
)
def test_a_place_is_an_id_or_a_url_and_a_tab(place, means):
    assert tab_of_place(place) == means
