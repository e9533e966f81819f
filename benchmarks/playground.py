"""The figures of the playground: start to the first streamed answer, page to interactive, and memory."""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.browser import open_browser

HOME = Path(__file__).resolve().parents[1]
STARTS = 5
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.25
"""The page itself notes when its first text stands there: to ask it fifty times a second delays it by half a second."""

INTERACTIVE = "const [it] = performance.getEntriesByType('navigation'); return it ? it.domContentLoadedEventEnd : 0"
WATCH = """
window.firstText = 0;
const look = () => { if (document.querySelector('.from-bot .prose')) window.firstText ||= Date.now(); };
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One start as a newcomer sees it, whose browser is open: seconds from Enter, and of the page alone."""

    page_s: float
    interactive_s: float
    first_text_s: float


def main() -> int:
    """Print each figure with its goal; returns the exit code."""
    chromium, driver = shutil.which("chromium") or "", shutil.which("chromedriver") or ""
    if not (chromium and driver):
        print("this needs chromium and chromedriver")
        return 1
    print(f"cores: {os.cpu_count()}, others' load before the start: {os.getloadavg()[0]:.1f}, {STARTS} starts")
    starts: list[Start] = []
    with open_browser(chromium, driver) as browser:
        for _ in range(STARTS):
            browser.get("about:blank")  # the page of the demo before would go on asking for it
            with tempfile.TemporaryDirectory() as folder, _demo(Path(folder)) as (process, url, entered_at):
                starts.append(_start(browser, url, entered_at))
                if len(starts) == STARTS:
                    _use_every_door(browser)
                    _memory(process.pid)
    _tell("installed, start to the page", [one.page_s for one in starts], "")
    _tell("page asked for to interactive", [one.interactive_s for one in starts], "   (goal <= 1 s)")
    _tell("start to the first streamed text", [one.first_text_s for one in starts], "   (goal <= 5 s)")
    return 0


def _start(browser: Any, url: str, entered_at: float) -> Start:
    """Load the page, ask as soon as it is there, and wait for the first text of the answer."""
    browser.get(url)
    page_s = time.time() - entered_at
    interactive_s = browser.execute_script(INTERACTIVE) / 1000
    browser.execute_script(WATCH)
    browser.find_element("css selector", '[data-try="ask"]').click()
    _wait(lambda: browser.execute_script("return window.firstText"), LOOK_EVERY_S)
    return Start(page_s, interactive_s, browser.execute_script("return window.firstText") / 1000 - entered_at)


def _tell(what: str, seconds: list[float], goal: str) -> None:
    middle, least, most = statistics.median(seconds), min(seconds), max(seconds)
    print(f"{what}: {middle:.2f} s in the median, {least:.2f} to {most:.2f}{goal}")


def _use_every_door(browser: Any) -> None:
    """Rows filled and sorted, documents answered, and a long answer: what a visitor does."""
    for name in ("rows", "drop"):
        browser.find_element("css selector", f'[data-try="{name}"]').click()
    _wait(lambda: _answered(browser, "sheet") >= 5 and _answered(browser, "folder") >= 1)
    _wait(lambda: _answered(browser, "slack") >= 1)
    time.sleep(3)


def _answered(browser: Any, door: str) -> int:
    script = (
        "return [...document.querySelectorAll('#receipts tr[data-state=answered]')]"
        ".filter((row) => row.cells[0].textContent === arguments[0]).length"
    )
    return int(browser.execute_script(script, door))


def _memory(pid: int) -> None:
    processes = [pid, *_children(pid)]
    each = {one: _status_mb(one) for one in processes}
    words = " + ".join(f"{size:.0f}" for size in each.values())
    print(
        f"memory of everything (demo + bot), every door used: {words} = {sum(each.values()):.0f} MB   (goal <= 300 MB)"
    )


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def _status_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def _demo(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """The command in `folder`: its process, its page's address, and when Enter was pressed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "SLACK"))}
    entered_at = time.time()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0"],
        cwd=folder, env={**kept, "PYTHONPATH": str(HOME), "PYTHONUNBUFFERED": "1"}, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        url = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        yield process, url, entered_at
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait(condition: Callable[[], object], every_s: float = 0.02) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            raise SystemExit("not in time")
        time.sleep(every_s)


if __name__ == "__main__":
    sys.exit(main())
