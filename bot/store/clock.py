"""The clock that all processes of one database share, for leases and signs of life; no wall clock is trusted here.

Postgres: the server's. SQLite: this machine's seconds since it was started, which no change of the date moves.
"""

from __future__ import annotations

import time

import sqlalchemy as sa


def machine_s() -> float:
    """Seconds since this machine was started, alike in all its processes; goes on while they are frozen."""
    # Where there is none, Python's monotonic clock is system-wide as well, but stands still while a laptop sleeps.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def shared_now(database: sa.Engine) -> sa.ColumnElement[float]:
    """Now, as part of a statement: seconds by the clock that all processes of this database share."""
    if database.dialect.name == "postgresql":
        return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)
    return sa.literal(machine_s(), sa.Double)
