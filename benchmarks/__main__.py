"""`make bench`: every benchmark after the other, each in a process of its own."""

import subprocess
import sys

BENCHMARKS = (
    *("process", "roles", "documents", "playground", "engine", "folder", "sheets", "mail", "schedule", "webhook"),
    *("slack_streams", "slack_storm", "ceilings", "cache", "estimates", "night"),
)


def main() -> int:
    """Run them all; returns how many failed."""
    failed = 0
    for name in BENCHMARKS:
        print(f"\n== python -m benchmarks.{name}\n", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
