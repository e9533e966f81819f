"""The storm: workers under load, killed without warning at random instants and started again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from bot.receipts import Receipts
from bot.store.database import open_database
from tests.bot.engines import answer_to, event
from tests.crash.outside import Outside

HOME = Path(__file__).resolve().parents[2]


class Workers:
    """Worker processes on one database; what they say goes to a file, so that a failing test can show it."""

    def __init__(
        self, url: str, folder: Path, events: int, poison: str = "", answer_s: float = 0, *, parks: bool = False
    ) -> None:
        self.outside_path = folder / "outside.db"
        self.outside = Outside(self.outside_path)
        self._arguments = [url, str(self.outside_path), str(events), poison, str(answer_s), "parks" * parks]
        self._said = (folder / "workers.log").open("a")
        self.alive: list[subprocess.Popen[str]] = []

    def begin(self) -> subprocess.Popen[str]:
        """Start a worker; returns once it serves."""
        command = [sys.executable, "-m", "tests.crash.worker", *self._arguments]
        worker = subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, stderr=self._said, text=True)
        self.alive.append(worker)
        assert worker.stdout is not None
        line = worker.stdout.readline()
        assert line == "ready\n", line + Path(self._said.name).read_text()[-4_000:]
        return worker

    def kill(self, worker: subprocess.Popen[str]) -> None:
        """As the kernel's out-of-memory killer does it."""
        worker.kill()
        worker.communicate()
        self.alive.remove(worker)

    def end(self) -> None:
        """Stop what still runs, kindly."""
        for worker in self.alive:
            worker.send_signal(signal.SIGTERM)
        for worker in self.alive:
            worker.communicate(timeout=60)
        self._said.close()


def storm(url: str, folder: Path, *, workers: int, kills: int, events: int, seed: int, parks: bool = False) -> Workers:
    """Kill `kills` times while `events` events are handed over; returns once all are answered."""
    chance, crew = random.Random(seed), Workers(url, folder, events, parks=parks)
    try:
        for _ in range(workers):
            crew.begin()
        met_work = 0
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 0.8))
            met_work += ended(url) < events
            crew.kill(chance.choice(crew.alive))
            assert_rows_match(url)
            crew.begin()
        assert met_work >= kills / 2, "most kills met no work: hand over more events"
        wait_until_ended(url, events)
    finally:
        crew.end()
    return crew


def assert_rows_match(url: str) -> None:
    """A door's row stands exactly where its event does, at whatever instant a worker was killed."""
    database = open_database(url)
    both = sa.text(
        "SELECT (SELECT count(*) FROM receipts), (SELECT count(*) FROM crash_door_rows), "
        "(SELECT count(*) FROM receipts r JOIN crash_door_rows d ON d.event = r.id)"
    )
    with database.connect() as connection:
        assert len(set(connection.execute(both).one())) == 1
    database.dispose()


def ended(url: str) -> int:
    """How many events have ended."""
    database = open_database(url)
    counts = Receipts(database).counts()
    database.dispose()
    return counts["answered"] + counts["failed"]


def wait_until_ended(url: str, events: int, limit_s: float = 120) -> None:
    """Wait until every event has ended."""
    database = open_database(url)
    receipts, end = Receipts(database), time.monotonic() + limit_s
    while sum(receipts.counts()[state] for state in ("answered", "failed")) < events:
        assert time.monotonic() < end, f"not all ended: {receipts.counts()}"
        time.sleep(0.1)
    database.dispose()


def assert_promises_kept(url: str, outside: Outside, events: int) -> None:
    """Nothing lost, answered once, paid once, in order."""
    database = open_database(url)
    counts = Receipts(database).counts()
    database.dispose()
    assert counts == {"received": 0, "working": 0, "waiting": 0, "answered": events, "failed": 0, "skipped": 0}
    ids = [event(number).id for number in range(events)]
    assert Counter(outside.replies()) == Counter((one, answer_to(one).text) for one in ids)
    assert outside.effects("paid again") == []
    first: dict[str, list[str]] = {}
    for one, conversation in outside.effects("delivered"):
        if one not in first.setdefault(conversation, []):
            first[conversation].append(one)
    assert all(delivered == sorted(delivered) for delivered in first.values())
