"""What every test shares: asyncio as the only event loop, and the long runs left to the full suite."""

import os

import pytest


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


def pytest_collection_modifyitems(items):
    """Tests marked `full` run only with REQUIRE_ALL=1; elsewhere they are left out, each with its reason."""
    if os.environ.get("REQUIRE_ALL") == "1":
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="a long run of the full suite (REQUIRE_ALL=1)"))
