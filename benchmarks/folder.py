"""The folder door's figures: every writer, bursts, crashes, latency, rest; a naive handler beside it.

`python -m benchmarks.folder` takes under 90 s; `--full` adds 20 repeats of the bulk writers, the overflow with 60,000
files and 20 kill -9.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from benchmarks.folder_rig import (
    Rig,
    StandInEngine,
    by_writer,
    folder_rules,
    naive_alone,
    part,
    race,
    score,
    settings_for,
)
from benchmarks.folder_writers import (
    BULK,
    SMALL,
    Expected,
    Writer,
    copied_large,
    many_copied_into_new_folder,
    many_files,
)
from bot.store.database import open_database
from triggers.folder import FolderTrigger


async def writers(base: Path, *, full: bool) -> None:
    """Every writer, 20 times; the bulk ones once, or 20 times when full."""
    async with race(base) as rig:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(400))
        table = by_writer(list(await asyncio.gather(*(rig.write(writer, 20) for writer in SMALL))))
        await rig.settle(3.0)
        for writer in BULK:
            table |= await rig.write(writer, 20 if full else 5 if writer is copied_large else 1)
            # A hundred thousand files overflow the kernel's queue: the scan, every 30 s, must have had its turn.
            await rig.settle(40.0 if full else 4.0, most_s=400.0)
        _print_scores(rig, table)


async def bursts(base: Path) -> None:
    """Thousands of files at once, for us alone: in one process the naive handler would take half the time."""
    for writer in (many_files, many_copied_into_new_folder):
        async with race(base, with_naive=False) as rig:
            started_s = time.monotonic()
            table = await rig.write(writer, 1)
            wrote_s = time.monotonic()
            await rig.settle(3.0)
            _print_burst(rig, writer, table[writer], started_s, wrote_s)


def _print_burst(rig: Rig, writer: Writer, expected: Expected, started_s: float, wrote_s: float) -> None:
    last_s = max((rig.ours.at_s[name] for name in expected if name in rig.ours.at_s), default=started_s)
    written = f"{len(expected)} files in {wrote_s - started_s:.1f} s"
    print(f"  {writer.__name__}: {written}, the last handed over {last_s - wrote_s:.2f} s after the last close")


def _print_scores(rig: Rig, table: dict[Writer, Expected]) -> None:
    print(f"\n{'writer':32}{'versions':>9} | {'ours: missed torn doubled':^27} | {'naive: missed torn doubled':^27}")
    totals = [0] * 7
    for writer, expected in table.items():
        ours = score(part(rig.ours, expected, writer), expected)
        naive = score(part(rig.naive, expected, writer), expected)
        row = [ours.expected, ours.missed, ours.torn, ours.doubled, naive.missed, naive.torn, naive.doubled]
        totals = [sum(pair) for pair in zip(totals, row, strict=True)]
        _print_row(writer.__name__, row)
    _print_row("all", totals)


def _print_row(name: str, row: list[int]) -> None:
    cells = [f"{number:>9}" for number in row]
    print(f"{name:32}{cells[0]} | {''.join(cells[1:4])} | {''.join(cells[4:])}")


async def latency(base: Path, count: int = 100) -> None:
    """Close to hand-over at quiet 1.0 s, and rename to hand-over, one file every 60 ms."""
    async with race(base, folder_quiet_seconds=1.0) as rig:
        closed = await _spread(rig, count, renamed=False)
        renamed = await _spread(rig, count, renamed=True)
        await rig.settle(2.0)
        for label, times in (("close -> handler", closed), ("rename -> handler", renamed)):
            taken = sorted(rig.ours.at_s[name] - at_s for name, at_s in times.items())
            middle, last = statistics.median(taken), taken[int(len(taken) * 0.99)]
            print(f"  {label}: p50 {middle * 1000:.0f} ms, p99 {last * 1000:.0f} ms (n={len(taken)})")


async def _spread(rig: Rig, count: int, *, renamed: bool) -> dict[str, float]:
    times: dict[str, float] = {}
    for number in range(count):
        name = f"{'moved' if renamed else 'closed'}-{number}.txt"
        target = rig.outside / name if renamed else rig.inbox / name
        target.write_text(name)
        if renamed:
            target.rename(rig.inbox / name)
        times[name] = time.monotonic()
        await asyncio.sleep(0.06)
    return times


async def overflow(base: Path, count: int = 60_000) -> None:
    """More files at once than the kernel's queue holds; each side alone, as a process would be."""
    expected: Expected = {f"many/{number}.txt": [f"{number}\n".encode()] for number in range(count)}
    async with race(base, with_naive=False, folder_rescan_seconds=30.0) as rig:
        source = rig.outside / "many"
        source.mkdir()
        for number in range(count):
            (source / f"{number}.txt").write_text(f"{number}\n")
        started_s = time.monotonic()
        await asyncio.to_thread(subprocess.run, ["cp", "-r", str(source), str(rig.inbox)], check=True)
        copied_s = time.monotonic()
        await rig.settle(40.0, most_s=400.0)
        last_s = max(rig.ours.at_s.values()) - copied_s
        print(f"  {count} files copied in {copied_s - started_s:.1f} s; the last handed over {last_s:.1f} s after")
        print(f"  ours {score(rig.ours, expected)}")
    print(f"  naive {score(await asyncio.to_thread(naive_alone, source, base / 'naive'), expected)}")


def crashes(base: Path, kills: int) -> None:
    """Kill -9 at random instants while files keep coming; then every version must be there, once."""
    shutil.rmtree(base, ignore_errors=True)
    (base / "inbox").mkdir(parents=True)
    chance, expected, number = random.Random(1), dict[str, str](), 0
    _first_start(base)
    for _ in range(kills):
        process = _start_child(base, 1000)
        until_s = time.monotonic() + chance.uniform(0.6, 2.2)
        while time.monotonic() < until_s:
            name, content = f"{number}.txt", os.urandom(chance.randint(1, 20_000))
            (base / "inbox" / name).write_bytes(content)
            expected[name] = hashlib.sha256(content).hexdigest()
            number += 1
            time.sleep(chance.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = _after_the_storm(base, expected)
    lost = sum(found.count(item) == 0 for item in expected.items())
    doubled = sum(found.count(item) > 1 for item in expected.items())
    strays = len(set(found) - set(expected.items())) - 1  # the file of the first start
    print(f"  {kills} kill -9 over {number} files: lost {lost}, doubled {doubled}, strays {strays}")


def _first_start(base: Path) -> None:
    # More than 20 files waiting at the very first start would be a backlog, and skipped.
    process = _start_child(base, 1000)
    while not (base / "state" / "files" / "folder").exists():
        (base / "inbox" / "first.txt").write_text("first")
        time.sleep(1.5)
    process.kill()
    process.wait()
    (base / "inbox" / "first.txt").unlink()


def _after_the_storm(base: Path, expected: dict[str, str]) -> list[tuple[str, str]]:
    process = _start_child(base, 1000)
    rows = sqlite3.connect(base / "state" / "bot.db")
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s and rows.execute("SELECT count(*) FROM ledger").fetchone()[0] < len(expected):
        time.sleep(0.2)
    time.sleep(2)
    process.kill()
    process.wait()
    return [(name, content) for name, content in rows.execute("SELECT name, content FROM ledger")]


def _start_child(base: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.folder_child", str(base), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def start_resting(base: Path, count: int = 10_000, seconds: float = 48.0) -> subprocess.Popen[str]:
    """Begin to measure a process that watches `count` old files; also prints how fast they are listed."""
    shutil.rmtree(base, ignore_errors=True)
    (base / "inbox").mkdir(parents=True)
    for number in range(count):
        (base / "inbox" / f"{number}.txt").write_text(f"{number}\n")
    settings = settings_for(base)
    database = open_database(settings.database_url)
    engine = StandInEngine(database)
    trigger = FolderTrigger(settings, folder_rules(base), database, engine.skip, engine.known)
    started_s = time.monotonic()
    (backlog,) = trigger.first_start_backlog()
    print(f"  backlog of {backlog.count} files listed in {time.monotonic() - started_s:.2f} s")
    return _start_child(base, seconds)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full: bool = parser.parse_args().full
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("watchdog").addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory(prefix="bellhop-folder-") as folder:
        base = Path(folder)
        print("Rest, 10,000 files")
        resting = start_resting(base / "rest")
        print("Latency, one file at a time")
        asyncio.run(latency(base / "latency"))
        print("Bursts")
        asyncio.run(bursts(base / "bursts"))
        print("Writers")
        asyncio.run(writers(base / "writers", full=full))
        print("Crashes")
        crashes(base / "crashes", 20 if full else 4)
        output, _ = resting.communicate(timeout=120)
        share, resident_mb = output.split()
        print(f"Rest, 10,000 files watched: {share} % of a core, {resident_mb} MB resident")
        if full:
            print("Overflow")
            asyncio.run(overflow(base / "overflow"))


if __name__ == "__main__":
    main()
