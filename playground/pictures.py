"""`make pictures`: the playground as it looks, for the README, taken by headless Chromium."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playground.browser import open_browser
from playground.page import serve_page
from playground.stage import TAB, Stage, open_stage
from playground.stage.hooks import FORM
from playground.stage.inbox import SAMPLES
from playground.stage.sheet import FIVE_ROWS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
WIDTH, HEIGHT = 1200, 1130
MAX_BYTES = 300_000
ONE_MORE = "Could we order 6 shelves in oak as well?"
WRITTEN = {"Name": "Anna", "Message": "The third lamp flickers since Monday.\nI have changed the bulb already."}
PATIENCE_S = 60.0


def main() -> int:
    """Write chat.png, sheet.png, mail.png and form.png of docs/pictures; returns the exit code."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    driver = shutil.which("chromedriver") or ""
    if not (chromium and driver):
        sys.stderr.write("Pictures need chromium and chromedriver: on Debian, apt install chromium chromium-driver\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as work,
        open_stage(Path(work) / "inbox") as stage,
        serve_page(stage) as url,
        open_browser(chromium, driver, WIDTH, HEIGHT) as browser,
    ):
        browser.get(url)
        _picture(browser, "chat", lambda: _chat(browser, stage))
        _picture(browser, "sheet", lambda: _sheet(browser, stage))
        _picture(browser, "mail", lambda: _mail(browser, stage))
        _picture(browser, "form", lambda: _form(browser, stage))
    return 0


def _picture(browser: Any, name: str, prepare: Callable[[], None]) -> None:
    prepare()
    time.sleep(0.6)  # what moves on the page comes to rest
    path = FOLDER / f"{name}.png"
    browser.save_screenshot(str(path))
    size = path.stat().st_size
    sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}  {size:,} bytes\n")
    if size > MAX_BYTES:
        raise SystemExit(f"{path.name} is larger than {MAX_BYTES:,} bytes")


def _chat(browser: Any, stage: Stage) -> None:
    """A table answered for Anna, and for Ben, in the same thread, a program on its way."""
    browser.find_element("id", "hide-tries").click()
    _wait(lambda: stage.slack.sockets.open_count)
    stage.inbox.drop_sample(next(iter(SAMPLES)))
    _wait(lambda: _answered(stage, "folder") == 1)
    asked = stage.slack.say("U0ANNA", "C0GENERAL", "@bellhop make a table of oak, pine, ash")
    _wait(lambda: _answered(stage, "slack") == 1)
    stage.slack.say("U0BEN", "C0GENERAL", "and write a small Python program that counts the guests of a hotel", asked)
    _wait(lambda: "Counter(" in browser.find_element("id", "messages").text)


def _sheet(browser: Any, stage: Stage) -> None:
    """Five rows, sorted while they were pending, their answers in, and one more on its way."""
    browser.execute_script("document.querySelector('[data-try=rows]').click()")
    _wait(lambda: len(browser.find_elements("css selector", "#grid .look .good")) == len(FIVE_ROWS))
    stage.sheets.person("ben").type_row(TAB, len(FIVE_ROWS) + 2, [ONE_MORE])
    _wait(lambda: browser.find_elements("css selector", "#grid .look .working"))
    browser.execute_script("document.getElementById('toast').hidden = true")


def _mail(browser: Any, stage: Stage) -> None:
    """A mail of Anna's and its answer in the thread, as the page that it was sent as."""
    for name in ("tab-mail", "new-mail"):
        browser.find_element("id", name).click()
    browser.find_element("id", "mail-subject").send_keys("Three trees")
    browser.find_element("id", "mail-text").send_keys("Make a table of: oak, pine, ash")
    browser.find_element("css selector", "#mail-form .main-button").click()
    _wait(lambda: _answered(stage, "mail") == 1)
    _wait(lambda: browser.find_elements("css selector", ".letter.from-bot iframe"))


def _form(browser: Any, stage: Stage) -> None:
    """The form of the demo, filled in and about to be sent."""
    browser.get(f"{stage.web_url}/forms/{FORM}")
    for name, text in WRITTEN.items():
        browser.find_element("name", name).send_keys(text)
    browser.find_element("css selector", "[value=bug]").click()


def _answered(stage: Stage, source: str) -> int:
    return sum(one.source == source and one.state == "answered" for one in stage.ledger.read().values())


def _wait(condition: Callable[[], object]) -> None:
    """Raises SystemExit when the condition does not come true in time."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            raise SystemExit("The playground did not get there in time; is every door built?")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
