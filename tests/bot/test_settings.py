"""Settings: where they are read from, what is cut around them, and that no error quotes one."""

import pytest
from pydantic import Field

from bot.doors.folder.settings import FolderSettings
from bot.doors.slack.settings import SlackSettings
from bot.errors import SettingsError
from bot.settings import BLANKS, FromEnvironment, load_settings

WRAPPINGS = ["{}\n", "{}\r\n", " {} ", "\t{}", "\ufeff{}", "{}\u00a0", "\u200b{}\u2060", "{}\u3000\r\n \n"]


@pytest.mark.parametrize("wrapping", WRAPPINGS, ids=ascii)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_blanks_around_a_setting_are_cut_wherever_it_stands(wrapping, place, tmp_path, monkeypatch):
    values = {"SLACK_BOT_TOKEN": "xoxb-1", "WATCH_FOLDER": "my inbox", "PORT": "99", "CLAUDE_MODEL": "claude-x"}
    for name, value in values.items():
        if place == "environment":
            monkeypatch.setenv(name, wrapping.format(value))
    if place == "file":
        lines = [f'{name}="{wrapping.format(value)}"\n' for name, value in values.items()]
        (tmp_path / ".env").write_text("".join(lines), encoding="utf-8", newline="")
    settings = load_settings(_env_file=tmp_path / ".env")
    token = settings.door(SlackSettings).slack_bot_token
    assert token is not None
    assert token.get_secret_value() == "xoxb-1"
    assert str(settings.door(FolderSettings).watch_folder) == "my inbox"
    assert (settings.port, settings.claude_model) == (99, "claude-x")


def test_every_blank_that_python_knows_is_cut():
    assert all(chr(code) in BLANKS for code in range(0x10000) if chr(code).isspace() and code not in range(0x1C, 0x20))


def test_a_value_of_nothing_but_blanks_is_unset_and_leaves_the_word_to_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("WATCH_FOLDER=inbox\nSLACK_BOT_TOKEN=\n")
    monkeypatch.setenv("WATCH_FOLDER", " \n")
    monkeypatch.setenv("SLACK_APP_TOKEN", "\ufeff")
    settings = load_settings(_env_file=tmp_path / ".env")
    assert str(settings.door(FolderSettings).watch_folder) == "inbox"
    slack = settings.door(SlackSettings)
    assert (slack.slack_bot_token, slack.slack_app_token) == (None, None)
    assert "slack_app_token" not in slack.model_fields_set


def test_the_environment_wins_over_the_file_for_a_doors_settings_too(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("SLACK_ALLOW=U1\nSLACK_ADMINS=U9, U8\n")
    monkeypatch.setenv("SLACK_ALLOW", "U2")
    slack = load_settings(_env_file=tmp_path / ".env").door(SlackSettings)
    assert (slack.slack_allow, slack.slack_admins) == (("U2",), ("U9", "U8"))


def test_a_doors_settings_are_read_once(monkeypatch):
    settings = load_settings(_env_file=None)
    before = settings.door(FolderSettings)
    monkeypatch.setenv("WATCH_FOLDER", "later")
    assert settings.door(FolderSettings) is before


def test_a_command_does_not_stumble_over_a_door_it_does_not_use(monkeypatch):
    monkeypatch.setenv("FOLDER_QUIET_SECONDS", "soon")
    settings = load_settings(_env_file=None)
    with pytest.raises(SettingsError, match="FOLDER_QUIET_SECONDS is wrong"):
        settings.door(FolderSettings)


@pytest.mark.parametrize(("megabytes", "size_bytes"), [("", 50_000_000), ("0.5", 500_000), ("2", 2_000_000)])
def test_a_megabyte_is_a_million_bytes_for_everybody_who_reads_files(monkeypatch, megabytes, size_bytes):
    monkeypatch.setenv("FOLDER_MAX_MB", megabytes)
    assert load_settings(_env_file=None).folder_max_bytes == size_bytes


class Fussy(FromEnvironment):
    """Fields of every kind that can be wrong."""

    fussy_number: int = 1
    fussy_part: float = Field(1.0, gt=0)
    fussy_flag: bool = False


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FUSSY_NUMBER", "abc", "expected a whole number, such as 8080"),
        ("FUSSY_NUMBER", "1.5", "expected a whole number, such as 8080"),
        ("FUSSY_PART", "much", "expected a number, such as 5 or 0.5"),
        ("FUSSY_FLAG", "perhaps", "expected true or false"),
    ],
)
def test_an_error_says_what_was_expected_in_plain_words(name, value, words, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name} is wrong: {words}"):
        Fussy(_env_file=None)


@pytest.mark.parametrize("name", ["FUSSY_NUMBER", "FUSSY_PART", "FUSSY_FLAG"])
def test_an_error_names_the_variable_and_never_its_value(name, monkeypatch):
    monkeypatch.setenv(name, "sk-ant-api03-topsecret")
    with pytest.raises(SettingsError) as error:
        Fussy(_env_file=None)
    assert error.value.reason.startswith(f"{name} is wrong: ")
    assert "topsecret" not in error.value.reason
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
