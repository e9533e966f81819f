"""Claude inside a program: a script, a running event loop, a missing key; and the pipe in README, run as it stands."""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from bot import ask, stream
from bot.errors import BellhopError, SettingsError
from playground.claude import ClaudeStandIn, Fault, Pace
from playground.samples import sample_pdf
from playground.serving import serve
from tests.bot.running import environment, until

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
TEXT = "Grüße 👩‍👩‍👧 und eine Antwort, die in vielen kleinen Stücken ankommt. " * 5


@pytest.fixture
def claude(monkeypatch, tmp_path):
    standin = ClaudeStandIn()
    with serve(standin.app) as url:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ANTHROPIC_API_KEY", min(standin.keys))
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        yield standin
    structlog.reset_defaults()


def test_the_logging_of_the_program_around_it_stays_as_it_is(claude):
    root, mine = logging.getLogger(), logging.NullHandler()
    before = (root.level, [*root.handlers, mine])
    root.addHandler(mine)
    try:
        ask("How are you?")
        assert (root.level, root.handlers) == before
    finally:
        root.removeHandler(mine)


def test_ask_returns_the_text_which_knows_what_it_cost(claude):
    claude.answer_with("fine")
    said = ask("How are you?", system="Be brief.", model="claude-haiku-4-5", max_tokens=100)
    assert said == "fine"
    assert isinstance(said, str)
    assert said.answer.cost_usd > 0
    sent = claude.requests[-1].body
    assert (sent["model"], sent["max_tokens"]) == ("claude-haiku-4-5", 100)
    assert "Be brief." in json.dumps(sent["system"])


def test_a_streams_pieces_are_the_whole_answer(claude):
    claude.answer_with(TEXT)
    pieces = list(stream("Tell me"))
    assert len(pieces) > 3
    assert "".join(pieces).strip() == TEXT.strip()


def test_a_stream_that_breaks_is_healed_and_one_that_cannot_be_raises(claude):
    claude.answer_with(TEXT)
    claude.fault(Fault("reset", after_chars=150))
    assert "".join(stream("Tell me")).strip() == TEXT.strip()
    claude.fault(Fault("reset", after_chars=50), times=99)
    with pytest.raises(BellhopError, match="connection"):
        list(stream("Tell me"))


def test_what_breaks_in_its_first_letters_begins_anew_unseen(claude):
    claude.answer_with(TEXT)
    claude.fault(Fault("reset", after_chars=5))
    assert "".join(stream("Tell me")).strip() == TEXT.strip()


def test_both_work_inside_a_running_event_loop(claude):
    claude.answer_with("fine")

    async def inside():
        return ask("hello"), "".join(stream("hello"))

    assert asyncio.run(inside()) == ("fine", "fine")


def test_leaving_the_loop_ends_the_answer_and_its_bill(claude):
    claude.pace = Pace(tokens_per_s=40)
    claude.answer_with(TEXT * 50)
    for _ in stream("Tell me"):
        break
    until(lambda: claude.disconnects)


def test_files_are_read(claude, tmp_path):
    (tmp_path / "plan.txt").write_text("The move is on Friday.")
    ask("When?", files=["plan.txt"])
    assert "The move is on Friday." in json.dumps(claude.requests[-1].body)
    with pytest.raises(FileNotFoundError, match=r"no file gone\.pdf"):
        ask("When?", files=["gone.pdf"])


def test_a_missing_key_is_said_at_once_with_where_to_get_one(claude, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    for call in (ask, stream):
        with pytest.raises(SettingsError, match="ANTHROPIC_API_KEY"):
            call("hello")


def test_the_import_is_light():
    program = "import sys, bot; print(*sorted(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"anthropic", "pydantic", "asyncio", "structlog", "sqlalchemy", "handlers"}


def blocks(language, words):
    """The code of README in that language that has these words, which is no longer than three lines."""
    found = [code for code in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if words in code]
    assert all(len([line for line in code.splitlines() if line]) <= 3 for code in found)
    return found


def variables(claude):
    return environment(ANTHROPIC_API_KEY=min(claude.keys), ANTHROPIC_BASE_URL=os.environ["ANTHROPIC_BASE_URL"])


def test_readmes_three_lines_of_python_run_as_they_stand(claude, tmp_path):
    claude.answer_with("fine")
    (tmp_path / "invoice.pdf").write_bytes(sample_pdf())
    programs = blocks("python", "from bot import")
    assert len(programs) == 2
    for code in programs:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=variables(claude), capture_output=True, text=True, check=False)
        assert (done.stdout.strip(), done.stderr, done.returncode) == ("fine", "", 0)


def test_readmes_three_lines_of_a_pipe_run_as_they_stand(claude, tmp_path):
    claude.answer_with("fine")
    (tmp_path / "error.log").write_text("disk full on /var")
    (tmp_path / "invoice.pdf").write_bytes(sample_pdf())
    (code,) = blocks("sh", "bot ask")
    command = ["sh", "-ec", code.replace("python -m bot", f"{sys.executable} -m bot")]
    done = subprocess.run(command, cwd=tmp_path, env=variables(claude), capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    first, cost = done.stdout.splitlines()
    assert first == "fine"
    assert float(cost) > 0
    assert (tmp_path / "summary.md").read_text() == "fine\n"
    assert "disk full on /var" in json.dumps([request.body for request in claude.requests])
