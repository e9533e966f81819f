"""The sheet in a real browser: typing, pasting, sorting, inserting and deleting while answers arrive."""

import pytest
from selenium.webdriver.common.keys import Keys

from playground.stage.sheet import FIVE_ROWS


@pytest.fixture
def sheet(page):
    """The sheet in front, empty but for its header, and the cell (column, row from 0) of any row."""
    page.find("#tab-sheet").click()
    with page.stage.sheets.lock:
        last = page.stage.sheets.book().tab("Requests").last_filled_row()
        if last > 0:
            page.stage.sheets.person("anna").delete_rows("Requests", 2, last + 1)
        first = page.stage.sheets.book().tab("Requests").row_ids[1]
    page.wait(lambda: page.js(FIRST) == str(first) and not page.rows() and not page.js(FILLED))
    return page


FIRST = "return document.querySelector('#grid tbody tr')?.dataset.row"


FILLED = "return [...document.querySelectorAll('#grid tbody textarea')].filter((cell) => cell.value).length"


def cell(page, row, column=0):
    return page.all(f'#grid tbody tr:nth-child({row + 1}) textarea[data-column="{column}"]')[0]


def test_a_live_update_takes_neither_focus_nor_text_from_who_is_typing(sheet):
    person = sheet.stage.sheets.person("ben")
    person.type_row("Requests", 2, ["b order 2 lamps"])
    person.type_row("Requests", 3, ["c order 3 lamps"])
    sheet.wait(lambda: cell(sheet, 1).get_attribute("value") == "c order 3 lamps")
    cell(sheet, 2).send_keys("a half")
    person.sort("Requests", "A", descending=True)
    sheet.wait(lambda: cell(sheet, 0).get_attribute("value") == "c order 3 lamps")
    sheet.wait(lambda: all(row[-1].startswith("done") for row in sheet.rows()))
    assert sheet.js("return document.activeElement.value") == "a half"
    sheet.js("return document.activeElement").send_keys(" order 1 lamp" + Keys.ENTER)
    sheet.wait(lambda: "a half order 1 lamp" in [row[0] for row in sheet.rows()])


PASTE = """
const [cell, text] = arguments;
const clipboardData = new DataTransfer();
clipboardData.setData('text/plain', text);
cell.focus();
cell.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
"""


def test_several_lines_are_pasted_into_several_cells(sheet):
    sheet.js(PASTE, cell(sheet, 0), 'order 4 pens\tmine\n"order 5\nink pots"\n')
    sheet.wait(lambda: [row[0] for row in sheet.rows()] == ["order 4 pens", "order 5\nink pots"])
    assert sheet.rows()[0][1] == "mine"


def test_enter_goes_down_and_escape_takes_back(sheet):
    cell(sheet, 0).send_keys("order 6 mats" + Keys.ENTER)
    assert sheet.js("return document.activeElement.closest('tr').rowIndex") == 2
    sheet.js("return document.activeElement").send_keys("never mind" + Keys.ESCAPE)
    assert sheet.js("return document.activeElement.value") == ""
    sheet.wait(lambda: [row[0] for row in sheet.rows()] == ["order 6 mats"])


def test_rows_are_inserted_and_deleted_by_keyboard(sheet):
    cell(sheet, 0).send_keys("order 7 bins" + Keys.ENTER)
    sheet.wait(lambda: len(sheet.rows()) == 1)
    sheet.press('#grid [data-act="insert"]', Keys.ENTER)
    sheet.wait(lambda: cell(sheet, 1).get_attribute("value") == "order 7 bins")
    sheet.wait(lambda: sheet.js("return document.activeElement.getAttribute('aria-label')") == "Question, row 2")
    sheet.press('#grid [data-act="delete"]', Keys.ENTER)
    sheet.wait(lambda: cell(sheet, 0).get_attribute("value") == "order 7 bins")


def test_the_status_of_a_row_is_seen_from_the_beginning(sheet):
    cell(sheet, 0).send_keys("order 8 cups" + Keys.ENTER)
    sheet.wait(lambda: cell(sheet, 0, 5).get_attribute("placeholder") == "waiting")
    look = "return document.querySelector('#grid tbody .look b')?.textContent"
    sheet.wait(lambda: sheet.js(look) == "working")
    sheet.wait(lambda: sheet.js(look) == "done")
    assert "number" in cell(sheet, 0, 3).get_attribute("class")


def test_rows_sorted_while_pending_each_get_their_own_answer(page):
    before = len(page.rows())
    page.find('[data-try="rows"]').click()
    page.wait(
        lambda: len(page.rows()) == before + len(FIVE_ROWS) and all(row[-1].startswith("done") for row in page.rows())
    )
    rows = page.rows()
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=str.lower)
    amounts = {row[0]: str(row[3]) for row in rows}
    assert amounts[FIVE_ROWS[0]] == "12"
    assert amounts[FIVE_ROWS[1]] == "3"
    assert amounts[FIVE_ROWS[3]] == "40"
    page.wait(lambda: page.js("return document.querySelector('#grid tbody tr textarea[data-column=\"1\"]').value"))


def test_typing_in_the_grid_reaches_the_sheet_by_keyboard_alone(page):
    page.find("#tab-sheet").click()
    empty = next(one for one in page.all('#grid textarea[data-column="0"]') if not one.get_attribute("value"))
    empty.send_keys("how many 7 melons" + Keys.ENTER)
    page.wait(lambda: any(row and row[0] == "how many 7 melons" for row in page.stage.sheets.grid()))
    assert page.js("return document.activeElement.tagName") == "TEXTAREA"
