"""People's edits and the adversary."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.sheets import Adversary, SheetsStandIn
from playground.sheets.cells import is_blank
from playground.sheets.refusals import Refused
from tests.playground.sheets.discovery import violations

_EVERYTHING = dict.fromkeys(
    ("insert", "delete", "sort", "move", "copy", "ask", "half", "edit", "answer", "erase", "wait"), 1.0
)


def test_a_person_types_clears_copies_cuts_and_finds(standin):
    ana = standin.person("ana")
    ana.type("Questions", "B2", "0042")
    assert (ana.read("Questions", "B2"), standin.slots()[1][1]) == ("42", 42)
    ana.clear("Questions", "B2:C3")
    ana.copy_rows("Questions", 2, 3, 6)
    ana.cut_paste("Questions", "A2:C2", "A9")
    assert standin.grid() == [
        ["Question", "Answer", "Bot"],
        [],
        ["how?"],
        [],
        ["who?"],
        ["why?"],
        ["how?"],
        [],
        ["why?"],
    ]
    assert ana.find_replace("how?", "when?") == 2
    ana.type_row("Questions", 2, ["new", None, "x"])
    assert standin.grid()[1] == ["new", "", "x"]


def test_people_cost_no_quota_and_are_named(standin):
    standin.person("ana").type("Questions", "A2", "x")
    assert standin.quota.counts == {}
    assert {change.who for change in standin.book().history} == {"person:ana"}


def test_an_act_that_fails_changes_nothing(standin):
    before = standin.grid()
    with pytest.raises(Refused):
        standin.person().delete_rows("Questions", 1, 1000)
    assert (standin.grid(), standin.book().version) == (before, 1)


def test_a_row_keeps_its_id_wherever_it_goes(standin):
    tab = standin.book().tabs[0]
    row_id = tab.row_ids[2]
    ana = standin.person()
    ana.insert_rows("Questions", 1)
    ana.sort("Questions", "A", header_rows=2)
    ana.move_rows("Questions", 3, 3, 6)
    row = standin.book().tabs[0].rows[standin.book().tabs[0].row_ids.index(row_id)]
    assert row[0] == "how?"


def _edited(seed):
    standin = SheetsStandIn(clock=lambda: 0.0)
    rows = [["Question", "Answer"], *([f"q{number}", f"a{number}"] for number in range(8))]
    standin.add_spreadsheet({"Tab": rows}, row_count=40)
    adversary = Adversary(standin.person(), seed, "Tab", answers=("B",), edits=_EVERYTHING, chance=1.0)
    standin.before_call = adversary
    wrong = []
    standin.after_call = lambda call, answer: wrong.extend(violations(call, answer))
    headers = {"authorization": f"Bearer {standin.issue_token()}"}
    path = f"/v4/spreadsheets/{standin.book().spreadsheet_id}"
    for number in range(10):
        standin.handle("GET", f"{path}/values/Tab", "", b"", headers)
        body = {"valueInputOption": "RAW", "data": [{"range": "Tab!B3:C3", "values": [[None, f"w{number}"]]}]}
        standin.handle("POST", f"{path}/values:batchUpdate", "", json.dumps(body).encode(), headers)
    assert wrong == []
    return standin, adversary


def test_the_same_seed_makes_the_same_edits():
    (first, one), (second, two) = _edited(7), _edited(7)
    assert one.acts == two.acts
    assert first.grid() == second.grid()
    assert len(one.acts) == 20


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_whatever_people_do_the_tab_stays_whole_and_its_history_explains_it(seed):
    standin, _ = _edited(seed)
    tab = standin.book().tabs[0]
    assert tab.row_count == len(tab.row_ids) == len(tab.anchors) == len(set(tab.row_ids))
    assert tab.column_count == len(tab.column_anchors)
    assert all(len(row) <= tab.column_count for row in tab.rows)
    assert standin.grid()[0][:2] == ["Question", "Answer"]
    written = {change.after for change in standin.book().history if change.kind == "cell"}
    original = {f"{letter}{number}" for letter in "qa" for number in range(8)} | {"Question", "Answer"}
    held = {slot for row in tab.rows for slot in row if not is_blank(slot)}
    assert held <= written | original
