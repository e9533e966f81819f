"""The mail trigger: one mailbox listened to over one connection, each new mail handed on once, as raw bytes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
import structlog
from starlette.routing import BaseRoute

from bot.doors.mail.faults import MailFault
from bot.doors.mail.imap import Imap
from bot.doors.mail.mail_store import MailStore
from bot.doors.mail.settings import MailSettings
from bot.errors import TryAgain
from bot.events import Emit, Health
from bot.retry import backoff_s
from bot.settings import Settings
from triggers.mail.mailbox import MOST_BYTES, Mailbox
from triggers.mail.mails import RawMail, Take
from triggers.mail.status import MailStatus

T = TypeVar("T")

log = structlog.get_logger()

MOST_STRIKES = 5
"""A mail on which our own reading fails so often is left alone: it must not hold up the others."""
QUICK_RETRIES = 30
TIDY_EVERY_S = 6 * 3_600.0


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds. `beat_s`: an IDLE is ended and begun anew so often, and a peer that does not answer within
    `answer_s` is given up; so a frozen one, which is silent once more when it is called anew, is told within a minute.
    `sweep_s`: looked through so often, woken or not. `poll_s`: without IDLE.

    The RFC's ceiling for one IDLE is 29 minutes (RFC 2177), and some providers and routers forget it after five.
    """

    beat_s: float = 20.0
    answer_s: float = 15.0
    sweep_s: float = 240.0
    poll_s: float = 30.0
    first_retry_s: float = 0.5
    slowest_retry_s: float = 5.0
    slow_retry_s: float = 60.0
    """After many failures, or a login that was refused: providers lock an account that is tried too often."""


class MailTrigger:
    """Needs an open database; its tables are made when they are missing. `take` makes events of mails.

    `tidy` (blocks) is called now and then: it forgets what no event needs any more.
    """

    name = "mail"

    def __init__(
        self,
        settings: Settings,
        database: sa.Engine,
        take: Take,
        *,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.time,
        most_bytes: int = MOST_BYTES,
        tidy: Callable[[], object] = lambda: None,
    ) -> None:
        own = settings.door(MailSettings)
        self._take, self._tidy = take, tidy
        self._timing = timing or Timing()
        self._status = MailStatus(own.mailbox, clock)
        self._store = MailStore(database)
        imap = Imap(own, heard=self._status.heard, timeout_s=self._timing.answer_s)
        self._mailbox = Mailbox(imap, self._store, own, clock, most_bytes)
        self._imap = imap
        self._slowly = False
        self._strikes: Counter[tuple[int, int]] = Counter()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="mail")

    def routes(self, _emit: Emit) -> Sequence[BaseRoute]:
        """None: mail does not come over HTTP."""
        return ()

    def health(self) -> Health:
        """Fine while the mailbox is open. Heard: any line of the server's."""
        return self._status.health()

    async def run(self, emit: Emit) -> None:
        """Listen until cancelled; faults are logged, shown by `health` and waited out."""
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="mail")
        tidying = asyncio.create_task(self._tidy_now_and_then())
        try:
            while True:
                await self._listen(emit)
                await asyncio.sleep(self._pause_s())
        finally:
            tidying.cancel()
            self._imap.cut()  # whatever the thread waits for ends now
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._close))

    async def _tidy_now_and_then(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._tidy)
            except Exception:  # what stays too long must not end the door
                log.exception("tidying up failed")
            await asyncio.sleep(TIDY_EVERY_S)

    def _close(self) -> None:
        self._threads.shutdown(wait=True)
        self._imap.close()

    async def _listen(self, emit: Emit) -> None:
        """One connection, from its beginning to its fault."""
        try:
            await self._call(self._mailbox.connect)
            while True:
                is_whole = await self._sweep(emit)
                self._status.works(has_idle=self._imap.has_idle, poll_s=self._timing.poll_s)
                if not await self._call(self._mailbox.note_old_mail):
                    await self._wait(self._timing.sweep_s if is_whole else self._timing.slowest_retry_s)
        except MailFault as fault:
            self._failed(fault)
        except Exception as error:  # a door that ends for one fault would miss every later mail
            log.exception("mailbox round failed")
            self._failed(MailFault(f"the last look failed ({type(error).__name__}); see the log", "refused"))

    def _failed(self, fault: MailFault) -> None:
        self._status.failed(fault)
        self._slowly = fault.code in ("login", "token")

    def _pause_s(self) -> float:
        timing, failures = self._timing, self._status.failures
        if self._slowly or failures > QUICK_RETRIES:
            return backoff_s(failures, timing.slowest_retry_s, timing.slow_retry_s)
        return backoff_s(failures, timing.first_retry_s, timing.slowest_retry_s)

    async def _sweep(self, emit: Emit) -> bool:
        """Hand on everything new, oldest first; False: something has to be handed on again."""
        is_whole = True
        for uid in await self._call(self._mailbox.new_uids):
            mail = await self._call(partial(self._mailbox.read, uid))
            if mail is not None:
                is_whole &= await self._hand_on(mail, emit)
        return is_whole

    async def _hand_on(self, mail: RawMail, emit: Emit) -> bool:
        record = partial(self._store.write, mailbox=mail.mailbox, mail=mail.seen)
        try:
            is_kept = await self._take(mail, emit, record)
        except (TryAgain, sa.exc.SQLAlchemyError) as error:
            log.warning("mail not taken, will be handed over again", uid=mail.uid, fault=type(error).__name__)
            return False
        except Exception:
            log.exception("mail could not be read", uid=mail.uid)
            return await self._strike(mail)
        if is_kept:
            self._status.taken()
        else:
            await self._call(partial(self._store.record, mail.mailbox, mail.seen))
        return True

    async def _strike(self, mail: RawMail) -> bool:
        which = (mail.uid_validity, mail.uid)
        self._strikes[which] += 1
        if self._strikes[which] < MOST_STRIKES:
            return False
        await self._call(partial(self._store.record, mail.mailbox, mail.seen))
        self._status.gave_up()
        return True

    async def _wait(self, most_s: float) -> None:
        """Until there may be new mail, `most_s` seconds at most. Raises MailFault when the server is not there."""
        loop, timing = asyncio.get_running_loop(), self._timing
        end_s = loop.time() + (most_s if self._imap.has_idle else min(most_s, timing.poll_s))
        if not self._imap.has_idle:
            await asyncio.sleep(end_s - loop.time())
            await self._call(self._imap.noop)
            return
        while (left_s := end_s - loop.time()) > 0:
            if await self._call(partial(self._imap.wait, min(timing.beat_s, left_s), timing.answer_s)):
                return

    async def _call(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
