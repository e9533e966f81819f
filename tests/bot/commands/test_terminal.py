"""A terminal that is not UTF-8 costs nobody an answer, and JSON keeps every letter in any of them."""

import io
import json
import sys

import pytest

from bot.commands.terminal import json_text, take_any_letter, whole_text
from tests.bot.running import bot

ANSWER = "Köln, 5 € 😀 \ud83d."


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_what_a_stream_cannot_show_is_replaced(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    take_any_letter(stream, None)
    stream.write(ANSWER)
    stream.flush()
    assert raw.getvalue().decode(encoding).startswith("K")
    assert raw.getvalue().decode(encoding).endswith(".")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_means_the_same_in_every_encoding(encoding, monkeypatch):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    stream.write(json_text({"text": "Köln, 5 € 😀"}))
    stream.flush()
    assert json.loads(raw.getvalue().decode(encoding)) == {"text": "Köln, 5 € 😀"}


def test_half_a_letter_that_was_typed_becomes_a_mark():
    assert whole_text("K\udcf6ln") == "K\ufffdln"
    assert whole_text("Köln") == "Köln"


@pytest.mark.parametrize("options", [(), ("--no-stream",)])
def test_an_answer_reaches_a_terminal_of_few_letters(tmp_path, key, claude, options):
    claude.answer_with(lambda body: "Köln, 5 € 😀.")
    done = bot(tmp_path, "ask", "Wo?", *options, **{**key, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "K?ln, 5 ? ?.\n", "")
