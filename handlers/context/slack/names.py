"""Who is who in one workspace: people with their zones, channels and groups by their ids, and which bot we are."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bot.doors.slack.calls import CallRequest, Done, Priority, Sender
from bot.doors.slack.zone import zone_from_user

NAMED_WITHIN_S = 3.0
"""An id stands for a name that does not come at once."""
ASK_AGAIN_AFTER_S = 120.0
KNOWN_FOR_S = 6 * 3_600.0
"""People are renamed and travel."""
ASKED_AT_ONCE = 20
KEPT = 5_000
NAME_CHARS = 80
"""Slack's own limit. https://docs.slack.dev/reference/objects/user-object"""


@dataclass(frozen=True, slots=True)
class Own:
    """Ourselves in this workspace; all "" as long as Slack has not said. `enterprise`: its organisation, if any."""

    user: str = ""
    bot: str = ""
    enterprise: str = ""

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is ours. Its metadata does not tell: any app may write the same mark into its own."""
        return bool(self.bot and message.get("bot_id") == self.bot)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody or something with a name. People have a zone ("": Slack does not say) and perhaps an organisation."""

    name: str
    zone: tzinfo = UTC
    zone_name: str = ""
    enterprise: str = ""


class Names:
    """Asks Slack once for each name; never raises."""

    def __init__(self, pacer: Sender) -> None:
        self._pacer = pacer
        self._own = Own()
        self._known: dict[str, tuple[Known, float]] = {}
        self._missed_at: dict[str, float] = {}

    async def own(self) -> Own:
        """Who we are."""
        if not self._own.bot and (said := await self._ask("auth.test", {}, "auth.test")):
            ids = (str(said.get(name) or "") for name in ("user_id", "bot_id", "enterprise_id"))
            self._own = Own(*ids)
        return self._own

    async def of(self, ids: Collection[str]) -> Mapping[str, str]:
        """The names that are known of these people, channels and groups."""
        return {one: known.name for one, known in (await self.all_of(ids)).items()}

    async def all_of(self, ids: Collection[str]) -> Mapping[str, Known]:
        """What is known of these ids; all unknown ones are asked for at the same time."""
        stale = self._pacer.clock() - KNOWN_FOR_S
        unknown = [one for one in sorted(ids) if one and self._known.get(one, (None, -math.inf))[1] < stale]
        groups = [one for one in unknown if one[0] == "S"][:1]  # one call lists all groups
        others = [one for one in unknown if one[0] in "UWCG"][:ASKED_AT_ONCE]
        await asyncio.gather(*(self._learn(one) for one in (*others, *groups)))
        return {one: self._known[one][0] for one in ids if one in self._known}

    async def _learn(self, one: str) -> None:
        if one[0] == "S":
            said = await self._ask("usergroups.list", {}, "usergroups")
            for group in (said or {}).get("usergroups") or ():
                self._keep(str(group.get("id")), Known(_line(group.get("handle") or group.get("name"))))
        elif one[0] in "UW":
            said = await self._ask("users.info", {"user": one}, f"name {one}")
            self._keep(one, person_from_user((said or {}).get("user") or {}))
        else:
            said = await self._ask("conversations.info", {"channel": one}, f"name {one}")
            self._keep(one, Known(_line(((said or {}).get("channel") or {}).get("name"))))

    def _keep(self, one: str, known: Known) -> None:
        if known.name:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[one] = (known, self._pacer.clock())

    async def _ask(self, method: str, arguments: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        now = self._pacer.clock()
        if now - self._missed_at.get(key, -math.inf) < ASK_AGAIN_AFTER_S:
            return None
        request = CallRequest(method, key, Priority.FIRST, now)
        try:
            async with asyncio.timeout(NAMED_WITHIN_S + 1):
                result = await self._pacer.send(request, lambda: arguments, NAMED_WITHIN_S)
        except TimeoutError:
            result = None
        if isinstance(result, Done):
            return result.data
        if len(self._missed_at) >= KEPT:
            self._missed_at.clear()
        self._missed_at[key] = now
        return None


def person_from_user(user: Mapping[str, Any]) -> Known:
    """https://docs.slack.dev/reference/objects/user-object; the name is "" where the object tells none."""
    profile = user.get("profile") or {}
    real = profile.get("real_name") or user.get("real_name")
    name = _line(profile.get("display_name") or real or user.get("name"))
    enterprise = str((user.get("enterprise_user") or {}).get("enterprise_id") or "")
    zone, zone_name = _clock_of(user)
    return Known(name, zone, zone_name, enterprise)


def _clock_of(user: Mapping[str, Any]) -> tuple[tzinfo, str]:
    """Where a person's clock is, and how that is called; (UTC, "") where Slack does not say."""
    zone = zone_from_user(user)
    if zone is None:
        return UTC, ""
    if isinstance(zone, ZoneInfo):
        return zone, _place(zone.key)
    label = str(user.get("tz_label") or user.get("tz") or "their zone")
    return zone, f"{label} (UTC{user['tz_offset'] / 3600:+g})"


def first_known(found: Mapping[str, Known], ids: Iterable[str]) -> Known:
    """The first of these that is known; else somebody without a name."""
    return next((found[one] for one in ids if one in found), Known(""))


def _place(zone: str) -> str:
    area, _, city = zone.rpartition("/")
    return f"{city.replace('_', ' ')} ({zone})" if area and area != "Etc" else zone


def _line(name: Any) -> str:
    """People choose their names themselves: one line, and not a long one."""
    return " ".join(str(name or "").split())[:NAME_CHARS]
