"""The schedule's figures: instants over five years against a walk, instant → model, kill -9, and a dead destination.

`python -m benchmarks.schedule` takes ten minutes; without Postgres (TEST_POSTGRES_URL) the kills are left out.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
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
    with tempfile.TemporaryDirectory() as folder, serve(ClaudeStandIn().app) as claude:
        print(_latency(Path(folder), claude))
    with tempfile.TemporaryDirectory() as folder, serve(ClaudeStandIn().app) as claude:
        print(_dead_place(Path(folder), claude))
    with tempfile.TemporaryDirectory() as folder:
        print(_kills(Path(folder)))


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


def _latency(folder: Path, claude: str) -> str:
    """How long after an instant its event is at work and its answer there, three minutes long."""
    with _bots(folder, claude, f"sqlite:///{folder}/bot.db", RULE, roles=("all",)):
        receipts = _answered(f"sqlite:///{folder}/bot.db", 3, 200)
    asked = [_after_minute(receipt.working_at) for receipt in receipts]
    over = [_after_minute(receipt.finished_at) for receipt in receipts]
    return f"instant → at work: worst {max(asked):.2f} s; → answered: median {statistics.median(over):.2f} s"


def _dead_place(folder: Path, claude: str) -> str:
    """Three places, one of them dead: when the living ones have the answer, and how often."""
    for name in ("out", "copies"):
        (folder / name).mkdir()
    url = f"sqlite:///{folder}/bot.db"
    more = {"SLACK_BOT_TOKEN": "xoxb-dead", "SLACK_APP_TOKEN": "", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    with _bots(folder, claude, url, RULE + ROUTED, roles=("all",), **more):
        database = open_database(url)
        end_s = time.monotonic() + 100
        while time.monotonic() < end_s:
            found = [one for one in Receipts(database).newest() if any(d.state == "delivered" for d in one.deliveries)]
            if found:
                break
            time.sleep(0.05)
        late_s = time.time() % 60
        time.sleep(20)
        files = [len(list((folder / name / "answers").glob("*.md"))) for name in ("out", "copies")]
        receipt = next(iter(Receipts(database).newest(limit=1)), None)
    states = Counter(delivery.state for delivery in receipt.deliveries) if receipt else Counter()
    return (
        f"one of three places dead: the living ones after {late_s:.1f} s, {files} files after 20 s more; {dict(states)}"
    )


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
    asked = sum(one.path == "/v1/messages" for one in stand_in.requests)
    lost, twice = len(wanted - ran), asked - len(receipts)
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
