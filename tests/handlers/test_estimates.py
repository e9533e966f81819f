"""The estimate of a backlog: its rule's model, limits and words count, and each file is priced by itself."""

from dataclasses import dataclass

import pytest

from bot.rules.rule import Rule
from bot.settings import load_settings
from handlers.estimates import backlog_usd

SETTINGS = load_settings(_env_file=None)


@dataclass(frozen=True)
class Waiting:
    """Ten files."""

    count: int = 10
    sent_tokens: int = 200_000
    answer_tokens: int = 10_000
    root: str = "/in"
    words: str = "10 files wait in /in"
    rule: str = "letters"


@pytest.mark.parametrize(
    ("rule", "usd"),
    [
        (None, 0.4 + 0.1),
        (Rule("r", "folder", model="claude-opus-5-5"), 0.8 + 0.2),
        (Rule("r", "folder", model="claude-haiku-5-5"), 0.02 + 0.005),  # together they would cost five times as much
        (Rule("r", "folder", max_tokens=100), 0.4 + 0.01),
        (Rule("r", "folder", ask="abc" * 1_000), 0.4 + 0.02 + 0.1),
        (Rule("r", "folder", system="abc" * 1_000), 0.4 + 0.001 + 0.1),
    ],
)
def test_a_backlog_costs_what_its_rule_makes_of_it(rule, usd):
    assert backlog_usd(Waiting(), rule, SETTINGS) == pytest.approx(usd)


def test_nothing_costs_nothing():
    assert backlog_usd(Waiting(count=0), None, SETTINGS) == 0
