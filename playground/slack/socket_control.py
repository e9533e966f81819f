"""Trouble with sockets on demand, from any thread: refreshes, warnings, half-open sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from playground.slack.courier import Courier
from playground.slack.sockets import Link

REAL_WAIT_S = 5.0


class SocketControl:
    """Acts on the app's open sockets."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    @property
    def open_count(self) -> int:
        """Sockets open now, half-open ones included."""
        return len(self._courier.sockets.links)

    @property
    def opened_count(self) -> int:
        """Sockets opened so far."""
        return self._courier.sockets.opened_count

    def refresh(self) -> None:
        """Ask every socket to reconnect; each is closed after the warning time, as Slack does every few hours."""
        self._disconnect("refresh_requested", self._courier.workspace.options.warning_s)

    def warn(self) -> None:
        """Announce a disconnect without one."""
        self._disconnect("warning", None)

    def disable(self) -> None:
        """Socket Mode was switched off in the app's settings."""
        self._disconnect("link_disabled", 0.0)

    def too_many(self) -> None:
        """Tell every socket that there are too many."""
        self._disconnect("too_many_websockets", 0.0)

    def drop(self) -> None:
        """Cut every connection without a word."""
        self._each(self._courier.sockets.drop)

    def half_open(self) -> None:
        """Every socket open now goes deaf and dumb, and stays connected."""
        self._each(self._courier.sockets.half_open)

    def refuse(self, times: int) -> None:
        """Answer the next `times` upgrades with 503; their tickets are used up."""
        self._courier.sockets.refuse_upgrades = times

    def deafen(self, times: int) -> None:
        """The next `times` sockets to open say hello, and are half-open from then on."""
        self._courier.sockets.deafen_upgrades = times

    def _disconnect(self, reason: str, close_after_s: float | None) -> None:
        def one(link: Link) -> None:
            goodbye = self._courier.sockets.disconnect(link, reason, close_after_s)
            self._courier.keep(asyncio.create_task(goodbye))

        self._each(one)

    def _each(self, act: Callable[[Link], None]) -> None:
        async def all_of_them() -> None:
            for link in list(self._courier.sockets.links):
                act(link)

        loop = self._courier.loop
        if loop is None:
            return
        asyncio.run_coroutine_threadsafe(all_of_them(), loop).result(REAL_WAIT_S)
