"""The bot of the demo is led by the demo's `.env` alone, except for a person's own key."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.settings import FromEnvironment, Settings
from bot.wiring import known
from playground.stage.environment import claude_from, env_text, process_environment

HOME = Path(__file__).resolve().parents[2]


def test_without_a_key_a_stand_in_answers(tmp_path):
    assert claude_from({}, tmp_path / ".env") is None
    assert claude_from({"CLAUDE_MODEL": "claude-x"}, tmp_path / ".env") is None


def test_a_key_of_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=sk-file\nCLAUDE_MODEL=claude-file\nSLACK_BOT_TOKEN=xoxb-real\n")
    found = claude_from({"ANTHROPIC_API_KEY": "sk-env"}, tmp_path / ".env")
    assert found == {"ANTHROPIC_API_KEY": "sk-env", "CLAUDE_MODEL": "claude-file"}


def test_an_empty_key_is_no_key(tmp_path):
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=\n")
    assert claude_from({"ANTHROPIC_API_KEY": ""}, tmp_path / ".env") is None


def test_a_persons_own_doors_do_not_reach_the_bot():
    made = process_environment({"SLACK_BOT_TOKEN": "xoxb-real", "watch_folder": "/x", "PATH": "/bin"}, HOME)
    assert made["PATH"] == "/bin"
    assert "SLACK_BOT_TOKEN" not in made
    assert "watch_folder" not in made


def test_no_setting_at_all_reaches_the_bot():
    models: tuple[type[FromEnvironment], ...] = (Settings, *(door.settings for door in known().doors.values()))
    names = {name for model in models for name in model.model_fields}
    assert not process_environment(dict.fromkeys(names, "x"), HOME).keys() & names


def test_calls_to_this_machine_go_past_a_proxy():
    made = process_environment({"HTTP_PROXY": "http://proxy", "NO_PROXY": "intern"}, HOME)
    assert made["NO_PROXY"] == made["no_proxy"] == "intern,127.0.0.1,localhost"


def test_the_env_file_says_what_was_meant(tmp_path):
    values = {"A": "with space # and $SIGN", "B": 1, "C": "/o'brien/to \\' x"}
    (tmp_path / ".env").write_text(env_text(values))
    assert dotenv_values(tmp_path / ".env", interpolate=False) == {"A": values["A"], "B": "1", "C": values["C"]}


def test_a_value_of_two_lines_is_refused():
    with pytest.raises(ValueError, match="NAME"):
        env_text({"NAME": "a\nSLACK_BOT_TOKEN=b"})
