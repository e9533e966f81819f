"""`bot run` with a folder, from outside: real files in, answers beside them, whatever is killed meanwhile."""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from playground.claude import Pace
from tests.bot.engines import on_server, sessions, throwaway_postgres
from tests.bot.running import bot, environment, fetch, free_port, running, until
from tests.handlers.documents.samples import docx_with, pdf_with, xlsx_with


@pytest.fixture
def house(key, tmp_path):
    """A folder to run in, its inbox, and the variables that open the folder door."""
    (tmp_path / "inbox").mkdir()
    variables = {
        **key,
        "WATCH_FOLDER": "inbox",
        "FOLDER_QUIET_SECONDS": "0.2",
        "PORT": free_port(),
        "WEB_HOST": "127.0.0.1",
    }
    return tmp_path, tmp_path / "inbox", variables


def answers(inbox):
    return {path.name: path.read_text() for path in (inbox / "answers").rglob("*.md")}


def test_every_fact_of_real_documents_reaches_claude_and_each_is_answered(house, claude):
    folder, inbox, variables = house
    with running(folder, folder / "log", **variables) as process:
        (inbox / "a.pdf").write_bytes(pdf_with(["Invoice 4711", "Total 12.50"]))
        (inbox / "b.docx").write_bytes(docx_with(["The move is on Friday."], [["box", "42"]]))
        (inbox / "c.xlsx").write_bytes(xlsx_with({"Sales": [["north", 17], ["south", 23]]}))
        (inbox / "d.txt").write_text("Grüße aus Köln", encoding="utf-8")
        until(lambda: len(answers(inbox)) == 4)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    texts = answers(inbox)
    assert set(texts) == {"a.pdf.answer.md", "b.docx.answer.md", "c.xlsx.answer.md", "d.txt.answer.md"}
    assert all(text.startswith("<!-- claude-sonnet-5-5 · $") for text in texts.values())
    sent = json.dumps(
        [request.body for request in claude.requests if request.path == "/v1/messages"], ensure_ascii=False
    )
    assert all(
        fact in sent for fact in ("The move is on Friday.", "42", "north", "17", "south", "23", "Grüße aus Köln")
    )
    assert "application/pdf" in sent
    assert "Traceback" not in (folder / "log").read_text()


def test_receipts_costs_and_pages_tell_what_happened(house):
    folder, inbox, variables = house
    with running(folder, folder / "log", **variables):
        (inbox / "a.txt").write_text("hello")
        until(lambda: answers(inbox))
        base = f"http://127.0.0.1:{variables['PORT']}"
        assert fetch(f"{base}/health") == (200, "ok")
        assert until(lambda: json.loads(fetch(f"{base}/ready")[1])["ready"])
        assert 'bellhop_events{state="answered"} 1.0' in until(lambda: fetch(f"{base}/metrics")[1])
        status, page = fetch(base)
        assert status == 200
        assert "a.txt" in page
        assert fetch(base, {"Host": "evil.example"})[0] == 401
    (line,) = bot(folder, "events", "--json", **variables).stdout.splitlines()
    receipt = json.loads(line)
    assert (receipt["state"], receipt["source"], receipt["attempts"]) == ("answered", "folder", 1)
    assert "a.txt" in bot(folder, "events", **variables).stdout
    (cost,) = bot(folder, "costs", "--json", **variables).stdout.splitlines()
    assert json.loads(cost)["cost_usd"] == pytest.approx(receipt["cost_usd"])


def test_a_kill_in_the_middle_loses_nothing_and_pays_stored_answers_once(house, claude):
    folder, inbox, variables = house
    claude.pace = Pace(first_token_s=0.5, tokens_per_s=200)
    for number in range(8):
        (inbox / f"{number}.txt").write_text(f"file {number}")
    for wait_s in (0.6, 1.2):
        with running(folder, folder / "log", **variables):
            time.sleep(wait_s)  # then the block ends: kill -9
    with running(folder, folder / "log", **variables):
        until(lambda: len(answers(inbox)) == 8)
        # An answer lies there a moment before its receipt says so, and the block's end is a kill.
        until(lambda: states(folder, variables) == ["answered"] * 8)


def states(folder, variables):
    return [json.loads(line)["state"] for line in bot(folder, "events", "--json", **variables).stdout.splitlines()]


def test_what_cannot_be_read_says_so_beside_the_file_and_can_be_retried(house):
    folder, inbox, variables = house
    with running(folder, folder / "log", **variables):
        (inbox / "tool.exe").write_bytes(b"MZ" + bytes(500))
        until(lambda: "tool.exe.error.md" in answers(inbox))
        until(lambda: states(folder, variables) == ["failed"])  # the receipt closes once the page is there
    failed = bot(folder, "events", "--state", "failed", "--json", **variables).stdout
    event_id = json.loads(failed)["id"]
    assert bot(folder, "retry", event_id, **variables).stdout == f"runs again: {event_id}\n"
    assert bot(folder, "retry", "nobody", **variables).returncode == 1


def test_a_large_backlog_is_not_sent_by_surprise(house, claude):
    folder, inbox, variables = house
    wait_for_backlog(inbox)
    with running(folder, folder / "log", **variables):
        until(lambda: "first time" in (folder / "log").read_text())
        (inbox / "new.txt").write_text("new")
        until(lambda: answers(inbox))
        time.sleep(1)
    assert set(answers(inbox)) == {"new.txt.answer.md"}
    log = (folder / "log").read_text()
    assert "25 files" in log
    assert "costs about $" in log
    assert "Nobody knows yet how long the answers are" in log
    assert len(bot(folder, "events", "-s", "skipped", "-n", "100", "--json", **variables).stdout.splitlines()) == 25


def test_a_backlog_is_priced_by_how_long_the_answers_of_its_rule_were(house, claude):
    folder, inbox, variables = house
    with running(folder, folder / "log", **variables):
        for number in range(3):
            (inbox / f"{number}.txt").write_text(f"note {number}")
        until(lambda: len(answers(inbox)) == 3)
        until(lambda: states(folder, variables) == ["answered"] * 3)
    (folder / "other").mkdir()
    wait_for_backlog(folder / "other")
    with running(folder, folder / "later", **{**variables, "WATCH_FOLDER": "other"}):
        pass
    assert "Answers are taken to be as long as the last 3 were." in (folder / "later").read_text()


@contextlib.contextmanager
def at_a_terminal(folder, variables):
    """`bot run` at a terminal, where it has asked about the backlog; yields the process and the terminal's end."""
    other_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], cwd=folder, env=environment(**variables),
        stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    said = b""
    while b"[y/N]" not in said:
        said += read(other_end) or pytest.fail("it ended without a question")
    # Read on, as a terminal does: nobody may write into one that is full.
    threading.Thread(target=lambda: [None for _ in iter(lambda: read(other_end), b"")], daemon=True).start()
    try:
        yield process, other_end
    finally:
        process.kill()
        process.wait()


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the process has ended
        return b""


def wait_for_backlog(inbox):
    for number in range(25):
        (inbox / f"{number}.txt").write_text(f"old file {number}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_question_about_a_backlog_can_be_left_and_decides_nothing_then(house, number):
    folder, inbox, variables = house
    wait_for_backlog(inbox)
    with at_a_terminal(folder, variables) as (process, _):
        process.send_signal(number)
        assert process.wait(60) == 0
    assert bot(folder, "events", **variables).stdout == "No events yet.\n"


def test_yes_to_the_question_answers_the_backlog_and_the_end_of_input_skips_it(house):
    folder, inbox, variables = house
    wait_for_backlog(inbox)
    with at_a_terminal(folder, variables) as (process, terminal):
        os.write(terminal, b"y\n")
        until(lambda: len(answers(inbox)) == 25)
    shutil.rmtree(folder / "state")
    with at_a_terminal(folder, variables) as (process, terminal):
        os.write(terminal, b"\x04")
        until(lambda: states(folder, variables))
        assert process.poll() is None
    assert set(states(folder, variables)) == {"skipped"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_API_KEY is not set"),
        ({"WATCH_FOLDER": ""}, "No door is open"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN is set, but SLACK_APP_TOKEN is not"),
        ({"SHEET_ID": "abc"}, "SHEET_ID is set, but GOOGLE_SERVICE_ACCOUNT_FILE is not"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"PORT": "99999"}, "PORT is wrong"),
        ({"RULES_FILE": "gone.toml"}, "there is no such file"),
    ],
)
def test_wrong_settings_are_one_line_and_exit_code_two(house, changes, words):
    folder, _, variables = house
    done = bot(folder, "run", **{**variables, **changes})
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_rules_that_watch_the_same_files_are_refused_before_anything_starts(house):
    folder, _, variables = house
    rule = '[[rule]]\nname = "{}"\non = "folder"\npath = "{}"\n'
    (folder / "rules.toml").write_text(rule.format("all", "inbox") + rule.format("some", "inbox/sub"))
    done = bot(folder, "run", **variables)
    assert done.returncode == 2
    assert done.stderr.startswith('rules.toml:8: rule "some", key "path": expected')
    assert done.stderr.count("\n") == 1
    assert not (folder / "state").exists()


def test_a_second_process_on_the_same_database_is_refused_in_plain_words(house):
    folder, _, variables = house
    with running(folder, folder / "log", **variables):
        done = bot(folder, "run", **{**variables, "PORT": free_port()})
    assert done.returncode == 2
    assert "already running" in done.stderr


def test_a_stop_ends_in_time_and_in_few_words_though_the_database_is_gone(house):
    folder, _, variables = house
    with throwaway_postgres() as url:
        with running(folder, folder / "log", **{**variables, "DATABASE_URL": url}) as process:
            name = url.rpartition("/")[2]
            on_server("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
            sessions(url)
            until(lambda: "worker lost its lock" in (folder / "log").read_text())
            time.sleep(3)  # until the engine's rounds hang in the library's own endless retry
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        on_server("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    assert "Traceback" not in (folder / "log").read_text()


def test_work_gets_its_time_at_a_stop_though_the_signal_comes_twice_and_a_second_wish_ends_it_at_once(house, claude):
    folder, inbox, variables = house
    claude.pace = Pace(first_token_s=60)
    (inbox / "a.txt").write_text("hello")
    with running(folder, folder / "log", **variables) as process:
        until(lambda: "event working" in (folder / "log").read_text())
        for number in (signal.SIGINT, signal.SIGTERM):  # the terminal's, and the one of what started it
            process.send_signal(number)
        time.sleep(1.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    assert "handing work back" not in (folder / "log").read_text()
    claude.pace = Pace()
    with running(folder, folder / "log", **variables):
        until(lambda: "a.txt.answer.md" in answers(inbox))


def test_check_says_what_is_fine_and_what_to_mend(house):
    folder, _, variables = house
    good = bot(folder, "check", **variables)
    assert good.returncode == 0, good.stdout
    bad = bot(folder, "check", **{**variables, "ANTHROPIC_API_KEY": "sk-wrong", "WATCH_FOLDER": "gone"})
    assert bad.returncode == 1
    assert bad.stdout.count("MEND") >= 2
    assert "sk-wrong" not in bad.stdout
