"""This file is how often a spreadsheet is looked at: every 2 s while something happens, every 15 s at rest. Pure."""

from __future__ import annotations

BUSY_S, IDLE_S = 2.0, 15.0
BUSY_FOR_S = 120.0
"""After the last change the pace stays up this long: who typed one row often types the next."""

SOONEST_S = 1.0
"""Google advises one request a second for each spreadsheet; a round makes one or two.
Source: https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors
"""

AFTER_WRITE_S = 2.1
"""A round that wrote made two requests; and so no minute holds more than thirty writes, wherever it begins."""

CALLS_PER_MINUTE = 50.0


def pause_s(*, quiet_s: float, settles_in_s: float | None, wrote: bool, sheets: int) -> float:
    """Seconds from the start of one round to the next.

    `quiet_s`: since anything changed. `settles_in_s`: until a row that was typed will have settled. `wrote`: the last
    round made two requests. `sheets`: how many spreadsheets share the credential's minute.
    """
    busy_s = max(BUSY_S, sheets * 60.0 / CALLS_PER_MINUTE if sheets > 1 else 0.0)
    rest_s = busy_s if quiet_s < BUSY_FOR_S else min(IDLE_S, busy_s + (quiet_s - BUSY_FOR_S) / 10.0)
    rest_s = max(rest_s, busy_s, soonest_s(wrote=wrote))
    if settles_in_s is not None:
        rest_s = min(rest_s, max(settles_in_s, SOONEST_S))
    return rest_s


def soonest_s(*, wrote: bool) -> float:
    """The earliest that a wake-up may begin the next round after the last one began."""
    return AFTER_WRITE_S if wrote else SOONEST_S
