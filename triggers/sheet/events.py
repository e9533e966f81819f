"""This file is a claimed row as an event: pure, built from the row that the claim itself returned."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.doors.sheet.row_store import Record
from bot.events import Event, SheetRow

SUBJECT_CHARACTERS = 60


def event_from_row(record: Record) -> Event:
    """The event of a claimed row. Its token names this one version of the row, so it is a conversation of its own."""
    fields = dict(record.inputs)
    text = "\n\n".join(fields.values()) if len(fields) == 1 else "\n".join(f"{k}: {v}" for k, v in fields.items())
    return Event(
        id=f"sheet:{record.spreadsheet}:{record.tab}:{record.token}",
        source="sheet",
        rule=record.rule,
        text=text,
        subject=" ".join(next(iter(fields.values()), "").split())[:SUBJECT_CHARACTERS],
        time=datetime.fromtimestamp(record.claimed_at, UTC),
        conversation=record.token,
        reply_to=SheetRow(record.spreadsheet, record.tab, record.token),
        fields=fields,
    )
