import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("stride", [pytest.param(31, marks=pytest.mark.brief), pytest.param(1, marks=pytest.mark.full)])
def test_a_delivery_killed_at_any_line_and_repeated_leaves_one_whole_file_for_each_event(stride):
    command = [sys.executable, "-m", "tests.handlers.replies.file.dying", str(stride)]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert len(done.stdout.splitlines()) == 6
