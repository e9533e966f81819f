"""The folder trigger: every folder rule's root watched, whole new files turned into events, once each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import sqlalchemy as sa
import structlog
from starlette.routing import BaseRoute

from bot.doors.folder.file_store import Claim, FileStore
from bot.doors.folder.filenames import from_text
from bot.doors.folder.own_names import ignored_below
from bot.doors.folder.reasons import BACKLOG, LINK, Reason
from bot.doors.folder.settings import FolderSettings
from bot.events import Emit, Event, FilePath, Health
from bot.rules.rule import Rule
from bot.serial import from_json
from bot.settings import Settings
from bot.waker import Waker
from triggers.folder.backlog import Backlog
from triggers.folder.copies import Copies
from triggers.folder.emission import Emission, Skip, Tell, is_backlog
from triggers.folder.inspection import Inspection
from triggers.folder.root_status import RootStatus
from triggers.folder.root_watch import RootWatch
from triggers.folder.roots import COPIES_FOLDER, Root, is_polled, limits_of, roots_of
from triggers.folder.supervisor import Supervisor
from triggers.folder.versions import NewVersion, Versions

log = structlog.get_logger()

GATHER_S = 0.01
"""After a change the next ones are waited for this long: a burst is one round of work, not thousands."""

FAULT_PAUSE_S = 3.0
SWEEP_EVERY_S = 6 * 3_600.0
UNWATCHED = ""
"""Where events go whose root is watched no more."""
UNTOLD = (LINK.words, BACKLOG.words)


class FolderTrigger:
    """One trigger for all folder rules. Needs an open database; its tables are made when they are missing.

    `skip` records an event as skipped without running it, `is_known` says which of some events there are receipts of;
    `tell` (optional) writes beside a file why it is skipped.
    """

    name = "folder"

    def __init__(
        self,
        settings: Settings,
        rules: tuple[Rule, ...],
        database: sa.Engine,
        skip: Skip,
        is_known: Callable[[Sequence[str]], set[str]],
        *,
        tell: Tell | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._own = settings.door(FolderSettings)
        self._clock = clock
        self._monotonic = monotonic
        self._copies = Copies(settings.state_dir / COPIES_FOLDER)
        roots = roots_of(rules)
        self._store = FileStore(database)
        self._is_known = is_known
        self._wakers = {root.path: Waker(GATHER_S) for root in roots}
        self._watches = {root.path: self._new_watch(root) for root in roots}
        self._emissions = {path: Emission(skip, tell, watch.is_closed) for path, watch in self._watches.items()}
        self._emissions[UNWATCHED] = Emission(skip, tell, lambda: False)
        for root in roots:
            self._set_skips_backlog(root.path, skips=self._own.folder_backlog != "answer")

    def _new_watch(self, root: Root) -> RootWatch:
        polled = is_polled(root, self._settings)
        return RootWatch(
            root,
            Supervisor(root, polled, self._own.folder_rescan_seconds, self._wakers[root.path].wake),
            self._new_inspection(root, polled),
            ignored=ignored_below(root.path, self._settings),
            is_first_start=self._store.is_first_start(root.path),
            clock=self._clock,
            monotonic=self._monotonic,
        )

    def _new_inspection(self, root: Root, polled: str) -> Inspection:
        return Inspection(
            root,
            limits_of(self._settings, polled),
            versions=Versions(root, self._store, self._copies),
            copies=self._copies,
            known=self._store.known(root.path),
            status=RootStatus(root.path, polled),
            clock=self._clock,
            monotonic=self._monotonic,
        )

    @property
    def backlog_choice(self) -> Literal["ask", "answer", "skip"]:
        """What FOLDER_BACKLOG says."""
        return self._own.folder_backlog

    def first_start_backlog(self) -> tuple[Backlog, ...]:
        """For each root never watched before with more than 20 files waiting: how much it is. Blocks while it lists."""
        found = (watch.first_start_backlog() for watch in self._watches.values())
        return tuple(backlog for backlog in found if backlog)

    def answer_backlog(self, root: str) -> None:
        """Answer what waits below this root (call before `run`); without a word, or a setting, it is skipped."""
        self._set_skips_backlog(root, skips=False)

    def skip_backlog(self, root: str) -> None:
        """Record what waits below this root as skipped (call before `run`)."""
        self._set_skips_backlog(root, skips=True)

    def _set_skips_backlog(self, root: str, *, skips: bool) -> None:
        self._watches[root].skips_backlog = skips

    def routes(self, _emit: Emit) -> Sequence[BaseRoute]:
        """None: a folder does not hear over HTTP."""
        return ()

    async def run(self, emit: Emit) -> None:
        """Watch every root until cancelled; faults are logged, shown by `health` and waited out."""
        threads = ThreadPoolExecutor(len(self._watches) + 1, thread_name_prefix="folder")
        loop = asyncio.get_running_loop()
        try:
            for claim in await loop.run_in_executor(threads, self._store.waiting_claims):
                self._take_claim(claim)
            async with asyncio.TaskGroup() as tasks:
                for emission in self._emissions.values():
                    tasks.create_task(emission.run(emit))
                tasks.create_task(self._sweep_now_and_then(threads))
                for watch in self._watches.values():
                    tasks.create_task(self._keep_watching(watch, threads))
        finally:
            # Not on the loop: a step under way is waited for, and it may be reading a large file.
            await asyncio.shield(loop.run_in_executor(None, self._close, threads))

    def _close(self, threads: ThreadPoolExecutor) -> None:
        for watch in self._watches.values():
            watch.close()
        threads.shutdown(wait=True)

    async def _keep_watching(self, watch: RootWatch, threads: ThreadPoolExecutor) -> None:
        waker = self._wakers[watch.root.path]
        while True:
            waker.reset()
            pause_s = await self._step(watch, threads)
            await waker.wait(pause_s)

    def _take_claim(self, claim: Claim) -> None:
        """Hand over what version 0.1.0 left behind."""
        event = from_json(Event, claim.event)
        reason = Reason("claimed", claim.reason, claim.reason not in UNTOLD) if claim.reason else None
        record = partial(self._store.forget_claim, event_id=claim.event_id)
        root = from_text(event.reply_to.root) if isinstance(event.reply_to, FilePath) else UNWATCHED
        emission = self._emissions.get(root) or self._emissions[UNWATCHED]
        emission.add([NewVersion(event, reason, record)])

    async def _step(self, watch: RootWatch, threads: ThreadPoolExecutor) -> float:
        loop, emission = asyncio.get_running_loop(), self._emissions[watch.root.path]
        try:
            versions, pause_s = await loop.run_in_executor(threads, watch.step)
            if watch.has_begun and not is_backlog([*versions, *emission.waiting]):
                await loop.run_in_executor(threads, self._store.begin, watch.root.path, self._clock())
                watch.has_begun = False
        except Exception as error:  # a watch that ends for one fault would miss every later file
            log.exception("folder round failed", folder=watch.root.path)
            watch.status.failed = f"the last look failed ({type(error).__name__}); trying again. See the log."
            _tell(watch.status)
            return FAULT_PAUSE_S
        _tell(watch.status)
        emission.add(versions)
        if not watch.is_closed():
            emission.release()
        for version in versions:
            log.info("new file", event_id=version.event.id, folder=watch.root.path, skipped=bool(version.reason))
        return pause_s

    async def _sweep_now_and_then(self, threads: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(threads, self._copies.sweep, self._wanted, self._clock())
            except Exception:  # copies that stay too long must not end the door
                log.exception("sweeping private copies failed", folder=str(self._copies.folder))
            await asyncio.sleep(SWEEP_EVERY_S)

    def _wanted(self, event_ids: Sequence[str]) -> set[str]:
        waiting = {version.event.id for emission in self._emissions.values() for version in emission.waiting}
        return self._is_known(event_ids) | waiting

    def health(self) -> Health:
        """Fine when every root can be listed and copied from. Heard: all of them have been looked at since."""
        faults = [words for watch in self._watches.values() for words in watch.status.faults()]
        fine = [watch.status.words(len(watch.inspection.queue)) for watch in self._watches.values()]
        heard_at = min(watch.status.heard_at or 0.0 for watch in self._watches.values())
        event_at = max(watch.status.last_at or 0.0 for watch in self._watches.values())
        return Health(not faults, "; ".join(faults or fine), _moment(heard_at), _moment(event_at))


def _moment(at_s: float) -> datetime | None:
    return datetime.fromtimestamp(at_s, UTC) if at_s else None


def _tell(status: RootStatus) -> None:
    came, went = status.news()
    for words in came:
        log.warning("folder needs attention", folder=status.root, reason=words)
    for words in went:
        log.info("folder was mended", folder=status.root, was=words)
