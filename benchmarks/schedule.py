"""The schedule's figures: instants over five years against a walk, instant → model, kill -9, and a dead destination.

`python -m benchmarks.schedule` takes ten minutes; without Postgres (TEST_POSTGRES_URL) the kills are left out.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.doors.schedule.timetable import Timetable
from bot.events import Receipt
from bot.receipts import Receipts
from bot.store.database import open_database
from playground.claude import ClaudeStandIn
from playground.serving import serve
from tests.bot.engines import throwaway_postgres
from tests.bot.running import environment, free_port
from tests.triggers.schedule.walk import LINES, ZONES, walked

KILLS = 30
PAUSE_S = 8.0
RULE = """
[[rule]]
name = "every minute"
on = "schedule"
cron = "* * * * *"
ask = "Report {period}."
missed = "all"
"""
ROUTED = 'reply = ["file:out", "file:copies", "slack:C0GENERAL"]\n'


def main() -> None:
    """Print every figure."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it takes minutes
    print(_instants())
    for measure in (_latency, _dead_place, _kills):
        with tempfile.TemporaryDirectory() as folder:
            print(measure(Path(folder)))


def _instants() -> str:
    """Our instants against a walk through every quarter of an hour; the naive way knows one offset for a zone."""
    start, end = datetime(2010, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)
    count = wrong = naive = 0
    for zone in ZONES:
        offset = start - start.astimezone(Timetable("0 0 * * *", zone).place).replace(tzinfo=UTC)
        for cron, wanted in walked(zone, LINES, start, end).items():
            ours = set(Timetable(cron, zone).between(start, end))
            fixed = {instant + offset for instant in Timetable(cron, "UTC").between(start - offset, end - offset)}
            count, wrong = count + len(wanted), wrong + len(ours ^ set(wanted))
            naive += len(fixed - set(wanted))
    return f"instants, 5 years, 6 zones: {count:,}; wrong {wrong} (with a fixed offset: {naive:,} at another moment)"


def _latency(folder: Path) -> str:
    """How long after an instant the model is asked, and its answer there; three minutes, the first of them cold."""
    stand_in = ClaudeStandIn()
    with serve(stand_in.app) as claude, _bots(folder, claude, f"sqlite:///{folder}/bot.db", RULE, roles=("all",)):
        receipts = _answered(f"sqlite:///{folder}/bot.db", 3, 200)
    asked = [at_s % 60 for at_s in _asked_at(stand_in)]
    over = [_after_minute(receipt.finished_at) for receipt in receipts]
    cold, warm = f"{asked[0]:.2f} s", f"{max(asked[1:]):.2f} s"
    return (
        f"instant → model asked: {cold} the first time, then {warm}; → answered: median {statistics.median(over):.2f} s"
    )


def _dead_place(folder: Path) -> str:
    """Three places, one of them dead: when the living ones have the answer, and how often."""
    for name in ("out", "copies"):
        (folder / name).mkdir()
    url, stand_in = f"sqlite:///{folder}/bot.db", ClaudeStandIn()
    more = {"SLACK_BOT_TOKEN": "xoxb-dead", "SLACK_APP_TOKEN": "", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    with serve(stand_in.app) as claude, _bots(folder, claude, url, RULE + ROUTED, roles=("all",), **more):
        end_s = time.monotonic() + 100
        while time.monotonic() < end_s and not _files(folder):
            time.sleep(0.05)
        time.sleep(20)
    written = _files(folder)
    late_s = max(file.stat().st_mtime for file in written) - min(_asked_at(stand_in))
    tried = Receipts(open_database(url)).newest(limit=1)[0].deliveries
    dead = next((one.state for one in tried if one.to.startswith("slack:")), "still tried")
    return f"one of three places dead: model asked → {len(written)} living ones {late_s:.1f} s; the dead one is {dead}"


def _files(folder: Path) -> list[Path]:
    return [file for name in ("out", "copies") for file in (folder / name).glob("answers/*.md")]


def _asked_at(stand_in: ClaudeStandIn) -> list[float]:
    return [one.time for one in stand_in.requests if one.path == "/v1/messages"]


def _kills(folder: Path) -> str:
    """Two processes with role triggers on one Postgres, one of them killed 30 times."""
    if not _has_postgres():
        return "kill -9: left out, there is no Postgres"
    stand_in = ClaudeStandIn()
    with throwaway_postgres() as url, serve(stand_in.app) as claude:  # noqa: SIM117  # one line would be too long
        with _bots(folder, claude, url, RULE, roles=("worker", "triggers", "triggers")) as bots:
            time.sleep(5)
            began = datetime.now(UTC)
            for number in range(KILLS):
                time.sleep(PAUSE_S)
                victim = 1 + number % 2
                bots[victim].kill()
                bots[victim].wait()
                bots[victim] = _start(folder, claude, url, "triggers")
            time.sleep(15)
            over = datetime.now(UTC)
            receipts = Receipts(open_database(url)).newest(limit=1_000)
    wanted = {f"{instant:%Y-%m-%dT%H:%M:%SZ}" for instant in Timetable("* * * * *", "UTC").between(began, over)}
    ran = {receipt.id.rpartition("every minute:")[2] for receipt in receipts if receipt.state == "answered"}
    lost, twice = len(wanted - ran), len(_asked_at(stand_in)) - len(receipts)
    return f"{KILLS} kill -9 of two triggers processes: {len(wanted)} instants, lost {lost}, asked twice {twice}"


def _has_postgres() -> bool:
    try:
        with throwaway_postgres():
            return True
    except Exception:  # noqa: BLE001  # whatever keeps it from us, there is none
        return False


def _answered(url: str, count: int, limit_s: float) -> list[Receipt]:
    receipts, end_s = Receipts(open_database(url)), time.monotonic() + limit_s
    while len(found := receipts.newest(state="answered")) < count and time.monotonic() < end_s:
        time.sleep(0.2)
    return found


def _after_minute(moment: datetime | None) -> float:
    return moment.timestamp() % 60 if moment else float("inf")


@contextmanager
def _bots(
    folder: Path, claude: str, url: str, rules: str, *, roles: tuple[str, ...], **more: str
) -> Iterator[list[subprocess.Popen[bytes]]]:
    (folder / "rules.toml").write_text(rules)
    bots = [_start(folder, claude, url, role, **more) for role in roles]
    try:
        yield bots
    finally:
        for one in bots:
            one.kill()
            one.wait()


def _start(folder: Path, claude: str, url: str, role: str, **more: str) -> subprocess.Popen[bytes]:
    given = {"ANTHROPIC_API_KEY": "sk-ant-local-stand-in", "ANTHROPIC_BASE_URL": claude, "DATABASE_URL": url}
    with (folder / f"{role}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--role", role],
            cwd=folder, env=environment(**given, **more, PORT=free_port()), stdin=subprocess.DEVNULL,
            stdout=log, stderr=log,
        )  # fmt: skip


if __name__ == "__main__":
    main()
