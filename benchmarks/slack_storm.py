"""The Slack storm as a figure: so many questions, faults, kills, and how many were answered exactly once.

    python -m benchmarks.slack_storm [--questions 1000] [--kills 3] [--per-second 2.5] [--minutes 14] [--seed 1]

The whole program runs against a strict stand-in with Slack's own limits, in real time: 1,000 questions take about
as long as Slack's budget of posts and edits makes them take.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.crash.slack_storm import Outcome, storm


def report(outcome: Outcome) -> str:
    """The outcome in a few lines."""
    lines = [
        f"questions {outcome.questions} · kill -9 {outcome.kills} · {outcome.seconds:.0f} s",
        f"exactly one complete answer: {outcome.exact} ({100 * outcome.exact / max(1, outcome.questions):.1f} %)",
        f"faults met: {dict(outcome.faults)}",
        f"calls turned away without a fault: {dict(outcome.refused_unasked)}",
        f"calls to Claude: {outcome.claude_calls}",
    ]
    return "\n".join(lines + [f"  wrong {number}: {words}" for number, words in sorted(outcome.wrong.items())[:20]])


def main() -> None:
    parser = argparse.ArgumentParser(description="Questions under faults and kills, and what stood in Slack.")
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--per-second", type=float, default=2.5)
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, limit_s = Path(folder), options.minutes * 60
        outcome = storm(home, options.questions, options.kills, options.seed, per_s=options.per_second, limit_s=limit_s)
    print(report(outcome))


if __name__ == "__main__":
    main()
