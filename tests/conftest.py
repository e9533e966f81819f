"""What every test shares: asyncio as the only event loop, and what the full suite asks: long runs, and no skips."""

import os

import pytest


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


def pytest_collection_modifyitems(config, items):
    """Tests marked `full` run only with REQUIRE_ALL=1, and those marked `brief` only without.

    The storms come first, then other long runs: what takes minutes must not be what everybody waits for in the end.
    """
    items.sort(key=lambda item: ("/tests/crash/" not in item.path.as_posix(), not item.get_closest_marker("full")))
    if os.environ.get("REQUIRE_ALL") == "1":
        brief = [item for item in items if item.get_closest_marker("brief")]
        config.hook.pytest_deselected(items=brief)
        items[:] = [item for item in items if item not in brief]
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="a long run of the full suite (REQUIRE_ALL=1)"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With REQUIRE_ALL=1 nothing may be skipped, for whatever reason."""
    report = yield
    if report.skipped and os.environ.get("REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, but this was skipped: {report.longrepr}"
    return report
