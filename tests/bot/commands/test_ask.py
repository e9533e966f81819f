"""`bot ask`, run as a person runs it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from playground.claude import Fault, Pace
from tests.bot.running import bot, environment, until
from tests.handlers.documents.samples import docx_with

ODD = "Grüße 👩‍👩‍👧 e\u0301 漢字 🇩🇪 — done"


def test_the_answer_is_printed_to_the_last_byte(claude, key, tmp_path):
    claude.answer_with(ODD)
    claude.fault(Fault("split", seed=3))
    done = bot(tmp_path, "ask", "hello", **key)
    assert (done.returncode, done.stdout, done.stderr) == (0, ODD + "\n", "")


def test_no_stream_prints_the_same(claude, key, tmp_path):
    claude.answer_with(ODD)
    assert bot(tmp_path, "ask", "hello", "--no-stream", **key).stdout == ODD + "\n"


def test_json_holds_text_tokens_and_cost(claude, key, tmp_path):
    claude.answer_with(ODD)
    data = json.loads(bot(tmp_path, "ask", "hello", "--json", **key).stdout)
    assert data["text"] == ODD
    assert data["usage"]["output_tokens"] > 0
    assert data["cost_usd"] > 0


def test_a_cut_stream_is_healed_before_the_readers_eyes(claude, key, tmp_path):
    text = "One sentence after the other makes a long and complete answer. " * 20
    claude.answer_with(text.strip())
    claude.fault(Fault("reset", after_chars=300))
    done = bot(tmp_path, "ask", "hello", **key)
    assert done.stdout == text.strip() + "\n"


def test_an_answer_that_cannot_be_made_whole_says_so_on_lines_of_its_own(claude, key, tmp_path):
    claude.answer_with("One sentence after the other makes a long and complete answer. " * 20)
    claude.fault(Fault("reset", after_chars=50), times=99)
    done = bot(tmp_path, "ask", "hello", **key)
    assert done.returncode == 1
    assert done.stdout.startswith("One sentence")
    assert done.stdout.endswith("\n")
    host = key["ANTHROPIC_BASE_URL"].removeprefix("http://")
    assert done.stderr.splitlines() == [
        "[the answer breaks off here; it is not whole]",
        f"The connection to Claude at {host} (ANTHROPIC_BASE_URL) failed. Try again in a moment.",
    ]


def test_nothing_is_said_of_an_answer_that_never_began(claude, key, tmp_path):
    claude.fault(Fault("not_sse"), times=99)
    done = bot(tmp_path, "ask", "hello", **key)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_document_and_piped_text_reach_the_model(claude, key, tmp_path):
    (tmp_path / "plan.docx").write_bytes(docx_with(["The move is on Friday."], [["box", "42"]]))
    bot(tmp_path, "ask", "When?", "--file", "plan.docx", stdin="piped words", **key)
    sent = json.dumps(claude.requests[-1].body)
    assert all(words in sent for words in ("When?", "The move is on Friday.", "42", "piped words"))


def test_piped_text_alone_is_the_question(claude, key, tmp_path):
    claude.answer_with("fine")
    assert bot(tmp_path, "ask", stdin="How are you?", **key).stdout == "fine\n"


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "words"),
    [
        (
            ("ask", "hi"),
            {},
            2,
            "ANTHROPIC_API_KEY is not set. Make a key at https://console.anthropic.com/settings/keys",
        ),
        (("ask", "hi"), {"ANTHROPIC_API_KEY": "sk-wrong"}, 2, "The Anthropic API key was not accepted."),
        (("ask",), {"ANTHROPIC_API_KEY": "x"}, 2, "Say what to ask"),
        (("ask", "hi", "--file", "gone.pdf"), {"ANTHROPIC_API_KEY": "x"}, 2, "--file gone.pdf: there is no such file."),
        (("ask", "hi", "--file", "."), {"ANTHROPIC_API_KEY": "x"}, 2, "--file .: it is no file."),
        (("ask", "hi"), {"ANTHROPIC_API_KEY": "x", "CLAUDE_MAX_TOKENS": "many"}, 2, "CLAUDE_MAX_TOKENS is wrong"),
    ],
)
def test_what_is_missing_is_one_plain_line(claude, key, tmp_path, arguments, variables, code, words):
    done = bot(tmp_path, *arguments, **{"ANTHROPIC_BASE_URL": key["ANTHROPIC_BASE_URL"], **variables})
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert "sk-wrong" not in done.stderr


def test_a_model_that_is_not_there_is_a_wrong_setting(claude, key, tmp_path):
    done = bot(tmp_path, "ask", "hi", CLAUDE_MODEL="claude-nobody", **key)
    assert done.returncode == 2
    assert "CLAUDE_MODEL" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_key_may_stand_in_dot_env_and_the_environment_wins(claude, key, tmp_path):
    (tmp_path / ".env").write_text(f"ANTHROPIC_API_KEY={key['ANTHROPIC_API_KEY']}\n")
    assert bot(tmp_path, "ask", "hi", ANTHROPIC_BASE_URL=key["ANTHROPIC_BASE_URL"]).returncode == 0
    assert (
        bot(tmp_path, "ask", "hi", ANTHROPIC_BASE_URL=key["ANTHROPIC_BASE_URL"], ANTHROPIC_API_KEY="other").returncode
        == 2
    )


def test_ctrl_c_stops_the_answer_and_the_bill(claude, key, tmp_path):
    claude.answer_with("word " * 2000)
    claude.pace = Pace(first_token_s=0.0, tokens_per_s=40)
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "hi"],
        cwd=tmp_path,
        env=environment(**key),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 1)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert until(lambda: claude.disconnects)
    assert time.monotonic() - started < 8


def test_help_needs_no_sdk():
    heavy = ("anthropic", "pydantic", "dbos", "sqlalchemy")
    code = f"import sys, bot.commands; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
