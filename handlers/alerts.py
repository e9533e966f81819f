"""The alerts: what whoever runs the bot should know is told at ALERT_REPLY, as an event whose answer is known."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from bot.door import Known
from bot.errors import BellhopError, SettingsError
from bot.events import Emit, Event, HttpCaller
from bot.settings import Settings

SOURCE = "alert"
"""The source of these events: Claude is not asked about them."""
SUBJECT = "Bellhop: something you should know"

log = structlog.get_logger()


def check_alert_reply(settings: Settings, known: Known) -> None:
    """Raise SettingsError when ALERT_REPLY names no place that a rule could name, or one that is not set up."""
    place = settings.alert_reply
    kind, _, where = place.partition(":")
    forms = [one.form for one in known.replies.values() if one.form]
    if place and (kind not in known.replies or not known.replies[kind].form or not where.strip()):
        raise SettingsError(f"ALERT_REPLY is wrong: expected {' or '.join(forms)}.")
    missing = known.replies[kind].missing(settings) if place else ()
    if missing:
        raise SettingsError(f"ALERT_REPLY names a way that is not set up: it needs {' and '.join(missing)}.")


def alert(key: str, words: str, place: str, known: Known, now: datetime) -> Event:
    """The event that tells it at `place`; the same `key`, the same event, which is told once. Pure."""
    kind, _, where = place.partition(":")
    name = f"{SOURCE}:{key}"
    event = Event(name, SOURCE, SOURCE, words, SUBJECT, now, name, HttpCaller(SOURCE))
    return Event(name, SOURCE, SOURCE, words, SUBJECT, now, name, known.replies[kind].address(where.strip(), event))


class Alerts:
    """`place` as ALERT_REPLY has it; without one nothing is told."""

    def __init__(self, place: str, known: Known, emit: Emit) -> None:
        self._place, self._known, self._emit = place, known, emit

    async def tell(self, key: str, words: str) -> None:
        """Tell it there, once for each `key` of all processes. Never raises: what cannot be told stands in the log."""
        if not self._place:
            return
        try:
            await self._emit(alert(key, words, self._place, self._known, datetime.now(UTC)))
        except BellhopError as error:
            log.warning("alert could not be sent", place=self._place, reason=error.reason)
