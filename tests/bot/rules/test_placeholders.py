"""Headers that people really have are placeholders; braces of JSON and code are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.placeholders import bare, indexes_of, near_name, replaced, unknown, used

LONG = "Please tell us, in your own words and as fully as you can, what went wrong, when it did, and who saw it " * 2


@pytest.mark.parametrize(
    ("header", "written"),
    [
        ("What's your question?", "What's your question?"),
        ("What\u2019s your question?", "What's your question"),
        ("1. Your name", "1. Your name"),
        ("Question: what do you need?", "Question: what do you need?"),
        ("Question: …", "Question: …"),
        (LONG, LONG),
        ("\ufeffQuestion", "Question"),
        ("Ques\u200btion\u2060", "question"),
        ("Your\nquestion", "Your question"),
        ("Your question", "Your\nquestion"),
        ("Question (required)", "Question"),
        ("Question", "Question (required)"),
        ("Name *", "Name"),
        ("Budget (€/month):", "budget (€/month)"),
        ('Say "why"', 'Say "why"'),
        ("Cost in {EUR}", "Cost in {EUR}"),
        ("Preis\u00a0 in  Euro", "preis in euro"),
        ("Cafe\u0301", "Café"),
        ("2024", "2024"),
        ("a=b; c", "a=b; c"),
        ("問題", "問題"),
    ],
)  # fmt: skip
def test_every_header_is_a_placeholder(header, written):
    names = ("Other", header, "Answer")
    assert list(used(f"Look at {{{written}}} now", names).values()) == [1]
    assert replaced(f"Look at {{{written}}} now", names, lambda index: f"<{index}>") == "Look at <1> now"
    assert unknown(f"Look at {{{written}}} now", names) == ()


@pytest.mark.parametrize(
    "template",
    [
        'Answer as {"kind": "bug", "urgency": 3}',
        'Answer as {"a": {"b": 1}} or {} or { }',
        "Answer as {kind: bug, urgency: 3}",
        "Answer as {'kind': 'bug'}",
        r"The code matches \d{4}-\d{2,3}",
        "function f() { return 1; }",
        "a {\n  color: red\n}",
        "} and {",
    ],
)
def test_braces_of_json_and_code_stay_as_they_are(template):
    names = ("Question", "Answer")
    assert unknown(template, names) == ()
    assert used(template, names) == {}
    assert replaced(template, names, str) == template


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{Qestion}", ("Qestion",)),
        ("Sort {Revew} into {Kind}", ("Revew",)),
        ("{Question: what do you ned?}", ("Question: what do you ned?",)),
        ('As {"a": 1}, for {What is it}', ("What is it",)),
        ("{{Nothing}}", ("Nothing",)),
    ],
)
def test_words_in_braces_that_name_nothing_are_told(template, names):
    assert unknown(template, ("Question: what do you need?", "Review", "Kind")) == names


def test_an_equal_name_comes_before_one_that_is_equal_only_when_bare():
    assert indexes_of(("Question?", "Question"), "question") == [1]
    assert indexes_of(("Question?", "Question:"), "question") == [0, 1]
    assert indexes_of(("", "?"), "") == []


def test_json_around_a_placeholder_is_kept():
    assert replaced('Fill in {"name": "{Name}"}', ("Name",), lambda _: "Ada") == 'Fill in {"name": "Ada"}'


@given(st.text(max_size=80))
def test_without_names_nothing_is_replaced(template):
    assert replaced(template, (), str) == template


@given(st.text(min_size=1, max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_any_name_without_braces_is_found_between_any_words(name, before, after):
    if bare(name) and not set("{}") & set(name + before + after):
        assert replaced(f"{before}{{{name}}}{after}", (name,), lambda _: "\0") == f"{before}\0{after}"


@pytest.mark.parametrize(
    ("written", "near"),
    [("Mesage", "Message"), (" form.mesage ", "Message"), ("message text", ""), ("Your nmae", "Your name?"), ("x", "")],
)
def test_a_name_with_a_slip_in_it_is_near_the_one_that_was_meant(written, near):
    assert near_name(written, ("Message", "Your name?")) == near
