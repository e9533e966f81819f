"""The figures of the three roles: start to ready of each, and how soon another process takes over a door.

Real processes share one database: SQLite's file, then Postgres, where TEST_POSTGRES_URL answers. Taking over is
measured from the signal: until the second process says that the door is its own, and until the answer lies beside a
file that was laid down right after the signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine import throwaway_postgres
from benchmarks.process import cpu_s
from playground.claude import ClaudeStandIn
from playground.serving import serve

HOME = Path(__file__).resolve().parents[1]
ROLES = ("web", "triggers", "worker")
ENDS = {"SIGTERM": signal.SIGTERM, "kill -9": signal.SIGKILL, "SIGSTOP": signal.SIGSTOP}
LONGEST_S = 60.0


@dataclass(frozen=True)
class Place:
    """The folder that the processes run in, and their variables."""

    folder: Path
    variables: dict[str, str]

    @contextlib.contextmanager
    def process(self, role: str, name: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
        """A process, ready, with the seconds that this took; its log is `name`."""
        with (self.folder / name).open("wb") as log:
            began_s = time.perf_counter()
            command = [sys.executable, "-m", "bot", "run", "--role", role]
            process = subprocess.Popen(command, cwd=self.folder, env=self.variables, stdout=log, stderr=log)
        try:
            yield process, _until(lambda: process.poll() is not None or " ready " in self.said(name)) - began_s
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def said(self, name: str) -> str:
        """What that process has logged so far."""
        return (self.folder / name).read_text(encoding="utf-8")


def main() -> None:
    """Print each figure with its goal."""
    with serve(ClaudeStandIn().app) as claude_url:
        for store in ("SQLite", "Postgres"):
            with tempfile.TemporaryDirectory() as folder, _database(store, folder) as url:
                if url:
                    _measure(store, _place(Path(folder), url, claude_url))


def _place(folder: Path, url: str, claude_url: str) -> Place:
    (folder / "inbox").mkdir()
    ours = {"DATABASE_URL": url, "ANTHROPIC_API_KEY": min(ClaudeStandIn().keys), "ANTHROPIC_BASE_URL": claude_url}
    more = {"WATCH_FOLDER": "inbox", "FOLDER_QUIET_SECONDS": "0.2", "PORT": "0", "WEB_HOST": "127.0.0.1"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
    return Place(folder, {**kept, "PYTHONPATH": str(HOME), "NO_COLOR": "1", **ours, **more})


def _measure(store: str, place: Place) -> None:
    for role in ROLES:
        with place.process(role, role) as (process, ready_s):
            of_it = f", {cpu_s(process.pid):.1f} s of it at the processor"
            print(f"{store}: role {role} alone, start to ready: {ready_s:.1f} s{of_it}   (goal <= 5 s)", flush=True)
    with place.process("worker", "worker"):
        _take_over(place, "first", signal.SIGTERM)  # a worker's first answer takes longer, and is not what is measured
        for how, number in ENDS.items():
            taken_s, answered_s = _take_over(place, how, number)
            print(f"{store}: door taken over after {how}: {taken_s:.1f} s   (goal <= 10 s)", end="")
            print(f"; a file laid down then is answered after {answered_s:.1f} s", flush=True)


def _take_over(place: Place, how: str, number: int) -> tuple[float, float]:
    first, second, file = f"first {how}", f"second {how}", f"{how}.txt"
    with place.process("triggers", first) as (process, _), place.process("triggers", second):
        assert "waits for its turn" in place.said(second)
        process.send_signal(number)
        began_s = time.perf_counter()
        (place.folder / "inbox" / file).write_text("Are you there?", encoding="utf-8")
        taken_s = _until(lambda: "took over a door" in place.said(second)) - began_s
        return taken_s, _until((place.folder / "inbox" / "answers" / f"{file}.answer.md").exists) - began_s


def _until(holds: Callable[[], bool]) -> float:
    """The moment in which it first holds, by `perf_counter`."""
    end_s = time.perf_counter() + LONGEST_S
    while not holds():
        assert time.perf_counter() < end_s, "waited in vain"
        time.sleep(0.01)
    return time.perf_counter()


@contextlib.contextmanager
def _database(store: str, folder: str) -> Iterator[str | None]:
    if store == "SQLite":
        yield f"sqlite:///{folder}/bot.db"
        return
    with throwaway_postgres() as url:
        yield url


if __name__ == "__main__":
    main()
