"""The folder trigger killed at random instants: nothing lost, nothing doubled."""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest


@pytest.mark.parametrize("kills", [pytest.param(3, marks=pytest.mark.brief), pytest.param(20, marks=pytest.mark.full)])
def test_kill_minus_9_at_any_instant_loses_and_doubles_nothing(tmp_path, kills):
    inbox, chance, expected = tmp_path / "inbox", random.Random(7), {}
    inbox.mkdir()
    _run_until(tmp_path, (tmp_path / "state" / "bot.db").exists)
    ledger = sqlite3.connect(tmp_path / "state" / "bot.db")
    for _ in range(kills):
        process = _start(tmp_path)
        end_s = time.monotonic() + chance.uniform(0.9, 2.0)
        while time.monotonic() < end_s:
            name, content = f"{chance.randint(0, 10**6)}.txt", os.urandom(chance.randint(1, 5000))
            (inbox / name).write_bytes(content)
            expected[name] = hashlib.sha256(content).hexdigest()
            time.sleep(0.03)
        process.send_signal(signal.SIGKILL)
        process.wait()
    _run_until(tmp_path, lambda: _count(ledger) >= len(expected))
    rows = ledger.execute("SELECT name, content FROM ledger").fetchall()
    assert sorted(rows) == sorted(expected.items())


def _start(base):
    command = [sys.executable, "-m", "benchmarks.folder_child", str(base), "1000"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _run_until(base, condition, most_s=20.0):
    process = _start(base)
    end_s = time.monotonic() + most_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.1)
    time.sleep(1.5)  # room for a second, wrong event to show itself
    process.kill()
    process.wait()


def _count(ledger):
    return (
        ledger.execute("SELECT count(*) FROM sqlite_master WHERE name = 'ledger'").fetchone()[0]
        and ledger.execute("SELECT count(*) FROM ledger").fetchone()[0]
    )
