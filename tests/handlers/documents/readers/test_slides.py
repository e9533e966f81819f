"""The tests of reading PowerPoint presentations: slides in order, and everything on them."""

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from handlers.documents.readers.slides import read_slides
from tests.handlers.documents.readers.reading_lines import text_of
from tests.handlers.documents.samples import pptx_with, saved

PLACE = (Inches(1), Inches(1), Inches(4), Inches(2))


def blank():
    show = pptx.Presentation()
    return show, show.slides.add_slide(show.slide_layouts[6])


def test_slides_come_in_order_with_their_notes():
    text = text_of(read_slides, pptx_with([("One", "first"), ("Two", "second\nthird")], {1: "say hello"}))
    assert text == "## Slide 1\nOne\nfirst\n[Notes] say hello\n\n## Slide 2\nTwo\nsecond\nthird\n"


def test_a_slide_with_notes_only_is_read():
    show, slide = blank()
    slide.notes_slide.notes_text_frame.text = "only in the notes"
    assert "[Notes] only in the notes" in text_of(read_slides, saved(show))


def test_hidden_slides_are_marked():
    show, slide = blank()
    slide._element.set("show", "0")
    assert "## Slide 1 [hidden]" in text_of(read_slides, saved(show))


def test_groups_within_groups_are_read():
    show, slide = blank()
    inner = slide.shapes.add_group_shape().shapes.add_group_shape()
    inner.shapes.add_textbox(*PLACE).text_frame.text = "deep inside"
    assert "deep inside" in text_of(read_slides, saved(show))


def test_tables_are_read_row_by_row():
    show, slide = blank()
    table = slide.shapes.add_table(2, 2, *PLACE).table
    for row, texts in enumerate((("a", "b"), ("c", "two\nlines"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    assert "a\tb\nc\ttwo / lines" in text_of(read_slides, saved(show))


def test_charts_are_read_with_titles_categories_and_values():
    show, slide = blank()
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("Sales", (7, 9.5))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *PLACE, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "By month"
    text = text_of(read_slides, saved(show))
    assert "Chart: By month" in text
    assert "Sales: May: 7; June: 9.5" in text
