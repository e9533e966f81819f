"""The stand-in as a program: `python -m playground.claude --port 8099 --pace human`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from playground.claude import DEFAULT_KEY, HUMAN, ClaudeStandIn, Pace
from playground.serving import serve


def main() -> None:
    """Serve until interrupted or terminated; the first line on standard output is the URL."""
    options = _options()
    stand_in = ClaudeStandIn(key=options.key, pace=HUMAN if options.pace == "human" else Pace())
    stand_in.max_recorded = 20  # nobody looks at them here, and bodies may be big
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with serve(stand_in.app, options.port) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        over.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="playground.claude", description="A local stand-in of the Messages API.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--key", default=DEFAULT_KEY, help="the key it accepts")
    parser.add_argument("--pace", choices=("none", "human"), default="none")
    return parser.parse_args()


if __name__ == "__main__":
    main()
