"""`bot costs` as a person at a terminal of eighty columns sees it, and as programs read it."""

import csv
import io
import json

import pytest

from bot.commands.costs import cost_lines, cost_table
from bot.engine import Engine
from bot.events import Usage
from bot.payments import BY
from bot.store.schema import AMOUNTS
from tests.bot.commands.test_events import event
from tests.bot.running import bot


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder with the payments of two events in its database."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "state").mkdir()
    engine = Engine(f"sqlite:///{folder}/state/bot.db", listen=False)
    for number in (1, 2):
        engine.emit_threadsafe(event(number))
    engine.payments.pay(event(1).id, "claude-sonnet-5-5", Usage(1_000, 200), 0.004)
    engine.payments.pay(event(1).id, "claude-sonnet-5-5", Usage(1_000, 200), 0.004)
    engine.payments.pay(event(2).id, "claude-opus-5-5", Usage(0, 100, 900, 100, 100), 0.0165)
    engine.close()
    return folder


def test_bars_fit_into_eighty_columns_and_every_section_adds_up(house):
    lines = bot(house, "costs", "--days", "7", COLUMNS="80").stdout.splitlines()
    assert lines[0] == "$0.0245 in the last 7 days, for 2 events."
    assert lines[1] == "Tokens: 2,000 in, 500 out, 100 written to the cache, 900 read from it."
    assert [line for line in lines if line.startswith("By")] == ["By day (UTC)", "By rule", "By model", "By source"]
    assert all(len(line) <= 80 for line in lines)
    opus, sonnet = (line for line in lines if "claude-" in line)
    assert opus.split()[0] == "claude-opus-5-5"
    assert opus.endswith("$0.0165  1 event  1,100 tokens")
    assert 0 < sonnet.count("█") < opus.count("█")


def test_programs_get_lines_of_json_or_a_table(house):
    rows = [json.loads(line) for line in bot(house, "costs", "--json").stdout.splitlines()]
    assert {row["model"]: row["cost_usd"] for row in rows} == {"claude-opus-5-5": 0.0165, "claude-sonnet-5-5": 0.008}
    assert rows[0]["cache_write_1h_tokens"] == 100
    table = list(csv.DictReader(io.StringIO(bot(house, "costs", "--csv").stdout)))
    assert [(row["source"], row["events"], row["cost_usd"]) for row in table] == [
        ("folder", "1", "0.0165"),
        ("folder", "1", "0.008"),
    ]
    assert bot(house, "costs", "--csv", "--json").returncode == 2


def test_whoever_asked_puts_no_formula_into_the_table():
    row = {**dict.fromkeys((*BY, "events", *AMOUNTS), 0), "person": '=HYPERLINK("x")', "cost_usd": -1.5}
    (read,) = csv.DictReader(io.StringIO(cost_table([row])))
    assert (read["person"], read["cost_usd"]) == ('\'=HYPERLINK("x")', "-1.5")


def test_nothing_spent_is_said(tmp_path):
    assert bot(tmp_path, "costs").stdout == "Nothing was spent in the last 7 days.\n"


def test_many_people_are_told_together_and_names_send_the_terminal_no_orders():
    tokens = {"input_tokens": 1, "output_tokens": 1, "cache_write_tokens": 0, "cache_read_tokens": 0}
    rows = [{"person": f"p\x1b[2J{n}", "events": 1, "cost_usd": 1.0 / (n + 1), **tokens} for n in range(40)]
    empty: dict[str, list[dict[str, object]]] = {by: [] for by in ("day", "rule", "model", "source")}
    total = {"events": 40, "cost_usd": 4.0, **tokens}
    lines = list(cost_lines(1, [total], {**empty, "person": rows}, 80, "#"))
    assert lines[0] == "$4.0000 today (UTC), for 40 events."
    assert lines[-1].startswith("  25 more")
    assert not any("\x1b" in line for line in lines)
    assert max(map(len, lines)) <= 80
