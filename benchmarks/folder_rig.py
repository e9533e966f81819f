"""The rig of the folder benchmark: the real trigger and a naive handler on one folder, and their score."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from watchdog.events import FileClosedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from benchmarks.folder_writers import Expected, Place, Writer
from bot.doors.folder.filenames import from_text
from bot.doors.folder.rule import FolderRule
from bot.events import Event, FilePath, Receipt, Record
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.store.database import open_database
from bot.store.group_commit import GroupCommit
from triggers.folder import FolderTrigger


@dataclass(slots=True)
class Seen:
    """What one competitor answered: (relative name, SHA-256 of what it read) and when, in monotonic seconds."""

    answers: list[tuple[str, str]] = field(default_factory=list)
    at_s: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, content: str) -> None:
        """Note one answer."""
        self.answers.append((name, content))
        self.at_s[name] = time.monotonic()


@dataclass(frozen=True, slots=True)
class Score:
    """Versions that should have been answered, and how it went."""

    expected: int
    missed: int
    torn: int
    doubled: int


def score(seen: Seen, expected: Expected) -> Score:
    """Compare. `torn`: read anything that was never a whole version there; `doubled`: the same version again."""
    wanted = {(name, _sha256(content)) for name, contents in expected.items() for content in contents}
    counts = Counter(seen.answers)
    torn = sum(count for answer, count in counts.items() if answer not in wanted)
    doubled = sum(counts[answer] - 1 for answer in wanted if counts[answer])
    return Score(len(wanted), sum(not counts[answer] for answer in wanted), torn, doubled)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Naive(FileSystemEventHandler):
    """What most scripts do: a file was closed, so read it and answer."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox
        self.seen = Seen()

    def on_closed(self, event: FileSystemEvent) -> None:
        """Answer."""
        assert isinstance(event, FileClosedEvent)
        path = Path(str(event.src_path))
        try:
            content = path.read_bytes()
        except OSError:
            return
        self.seen.add(str(path.relative_to(self._inbox)), _sha256(content))


def naive_alone(source: Path, inbox: Path) -> Seen:
    """What the naive handler answers while `source` is copied into `inbox`, with a process to itself."""
    inbox.mkdir()
    naive, observer = Naive(inbox), Observer()
    observer.schedule(naive, str(inbox), recursive=True)
    observer.start()
    subprocess.run(["cp", "-r", str(source), str(inbox)], check=True)
    count = -1
    while len(naive.seen.answers) != count:
        count = len(naive.seen.answers)
        time.sleep(5)
    observer.stop()
    observer.join()
    return naive.seen


@dataclass(frozen=True, slots=True)
class Rig:
    """A running race."""

    base: Path
    inbox: Path
    outside: Path
    ours: Seen
    naive: Seen
    trigger: FolderTrigger

    async def write(self, writer: Writer, repeats: int) -> dict[Writer, Expected]:
        """Run one writer `repeats` times at once; returns what it left behind."""
        places = [Place(self.inbox, self.outside, f"{writer.__name__}_{number}") for number in range(repeats)]
        expected: Expected = {}
        for left in await asyncio.gather(*(asyncio.to_thread(writer, place) for place in places)):
            expected |= left
        return {writer: expected}

    async def settle(self, quiet_s: float, most_s: float = 120.0) -> None:
        """Wait until our side has had nothing new for `quiet_s`."""
        until_s, count, since_s = time.monotonic() + most_s, -1, time.monotonic()
        while time.monotonic() < until_s and time.monotonic() - since_s < quiet_s:
            if len(self.ours.answers) != count:
                count, since_s = len(self.ours.answers), time.monotonic()
            await asyncio.sleep(0.1)


def part(seen: Seen, expected: Expected, writer: Writer) -> Seen:
    """Only the answers that belong to one writer."""
    mine = [answer for answer in seen.answers if writer.__name__ in answer[0] or answer[0] in expected]
    return Seen(mine, seen.at_s)


def settings_for(base: Path, **more: object) -> Settings:
    """Settings of a benchmark below `base`, whatever the environment says."""
    values = {"watch_folder": base / "inbox", "state_dir": base / "state", "folder_max_mb": 300.0, "_env_file": None}
    return Settings(**values, database_url=f"sqlite:///{base}/state/bot.db", **more)


def folder_rules(base: Path) -> tuple[Rule, ...]:
    """One rule that watches the inbox."""
    return (Rule(name="folder", on="folder", options=FolderRule(path=str(base / "inbox"))),)


class StandInEngine:
    """Stands in for the engine: what a door records is on disk when it says so, and many share a commit, as there."""

    def __init__(self, database: sa.Engine, take: Callable[[Event], object] = lambda _: None) -> None:
        self._commits = GroupCommit(database)
        self._take = take

    async def emit(self, event: Event, record: Record | None = None) -> Receipt:
        """Keep the door's row, then let the benchmark have the event."""
        await self._commits.write(record or (lambda _: None))
        self._take(event)
        return receipt(event)

    async def skip(self, event: Event, reason: str, record: Record | None = None, *, code: str = "") -> Receipt:
        """Keep the door's row."""
        del code
        await self._commits.write(record or (lambda _: None))
        return receipt(event, reason)

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """All of them: nothing is old here."""
        return set(event_ids)


def receipt(event: Event, reason: str = "") -> Receipt:
    """A receipt as the engine would give it."""
    state = "skipped" if reason else "received"
    where = (event.id, event.source, event.rule, event.subject, event.conversation)
    return Receipt(*where, state, datetime.now(UTC), reason=reason)  # type: ignore[arg-type]  # one of the two states above


def name_of(event: Event) -> str:
    """The event's file, relative to its root."""
    assert isinstance(event.reply_to, FilePath)
    return from_text(event.reply_to.name)


@asynccontextmanager
async def race(base: Path, *, with_naive: bool = True, **more: object) -> AsyncIterator[Rig]:
    """Both competitors, or ours alone, watching an empty `base/inbox` until the block ends."""
    shutil.rmtree(base, ignore_errors=True)
    inbox, outside = base / "inbox", base / "outside"
    inbox.mkdir(parents=True)
    outside.mkdir()
    settings = settings_for(base, **more)
    database = open_database(settings.database_url)
    ours, naive = Seen(), Naive(inbox)
    engine = StandInEngine(database, lambda event: ours.add(name_of(event), event.attachments[0].sha256 or ""))
    trigger = FolderTrigger(settings, folder_rules(base), database, engine.skip, engine.known)
    observer = Observer()
    if with_naive:
        observer.schedule(naive, str(inbox), recursive=True)
    observer.start()
    watching = asyncio.create_task(trigger.run(engine.emit))
    await asyncio.sleep(0.5)
    try:
        yield Rig(base, inbox, outside, ours, naive.seen, trigger)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        observer.stop()
        observer.join()
        database.dispose()


def by_writer(parts: list[dict[Writer, Expected]]) -> dict[Writer, Expected]:
    """Several writers' leavings as one table."""
    table: dict[Writer, Expected] = defaultdict(dict)
    for item in parts:
        for writer, expected in item.items():
            table[writer] |= expected
    return dict(table)
