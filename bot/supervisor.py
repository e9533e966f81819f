"""The supervisor: runs each door's trigger while this process holds that door's lease, and tells how the doors do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
import structlog

from bot.errors import TryAgain, reason_of
from bot.events import Emit, Event, Health, Receipt, Record, Trigger
from bot.retry import backoff_s
from bot.store.clock import machine_s
from bot.store.health import NEVER, HealthRows, Told, latest
from bot.store.leases import HELD_S, Leases, Taken, shown

log = structlog.get_logger()

RENEW_EVERY_S = 2.0
LOOK_EVERY_S = 1.0
"""While another process runs a door that we would run, or the database does not answer: look this often."""
LAST_TRY_S = 1.0
RESTART_FIRST_S, RESTART_LONGEST_S = 1.0, 60.0
"""A trigger that ended although nobody stopped it begins again after this."""
LOST = "Another process runs this door now, so this one accepts nothing for it."


@dataclass(slots=True)
class _Door:
    """One door of this process: its trigger, its lease, and why it does not run just now ("" when it does)."""

    name: str
    trigger: Trigger
    clock: Callable[[], float]
    held_until_s: float = float("-inf")
    is_stale: bool = False
    """The trigger has waited or run: what it read of its door when it was made is old."""
    fault: str = ""
    told_owner: str = ""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def is_held(self) -> bool:
        """By this machine's clock, which goes on while the process is frozen."""
        return self.clock() < self.held_until_s

    def is_overdue(self) -> bool:
        return self.taken.is_set() and not self.is_held()

    def hold(self, until_s: float) -> None:
        self.held_until_s = until_s
        self.lost.clear()
        self.taken.set()

    def lose(self, why: str) -> None:
        if self.taken.is_set():
            log.warning("stepped back from a door", door=self.name, why=why)
        self.held_until_s = float("-inf")
        self.taken.clear()
        self.lost.set()

    def health(self) -> Health:
        health = self.trigger.health()
        return replace(health, ok=False, words=self.fault) if self.fault else health


class Supervisor:
    """One for each process that runs doors or serves their routes. `triggers` are those of all open doors.

    `runs`: run them, each under its lease. `reopen` makes a door's trigger anew, in a thread.
    """

    def __init__(
        self,
        database: sa.Engine,
        triggers: Sequence[Trigger],
        reopen: Callable[[str], Trigger],
        *,
        runs: bool,
        clock: Callable[[], float] = machine_s,
    ) -> None:
        self._database, self._reopen, self._clock = database, reopen, clock
        self._doors = {trigger.name: _Door(trigger.name, trigger, clock) for trigger in triggers if runs}
        self._served = {trigger.name: trigger for trigger in triggers}
        self._leases, self._rows = Leases(database), HealthRows(database)
        self._told_heard: dict[str, datetime | None] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bellhop-leases")
        self._tasks: list[asyncio.Task[None]] = []
        self._is_well = True

    async def take(self) -> list[Trigger]:
        """Take what is free; returns the triggers that this process will run at once."""
        await self._round()
        # From now on: an operator may think for minutes about what is asked before the triggers run.
        self._tasks = [asyncio.create_task(duty) for duty in (self._renew(), self._watch_expiry())]
        return [door.trigger for door in self._doors.values() if door.is_held()]

    def start(self, emit: Emit) -> None:
        """Run the doors that are held and wait for the others, until `stop`."""
        self._tasks += [asyncio.create_task(self._serve(door, emit)) for door in self._doors.values()]

    async def stop(self) -> None:
        """End the triggers, then let others take over at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._doors:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown(wait=False)

    def doors(self) -> dict[str, Health]:
        """How every open door does; blocks for one question to the database. What we run ourselves we know better."""
        names = sorted(self._served)
        try:
            told = self._rows.read()
        except sa.exc.SQLAlchemyError as error:
            unknown = Health(ok=False, words=f"Not known: the database does not answer ({reason_of(error)}).")
            return {name: self._own(name) or unknown for name in names}
        return {name: self._seen(name, told.get(name)) for name in names}

    def workers(self) -> int:
        """How many workers run now, as far as the database knows. Raises SQLAlchemyError when it does not answer."""
        return self._rows.workers()

    def _seen(self, name: str, told: Told | None) -> Health:
        own, served = self._own(name), self._served[name].health()
        is_ours = told is not None and told.runner == self._leases.owner
        is_run = own is not None or (told is not None and told.is_run and not is_ours)
        if served.without_run and not is_run:
            own = replace(served, ok=True, words=served.without_run)  # whoever asks us is served by us
        if told is None:
            return own or NEVER
        if own is None and is_ours:
            own = replace(told.health, ok=False, words="No process runs this door: this one has stepped back from it.")
        seen = own or told.now()
        return replace(
            seen,
            heard_at=latest(seen.heard_at, told.health.heard_at, served.heard_at),
            last_event_at=latest(seen.last_event_at, told.health.last_event_at, served.last_event_at),
        )

    def _own(self, name: str) -> Health | None:
        door = self._doors.get(name)
        return door.health() if door is not None and door.is_held() else None

    async def _serve(self, door: _Door, emit: Emit) -> None:
        async def fenced(event: Event, record: Record | None = None) -> Receipt:
            if not door.is_held():
                raise TryAgain(LOST)
            return await emit(event, record)

        while True:
            await door.taken.wait()
            running = asyncio.create_task(self._keep_running(door, fenced))
            try:
                await door.lost.wait()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    async def _keep_running(self, door: _Door, emit: Emit) -> None:
        tried = 0
        while True:
            began_s = self._clock()
            try:
                if door.is_stale:
                    door.trigger = await asyncio.to_thread(self._reopen, door.name)
                door.is_stale, door.fault = True, ""
                await door.trigger.run(emit)
            except Exception:  # a trigger that dies for one fault would leave its door shut until somebody looks
                log.exception("trigger failed", trigger=door.name)
            tried = tried + 1 if self._clock() - began_s < RESTART_LONGEST_S else 1
            wait_s = backoff_s(tried, RESTART_FIRST_S, RESTART_LONGEST_S)
            door.fault = "This door failed and is opened again shortly; see the log."
            log.warning("door is opened again", door=door.name, in_s=wait_s)
            await asyncio.sleep(wait_s)

    async def _renew(self) -> None:
        while True:
            is_well = await self._round()
            is_settled = is_well and all(door.is_held() for door in self._doors.values())
            await asyncio.sleep(RENEW_EVERY_S if is_settled else LOOK_EVERY_S)

    async def _round(self) -> bool:
        """Renew, take and tell; whether the database answered."""
        held = {name: door.health() for name, door in self._doors.items() if door.is_held()}
        heard = {name: trigger.health() for name, trigger in self._served.items() if name not in held}
        asked_s = self._clock()
        try:
            taken = await asyncio.get_running_loop().run_in_executor(self._thread, self._talk, held, heard)
        except sa.exc.SQLAlchemyError as error:
            if self._is_well:
                log.warning("leases not renewed", reason=reason_of(error))
            self._is_well = False
            return False
        self._is_well = True
        self._apply(taken, asked_s)
        return True

    def _talk(self, held: dict[str, Health], heard: dict[str, Health]) -> Taken:
        news = {name: health for name, health in heard.items() if health.heard_at != self._told_heard.get(name)}
        kept: frozenset[str] = frozenset()
        if held or news:
            with self._database.begin() as connection:
                kept = self._leases.renew(connection, held) if held else kept
                if kept:
                    self._rows.tell(connection, self._leases.owner, {name: held[name] for name in kept})
                for name, health in news.items():
                    self._rows.tell_heard(connection, name, health)
            self._told_heard |= {name: health.heard_at for name, health in news.items()}
        rest = self._doors.keys() - kept
        taken = self._leases.take(rest) if rest else Taken()
        return replace(taken, ours=taken.ours | kept)

    def _apply(self, taken: Taken, asked_s: float) -> None:
        for name, door in self._doors.items():
            if name in taken.ours:
                if door.told_owner:
                    log.info("took over a door", door=name, before=shown(door.told_owner))
                door.told_owner = ""
                door.hold(asked_s + HELD_S)
                continue
            owner = taken.owners.get(name, "")
            door.lose(f"{shown(owner)} runs it now" if owner else "its lease was lost")
            if owner and owner != door.told_owner:
                log.info("waiting for a door that another process runs", door=name, runner=shown(owner))
            door.told_owner, door.is_stale = owner, True

    async def _watch_expiry(self) -> None:
        """Lose what could not be renewed in time, also when the renewing itself hangs."""
        while True:
            ends_s = [door.held_until_s for door in self._doors.values() if door.taken.is_set()]
            await asyncio.sleep(max(0.05, min(ends_s) - self._clock()) if ends_s else LOOK_EVERY_S)
            if any(door.is_overdue() for door in self._doors.values()):
                # Whoever only stood still for some seconds finds it still its own, and nothing needs to be opened anew.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._round(), LAST_TRY_S)
            for door in self._doors.values():
                if door.is_overdue():
                    door.lose("its lease could not be renewed in time")

    def _let_go(self) -> None:
        self._rows.tell_ended(self._leases.owner)
        self._leases.release()
