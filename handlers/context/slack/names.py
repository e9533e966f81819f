"""Who is who in one workspace: people's names by their ids, and which bot we are."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.doors.slack.calls import CallRequest, Done, Priority, Sender

NAMED_WITHIN_S = 3.0
"""An id stands for a name that does not come at once."""
ASK_AGAIN_AFTER_S = 120.0
ASKED_AT_ONCE = 20
KEPT = 5_000
NAME_CHARS = 80
"""Slack's own limit. https://docs.slack.dev/reference/objects/user-object"""


@dataclass(frozen=True, slots=True)
class Own:
    """Ourselves in this workspace; both "" as long as Slack has not said."""

    user: str = ""
    bot: str = ""

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is ours. Its metadata does not tell: any app may write the same mark into its own."""
        return bool(self.bot and message.get("bot_id") == self.bot)


class Names:
    """Asks users.info and auth.test once for each name; never raises."""

    def __init__(self, pacer: Sender) -> None:
        self._pacer = pacer
        self._own = Own()
        self._names: dict[str, str] = {}
        self._missed_at: dict[str, float] = {}

    async def own(self) -> Own:
        """Who we are."""
        if not self._own.bot and (said := await self._ask("auth.test", {}, "auth.test")):
            self._own = Own(str(said.get("user_id") or ""), str(said.get("bot_id") or ""))
        return self._own

    async def of(self, ids: Collection[str]) -> Mapping[str, str]:
        """The names that are known of these ids; all unknown ones are asked for at the same time."""
        unknown = [one for one in dict.fromkeys(ids) if one and one not in self._names]
        await asyncio.gather(*(self._learn(one) for one in unknown[:ASKED_AT_ONCE]))
        return {one: self._names[one] for one in ids if one in self._names}

    async def _learn(self, user: str) -> None:
        said = await self._ask("users.info", {"user": user}, f"name {user}")
        person = (said or {}).get("user") or {}
        profile = person.get("profile") or {}
        if name := profile.get("display_name") or person.get("real_name") or person.get("name"):
            if len(self._names) >= KEPT:
                self._names.clear()
            # People choose their names themselves: one line, and not a long one.
            self._names[user] = " ".join(str(name).split())[:NAME_CHARS]

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
