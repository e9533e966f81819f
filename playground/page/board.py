"""The board: everything the page shows, in small parts by key, each with the number of its last change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import structlog

log = structlog.get_logger()

Part = Mapping[str, Any]
Sample = Callable[[], Mapping[str, Part]]
"""What there is to show now, by key; may block, so it runs in a thread."""

EVERY_S = 0.1
"""An edit of a message is on the page within this time, and ten looks a second cost next to nothing."""


class Board:
    """Looks at `sample` every tenth of a second and hands out what changed. Lives in one event loop."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._parts: dict[str, tuple[int, str]] = {}
        self._version = 0
        self._changed = asyncio.Condition()
        self._over = False

    async def keep(self) -> None:
        """Look until cancelled; a look that fails is told in the log, and the next one follows."""
        while True:
            try:
                await self._pin(await asyncio.to_thread(self._sample))
            except Exception:  # the page must go on showing the rest, and the log says what it was
                log.warning("page could not look", exc_info=True)
            await asyncio.sleep(EVERY_S)

    async def changes(self, since: int) -> AsyncIterator[tuple[int, str]]:
        """The parts that changed after `since` as JSON {key: part or null when gone}, each time with the new number."""
        while not self._over:
            parts = {key: text for key, (version, text) in self._parts.items() if version > since}
            if parts:
                since = self._version
                yield since, "{" + ",".join(f"{json.dumps(key)}:{text}" for key, text in parts.items()) + "}"
            async with self._changed:
                if self._version == since and not self._over:
                    await self._changed.wait()

    async def close(self) -> None:
        """End every `changes`."""
        async with self._changed:
            self._over = True
            self._changed.notify_all()

    async def _pin(self, found: Mapping[str, Part]) -> None:
        texts = {key: json.dumps(part, ensure_ascii=False) for key, part in found.items()}
        gone = {key: "null" for key, (_, text) in self._parts.items() if key not in texts and text != "null"}
        news = {key: text for key, text in {**texts, **gone}.items() if self._parts.get(key, (0, ""))[1] != text}
        if news:
            async with self._changed:
                self._version += 1
                self._parts |= {key: (self._version, text) for key, text in news.items()}
                self._changed.notify_all()
