"""The tests of reading Excel workbooks: every sheet, every cell, and what is not there is said."""

import io
from datetime import date, datetime, time

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from handlers.documents.limits import Limits
from handlers.documents.readers.sheet import read_sheet
from tests.handlers.documents.readers.reading_lines import notes_of, text_of
from tests.handlers.documents.samples import changed, member, saved, xlsx_with

SHEET = "xl/worksheets/sheet1.xml"


def test_every_sheet_is_read_and_hidden_ones_are_marked():
    text = text_of(read_sheet, xlsx_with({"Sales": [["a", 1]], "Secret": [["b", 2]]}, hidden=["Secret"]))
    assert text == "## Sheet: Sales\na\t1\n\n## Sheet: Secret [hidden]\nb\t2\n"


def test_values_look_as_people_write_them():
    row = [1.5, 0.1 + 0.2, True, date(2026, 11, 23), datetime(2026, 11, 23, 9, 30), time(8, 15), "two\nlines"]  # noqa: DTZ001 # cells know no zone
    text = text_of(read_sheet, xlsx_with({"A": [row]}))
    assert "1.5\t0.3\tTRUE\t2026-11-23\t2026-11-23 09:30:00\t08:15:00\ttwo / lines" in text


def test_a_wrong_declared_size_hides_no_row():
    data = xlsx_with({"A": [[f"row {n}"] for n in range(201)]})
    xml = member(data, SHEET).decode()
    lying = changed(data, {SHEET: xml.replace('ref="A1:A201"', 'ref="A1"')})
    assert 'ref="A1"' in member(lying, SHEET).decode()
    assert "row 200" in text_of(read_sheet, lying)


def test_a_cell_at_the_far_end_is_named():
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "near"
    book.worksheets[0]["XFD1048576"] = "far"
    text = text_of(read_sheet, saved(book))
    assert "near" in text
    assert "column XFD: far" in text
    assert len(text) < 100


def test_merged_cells_keep_their_text_and_their_columns():
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["D1"] = "wide", "next"
    sheet.merge_cells("A1:C1")
    assert "wide\t\t\tnext" in text_of(read_sheet, saved(book))


def test_formulas_without_a_stored_result_say_so():
    data = xlsx_with({"A": [[1, 2, "=A1+B1"], [3, "=A2*2", None]]})
    assert "1\t2\t[=A1+B1: not calculated]\n3\t[=A2*2: not calculated]" in text_of(read_sheet, data)
    (note,) = notes_of(read_sheet, data)
    assert note.startswith("2 formulas have no stored result")


def test_formulas_with_a_stored_result_give_the_result():
    data = xlsx_with({"A": [[1, 2, "=A1+B1"]]})
    stored = changed(
        data,
        {
            SHEET: member(data, SHEET)
            .decode()
            .replace("<v></v>", "<v>3</v>")
            .replace("<v/>", "<v>3</v>")
            .replace("<v />", "<v>3</v>")
        },
    )
    assert "1\t2\t3" in text_of(read_sheet, stored)
    assert notes_of(read_sheet, stored) == []


def test_dates_counted_from_1904_are_right():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append([date(2026, 11, 23)])
    assert "2026-11-23" in text_of(read_sheet, saved(book))


def test_comments_text_boxes_and_charts_are_read():
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["Month", "Sales"], ["May", 7], ["June", 9]):
        sheet.append(row)
    sheet["B2"].comment = Comment("Ask Ada", "Bob")
    chart = BarChart()
    chart.title = "Sales by month"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "E5")
    text = text_of(read_sheet, saved(book))
    assert "[Comment on B2] Ask Ada" in text
    assert "Chart: Sales by month" in text


def test_so_many_cells_are_cut_where_one_can_see_it():
    data = xlsx_with({"A": [["x"] * 10] * 100})
    text = text_of(read_sheet, data, Limits(sheet_cells=50))
    assert text.endswith("[Cut here. Only the first 50 cells were read.]")
    assert notes_of(read_sheet, data, Limits(sheet_cells=50)) == ["Only the first 50 cells were read."]


def test_the_same_bytes_can_be_read_while_they_are_open():
    source = io.BytesIO(xlsx_with({"A": [["=1+1"]]}))
    assert "not calculated" in "".join(read_sheet(source, Limits(), []))
