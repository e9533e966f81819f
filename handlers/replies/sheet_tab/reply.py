"""The reply that adds a row to a tab: one for each answer, and one that says why where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.events import Answer, Event, Place, SheetTab
from bot.rules.rule import ColumnKind
from handlers.replies.sheet_tab.added_row import Kind, NewRow, token_of
from handlers.replies.sheet_tab.appender import Appender


class SheetTabReply:
    """Nobody watches a table: one shot. Every method may be repeated without a second row."""

    watched = False

    def __init__(
        self,
        event: Event,
        address: SheetTab,
        kinds: Mapping[str, ColumnKind],
        appender_of: Callable[[str], Appender],
    ) -> None:
        self._event, self._address, self._kinds, self._appender_of = event, address, kinds, appender_of

    async def open(self, place: Place | None) -> Place:
        """Prove that rows can be added there, before Claude is paid. Raises Refused and TryAgain."""
        del place  # the event says it all
        await (await self._appender()).check(self._address, self._kinds)
        return {"token": token_of(self._event.id, "answer", self._address)}

    async def show(self, text_so_far: str) -> None:
        """Nobody is looking."""

    async def wait(self, reason: str, until: datetime | None) -> None:
        """Nothing: a row that says so would be one row too many."""

    async def finish(self, answer: Answer) -> None:
        """Return once the answer's row stands in the tab."""
        await (await self._appender()).add(self._row("answer", answer=answer))

    async def fail(self, reason: str) -> None:
        """Add a row that says why there is no answer."""
        await (await self._appender()).add(self._row("failure", reason=reason))

    def _row(self, kind: Kind, *, answer: Answer | None = None, reason: str = "") -> NewRow:
        token = token_of(self._event.id, kind, self._address)
        return NewRow(token, self._address, self._event, self._kinds, answer, reason)

    async def _appender(self) -> Appender:
        return await asyncio.to_thread(self._appender_of, self._address.spreadsheet)
