"""`bot demo` starts all by itself, answers the samples, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@contextmanager
def demo(folder, *options, **environment):
    """The command in `folder`, its temporary files below it; yields the process."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "SLACK"))}
    given = {**kept, "PYTHONPATH": str(HOME), "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1", **environment}
    (folder / "here").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", *options]
    process = subprocess.Popen(
        command, cwd=folder / "here", env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def read_until(process, pattern, timeout_s=30):
    """What it prints until a line matches; the match."""
    until = time.monotonic() + timeout_s
    lines = []
    for line in process.stdout:
        lines.append(line)
        if found := re.search(pattern, line):
            return found
        assert time.monotonic() < until, "".join(lines)
    raise AssertionError("".join(lines))


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_the_samples_and_leaves_nothing(tmp_path, number):
    with demo(tmp_path, "--port", "0") as process:
        read_until(process, r"http://127\.0\.0\.1:\d+/")
        read_until(process, r"sample-notes\.docx .*answered")
        started = children(process.pid)
        process.send_signal(number)
        assert process.wait(20) == 0
        assert started
        assert not any(Path(f"/proc/{child}").exists() for child in started)
    assert list((tmp_path / "here").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_busy_port_picks_the_next_one_and_what_was_dropped_stays(tmp_path):
    busy = socket.create_server(("127.0.0.1", 0))
    port = busy.getsockname()[1]
    with busy, demo(tmp_path, "--port", str(port)) as process:
        found = read_until(process, r"http://127\.0\.0\.1:(\d+)/")
        assert int(found[1]) != port
        (tmp_path / "here" / "inbox" / "mine.txt").write_text("Eight limes cost 5 euros.")
        read_until(process, r"mine\.txt .*answered")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    inbox = tmp_path / "here" / "inbox"
    assert sorted(path.name for path in inbox.rglob("*.*")) == ["mine.txt", "mine.txt.answer.md"]


def test_it_ends_at_once_when_it_is_told_before_it_is_ready(tmp_path):
    with demo(tmp_path, "--port", "0") as process:
        read_until(process, r"playground")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert list((tmp_path / "here").iterdir()) == []
