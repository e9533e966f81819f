"""The tests of reading invitations."""

from handlers.documents.readers.calendar import calendar_lines


def event(*lines):
    return "\r\n".join(("BEGIN:VCALENDAR", "METHOD:CANCEL", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"))


def test_an_event_is_told_as_what_when_where_and_who():
    lines = event(
        "SUMMARY:Plan\\, part 2", "DTSTART:20261201T090000Z", "DTEND;VALUE=DATE:20261202", "LOCATION:Room", " 4"
    )
    assert list(calendar_lines(lines)) == [
        "[Cancelled]",
        "What: Plan, part 2",
        "When: 2026-12-01 09:00 UTC",
        "Until: 2026-12-02",
        "Where: Room4",
    ]


def test_alarms_and_zones_are_no_part_of_it():
    assert list(calendar_lines(event("BEGIN:VALARM", "SUMMARY:x", "END:VALARM"))) == ["[Cancelled]"]
