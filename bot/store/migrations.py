"""The steps by which a database of an earlier version gets today's shape, in order; no step is ever changed again.

A step changes tables that exist. A new table needs no step: whatever is missing is made in its newest shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the statements for "sqlite" and for "postgresql", written out, for code changes and they must not.

    `table` is what it changes; a database that never had that table skips the step.
    """

    table: str
    statements: Mapping[str, tuple[str, ...]]


FIRST = 1
"""The version of a database that Bellhop 0.1.0 made, which kept no version."""

_PARKING = (
    "ALTER TABLE receipts ADD COLUMN code TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE receipts ADD COLUMN waits_for TEXT DEFAULT '' NOT NULL",
    # What was accepted before keeps the order in which it came.
    "ALTER TABLE receipts ADD COLUMN event_time FLOAT DEFAULT '0' NOT NULL",
    "UPDATE receipts SET event_time = received_at",
    "ALTER TABLE receipts ADD COLUMN wake_at FLOAT",
    "ALTER TABLE receipts ADD COLUMN note TEXT",
    "CREATE INDEX receipts_open ON receipts (conversation, event_time, id) WHERE finished_at IS NULL",
    "CREATE INDEX receipts_by_wake ON receipts (wake_at) WHERE wake_at IS NOT NULL",
)

_FILES = (
    # What became of a file was kept in the words of its receipt.
    "UPDATE folder_files SET outcome = 'link' WHERE substr(outcome, 1, 13) = 'skipped: link'",
    "UPDATE folder_files SET outcome = 'empty' WHERE substr(outcome, 1, 14) = 'skipped: empty'",
    "UPDATE folder_files SET outcome = 'too_big' WHERE substr(outcome, 1, 16) = 'skipped: too big'",
    "UPDATE folder_files SET outcome = 'backlog' WHERE substr(outcome, 1, 16) = 'skipped: backlog'",
    "UPDATE folder_files SET outcome = 'denied' WHERE substr(outcome, 1, 18) = 'failed: permission'",
)
_CLAIMS = ("DELETE FROM folder_claims WHERE is_handed_over",)
_AMOUNTS = tuple(
    statement
    for table in ("receipts", "payments")
    for statement in (
        *(
            f"ALTER TABLE {table} ADD COLUMN {name} BIGINT DEFAULT '0' NOT NULL"
            for name in ("cache_write_1h_tokens", "thinking_tokens", "web_searches", "cost_pico")
        ),
        # Whole picodollars: sums of fractions drift.
        f"UPDATE {table} SET cost_pico = CAST(round(cost_usd * 1000000000000) AS BIGINT)",  # noqa: S608  # our words
        f"ALTER TABLE {table} DROP COLUMN cost_usd",
    )
)
_PAYMENTS = (
    "ALTER TABLE payments ADD COLUMN source TEXT DEFAULT '' NOT NULL",
    "UPDATE payments SET source = coalesce((SELECT source FROM receipts WHERE receipts.id = payments.event), '')",
    "ALTER TABLE payments ADD COLUMN is_estimated BIGINT DEFAULT '0' NOT NULL",
    "CREATE INDEX payments_by_day ON payments (day, rule, person, cost_pico)",
)

_OUTBOX = (
    "ALTER TABLE mail_outbox ADD COLUMN event TEXT DEFAULT '' NOT NULL",
    # Addresses were kept there for nothing.
    "ALTER TABLE mail_outbox DROP COLUMN recipient",
)
_ADDED = ("ALTER TABLE sheet_added ADD COLUMN event TEXT DEFAULT '' NOT NULL",)

MIGRATIONS: tuple[Migration, ...] = (
    Migration("receipts", {"sqlite": _PARKING, "postgresql": _PARKING}),
    Migration("folder_files", {"sqlite": _FILES, "postgresql": _FILES}),
    Migration("folder_claims", {"sqlite": _CLAIMS, "postgresql": _CLAIMS}),
    Migration("payments", {"sqlite": _AMOUNTS + _PAYMENTS, "postgresql": _AMOUNTS + _PAYMENTS}),
    Migration("mail_outbox", {"sqlite": _OUTBOX, "postgresql": _OUTBOX}),
    Migration("sheet_added", {"sqlite": _ADDED, "postgresql": _ADDED}),
)
"""MIGRATIONS[0] leads from FIRST to FIRST + 1, and so on."""

VERSION = FIRST + len(MIGRATIONS)
"""The version that this code reads and writes."""
