"""Field masks."""

import pytest

from playground.sheets.masks import check, masked, parse, wants
from playground.sheets.refusals import Refused


def test_a_mask_is_a_tree():
    assert parse("a,b(c,d/e),f.g") == {"a": {}, "b": {"c": {}, "d": {"e": {}}}, "f": {"g": {}}}
    assert parse("sheets.properties.title, sheets.properties.sheet_id") == {
        "sheets": {"properties": {"title": {}, "sheetId": {}}}
    }
    assert parse("") == {}


@pytest.mark.parametrize("text", ["a(b", "a)b", "a;b", "a..b"])
def test_what_is_no_mask_is_refused(text):
    with pytest.raises(Refused):
        parse(text)


def test_a_mask_is_held_to_its_message():
    check(parse("sheets(properties.title,data.rowData)"), "Spreadsheet")
    with pytest.raises(Refused):
        check(parse("sheets.properties.colour"), "Spreadsheet")


def test_masked_data_keeps_only_what_was_named():
    data = {"a": [{"b": 1, "c": 2}, {"c": 3}], "d": 4}
    assert masked(data, parse("a.b")) == {"a": [{"b": 1}, {}]}
    assert masked(data, {}) == masked(data, parse("*")) == data


def test_wants_looks_down_the_path():
    assert wants(parse("userEnteredFormat"), "userEnteredFormat", "numberFormat")
    assert not wants(parse("userEnteredFormat.borders"), "userEnteredFormat", "numberFormat")
    assert wants(parse("*"), "note")
