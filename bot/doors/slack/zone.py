"""In which zone a person lives, as Slack knows it: for times that are told to them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doors.slack.calls import CallRequest, Done, Priority, Sender

TOLD_WITHIN_S = 3.0


async def zone_of(pacer: Sender, user: str | None) -> tzinfo | None:
    """The zone of a person, None where Slack does not say within a moment. Never raises."""
    if not user:
        return None
    request = CallRequest("users.info", f"zone {user}", Priority.FIRST, pacer.clock())
    result = await pacer.send(request, lambda: {"user": user}, TOLD_WITHIN_S)
    return zone_from_user((result.data.get("user") or {}) if isinstance(result, Done) else {})


def zone_from_user(user: Mapping[str, Any]) -> tzinfo | None:
    """The zone in what Slack says of a person: a ZoneInfo where this machine knows its name. Pure.

    Source: https://docs.slack.dev/reference/objects/user-object (`tz`, and `tz_offset` in seconds)
    """
    name, offset_s = str(user.get("tz") or ""), user.get("tz_offset")
    with contextlib.suppress(ValueError, OSError, ZoneInfoNotFoundError):
        return ZoneInfo(name)
    return timezone(timedelta(seconds=offset_s)) if isinstance(offset_s, int) and abs(offset_s) < 86_400 else None
