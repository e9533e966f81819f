"""Somebody before a real Chromium who fills in forms and reads the pages of their answers."""

from __future__ import annotations

import time

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

from bot.doors.webhook.rule import WebhookRule
from bot.rules.rule import Rule

FIELDS = {
    "Name": "text", "Kind": ("bug", "wish"), "Area?": ("a", "b", "c", "d", "e"), "Message": "long", "Email?": "email",
    "Points?": "number", "Due?": "date", "File?": "file",
}  # fmt: skip
ANSWER = "# Head\n\n**words** and a [link](https://x.org).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\nend"


def form(hook="feedback", reply=(), **keys):
    options = WebhookRule(hook=hook, fields=FIELDS, title="Tell us", intro="A line.", thanks="Thanks.", **keys)
    return Rule(name=hook, on="webhook", ask="Answer this.", reply=reply, options=options)


class Person:
    """Somebody before the browser; every step blocks."""

    def __init__(self, browser, base):
        self.browser, self.base = browser, base

    def open(self, path, width=1200, *, dark=False, scripts=True):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        look = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": look})
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        self.browser.get(self.base + path)

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def text(self, selector="main"):
        return self.find(selector).text

    def wait(self, condition, timeout_s=15.0):
        until = time.monotonic() + timeout_s
        while not (found := self._now(condition)):
            assert time.monotonic() < until, self.browser.page_source
            time.sleep(0.05)
        return found

    def _now(self, condition):
        try:
            return condition()
        except (NoSuchElementException, StaleElementReferenceException):  # one page goes, the next comes
            return None

    def fill(self):
        self.find("[name=Name]").send_keys("Ada")
        self.find("[value=wish]").click()
        self.find("[name=Message]").send_keys("It is broken.")

    def send(self):
        self.find("button[type=submit]").click()

    def status(self):
        found = self.browser.find_elements("css selector", ".status")
        return found[0].text if found else ""
