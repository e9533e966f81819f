"""How tests run `python -m bot` from outside: a clean environment, a folder of its own, a local Claude."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
OURS = (
    "ANTHROPIC_",
    "CLAUDE_",
    "SLACK_",
    "GOOGLE_",
    "SHEET_",
    "WATCH_",
    "FOLDER_",
    "DATABASE_",
    "DAILY_",
    "NIGHT_",
    "PORT",
    "PUBLIC_",
    "CALLBACK_",
    "WEB_",
    "WEBHOOK_",
    "IMAP_",
    "SMTP_",
    "MAIL_",
)


def environment(**variables: str) -> dict[str, str]:
    """The machine's environment without any setting of ours, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "PYTHONPATH": str(HOME), "NO_COLOR": "1", "COLUMNS": "200", **variables}


def bot(folder: Path, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end in `folder`."""
    piped = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **piped,
    )


@contextlib.contextmanager
def running(folder: Path, log: Path, *, role: str = "all", **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m bot run`, ready; killed at the end of the block if it still runs. Its log goes to `log`."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--role", role], cwd=folder, env=environment(**variables), stdout=out,
            stderr=out, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        until(lambda: "ready " in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


def until(condition, timeout_s: float = 120.0):
    """Wait for a condition; returns its value. The limit is for a machine with much else to do, and no promise."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def fetch(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and body of a GET."""
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
