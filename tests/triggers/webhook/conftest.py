"""A Chromium for the tests of forms and of the pages of their answers."""

from __future__ import annotations

import re

import pytest

from playground.browser import open_browser
from tests.needs import needs_chromium

HERE = re.compile(r"^(data:|about:|blob:|chrome:|http://127\.0\.0\.1:\d+/)")


@pytest.fixture(scope="module")
def browser():
    with open_browser(*needs_chromium()) as browser:
        yield browser


@pytest.fixture
def quiet(browser):
    """No error in the console but those of a status that was meant, and no request that left this machine."""
    browser.get_log("browser")
    browser.get_log("performance")
    yield
    complaints = [one["message"] for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert [one for one in complaints if "status of 4" not in one] == []
    asked = re.findall(r'"requestWillBeSent".*?"url":"([^"]+)"', str(browser.get_log("performance")))
    assert [one for one in asked if not HERE.match(one)] == []
