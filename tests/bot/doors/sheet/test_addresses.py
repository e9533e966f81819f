"""Which spreadsheet people mean."""

from bot.doors.sheet.addresses import spreadsheet_id


def test_an_id_is_taken_from_a_url():
    assert spreadsheet_id("https://docs.google.com/spreadsheets/d/1aB-c_9/edit?gid=0") == "1aB-c_9"
    assert spreadsheet_id(" 1aB-c_9 ") == "1aB-c_9"
