"""What every engine stands on, whether it works or only accepts: the database, its queue, and the one writer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.engine.dbos_queue import Queue
from bot.payments import Payments
from bot.receipts import Clock, Receipts
from bot.retry import ASKING, DELIVERING, RetryPolicy
from bot.store.database import open_database, sqlite_file
from bot.store.group_commit import GroupCommit


@dataclass(frozen=True, slots=True)
class Options:
    """How an engine works: events at a time, seconds between two looks at the queue, days that receipts are kept.

    `asking` and `delivering` say how often a stage is tried; a worker on Postgres that gave no sign for
    `frozen_after_s` counts as dead.
    """

    concurrency: int = 20
    poll_s: float = 0.5
    retention_days: int = 30
    asking: RetryPolicy = ASKING
    delivering: RetryPolicy = DELIVERING
    frozen_after_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Foundation:
    """One for each engine; closed by it. `file` is None on Postgres."""

    url: str
    file: Path | None
    database: sa.Engine
    receipts: Receipts
    payments: Payments
    queue: Queue
    commits: GroupCommit
    clock: Clock

    def close(self) -> None:
        """Finish what is to be written, then let go of the database."""
        self.commits.close()
        self.queue.close()
        self.database.dispose()


def open_foundation(url: str, clock: Clock = time.time) -> Foundation:
    """Open a database and make its tables. Raises SettingsError when that cannot be done."""
    database = open_database(url)
    receipts, payments = Receipts(database, clock=clock), Payments(database, clock=clock)
    commits = GroupCommit(database)
    return Foundation(url, sqlite_file(url), database, receipts, payments, Queue(database), commits, clock)
