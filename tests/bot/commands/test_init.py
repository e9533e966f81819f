"""`bot init` lays the example files into a folder and never touches what is there."""

import stat

import pytest

from bot.commands.init import lay_examples
from bot.errors import SettingsError
from bot.examples import example


def test_the_examples_are_laid_and_the_one_for_keys_is_private(tmp_path, capsys):
    lay_examples(tmp_path)
    assert (tmp_path / ".env").read_text() == example(".env.example")
    assert (tmp_path / "rules.example.toml").read_text() == example("rules.example.toml")
    assert "socket_mode_enabled" in (tmp_path / "slack-manifest.json").read_text()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert ".env written." in capsys.readouterr().out


def test_what_is_there_stays(tmp_path, capsys):
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=mine\n")
    lay_examples(tmp_path)
    assert (tmp_path / ".env").read_text() == "ANTHROPIC_API_KEY=mine\n"
    assert ".env is there already" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(SettingsError, match="cannot be written into"):
        lay_examples(tmp_path / "missing")
