"""One playground and one browser for all tests of the page: they act side by side, as people do."""

import json
import re
import time

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

from playground.browser import open_browser
from playground.page import serve_page
from playground.stage import open_stage
from tests.needs import needs_chromium

LOOPBACK = re.compile(r"^(data:|about:|blob:|chrome:|http://(127\.0\.0\.1|localhost)(:\d+)?(/|$))")


class Player:
    """Somebody before the page: the stage behind it, its address, and the browser."""

    def __init__(self, stage, url, browser):
        self.stage, self.url, self.browser = stage, url, browser
        self.complaints, self.requests = [], []

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def js(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def wait(self, condition, timeout_s=25.0):
        until = time.monotonic() + timeout_s
        while not (found := self._now(condition)):
            assert time.monotonic() < until, f"not in time; the bot's last words:\n{self.stage.bot.last_words()}"
            time.sleep(0.05)
        return found

    def _now(self, condition):
        try:
            return condition()
        except (NoSuchElementException, StaleElementReferenceException):  # not drawn yet, or anew since the look-up
            return None

    def press(self, selector, keys):
        """Press keys on an element, which the page may be drawing anew in that moment."""
        self.wait(lambda: self.find(selector).send_keys(keys) or True)

    def load(self):
        self.browser.get(self.url)
        self.wait(lambda: self.find("#bot").get_attribute("data-state") == "listening")

    def receipts(self, words):
        return [one for one in self.stage.ledger.read().values() if words in one.subject]

    def settled(self, words):
        found = self.receipts(words)
        return bool(found) and all(one.state in {"answered", "failed"} for one in found)

    def send(self, text):
        """Type into the composer and press Enter."""
        self.find("#text").send_keys(text + "\n")

    def answers(self, root_ts, channel="C0GENERAL"):
        return [one for one in self.stage.slack.thread(channel, root_ts) if one.user == "U0BELLHOP"]

    def root(self, words, channel="C0GENERAL"):
        return next(one for one in self.stage.slack.messages(channel) if words in one.text).ts

    def rows(self):
        """The filled rows of the sheet below its header, as the stand-in has them."""
        return [row for row in self.stage.sheets.grid()[1:] if any(row)]

    def receipt_row(self, words, state):
        """What a reader finds in the strip's row of that question once it is in that state, else ""."""
        rows = self.js(
            "return [...document.querySelectorAll('#receipts tbody tr')].map(r => [r.dataset.state, r.innerText])"
        )
        return next((text for known, text in rows if known == state and words in text), "")

    def make_trouble(self, name):
        """Press a button of the panel and wait until it is told how it ended; the newest entry's words."""
        newest = "return document.querySelector('#happened > li')?.dataset.id ?? ''"
        before = self.js(newest)
        self.find("#open-trouble").click()
        self.find(f'[data-trouble="{name}"]').click()
        self.wait(lambda: self.js(newest) != before)
        ended = f'#happened > [data-id="{self.js(newest)}"]:is(.healed, .failed, .over)'
        found = self.wait(lambda: self.all(ended), timeout_s=40)[0].text
        self.find("#close-trouble").click()
        return found

    def listen(self):
        """Keep what the console said and which addresses were asked for, since the last time."""
        self.complaints += [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    chromium, driver = needs_chromium()
    inbox = tmp_path_factory.mktemp("play") / "inbox"
    with (
        open_stage(inbox) as stage,
        serve_page(stage) as url,
        open_browser(chromium, driver) as browser,
    ):
        player = Player(stage, url, browser)
        player.load()
        yield player


@pytest.fixture(autouse=True)
def quiet(request):
    """After each test: no error in the console, and no request that left this machine."""
    yield
    if "page" in request.fixturenames:
        player = request.getfixturevalue("page")
        player.listen()
        assert player.complaints == []
        assert [url for url in player.requests if not LOOPBACK.match(url)] == []
