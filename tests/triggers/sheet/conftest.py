"""The ten thousand runs begin with the tests, in a process of their own; their test comes late and waits for them."""

import os
import subprocess
import sys

import pytest

MANY_RUNS = pytest.StashKey[subprocess.Popen[str]]()


def pytest_collection_finish(session):
    is_asked = os.environ.get("REQUIRE_ALL") == "1" and not session.config.option.collectonly
    if is_asked and any("many_runs" in getattr(item, "fixturenames", ()) for item in session.items):
        command = [sys.executable, "-m", "tests.triggers.sheet.many_runs"]
        session.config.stash[MANY_RUNS] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def pytest_sessionfinish(session):
    process = session.config.stash.get(MANY_RUNS, None)
    if process is not None:
        process.kill()


@pytest.fixture
def many_runs(request):
    return request.config.stash[MANY_RUNS]
