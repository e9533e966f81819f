"""Every cost that is shown is Claude's bill, to the cent and beyond: page, receipts, `bot costs`, whatever broke."""

import json
import re

import pytest

from playground.claude import Fault, FaultKind
from tests.bot.commands.test_run import answers, house
from tests.bot.running import bot, running, until

__all__ = ["house"]

HEADER = re.compile(r"<!-- \S+ · \$(\d+\.\d{4}) · ")
FAULTS: tuple[FaultKind, ...] = ("early_end", "reset", "torn", "error_event")


def test_every_shown_cost_is_the_bill(house, claude):
    folder, inbox, variables = house
    claude.bill.reset()
    for kind in FAULTS:
        claude.fault(Fault(kind, after_chars=40))
    claude.fault(Fault("status", status=529), times=2)
    with running(folder, folder / "log", **variables):
        for number in range(6):
            (inbox / f"{number}.txt").write_text(f"Note {number}: the ferry leaves at nine from berth twelve.")
        until(lambda: len(answers(inbox)) == 6)
        until(lambda: states(folder, variables) == {"answered"})
    bill = float(claude.bill.usd)
    assert len(claude.bill.lines) == 6 + len(FAULTS)
    receipts = rows(folder, "events", variables)
    assert sum(receipt["cost_usd"] for receipt in receipts) == pytest.approx(bill, abs=1e-12)
    assert sum(row["cost_usd"] for row in rows(folder, "costs", variables)) == pytest.approx(bill, abs=1e-12)
    shown = [float(found[1]) for text in answers(inbox).values() if (found := HEADER.match(text))]
    assert sorted(shown) == sorted(round(receipt["cost_usd"], 4) for receipt in receipts)
    assert bot(folder, "costs", **variables).stdout.startswith(f"${bill:.4f} ")


def rows(folder, command, variables):
    return [json.loads(line) for line in bot(folder, command, "--json", **variables).stdout.splitlines()]


def states(folder, variables):
    return {receipt["state"] for receipt in rows(folder, "events", variables)}
