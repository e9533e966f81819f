"""What tests need from the machine, and what happens when it is not there: a skip, or a failure in CI."""

from __future__ import annotations

import os
import shutil

import psycopg
import pytest


def require(condition: bool, reason: str) -> None:
    """Go on when the condition holds; else skip the test, or fail it when REQUIRE_ALL=1."""
    if condition:
        return
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)


def needs_postgres() -> str:
    """The URL of a Postgres database in which throwaway databases may be made (TEST_POSTGRES_URL)."""
    url = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        require(False, f"no Postgres answers at TEST_POSTGRES_URL ({str(error).strip().splitlines()[0]})")
    return url


def needs_chromium() -> tuple[str, str]:
    """The paths of Chromium and of its driver, as Debian's chromium and chromium-driver install them."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    require(bool(browser and driver), "there is no chromium with chromedriver on this machine")
    return browser or "", driver or ""


def needs_dovecot() -> str:
    """The path of Dovecot, an IMAP server, as Debian's dovecot-imapd and dovecot-lmtpd install it."""
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin") or ""
    has_both = bool(found) and all(os.path.exists(f"/usr/lib/dovecot/{name}") for name in ("imap", "lmtp"))  # noqa: PTH110
    require(has_both, "there is no Dovecot on this machine (dovecot-imapd, dovecot-lmtpd)")
    return found


def games(total: int, each: int) -> range:
    """The first seeds of tests that play `each` games: all `total` with ALL_GAMES=1 (`make games`), else an eighth."""
    return range(0, total if os.environ.get("ALL_GAMES") == "1" else total // 8, each)
