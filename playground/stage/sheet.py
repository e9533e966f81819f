"""The demo's spreadsheet: its columns, its first row, and the rule that fills it."""

from __future__ import annotations

TAB = "Requests"
COLUMNS = ("Question", "Answer", "Kind", "Amount", "Urgent", "Bot")
STATUS_COLUMN = COLUMNS[-1]
ANSWERED_COLUMNS = COLUMNS[1:]
"""What the bot writes; the rest is the person's."""

RULES = f"""\
[[rule]]
name = "sheet"
on = "sheet"
tab = "{TAB}"
ask = "{{Question}}"

[rule.columns]
Answer = "text"
Kind = ["order", "complaint", "question"]
Amount = "integer"
Urgent = "boolean"
"""

FIVE_ROWS = (
    "We would like to order 12 oak desks for the new office",
    "A complaint: 3 of the lamps arrived broken, this is urgent",
    "One question: do you deliver to Cologne within 5 days?",
    "Please order 40 more chairs, the same as last time",
    "An urgent question about invoice 2026-1147",
)
