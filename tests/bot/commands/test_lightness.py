"""The program starts without what it makes no use of, and can still use all of it."""

import subprocess
import sys

PROBE = """
import sys
from bot.commands.lightness import start_lightly
start_lightly()
import structlog
print(any(name == "rich" or name.startswith("rich.") for name in sys.modules))
from rich.table import Table
structlog.get_logger().warning("it still speaks")
"""


def test_logs_come_without_rich_which_is_there_for_whoever_wants_it():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False\n")
    assert "it still speaks" in done.stdout


def test_what_is_loaded_already_stays_as_it_is():
    probe = "import rich\n" + PROBE.replace("print(", "print(rich is sys.modules['rich'] and ")
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True\n")
