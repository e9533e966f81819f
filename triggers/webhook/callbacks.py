"""Callbacks: the receipt of an event goes to the address that its rule names, signed, until it is taken or given up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence

import h11
import sqlalchemy as sa
import structlog

from bot.doors.webhook.callback_client import NotAllowed, Target, send, target_of
from bot.doors.webhook.callback_store import CallbackStore, Owed
from bot.doors.webhook.rule import WebhookRule
from bot.doors.webhook.signatures import standard_headers
from bot.errors import reason_of
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.web.event_access import EventAccess

log = structlog.get_logger()

WAITS_S = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0)
"""Between two tries; after the last one it is given up.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#operational-considerations
"""
LOOK_EVERY_S = 0.5
AT_ONCE = 20
GONE = 410
"""By this status a receiver says that it wants no more of these."""
FAULTS = (OSError, TimeoutError, ValueError, h11.ProtocolError)
REOPEN_EVERY_S = 30.0


class Callbacks:
    """Sends what is owed. One process does so at a time: the one that holds the door's lease."""

    def __init__(
        self,
        rules: Sequence[Rule],
        settings: Settings,
        store: CallbackStore,
        access: EventAccess,
        *,
        allow: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ways = {rule.name: (rule.of(WebhookRule).callback, _secret(rule, settings)) for rule in rules}
        self._store, self._access, self._allow, self._clock = store, access, allow, clock
        self._sending: dict[str, asyncio.Task[None]] = {}
        self.failing: set[str] = set()
        """The events whose callback has failed, and is tried again."""

    @property
    def has_any(self) -> bool:
        """Whether a rule names an address to call."""
        return any(url for url, _ in self._ways.values())

    async def run(self) -> None:
        """Send until cancelled. What is on its way then is sent again by the next process, under the same id."""
        if not self.has_any:
            await asyncio.Event().wait()  # nobody is called back, so nothing is looked at
        reopened_at_s = float("-inf")
        try:
            while True:
                try:
                    if time.monotonic() > reopened_at_s + REOPEN_EVERY_S:
                        await asyncio.to_thread(self._store.reopen)
                        reopened_at_s = time.monotonic()
                    await self.send_due()
                except sa.exc.SQLAlchemyError as error:
                    log.warning("callbacks wait for the database", reason=reason_of(error))
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in self._sending.values():
                task.cancel()

    async def send_due(self) -> None:
        """Begin to send what is due; a slow receiver keeps no other one waiting."""
        owed = await asyncio.to_thread(self._store.due, self._clock(), AT_ONCE + len(self._sending))
        for one in owed:
            if one.event_id not in self._sending and len(self._sending) < AT_ONCE:
                self._sending[one.event_id] = asyncio.create_task(self._send_one(one))

    async def _send_one(self, owed: Owed) -> None:
        try:
            url, secret = self._ways.get(owed.rule, ("", ""))
            if not url or not secret:
                log.warning("callback given up: its rule names none any more", event_id=owed.event_id)
                await asyncio.to_thread(self._store.settle, owed)
                return
            await self._note(owed, await self._try(owed, target_of(url), secret))
        except sa.exc.SQLAlchemyError as error:
            log.warning("callback not noted; it is sent again", event_id=owed.event_id, reason=reason_of(error))
        finally:
            self._sending.pop(owed.event_id, None)

    async def _try(self, owed: Owed, target: Target, secret: str) -> tuple[int, str]:
        """The status, and what went wrong in words; 0 where there was no answer."""
        receipt = await self._access.receipt(owed.event_id)
        told = await self._access.shown(receipt) if receipt else None
        body = json.dumps(told, ensure_ascii=False).encode()
        signed = standard_headers(owed.message_id, body, secret, self._clock())
        headers = {"content-type": "application/json", "user-agent": "bellhop", **signed}
        try:
            status = await send(target, body, headers, self._allow)
        except NotAllowed:
            return 0, f"{target.host} is no public address, and CALLBACK_ALLOW does not name it"
        except FAULTS as error:
            return 0, f"{target.host} gave no answer ({type(error).__name__})"
        return status, f"{target.host} answered {status}"

    async def _note(self, owed: Owed, outcome: tuple[int, str]) -> None:
        status, words = outcome
        is_taken = 200 <= status < 300
        if is_taken or status == GONE or owed.tries >= len(WAITS_S):
            tell = log.info if is_taken else log.warning
            tell("callback taken" if is_taken else "callback given up", event_id=owed.event_id, words=words)
            self.failing.discard(owed.event_id)
            await asyncio.to_thread(self._store.settle, owed)
            return
        self.failing.add(owed.event_id)
        wait_s = WAITS_S[owed.tries]
        log.warning("callback failed and is tried again", event_id=owed.event_id, words=words, in_s=wait_s)
        await asyncio.to_thread(self._store.put_off, owed, self._clock() + wait_s)


def _secret(rule: Rule, settings: Settings) -> str:
    name = rule.of(WebhookRule).callback_secret_env
    found = settings.variable(name) if name else None
    return found.get_secret_value() if found else ""
