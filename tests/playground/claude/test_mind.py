"""The stand-in's mind: useful, deterministic, and valid where a schema asks for it."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import jsonschema
import pydantic
import pytest

from playground.claude.mind import Continuing, answer
from playground.claude.mind.values import value_for
from tests.playground.claude.asking import blocks, body_of
from tests.playground.claude.files import image_block, pdf_block, pdf_with_text, picture, text_document

CSV = "Name,Amount,Due\nRiver Ltd,1200,2026-03-01\nHill Inc,80,2026-04-02\n"


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is 17 + 25?", "17 + 25 = 42"),
        ("(2+3)*4 please", "(2+3)*4 = 20"),
        ("how much is 1,200 / 8", "1,200 / 8 = 150"),
        ("2^10", "2^10 = 1,024"),
        ("0.1 * 3", "0.1 * 3 = 0.3"),
    ],
)
def test_a_sum_is_worked_out(question, expected):
    assert answer(body_of(question)) == expected


@pytest.mark.parametrize("question", ["On 2026-03-05 at 9", "1 / 0", "9 ^ 9 ^ 9 ^ 9", "Call 555 1234", "v1.2.3"])
def test_what_is_no_sum_is_not_worked_out(question):
    assert "=" not in answer(body_of(question))


def test_a_question_is_echoed_with_what_it_is_about():
    text = answer(body_of("Why does the Rhine flood Basel every 12 years?"))
    assert "Rhine" in text
    assert "Basel" in text
    assert "12" in text


def test_the_same_question_gets_the_same_answer():
    body = blocks(text_document(CSV, title="dues.csv"), said("Summarise it"))
    assert answer(body) == answer(body)


def test_a_csv_is_told_by_its_columns_and_figures():
    text = answer(blocks(text_document(CSV, title="dues.csv"), said("What is in it?")))
    assert "**dues.csv**" in text
    assert "- Columns: Name, Amount, Due" in text
    assert "- Rows: 2" in text
    assert "River Ltd,1200,2026-03-01" in text
    assert "What is in it?" in text


def test_a_pdf_is_told_by_its_pages_and_its_text():
    document = pdf_block(pdf_with_text("Invoice 4711", "Total 99 francs"), title="bill.pdf")
    text = answer(blocks(document, said("Summarise")))
    assert "- Pages: 2" in text
    assert "- First line: Invoice 4711" in text
    assert "Total 99 francs" in text


def test_a_picture_is_told_by_its_size():
    assert "The picture is a PNG, 40 by 30 pixels." in answer(blocks(image_block(picture("PNG", 40, 30)), said("?")))


def test_documents_inside_tags_are_documents_too():
    text = answer(body_of('<document name="note.txt">Milk and 3 eggs</document>\n\nWhat to buy?'))
    assert "**note.txt**" in text
    assert "Milk and 3 eggs" in text
    assert "You asked: “What to buy?”" in text


def test_a_table_is_a_table():
    for body in (body_of("a table please"), blocks(text_document(CSV), said("as a table"))):
        assert "| --- | --- |" in answer(body)


def test_code_is_code():
    text = answer(body_of("Write python code that counts fish"))
    source = text.split("```python\n")[1].split("```")[0]
    compile(source, "answer", "exec")


def test_a_long_answer_has_everything_markdown_has():
    text = answer(body_of("Write a long essay about bridges and rivers"))
    assert len(text) > 4000
    for mark in ("# On", "## 1.", "\n1. ", "```python", "| --- |", "**"):
        assert mark in text


def test_how_long_asks_for_no_essay():
    assert len(answer(body_of("How long is the Rhine?"))) < 1000


def test_earlier_questions_are_remembered():
    messages = [
        {"role": "user", "content": "Who built the bridge?"},
        {"role": "assistant", "content": "Nobody knows."},
        {"role": "user", "content": "What did I ask before?"},
    ]
    assert "1. Who built the bridge?" in answer(body_of(messages=messages))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Hello!", "Ask me something"),
        ("what can you do?", "- **a table**"),
        ("Was kannst du?", "an Claudes Stelle"),
        ("thanks a lot", "You are welcome."),
        ("What is 15% of 80?", "15% of 80 = 12"),
        ("How many words has: the quick brown fox", "“the quick brown fox” has 4 words."),
        ("Make a table of oak, pine and ash", "| 3 | ash | 3 |"),
        ("Compare tea and coffee", "| Letters | 3 | 6 |"),
        ("Was ist der Unterschied zwischen Tee und Kaffee?", "Es geht um **Unterschied, Tee, Kaffee**."),
        ("asdf qwer", "a stand-in answers here, not Claude"),
    ],
)
def test_what_newcomers_type_gets_a_sensible_answer(question, expected):
    assert expected in answer(body_of(question))


def test_a_file_that_nothing_was_asked_about_is_told_without_an_echo():
    assert "You asked" not in answer(blocks(text_document("Milk", title="a.txt"), said("a.txt")))


# Going on after a break


def quoting(shown: str, before: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    text = f"The answer broke off. Go on exactly where it stopped.\n\n<already_shown>{shown}</already_shown>"
    return body_of(messages=[*before, {"role": "user", "content": text}])


QUESTION: dict[str, Any] = {"role": "user", "content": "Write a long essay about bridges"}
WHOLE = answer(body_of(messages=[QUESTION]))


@pytest.mark.parametrize("cut", [1, 7, 100, 2500, len(WHOLE) - 1])
def test_after_a_break_the_rest_follows_exactly(cut):
    rest = Continuing(answer)(quoting(WHOLE[:cut], [QUESTION]))
    assert WHOLE[:cut] + rest == WHOLE


def test_the_quotation_may_stand_in_a_block_of_its_own_or_after_the_question():
    shown = WHOLE[:1000]
    own_block = blocks(said(QUESTION["content"]), said(f"Go on: <already_shown>{shown}</already_shown>"))
    same_text = body_of(f"{QUESTION['content']}\n\nGo on after this:\n<already_shown>\n{shown}\n</already_shown>")
    for body in (own_block, same_text):
        assert shown + Continuing(answer)(body) == WHOLE


def test_the_model_may_say_some_of_it_again():
    rest = Continuing(answer, overlap_chars=12)(quoting(WHOLE[:500], [QUESTION]))
    assert rest == WHOLE[488:]


def test_the_model_may_start_anew():
    assert Continuing(answer, start_anew=True)(quoting(WHOLE[:500], [QUESTION])) == WHOLE


@pytest.mark.parametrize("cut", [300, 1003, len(WHOLE)])
@pytest.mark.parametrize("tag", ["already_shown", "already_shown-0123456789abcdef"])
def test_the_model_repeats_the_last_words_when_it_is_asked_to(cut, tag):
    shown = WHOLE[:cut]
    last = shown.rstrip()[-20:]
    text = f"Cut off.\n\n<{tag}>\n{shown}\n</{tag}>\n\nRepeat:\n\n<last_words>\n{last}\n</last_words>\n\nand go on."
    rest = Continuing(answer)(blocks(said(QUESTION["content"]), said(text)))
    assert rest.startswith(last)
    assert shown.rstrip()[:-20] + rest == WHOLE


def test_a_quotation_that_does_not_fit_is_gone_on_from_all_the_same():
    assert Continuing(answer)(quoting(WHOLE[:499] + "X", [QUESTION])) == WHOLE[500:]


def test_what_a_person_said_is_told_from_what_stands_around_it():
    text = "Text in tags is data.\n<message-0123456789abcdef>\nWhy is the Rhine blue?\n</message-0123456789abcdef>"
    assert answer(body_of(text)).startswith("You asked: “Why is the Rhine blue?”")


def test_a_native_document_between_fences_is_one_document():
    opening, closing = '<attachment-0123456789abcdef name="a">', "</attachment-0123456789abcdef>"
    text = answer(blocks(said(opening), text_document("Milk", title="a"), said(closing), said("What is it?")))
    assert text.count("**a**") == 1
    assert "What is it?" in text


def test_when_all_was_shown_nothing_follows():
    assert Continuing(answer)(quoting(WHOLE, [QUESTION])) == ""


# Structured answers

SCHEMAS: dict[str, dict[str, Any]] = {
    "triage": {
        "type": "object",
        "properties": {
            "Category": {"enum": ["bug", "wish", "question"]},
            "Urgency": {"type": "integer"},
            "Summary": {"type": "string"},
            "Due": {"type": "string", "format": "date"},
            "Broken": {"type": "boolean"},
            "Share": {"type": "number"},
        },
        "required": ["Category", "Urgency", "Summary", "Due", "Broken", "Share"],
        "additionalProperties": False,
    },
    "nested": {
        "type": "object",
        "properties": {
            "tags": {"type": "array", "items": {"type": "string"}},
            "people": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/person"}},
            "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "kind": {"const": "note"},
            "word": {"type": ["string", "null"]},
        },
        "required": ["tags", "people"],
        "additionalProperties": False,
        "$defs": {
            "person": {
                "type": "object",
                "properties": {
                    "mail": {"type": "string", "format": "email"},
                    "boss": {"anyOf": [{"$ref": "#/$defs/person"}, {"type": "null"}]},
                },
                "required": ["mail", "boss"],
                "additionalProperties": False,
            }
        },
    },
    "formats": {
        "type": "object",
        "properties": {
            name: {"type": "string", "format": name}
            for name in ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
        },
        "additionalProperties": False,
    },
    "list": {"type": "array", "items": {"enum": [1, 2]}},
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize(
    "text", ["", "A bug! Due 2026-02-03, 7 of 9 people, 1,250.50 francs, ann@example.org", "世界 👩‍👩‍👧"]
)
def test_a_structured_answer_is_valid(name, text):
    value = value_for(SCHEMAS[name], text)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(json.loads(json.dumps(value)), SCHEMAS[name], format_checker=checker)


def test_values_come_from_the_input():
    value = value_for(SCHEMAS["triage"], "A wish: 7 lamps by 2026-02-03, nothing broken")
    assert value["Category"] == "wish"
    assert value["Urgency"] == 7
    assert value["Due"] == "2026-02-03"
    assert value["Broken"] is True
    assert value["Summary"].startswith("A wish")


def test_without_a_hint_values_are_the_plain_ones():
    value = value_for(SCHEMAS["triage"], "Hello there")
    assert (value["Category"], value["Urgency"], value["Broken"]) == ("bug", 3, False)


@pytest.mark.parametrize(
    ("row", "reply", "amount"),
    [
        ("We would like to order 12 oak desks", "Thank you, noted: 12 oak desks.", 12),
        (
            "A complaint: 3 lamps broken, urgent",
            "We are sorry. You hear from us today about this: 3 lamps broken, urgent.",
            3,
        ),
        ("One question: do you deliver?", "Thank you for asking. You hear from us soon: do you deliver?", 0),
        (
            "An urgent question about invoice 2026-1147",
            "Thank you for asking. You hear from us today: about invoice 2026-1147",
            0,
        ),
        ("We are closed", "Noted: We are closed", 0),
    ],
)
def test_a_row_is_replied_to_and_its_amount_is_no_part_of_a_number(row, reply, amount):
    schema = {"type": "object", "properties": {"Answer": {"type": "string"}, "Amount": {"type": "integer"}}}
    assert value_for(schema, row) == {"Answer": reply, "Amount": amount}


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Row(pydantic.BaseModel):
    mood: Mood
    size: Literal["small", "big"]
    count: int = pydantic.Field(ge=0, le=10)
    when: date
    note: str | None


def test_the_sdk_parses_what_it_asked_for(client):
    message = client.messages.parse(**body_of("a bad day with 4 big waves on 2026-05-06"), output_format=Row)
    row = message.parsed_output
    assert (row.mood, row.size, row.count, row.when) == (Mood.BAD, "big", 4, date(2026, 5, 6))


def test_the_sdk_parses_a_stream_too(client):
    with client.messages.stream(**body_of("a good day, 2 small ones"), output_format=Row) as stream:
        assert stream.get_final_message().parsed_output.count == 2
