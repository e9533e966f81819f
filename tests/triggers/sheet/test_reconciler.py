"""What people do to a sheet, and what its rows say afterwards."""

from __future__ import annotations

import pytest

from bot.doors.sheet.rule import SheetRule
from bot.doors.sheet.values import CUT
from bot.doors.sheet.wait_store import StoredWait
from bot.rules.rule import ColumnKind, Rule
from playground.sheets import SPREADSHEET_ID
from playground.sheets.cells import Cell
from tests.triggers.sheet.rig import TAB, Rig
from triggers.sheet.tab_setup import needs_note


def test_each_filled_row_gets_its_own_answer_and_blank_rows_nothing():
    rig = Rig([["one"], [], ["two"]])
    rig.run(5)
    assert rig.plain() == [("one", "A:one", "done"), ("", "", ""), ("two", "A:two", "done")]


def test_a_sheet_at_rest_is_not_written():
    rig = Rig([["one"]])
    rig.run(5)
    writes = rig.standin.quota.counts["write"]
    rig.run(20)
    assert (writes, rig.standin.quota.counts["write"]) == (2, 2)


def test_claims_and_answers_of_many_rows_are_one_write_each():
    rig = Rig([[f"q{n}"] for n in range(150)])
    rig.run(5)
    assert rig.standin.quota.counts["write"] == 2
    assert {word for *_, word in rig.plain()} == {"done"}


def test_a_half_typed_row_waits_and_a_row_still_being_typed_waits():
    header = ("Topic", "Question", "Answer", "Bot")
    rule = Rule(name="s", on="sheet", ask="{Topic} {Question}", options=SheetRule(tab=TAB))
    rig = Rig([], rule=rule, settle_s=5.0, header=header)
    rig.ana.type_row(TAB, 2, ["topic"])
    rig.run(4)
    assert rig.asked == {}
    for text in ("why", "why is", "why is it"):
        rig.ana.type(TAB, "B2", text)
        rig.run(2)
    assert rig.asked == {}
    rig.run(6)
    assert rig.asked == {("topic", "why is it"): 1}


def test_clearing_the_answer_asks_again_once():
    rig = Rig([["one"]])
    rig.run(5)
    rig.ana.clear(TAB, "B2")
    rig.run(8)
    assert rig.asked == {("one",): 2}
    assert rig.plain() == [("one", "A:one", "done")]


def test_clearing_the_status_asks_again_once_and_the_new_answer_replaces_ours():
    rig = Rig([["one"]])
    rig.run(5)
    rig.answer = lambda _: {"text": "newer"}
    rig.ana.clear(TAB, "C2")
    rig.run(8)
    assert rig.asked == {("one",): 2}
    assert rig.plain() == [("one", "newer", "done")]


def test_a_row_that_a_person_answered_is_left_alone():
    rig = Rig([["one", "mine"]])
    assert rig.run(5) == [["one", "mine"]]
    assert rig.asked == {}


def test_an_answer_typed_meanwhile_is_never_overwritten():
    rig = Rig([["one"]])
    rig.model_rounds = 3
    rig.run(2)
    rig.ana.type(TAB, "B2", "mine")
    rig.run(6)
    assert rig.plain() == [("one", "mine", "skipped")]


def test_a_question_edited_meanwhile_is_asked_again_once():
    rig = Rig([["one"]])
    rig.model_rounds = 2
    rig.run(1)
    rig.ana.type(TAB, "A2", "two")
    rig.run(10)
    assert rig.asked == {("one",): 1, ("two",): 1}
    assert rig.plain() == [("two", "A:two", "done")]


def test_a_question_that_keeps_changing_stops_with_words():
    rig = Rig([["q"]])
    rig.model_rounds = 50
    rig.run(1)
    for number in range(8):
        rig.ana.type(TAB, "A2", f"q{number}")
        rig.run(3)
    (row,) = rig.grid()
    assert row[2].startswith("error: The question changed again")
    assert sum(rig.asked.values()) <= 7


def test_a_question_that_is_another_after_each_write_is_not_claimed_for_ever():
    rig = Rig([["now"]])
    texts = (f"now {number}" for number in range(1_000))
    rig.standin.after_call = lambda call, _: rig.ana.type(TAB, "A2", next(texts)) if call.method == "POST" else None
    rig.standin.before_call = lambda call: rig.ana.type(TAB, "A2", next(texts)) if call.method == "POST" else None
    rig.run(60)
    (row,) = rig.grid()
    assert row[2].startswith("error: The question changed again")
    assert rig.standin.quota.counts["write"] < 40
    assert not rig.asked


def test_a_copied_row_gets_an_identity_of_its_own():
    rig = Rig([["one"]])
    rig.model_rounds = 3
    rig.run(2)
    rig.ana.copy_rows(TAB, 2, 2, 3)
    rig.run(12)
    assert rig.plain() == [("one", "A:one", "done")] * 2
    assert rig.asked == {("one",): 2}
    assert rig.grid()[0][2] != rig.grid()[1][2]


def test_the_answer_of_a_deleted_row_is_dropped_and_known_as_gone():
    rig = Rig([["one"], ["two"]])
    rig.model_rounds = 2
    rig.run(1)
    rig.ana.delete_rows(TAB, 2)
    rig.run(8)
    assert rig.plain() == [("two", "A:two", "done")]
    assert sorted(record.state for record in rig.reconciler.cache.records.values()) == ["done", "gone"]


def test_sorting_between_read_and_write_puts_every_answer_right():
    rig = Rig([["a"], ["b"], ["c"]])
    rig.run(2)

    def sort(call) -> None:
        if call.method == "POST":
            rig.ana.sort(TAB, "A", descending=True)
            rig.standin.before_call = lambda _: None

    rig.standin.before_call = sort
    rig.run(6)
    assert sorted(rig.plain()) == [(q, f"A:{q}", "done") for q in "abc"]
    assert set(rig.asked.values()) == {1}


def test_a_failed_answer_says_why_and_clearing_the_cell_retries():
    rig = Rig([["one"]])
    rig.answer = lambda _: {"reason": "Claude refused."}
    rig.run(5)
    token = next(iter(rig.reconciler.cache.records))
    assert rig.grid() == [["one", "", f"error: Claude refused. · clear this cell to retry · {token}"]]
    rig.answer = lambda inputs: {"text": "fine"}
    rig.ana.clear(TAB, "C2")
    rig.run(8)
    assert rig.plain() == [("one", "fine", "done")]


def test_formulas_stay_text():
    rig = Rig([["one"]])
    rig.answer = lambda _: {"text": '=HYPERLINK("http://bad";"0042")'}
    rig.run(5)
    assert rig.plain()[0][1] == '=HYPERLINK("http://bad";"0042")'


def test_typed_columns_hold_numbers_booleans_and_real_dates():
    columns: dict[str, ColumnKind] = {"Urgency": "integer", "Open": "boolean", "Due": "date", "Kind": ("bug", "wish")}
    rule = Rule(name="s", on="sheet", ask="{Question}", options=SheetRule(tab=TAB), columns=columns)
    rig = Rig([["one"]], rule=rule, header=("Question", "Urgency", "Open", "Due", "Kind", "Bot"))
    rig.answer = lambda _: {"values": {"Urgency": 3, "Open": True, "Due": "2026-11-23", "Kind": "bug"}}
    rig.run(6)
    assert rig.grid()[0][1:5] == ["3", "TRUE", "2026-11-23", "bug"]
    numbers = rig.standin.slots(TAB)[1]
    assert getattr(numbers[3], "value", numbers[3]) == 46349


def test_an_answer_too_long_for_a_cell_is_cut_and_stands_whole_in_a_note():
    rig = Rig([["one"]])
    rig.answer = lambda _: {"text": "x" * 60_000}
    rig.run(7)
    cell = rig.standin.slots(TAB)[1][1]
    assert isinstance(cell, Cell)
    assert isinstance(cell.value, str)
    assert cell.value.endswith(CUT)
    assert len(cell.value) <= 50_000
    assert cell.note == "x" * 60_000
    assert not any(record.note_due for record in rig.reconciler.cache.records.values())
    assert needs_note(rig.row_store.answers(rig.reconciler.spreadsheet).popitem()[1])


def test_a_missing_status_column_is_made():
    rig = Rig([["one"]], header=("Question", "Answer"))
    rig.run(6)
    assert rig.standin.grid(TAB)[0] == ["Question", "Answer", "Bot"]
    assert rig.plain() == [("one", "A:one", "done")]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("Question", "Bot"), 'no column "Answer"'),
        (("Question", "Answer", "answer ", "Bot"), 'two columns with the same header: "Answer" (B1 and C1)'),
    ],
)
def test_wrong_headers_pause_the_tab_with_words(header, words):
    rig = Rig([["one"]], header=header)
    rig.run(3)
    assert words in rig.tab.problem
    assert rig.asked == {}
    for cell, text in zip(("A1", "B1", "C1", "D1"), ("Question", "Answer", "Bot", ""), strict=True):
        rig.ana.type(TAB, cell, text)
    rig.run(6)
    assert rig.tab.problem == ""
    assert rig.plain() == [("one", "A:one", "done")]


def test_an_ask_that_names_no_header_pauses_the_tab_and_tells_the_rows_that_wait():
    rule = Rule(name="s", on="sheet", ask="{Topic}: {Qestion}", options=SheetRule(tab=TAB))
    rig = Rig([["a", "one"], ["", "half"], ["b", "two", "by hand"]], rule=rule, header=("Topic", "Qustn", "Answer"))
    rig.run(5)
    assert rig.asked == {}
    assert "{Qestion}" in rig.tab.problem
    assert "{Qestion}" in rig.grid()[0][3]
    assert rig.grid()[1:] == [["", "half"], ["b", "two", "by hand"]]
    writes = rig.standin.quota.counts["write"]
    rig.run(5)
    assert rig.standin.quota.counts["write"] == writes
    rig.ana.type(TAB, "B1", "Qestion")
    rig.run(6)
    assert rig.tab.problem == ""
    assert rig.asked == {("a", "one"): 1}
    assert rig.grid()[0][2] == "A:a/one"
    assert rig.grid()[2] == ["b", "two", "by hand"]


def test_the_status_column_is_made_also_where_it_is_only_to_say_what_is_wrong():
    rule = Rule(name="s", on="sheet", ask="Say {What}", options=SheetRule(tab=TAB))
    rig = Rig([["one"]], rule=rule, header=("Question", "Answer"))
    rig.run(6)
    assert "{What}" in rig.grid()[0][2]
    assert rig.asked == {}


def test_a_row_is_asked_once_its_formula_has_a_value():
    rig = Rig([["Loading..."], ["#N/A"], ["one"]])
    rig.run(6)
    assert rig.asked == {("one",): 1}
    rig.ana.type(TAB, "A2", "two")
    rig.run(6)
    assert rig.asked == {("one",): 1, ("two",): 1}
    assert rig.grid()[1] == ["#N/A"]


@pytest.mark.parametrize("rounds", [1, 3, 8])
def test_a_formula_that_is_at_work_again_costs_no_second_answer(rounds):
    rig = Rig([["one"]])
    rig.model_rounds = 2
    rig.run(2)
    rig.ana.type(TAB, "A2", "Loading...")
    rig.run(rounds)
    rig.ana.type(TAB, "A2", "one")
    rig.run(8)
    assert rig.asked == {("one",): 1}
    assert rig.plain() == [("one", "A:one", "done")]


def test_a_persons_own_column_of_that_name_is_noticed_and_left_alone():
    rig = Rig([["one", "", "Wall-E"], ["two"]])
    rig.run(6)
    assert "SHEET_STATUS_COLUMN" in rig.tab.problem
    assert rig.asked == {}
    assert rig.grid() == [["one", "", "Wall-E"], ["two"]]
    rig.ana.clear(TAB, "C2")
    rig.run(8)
    assert rig.plain() == [("one", "A:one", "done"), ("two", "A:two", "done")]


def test_a_note_in_our_own_status_column_keeps_only_its_row_from_being_asked():
    rig = Rig([["one"]])
    rig.run(5)
    rig.ana.type_row(TAB, 3, ["two", "", "not this one"])
    rig.ana.type(TAB, "A4", "three")
    rig.run(6)
    assert rig.asked == {("one",): 1, ("three",): 1}
    assert rig.grid()[1] == ["two", "", "not this one"]


def test_columns_may_move_at_any_time():
    rig = Rig([["one"]])
    rig.run(1)
    rig.ana.insert_column(TAB, "A")
    rig.run(6)
    assert rig.grid()[0][1:3] == ["one", "A:one"]


def test_a_renamed_tab_is_found_by_its_id_even_after_a_restart():
    rig = Rig([["one"]])
    rig.run(3)
    rig.ana.rename_tab(TAB, "Renamed")
    rig.ana.type("Renamed", "A3", "two")
    rig.start()
    rig.run(8)
    assert rig.standin.grid("Renamed")[2][1] == "A:two"


def test_one_protected_row_does_not_hold_up_the_others():
    rig = Rig([[f"q{n}"] for n in range(9)])
    rig.run(1)
    rig.ana.protect(TAB, "B5")
    rig.run(6)
    words = [word for *_, word in rig.plain()]
    assert words.count("done") == 8
    assert "protected" in rig.grid()[3][2]


def test_a_server_that_sends_no_rows_back_is_served_by_one_more_read():
    rig = Rig([["one"], ["two"]])
    rig.standin.behaviour.values_in_response = False
    rig.run(8)
    assert [answer for _, answer, _ in rig.plain()] == ["A:one", "A:two"]
    assert set(rig.asked.values()) == {1}


@pytest.mark.parametrize("kind", ["lost", "dropped", "500", "429"])
def test_a_fault_at_any_write_neither_loses_nor_doubles(kind):
    for skip in range(3):
        rig = Rig([["one"], ["two"]])
        rig.standin.faults.add(kind, method="POST", skip=skip, times=1)
        rig.run(8)
        assert rig.plain() == [("one", "A:one", "done"), ("two", "A:two", "done")]
        assert set(rig.asked.values()) == {1}


def test_a_clock_that_jumps_back_holds_up_neither_rows_nor_answers():
    rig = Rig([["one"]], settle_s=5.0)
    rig.run(3)
    rig.clock.pass_(-3_600.0)
    rig.ana.type(TAB, "A3", "two")
    rig.run(10)
    assert rig.plain() == [("one", "A:one", "done"), ("two", "A:two", "done")]


def test_a_token_that_nobody_knows_is_asked_anew_after_a_while():
    rig = Rig([["one", "", "working · zzzzzzzz"]])
    rig.run(3)
    assert rig.asked == {}
    rig.run_for(60.0, 10)
    assert rig.plain() == [("one", "A:one", "done")]


BUSY = "Claude is busy until about 15:45 UTC"


def waiting_rig(rows):
    """Its rows are asked, and their events parked for as long as the test likes."""
    rig = Rig(rows)
    rig.model_rounds = 1_000
    rig.run(2)
    return rig


def statuses(rig):
    return [[*row, "", "", ""][2] for row in rig.grid()]


def test_a_row_that_waits_says_so_once_and_many_of_them_in_one_write():
    rig = waiting_rig([[f"q{n}"] for n in range(50)])
    rig.says = lambda: BUSY
    writes = rig.standin.quota.counts["write"]
    rig.run(10)
    assert statuses(rig) == [f"waiting: {BUSY} · {token}" for token in rig.thinking]
    assert rig.standin.quota.counts["write"] == writes + 1


def test_what_a_row_waits_for_is_replaced_by_new_words_by_working_and_by_its_answer():
    rig = waiting_rig([["one"], ["two"]])
    for words, said in [
        (BUSY, f"waiting: {BUSY}"),
        ("Later", "waiting: Later"),
        ("", "working"),
        (BUSY, f"waiting: {BUSY}"),
    ]:
        rig.says = lambda words=words: words
        rig.run(2)
        assert [status.rpartition(" · ")[0] for status in statuses(rig)] == [said] * 2
    rig.row_store.store_answer("t0000001", SPREADSHEET_ID, text="A:one")
    rig.row_store.store_answer("t0000002", SPREADSHEET_ID, reason="It cannot be answered")
    rig.thinking.clear()
    rig.run(2)
    assert rig.plain() == [("one", "A:one", "done"), ("two", "", "error")]
    assert rig.row_store.wait_store.waits(SPREADSHEET_ID) == []


def test_a_wait_that_is_over_by_the_clock_is_taken_back_after_a_restart_too():
    rig = waiting_rig([["one"]])
    rig.row_store.store_wait(StoredWait("t0000001", SPREADSHEET_ID, BUSY, until=rig.clock.at + 60.0))
    rig.run(2)
    assert statuses(rig) == [f"waiting: {BUSY} · t0000001"]
    rig.start()
    rig.round(10.0)
    assert statuses(rig) == [f"waiting: {BUSY} · t0000001"]
    rig.round(60.0)
    assert statuses(rig) == ["working · t0000001"]


def test_a_row_that_waits_is_still_found_by_its_token_when_it_is_sorted():
    rig = waiting_rig([["one"], ["two"], ["three"]])
    rig.says = lambda: BUSY
    rig.run(2)
    rig.ana.sort(TAB, "A", descending=True)
    rig.says, rig.model_rounds = (lambda: None), 0
    rig.thinking = {token: (0, inputs) for token, (_, inputs) in rig.thinking.items()}
    rig.run(4)
    assert sorted(rig.plain()) == sorted((text, f"A:{text}", "done") for text in ("one", "two", "three"))
    assert rig.asked.total() == 3


def test_a_row_that_waits_and_loses_its_status_is_not_asked_again():
    rig = waiting_rig([["one"]])
    rig.says = lambda: BUSY
    rig.run(2)
    rig.ana.clear(TAB, "C2")
    rig.run(5)
    assert statuses(rig) == [f"waiting: {BUSY} · t0000001"]
    assert rig.asked == {("one",): 1}
