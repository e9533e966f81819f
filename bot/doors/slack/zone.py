"""In which zone a person lives, as Slack knows it: for times that are told to them."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doors.slack.calls import CallRequest, Done, Priority, Sender

TOLD_WITHIN_S = 3.0


async def zone_of(pacer: Sender, user: str | None) -> tzinfo | None:
    """The zone of a person, None where Slack does not say within a moment. Never raises.

    Source: https://docs.slack.dev/reference/objects/user-object (`tz`, and `tz_offset` in seconds)
    """
    if not user:
        return None
    request = CallRequest("users.info", f"zone {user}", Priority.FIRST, pacer.clock())
    result = await pacer.send(request, lambda: {"user": user}, TOLD_WITHIN_S)
    person = (result.data.get("user") or {}) if isinstance(result, Done) else {}
    try:
        return ZoneInfo(str(person["tz"]))
    except (KeyError, ValueError, OSError, ZoneInfoNotFoundError):
        offset_s = person.get("tz_offset")
    return timezone(timedelta(seconds=offset_s)) if isinstance(offset_s, int) and abs(offset_s) < 86_400 else None
