"""What every test shares: asyncio as the only event loop."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"
