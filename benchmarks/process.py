"""The figures of the process as a whole: start, memory, idle processor and `bot ask`'s own time.

`--against DIR` prints the starts of another checkout beside them, measured in turns on the same machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playground.claude import ClaudeStandIn, Pace
from playground.mail import MailStandIn
from playground.serving import serve
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from playground.slack import SlackStandIn
from playground.slack.people import BOT_USER, Channel

ALONE = ("ANTHROPIC_", "SLACK_", "PORT", "WEB_HOST")
IDLE_S = 20.0
RUNS = 7
HOME = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print each figure with its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="another checkout, whose starts are measured in turns with ours")
    against = parser.parse_args().against
    print(f"bot --help, median of {RUNS}: {_help_s():.2f} s   (goal <= 0.5 s)")
    claude, slack, sheets = ClaudeStandIn(), SlackStandIn(), SheetsStandIn()
    sheets.add_spreadsheet({"Questions": [["Question", "Answer", "Bot"]]})
    claude.answer_with("Yes.")
    with (
        serve(claude.app) as claude_url,
        serve(sheets.app) as sheets_url,
        slack.serve(),
        MailStandIn().serve() as post,
        tempfile.TemporaryDirectory() as folder,
    ):
        variables = {
            "ANTHROPIC_API_KEY": min(claude.keys),
            "ANTHROPIC_BASE_URL": claude_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(sheets.service_account_file(Path(folder) / "account.json", sheets_url)),
            "GOOGLE_SHEETS_API_URL": sheets_url,
            "GOOGLE_DRIVE_API_URL": sheets_url,
            "SHEET_ID": SPREADSHEET_ID,
            "WATCH_FOLDER": str(Path(folder) / "inbox"),
            **post.settings(),
            "IMAP_TLS": "none",
            "SMTP_TLS": "none",
            "MAIL_ALLOW": "*",
            "PORT": "0",
            "WEB_HOST": "127.0.0.1",
        }
        (Path(folder) / "inbox").mkdir()
        ask_ms = _ask_s(variables, folder) * 1000
        print(f"bot ask over the model's time, imports aside, median of {RUNS}: {ask_ms:.0f} ms   (goal <= 150 ms)")
        _starts(variables, [HOME, *([against.resolve()] if against else [])])
        _idle(variables, folder, slack, claude)
        _slack_alone({name: value for name, value in variables.items() if name.startswith(ALONE)}, slack, claude)


def _slack_alone(variables: dict[str, str], slack: SlackStandIn, claude: ClaudeStandIn) -> None:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], env=_environment(variables), cwd=folder, stdout=out, stderr=out
        )
        try:
            while "ready " not in (Path(folder) / "log").read_text():
                assert process.poll() is None
                time.sleep(0.01)
            most_mb = _streaming_mb(process.pid, slack, claude)
        finally:
            process.kill()
            process.wait()
    print(f"memory while ten answers stream, Slack's door alone: {most_mb:.0f} MB   (goal <= 150 MB)")


def _starts(variables: dict[str, str], homes: list[Path]) -> None:
    """Start to ready on an empty state and on what that left, by each checkout in turns."""
    found: dict[tuple[Path, str], list[tuple[float, float]]] = {}
    for _ in range(RUNS):
        for home in homes:
            with tempfile.TemporaryDirectory() as folder:
                own = {**variables, "STATE_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/bot.db"}
                for state in ("first", "again"):
                    found.setdefault((home, state), []).append(_start(own, folder, home))
    for (home, state), times in found.items():
        wall_s, own_s = (statistics.median(column) for column in zip(*times, strict=True))
        whose = "" if home == HOME else f" by {home}"
        words = f"{wall_s:.2f} s, {own_s:.2f} s of processor"
        print(f"start to ready, {state} start{whose}, median of {RUNS}: {words}   (goal <= 3 s)")


def _start(variables: dict[str, str], folder: str, home: Path) -> tuple[float, float]:
    """Seconds, and seconds of processor."""
    log, environment = Path(folder) / "start.log", {**_environment(variables), "PYTHONPATH": str(home)}
    with log.open("wb") as out:
        started = time.perf_counter()
        command = [sys.executable, "-m", "bot", "run"]
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=out, stderr=out)
    while "ready " not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.005)
    figures = time.perf_counter() - started, cpu_s(process.pid)
    process.terminate()
    process.wait()
    return figures


def _help_s() -> float:
    return statistics.median(_timed([sys.executable, "-m", "bot", "--help"], {}, ".") for _ in range(RUNS))


def _ask_s(variables: dict[str, str], folder: str) -> float:
    """Wall time of a whole `bot ask` less the time that imports alone take; the stand-in's model takes no time."""
    modules = (
        "bot.commands.ask",
        "bot.settings",
        "bot.logs",
        "handlers.claude",
        "handlers.prompt",
        "httpcore2",
    )
    lightly = "from bot.commands.lightness import start_lightly; start_lightly()"
    imports = f"{lightly}; import {', '.join(modules)}; from handlers.claude.sdk import import_sdk; import_sdk()"
    whole, bare = [], []
    for _ in range(RUNS):
        whole.append(_timed([sys.executable, "-m", "bot", "ask", "Are you there?"], variables, folder))
        bare.append(_timed([sys.executable, "-c", imports], variables, folder))
    return statistics.median(whole) - statistics.median(bare)


def _timed(command: list[str], variables: dict[str, str], folder: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        command,
        env=_environment(variables),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def _idle(variables: dict[str, str], folder: str, slack: SlackStandIn, claude: ClaudeStandIn) -> None:
    log = Path(folder) / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], env=_environment(variables), cwd=folder, stdout=out, stderr=out
        )
    try:
        while "ready " not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.01)
        time.sleep(5)
        before = cpu_s(process.pid)
        time.sleep(IDLE_S)
        share = (cpu_s(process.pid) - before) / IDLE_S
        print(f"idle memory: {_memory_mb(process.pid):.0f} MB   (goal <= 150 MB)")
        print(f"idle processor: {share:.1%} of a core   (goal <= 5 %)")
        print(f"memory while ten answers stream: {_streaming_mb(process.pid, slack, claude):.0f} MB   (goal <= 150 MB)")
    finally:
        process.terminate()
        started = time.perf_counter()
        code = process.wait()
        print(f"SIGTERM to the end: {time.perf_counter() - started:.2f} s, exit {code}   (goal <= 10 s, 0)")


def _streaming_mb(pid: int, slack: SlackStandIn, claude: ClaudeStandIn) -> float:
    """The most that the process holds in 20 s of ten streams; most of what comes on top is Anthropic's package."""
    claude.pace = Pace(0.5, 40.0)
    claude.answer_with("Yes, and more words. " * 600)
    for number in range(10):
        name = f"C0BENCH{number}"
        slack.workspace.channels[name] = Channel(name, f"bench{number}", "channel", {BOT_USER, "U0ANNA"})
        slack.say("U0ANNA", name, f"<@{BOT_USER}> are you there?")
    most_mb = 0.0
    for _ in range(20):
        time.sleep(1)
        most_mb = max(most_mb, _memory_mb(pid))
    return most_mb


def _environment(variables: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOME), **variables}


def cpu_s(pid: int) -> float:
    """Seconds of processor time that a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
