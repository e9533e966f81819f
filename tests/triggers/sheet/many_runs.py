"""Ten thousand games against the adversary, one after the other; prints what went wrong, nothing when all is well."""

import logging
import os
import sys

import structlog

from tests.triggers.sheet.test_property import what_fails

RUNS = 10_000

if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(15)  # the tests beside it are measured against the clock, this is not
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for seed in range(RUNS):
        if words := what_fails(seed):
            sys.stdout.write(words + "\n")
