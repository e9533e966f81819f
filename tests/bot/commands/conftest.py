"""What the command tests share: a local Claude, and the variables that lead to it."""

import pytest

from playground.claude import ClaudeStandIn
from playground.serving import serve


@pytest.fixture
def claude():
    return ClaudeStandIn()


@pytest.fixture
def key(claude):
    """The variables of a working key."""
    with serve(claude.app) as url:
        yield {"ANTHROPIC_API_KEY": min(claude.keys), "ANTHROPIC_BASE_URL": url}
