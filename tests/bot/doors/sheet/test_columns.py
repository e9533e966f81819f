"""Headers as people write them, and what a rule makes of them."""

import pytest

from bot.doors.sheet.columns import HeadersWrong, find_columns, wanted_columns
from bot.doors.sheet.rule import SheetRule
from bot.doors.sheet.settings import SheetSettings
from bot.rules.rule import Rule

URL = "https://docs.google.com/spreadsheets/d/abc/edit#gid=5"


def wanted(ask="{Question}", **settings):
    rule = Rule(name="s", on="sheet", ask=ask, options=SheetRule())
    return wanted_columns(rule, SheetSettings(_env_file=None, **settings))


@pytest.mark.parametrize(
    ("header", "ask"),
    [
        (("Question", "Answer", "Bot"), "{Question}"),
        (("What's your question?", "Answer", "Bot"), "{What's your question?}"),
        (("Question: the whole of it", "Answer", "Bot"), "Please: {Question: the whole of it}"),
        (("\ufeffQuestion", "An\u200bswer", "Bot\u200b"), "{Question}"),
        (("Question (required)", "Answer:", "Bot"), "{question}"),
        (("Your\nquestion?", "ANSWER", " bot "), "{Your question}"),
        (("Question", "Answer", "Bot"), 'As {"a": 1}'),
    ],
)
def test_headers_that_people_really_have_are_found(header, ask):
    found = find_columns(header, wanted(ask), "T")
    assert (found.inputs, found.outputs, found.status) == ((0,), (1,), 2)


def test_equal_headers_are_refused_and_an_exact_one_is_preferred():
    with pytest.raises(HeadersWrong, match="two columns with the same header"):
        find_columns(("Question", "Answer", "ans\u200bwer", "Bot"), wanted(), "T")
    assert find_columns(("Question?", "Question", "Answer", "Bot"), wanted(), "T").inputs == (1,)


def test_a_name_in_braces_that_no_header_has_is_said_and_the_other_columns_are_kept():
    with pytest.raises(HeadersWrong, match=r"{Qestion}") as wrong:
        find_columns(("Topic", "Question", "Answer", "Bot"), wanted("{Topic}: {Qestion}"), "T")
    assert wrong.value.vain == ("Qestion",)
    assert wrong.value.columns is not None
    assert (wrong.value.columns.inputs, wrong.value.columns.outputs) == ((0,), (2,))


def test_one_column_for_two_things_is_refused():
    with pytest.raises(HeadersWrong, match="one column for two things"):
        find_columns(("Answer", "Bot"), wanted("{Answer}"), "T")


def test_a_url_names_a_tab_unless_a_name_is_given():
    assert wanted(sheet_id=URL).gid == 5
    assert wanted(sheet_id=URL, sheet_tab="Named").gid is None
    assert wanted(sheet_id="abc").gid is None
