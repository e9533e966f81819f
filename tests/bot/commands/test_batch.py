"""`bot batch`: a folder of documents at half the price, from the question to the report."""

import csv
import json

import pytest

from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.serving import serve
from tests.bot.running import bot, running


@pytest.fixture
def claude():
    stand_in = ClaudeStandIn()
    with serve(stand_in.app) as url:
        yield stand_in, {"ANTHROPIC_API_KEY": DEFAULT_KEY, "ANTHROPIC_BASE_URL": url, "PORT": "0"}


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    for name, text in {"a.txt": "Acme owes 100 dollars.", "sub/b.md": "Bolt owes 20 dollars."}.items():
        (folder / name).write_text(text)
    (folder / "broken.pdf").write_bytes(b"\x00\x01\x02\x03" * 50)
    return folder


def table(docs):
    with (docs / "answers" / "batch-report.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_without_a_terminal_it_must_be_said(tmp_path, docs, claude):
    ran = bot(tmp_path, "batch", "docs", **claude[1])
    assert (ran.returncode, "--yes" in ran.stderr) == (2, True)
    assert "2 documents" in ran.stdout
    assert "broken.pdf: This kind of file cannot be read" in ran.stdout
    assert "by night" in ran.stdout
    assert claude[0].tally.calls == 0


def test_each_document_is_asked_once_answered_beside_it_and_told_of(tmp_path, docs, claude):
    ran = bot(tmp_path, "batch", "docs", "--ask", "What does {filename} come to?", "--yes", **claude[1])
    assert ran.returncode == 1, ran.stderr  # one of them cannot be read
    assert (docs / "answers" / "a.txt.answer.md").exists()
    assert (docs / "answers" / "sub" / "b.md.answer.md").exists()
    assert [(row["document"], row["outcome"]) for row in table(docs)] == [
        ("a.txt", "answered"), ("broken.pdf", "unreadable"), ("sub/b.md", "answered"),
    ]  # fmt: skip
    assert claude[0].tally.calls == 2
    again = bot(tmp_path, "batch", "docs", "--ask", "What does {filename} come to?", "--resume", **claude[1])
    assert "2 are answered already" in again.stdout
    assert "; 2 of them answered earlier, nothing paid now, $0.0" in again.stdout
    assert "earlier" not in ran.stdout
    assert claude[0].tally.calls == 2


def test_what_it_costs_is_a_range_until_the_same_question_was_answered(tmp_path, docs, claude):
    stand_in, variables = claude
    stand_in.answer_with("It owes a hundred dollars. " * 60)
    for number in range(3):
        (docs / f"{number}.txt").write_text(f"Firm {number} owes {number} dollars.")
    first = bot(tmp_path, "batch", "docs", "--ask", "Who owes what?", "--yes", **variables)
    assert "Nobody knows yet how long the answers are: a few words each come to $" in first.stdout
    (docs / "late.txt").write_text("Late Ltd owes 7 dollars.")
    asked = ("batch", "docs", "--ask", "Who owes what?")
    again = bot(tmp_path, *asked, **variables)
    assert "To ask 1 costs about $" in again.stdout
    assert "Answers are taken to be as long as the last 5 were." in again.stdout
    other = bot(tmp_path, "batch", "docs", "--ask", "Who is owed?", **variables)
    assert "Nobody knows yet how long the answers are" in other.stdout
    stand_in.bill.reset()
    bot(tmp_path, *asked, "--yes", **variables)
    said = float(again.stdout.partition("costs about $")[2].split()[0])
    assert said == pytest.approx(float(stand_in.bill.usd), rel=0.1)


def test_a_rules_columns_make_one_table_of_them(tmp_path, docs, claude):
    (tmp_path / "some.toml").write_text(
        '[[rule]]\nname = "owed"\non = "folder"\npath = "x"\nask = "Who owes what in {filename}?"\n'
        'columns = { Kind = ["bill", "letter"], Dollars = "number" }\n'
    )
    (docs / "broken.pdf").unlink()
    ran = bot(tmp_path, "batch", "docs", "--columns", "some.toml:owed", "--yes", "--json", **claude[1])
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {line["outcome"] for line in lines} == {"answered"}
    assert [set(line["values"]) for line in lines] == [{"Kind", "Dollars"}] * 2
    assert {row["Kind"] for row in table(docs)} <= {"bill", "letter"}


def test_beside_a_running_bot_that_one_answers(tmp_path, docs, claude):
    (tmp_path / "inbox").mkdir()
    with running(tmp_path, tmp_path / "log", WATCH_FOLDER="inbox", **claude[1]):
        ran = bot(tmp_path, "batch", "docs", "--yes", **claude[1])
    assert [row["outcome"] for row in table(docs)].count("answered") == 2, ran.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "There is no folder nowhere"),
        (("docs", "--columns", "none.toml:x"), "expected FILE:RULE"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, docs, claude, arguments, words):
    ran = bot(tmp_path, "batch", *arguments, **claude[1])
    assert (ran.returncode, words in ran.stderr) == (2, True)
