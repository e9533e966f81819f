"""The tests of typed columns: the schema Claude is held to, and what is taken back."""

import json

import pytest

from bot.errors import TryAgain
from bot.rules.rule import ColumnKind
from handlers.columns import schema_of, typed_values, values_text
from playground.claude.schema import check_schema

COLUMNS: dict[str, ColumnKind] = {
    "Kind": ("bug", "wish"),
    "Due date": "date",
    "Due-date!": "text",
    "Urgency": "integer",
    "Größe": "number",
    "是": "boolean",
}
GOOD = {"Kind": "bug", "Due_date": "2026-02-28", "Due-date": "x", "Urgency": 3, "Gr_e": 1.5, "column_6": True}


def test_the_schema_is_one_the_vendor_takes():
    schema = schema_of(COLUMNS) or {}
    check_schema({"output_config": {"format": {"type": "json_schema", "schema": schema}}, "messages": []})
    assert schema["required"] == list(schema["properties"]) == list(GOOD)
    assert schema["properties"]["Kind"]["enum"] == ["bug", "wish"]
    assert schema["properties"]["column_6"]["description"] == "是"


def test_no_columns_no_schema():
    assert schema_of({}) is None


def test_names_that_look_alike_as_keys_stay_apart():
    schema = schema_of({"a b": "text", "a-b": "text", "a?b": "text", "a/b": "text"}) or {}
    assert list(schema["properties"]) == [
        "a_b",
        "a-b",
        "a_b_3",
        "a_b_4",
    ]


def test_values_come_back_under_the_columns_own_names():
    values = typed_values(COLUMNS, json.dumps(GOOD))
    assert list(values.values()) == ["bug", "2026-02-28", "x", 3, 1.5, True]
    assert list(values) == list(COLUMNS)
    assert typed_values({"Due date": "date"}, '{"Due date": "2026-01-01"}') == {"Due date": "2026-01-01"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Kind", "other"),
        ("Kind", ["bug"]),
        ("Due_date", "2026-02-30"),
        ("Due_date", "28.02.2026"),
        ("Due_date", 5),
        ("Urgency", "3"),
        ("Urgency", True),
        ("Urgency", 3.5),
        ("Gr_e", None),
        ("Gr_e", float("inf")),
        ("Gr_e", False),
        ("column_6", "yes"),
        ("Due-date", 1),
    ],
)
def test_a_value_of_the_wrong_kind_is_asked_for_again(name, value):
    with pytest.raises(TryAgain, match="no fitting value"):
        typed_values(COLUMNS, json.dumps({**GOOD, name: value}))


@pytest.mark.parametrize("text", ["", "no json", "[1]", '{"Kind": "bug"'])
def test_what_is_no_object_is_asked_for_again(text):
    with pytest.raises(TryAgain):
        typed_values(COLUMNS, text)


def test_a_whole_number_written_as_a_fraction_is_whole():
    assert typed_values({"n": "integer"}, '{"n": 3.0}') == {"n": 3}


def test_values_can_be_read_as_text():
    assert values_text({"Kind": "bug", "Sure": True, "N": 3}) == "Kind: bug\nSure: yes\nN: 3"
