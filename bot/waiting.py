"""What a person is told who waits for something outside: for what, and until about when. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

LONG_S = 60.0
"""A wait of more than this is said where the person waits."""


def waiting_words(reason: str, until: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """One line: "Claude is busy until about 15:45; I answer then."

    `reason` is a clause; a full stop at its end is left out. The time is told in `zone`, the person's own; where that
    is not known (None), in UTC, and so named. A time of another day comes with its date.
    """
    words = until_words(reason, until, now, zone)
    return f"{words}; I answer {'then' if until else 'as soon as that is over'}."


def until_words(reason: str, until: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """The same without a promise, for places with little room: "Claude is busy until about 15:45"."""
    reason = reason.removesuffix(".")
    if until is None:
        return reason
    local = _to_the_minute(until).astimezone(zone or UTC)
    words = f"{local:%H:%M}" if zone else f"{local:%H:%M} UTC"
    if local.date() != now.astimezone(zone or UTC).date():
        words = f"{local.day} {local:%B}, {words}"
    return f"{reason} until about {words}"


def _to_the_minute(moment: datetime) -> datetime:
    """The next full minute: a promise that is kept a little early is no broken one."""
    full = moment.replace(second=0, microsecond=0)
    return full if full == moment else full + timedelta(minutes=1)
