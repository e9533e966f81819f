"""The bot as a process: the same `python -m bot run` that serves real doors, started, killed, stopped.

It is on a leash (playground/leash.py): when the demo is killed outright, the bot and its folder are gone as well.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

STOP_S = 12.0
"""The bot ends within ten seconds of SIGTERM by its own promise."""
TAIL_BYTES = 20_000


class BotProcess:
    """`python -m bot run` in `folder`, where its `.env` is. Every method is safe from any thread."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.starts = 0

    @property
    def log_file(self) -> Path:
        """What the bot says, all its starts one after the other."""
        return self._folder / "bot.log"

    @property
    def pid(self) -> int:
        """Its process id, 0 when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, and before its first start."""
        return self._process.poll() if self._process is not None else None

    def start(self) -> None:
        """Start it, unless it runs."""
        with self._lock:
            if self.pid:
                return
            self._let_go()
            with self.log_file.open("ab") as output:
                # A session of its own: Ctrl-C in the terminal reaches the demo, which then stops the bot in order.
                self._process = subprocess.Popen(  # noqa: S603  # our own program and folder
                    [sys.executable, "-m", "playground.leash", str(self._folder), "bot", "run"],
                    cwd=self._folder, env=self._environment, stdin=subprocess.PIPE, stdout=output,
                    stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            self.starts += 1

    def kill(self) -> int:
        """Kill -9 it and whatever it started; returns the process id it had, 0 when it did not run."""
        with self._lock:
            pid = self.pid
            if pid and self._process is not None:
                self._kill_all(pid)
                self._process.wait()
                self._let_go()
            return pid

    def stop(self, patience_s: float = STOP_S) -> None:
        """Ask it to end, and make it end after `patience_s`."""
        with self._lock:
            pid = self.pid
            if pid and self._process is not None:
                self._process.terminate()
                try:
                    self._process.wait(patience_s)
                except subprocess.TimeoutExpired:
                    self._kill_all(pid)
                    self._process.wait()
            self._let_go()

    def last_words(self, lines: int = 8) -> str:
        """The end of its log."""
        if not self.log_file.exists():
            return ""
        with self.log_file.open("rb") as log:
            log.seek(max(0, self.log_file.stat().st_size - TAIL_BYTES))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _let_go(self) -> None:
        """Close our end of the leash of a bot that has ended; one that runs would be killed."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _kill_all(self, pid: int) -> None:
        # Its own session makes it the leader of a process group of that number.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
