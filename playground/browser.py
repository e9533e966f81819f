"""A headless Chromium for the page's tests and pictures: quiet, alone, and recording what it asks for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
    *("--disable-dev-shm-usage", "--no-default-browser-check"),
)


@contextmanager
def open_browser(chromium: str, driver: str, width: int = 1200, height: int = 900) -> Iterator[Any]:
    """A selenium WebDriver over Chromium with a window of its own and an empty profile; sizes in CSS pixels.

    Its log "browser" holds what the console said, "performance" every request.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory(prefix="bellhop-browser-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # The driver's path is given: selenium's manager would look for one on the internet.
        browser = webdriver.Chrome(options=options, service=Service(executable_path=driver))
        try:
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            yield browser
        finally:
            browser.quit()
