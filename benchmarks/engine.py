"""The engine's figures, beside its queue library alone and a queue in memory.

Latency, rate, rest, and what a kill -9 costs. `python -m benchmarks.engine` takes a minute; with a Postgres at
TEST_POSTGRES_URL it also measures take-over.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

EVENTS = 800
PARKED = 10_000
KILLED_EVENTS = 200
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
CHILD = [sys.executable, "-m", "benchmarks.engine_child"]


class Log:
    """What children noted: word, event and time (seconds since 1970) of each line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def times(self, word: str) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            parts = line.split()
            if len(parts) == 3 and parts[0] == word:
                found.setdefault(parts[1], []).append(float(parts[2]))
        return found

    def wait(self, word: str, count: int, limit_s: float = 30) -> None:
        end = time.monotonic() + limit_s
        while len(self.times(word)) < count:
            if time.monotonic() > end:
                raise SystemExit(f"{word}: {len(self.times(word))} of {count} after {limit_s} s")
            time.sleep(0.02)


def measured(kind: str, url: str, log: Log) -> dict[str, float]:
    """The figures of one process, by the process itself."""
    command = [*CHILD, "measure", kind, url, str(log.path), str(EVENTS)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def at_rest(url: str, log: Log, parked: int) -> dict[str, float]:
    """The figures of a process that has nothing to do, with so many parked events in its database."""
    subprocess.run([*CHILD, "park", "ours", url, str(log.path), str(parked)], timeout=120, check=True)
    command = [*CHILD, "rest", "ours", url, str(log.path), "0"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def show_parked(folder: Path) -> None:
    """What parked events cost: the same process with none of them and with many."""
    none, many = (
        at_rest(f"sqlite:///{folder / f'parked{count}.db'}", Log(folder / f"parked{count}.log"), count)
        for count in (0, PARKED)
    )
    show("", "", "none", f"{PARKED:,} parked")
    for what, key, form in (
        ("engine's start (ms)", "started_ms", ".0f"),
        ("idle CPU (% of a core)", "idle_percent", ".1f"),
        ("memory at rest (MB)", "memory_mb", ".0f"),
        ("emit -> handler starts, p95 (ms)", "p95_ms", ".1f"),
    ):
        show(f"parked events: {what}", "", format(none[key], form), format(many[key], form))


def serving(kind: str, url: str, log: Log, events: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*CHILD, "serve", kind, url, str(log.path), str(events)])


def killed(kind: str, url: str, log: Log) -> tuple[int, float | None]:
    """Accepted events never answered after a kill -9 and a restart, and the seconds from restart to an answer."""
    first = serving(kind, url, log, KILLED_EVENTS)
    log.wait("accepted", KILLED_EVENTS)
    log.wait("answered", KILLED_EVENTS // 4)
    first.kill()
    first.wait()
    before, restarted = set(log.times("answered")), time.time()
    # The new process gets nothing from its source: everything was accepted, so it is the queue's to remember.
    second = serving(kind, url, log, 0)
    try:
        if kind == "ours":
            log.wait("answered", KILLED_EVENTS)
        else:
            time.sleep(3)
    finally:
        second.kill()
        second.wait()
    answered = log.times("answered")
    later = [times[-1] for event, times in answered.items() if event not in before]
    return KILLED_EVENTS - len(answered), min(later) - restarted if later else None


def take_over(url: str, log: Log, folder: Path) -> float:
    """Seconds from the kill of one of two workers to the answer of the last event it held."""
    other_log = Log(folder / "other.log")
    other = serving("ours", url, other_log, 0)
    try:
        other_log.wait("ready", 1)
        first = serving("ours", url, log, 5 * KILLED_EVENTS)
        log.wait("answered", 20)
        first.kill()
        first.wait()
        killed_at = time.time()
        held = set(log.times("started")) - set(log.times("answered"))
        while held - set(other_log.times("answered")):
            time.sleep(0.02)
    finally:
        other.kill()
        other.wait()
    answered = other_log.times("answered")
    return max(answered[event][-1] for event in held) - killed_at


@contextlib.contextmanager
def throwaway_postgres() -> Iterator[str | None]:
    """A database of its own; None when no Postgres answers."""
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    name = sql.Identifier(bare := f"bellhop_{uuid.uuid4().hex[:12]}")
    with admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield POSTGRES.rpartition("/")[0] + f"/{bare}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def show(what: str, target: str, ours: str, naive: str = "", alone: str = "") -> None:
    print(f"{what:<49} {target:>7} {ours:>9} {alone:>12} {naive:>14}", flush=True)


def main() -> None:
    show("", "target", "Bellhop", "asyncio.Queue", "dbos alone")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = measured("ours", f"sqlite:///{folder / 'bot.db'}", Log(folder / "ours.log"))
        alone = measured("alone", f"sqlite:///{folder / 'alone.db'}", Log(folder / "alone.log"))
        naive = measured("naive", "", Log(folder / "naive.log"))
        rows = [
            ("emit -> handler starts, idle process, p50 (ms)", "", "p50_ms", ".1f"),
            ("emit -> handler starts, idle process, p95 (ms)", "150", "p95_ms", ".1f"),
            ("events a second, sustained (SQLite)", "200", "rate", ",.0f"),
            ("idle CPU (% of a core)", "5", "idle_percent", ".1f"),
            ("memory after the load (MB)", "150", "memory_mb", ".0f"),
        ]
        for what, target, key, form in rows:
            show(what, target, *(format(each[key], form) for each in (ours, naive, alone)))
        lost, again_s = killed("ours", f"sqlite:///{folder / 'killed.db'}", Log(folder / "killed.log"))
        naive_lost, _ = killed("naive", "", Log(folder / "naive-killed.log"))
        show(f"lost of {KILLED_EVENTS} accepted events after kill -9", "0", str(lost), str(naive_lost))
        show("crash -> answering again, process start incl. (s)", "5", f"{again_s:.1f}" if again_s else "-", "never")
        show_parked(folder)
        with throwaway_postgres() as url:
            over = f"{take_over(url, Log(folder / 'first.log'), folder):.1f}" if url else "no Postgres"
        show("take-over of a dead worker's events, answered (s)", "5", over, "never")


if __name__ == "__main__":
    main()
