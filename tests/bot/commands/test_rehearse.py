"""`bot fire`, `--dry`, `events --export`, `replay` and `try`, run as a person runs them."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.bot.running import bot, free_port, running, until

RULES = """
[[rule]]
name = "report"
on = "schedule"
cron = "0 8 * * MON"
zone = "Europe/Berlin"
ask = "Write the report {period}."
read = ["folder:in"]
reply = ["file:out", "file:copies"]
"""


@pytest.fixture
def place(tmp_path):
    for name in ("in", "out", "copies"):
        (tmp_path / name).mkdir()
    (tmp_path / "rules.toml").write_text(RULES)
    lain(tmp_path / "in" / "a.txt", "Twelve desks of oak were ordered.")
    return tmp_path


def lain(file, text):
    """A file that was written a minute ago: one of this moment may not be complete, and comes with the next run."""
    file.write_text(text)
    os.utime(file, (time.time() - 60,) * 2)


def receipts(place, key):
    return [json.loads(line) for line in bot(place, "events", "--json", **key).stdout.splitlines()]


def test_a_dry_run_prints_the_prompt_and_its_price_and_asks_nothing(claude, key, place):
    done = bot(place, "fire", "report", "--dry", **key)
    assert done.returncode == 0, done.stderr
    assert "Write the report so far (this is the first run)." in done.stdout
    assert "Twelve desks of oak were ordered." in done.stdout
    assert "days and times are those of Europe/Berlin" in done.stdout
    assert "claude-sonnet-5-5: " in done.stdout
    assert done.stdout.rstrip().endswith("Nothing was asked.")
    assert not receipts(place, key)
    assert not done.stderr


def test_a_place_that_is_not_there_is_named_before_anything_waits_for_it(claude, key, place):
    (place / "copies").rmdir()
    done = bot(place, "fire", "report", "--dry", **key)
    assert done.returncode == 0
    assert (
        done.stderr == f"[its answer cannot go to {place / 'copies'} yet: there is no such folder. Make the folder.]\n"
    )


def test_a_dry_run_says_what_the_answer_will_add_once_the_rule_has_answered(claude, key, place):
    claude.answer_with("Twelve desks of oak were ordered for the harbour office. " * 20)
    done = bot(place, "fire", "report", "--dry", **key)
    assert "Nobody knows yet how long the answer is: a few words come to $" in done.stdout
    for _ in range(3):
        bot(place, "fire", "report", **key)
    done = bot(place, "fire", "report", "--dry", **key)
    assert "The answer is taken to be as long as the last 3 were." in done.stdout
    claude.bill.reset()
    bot(place, "fire", "report", **key)
    said = float(done.stdout.partition("probably about $")[2].split(",")[0])
    assert said == pytest.approx(float(claude.bill.usd), rel=0.1)


def test_a_rule_is_run_at_once_where_nothing_else_runs(claude, key, place):
    claude.answer_with("Twelve desks.")
    done = bot(place, "fire", "report", **key)
    assert (done.returncode, done.stdout) == (0, "Twelve desks.\n"), done.stderr
    assert "delivered: file:out" in done.stderr
    (receipt,) = receipts(place, key)
    assert receipt["state"] == "answered"
    assert [one["to"] for one in receipt["deliveries"]] == ["file:out", "file:copies"]
    for one in receipt["deliveries"]:
        assert "Twelve desks." in Path(one["link"]).read_text()
    again = bot(place, "fire", "report", "--dry", **key)
    assert "folder:in: nothing new" in again.stdout


def test_a_rule_is_run_by_the_bot_that_runs(claude, key, place):
    claude.answer_with("Twelve desks.")
    with running(place, place / "log", PORT=free_port(), WEB_HOST="127.0.0.1", **key):
        done = bot(place, "fire", "report", **key)
        assert (done.returncode, done.stdout) == (0, "Twelve desks.\n"), done.stderr
        until(lambda: "event answered" in (place / "log").read_text())


def test_a_rule_without_a_schedule_is_named(key, place):
    done = bot(place, "fire", "chat", **key)
    assert (done.returncode, done.stderr) == (2, 'There is no schedule rule "chat"; there is "report".\n')


def test_an_exported_event_is_asked_again_beside_its_old_answer(claude, key, place):
    claude.answer_with("Twelve desks.")
    bot(place, "fire", "report", **key)
    (receipt,) = receipts(place, key)
    exported = bot(place, "events", "--export", receipt["id"], **key)
    (place / "event.json").write_text(exported.stdout)
    claude.answer_with("A dozen desks.")
    done = bot(place, "replay", "event.json", "--model", "claude-haiku-5-5", **key)
    assert done.returncode == 0, done.stderr
    for words in ("Twelve desks.", "A dozen desks.", "claude-sonnet-5-5, ", "claude-haiku-5-5, ", "tokens, $"):
        assert words in done.stdout
    assert len(receipts(place, key)) == 1, "a replay leaves no event"
    assert len(list((place / "out" / "answers").iterdir())) == 1, "and no file"


@pytest.mark.parametrize("text", ["{}", "no json", '{"event": {"id": 1}}'])
def test_what_is_no_export_is_said(key, place, text):
    (place / "event.json").write_text(text)
    done = bot(place, "replay", "event.json", **key)
    assert done.returncode == 2
    assert "is no exported event" in done.stderr


def test_an_id_that_is_not_known_cannot_be_exported(key, place):
    done = bot(place, "events", "--export", "nothing:1", **key)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no event nothing:1;")


def test_a_changed_rule_is_tried_on_the_last_events(claude, key, place):
    claude.answer_with("Twelve desks.")
    for _ in range(2):
        bot(place, "fire", "report", **key)
    (place / "new.toml").write_text(RULES.replace("Write the report", "Rhyme the report"))
    claude.answer_with("Desks, a dozen, oak was chosen.")
    gone = bot(place, "try", "gone.toml", "--rule", "report", **key)
    assert (gone.returncode, gone.stderr) == (2, "There is no file gone.toml.\n")
    done = bot(place, "try", "new.toml", "--rule", "report", "--last", "5", **key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Desks, a dozen,") == 2
    assert done.stdout.count("Twelve desks.") == 2
    assert "2 events" in done.stdout
    assert any("Rhyme the report" in json.dumps(one.body) for one in claude.requests)
    assert len(receipts(place, key)) == 2


def test_a_changed_rule_is_tried_by_night_at_half_the_price_and_read_again_later(claude, key, place):
    claude.answer_with("Twelve desks.")
    for _ in range(2):
        bot(place, "fire", "report", **key)
    (place / "new.toml").write_text(RULES)
    by_day = bot(place, "try", "new.toml", "--rule", "report", **key)
    done = bot(place, "try", "new.toml", "--rule", "report", "--night", **key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Twelve desks.") == 4
    costs = [float(out.stdout.rpartition("$")[2].split()[0]) for out in (by_day, done)]
    assert costs[1] == pytest.approx(costs[0] / 2, rel=0.05)
    batch_id = done.stderr.partition("with batch ")[2].partition(";")[0]
    calls = claude.tally.calls
    again = bot(place, "try", "new.toml", "--rule", "report", "--batch", batch_id, **key)
    assert (again.returncode, again.stdout) == (0, done.stdout), again.stderr
    assert claude.tally.calls == calls, "a batch that was sent is not paid again"
    assert len(receipts(place, key)) == 2
    nowhere = bot(place, "try", "new.toml", "--rule", "report", "--batch", "msgbatch_none", **key)
    assert nowhere.returncode == 1
    assert nowhere.stderr.endswith("There is no batch msgbatch_none.\n")


def test_a_question_from_the_shell_has_a_price_too(claude, key, place):
    done = bot(place, "ask", "why is the sky blue?", "--dry", **key)
    assert done.returncode == 0
    assert "why is the sky blue?" in done.stdout
    assert done.stdout.rstrip().endswith("Nothing was asked.")
