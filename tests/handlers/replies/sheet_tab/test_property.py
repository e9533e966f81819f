"""Any interleaving of edits, crashes and faults: every answer stands in one row, and nobody's row is touched."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.sheets import Adversary
from tests.handlers.replies.sheet_tab.rig import TAB, Rig, answer, event
from tests.needs import games
from tests.triggers.sheet.rig import Crash

EDITS = {"insert": 1.0, "delete": 0.5, "sort": 1.5, "move": 1.5, "copy": 0.7, "ask": 1.0, "edit": 0.7}
FAULTS = {"500": 0.05, "429": 0.05, "lost": 0.08, "dropped": 0.05, "timeout_applied": 0.03}
EVENTS = 6


def storm(seed: int, *, crashes: float, faults: float, together: int) -> None:
    rig, chance = Rig([[f"mine {n}", "x", "y", ""] for n in range(4)]), random.Random(seed)
    people = Adversary(rig.ana, seed, TAB, asks=("A",), answers=("B",), edits=EDITS, chance=0.4, limit=14)
    if faults:
        rig.standin.faults.chance(seed, {kind: part * faults for kind, part in FAULTS.items()})

    def around(*_: object) -> None:
        people()
        if chance.random() < crashes:
            raise Crash

    rig.standin.before_call, rig.standin.after_call = around, around
    asyncio.run(work_off(rig, together))
    rig.standin.before_call, rig.standin.after_call = calm, calm
    judge(rig, people)


def calm(*_: object) -> None:
    """Nothing happens any more."""


async def work_off(rig: Rig, together: int) -> None:
    for first in range(0, EVENTS, together):
        jobs = [rig.finish(event(n), answer(f"=answer {n}")) for n in range(first, min(first + together, EVENTS))]
        await asyncio.gather(*jobs)


def judge(rig: Rig, people: Adversary) -> None:
    acts = Counter(act.kind for act in people.acts)
    rows = [row for row in rig.grid() if any(row)]
    ours = Counter(row[2] for row in rows if row[2].startswith("=answer"))
    missing = EVENTS - len(ours)
    assert missing <= acts["delete"], (rows, people.acts)
    assert sum(ours.values()) - len(ours) <= acts["copy"], (rows, people.acts)
    for row in rows:
        if row[2].startswith("=answer"):
            assert row[1] == row[2].replace("=answer", "subject"), (row, people.acts)
            assert row[3].startswith("added"), (row, people.acts)
        else:
            assert row[3] == "", (row, people.acts)
    theirs = [row for row in rows if not row[2].startswith("=answer")]
    assert len(theirs) >= 4 + acts["ask"] - acts["delete"], (rows, people.acts)
    writes = [
        change for change in rig.standin.book().history if change.kind == "cell" and not change.who.startswith("person")
    ]
    assert all(not str(getattr(change.before, "value", "") or "") for change in writes), (
        "a filled cell was written over"
    )


CASES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32),
        "crashes": st.sampled_from([0.0, 0.05, 0.15]),
        "faults": st.sampled_from([0.0, 1.0, 2.0]),
        "together": st.sampled_from([1, 3, EVENTS]),
    }
)


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=CASES)
def test_every_answer_stands_in_one_row_and_nobodys_row_is_touched(case):
    storm(**case)


@pytest.mark.full
@pytest.mark.parametrize("first", games(1_000, 250))
def test_every_answer_stands_in_one_row_in_many_games(first):
    for seed in range(first, first + 250):
        chance = random.Random(seed)
        storm(
            seed,
            crashes=chance.choice([0.0, 0.05, 0.15]),
            faults=chance.choice([0.0, 1.0, 2.0]),
            together=chance.choice([1, 3, EVENTS]),
        )
