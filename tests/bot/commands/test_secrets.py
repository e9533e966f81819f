"""No command prints a secret, whichever variable it stands in by mistake, and whatever goes wrong."""

import base64
import json
import os

import pytest

from bot.errors import SettingsError
from bot.secrecy import hidden
from bot.settings import load_settings
from bot.store.probe import database_fault
from bot.wiring import rules_of
from tests.bot.running import OURS, bot, free_port

KEY = {
    "type": "service_account",
    "client_email": "bot@example.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvTOPSECRETkeyTOPSECRET\n-----END PRIVATE KEY-----\n",
}
KEY_TEXT = json.dumps(KEY, indent=2)
SECRETS = {"GOOGLE_SERVICE_ACCOUNT_FILE": KEY_TEXT, "SHEET_ID": "abc"}
ITSELF = "GOOGLE_SERVICE_ACCOUNT_FILE is wrong: this holds the key itself; put it into a file and name the file."


def said(done):
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", [("run",), ("check", "--json")])
def test_a_key_in_the_place_of_its_files_name_is_said_and_not_printed(tmp_path, key, command):
    done = bot(tmp_path, *command, **{**key, **SECRETS})
    assert done.returncode == 2
    assert said(done).startswith(ITSELF)
    assert done.stderr.count("\n") == 1
    assert "TOPSECRET" not in said(done)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The same from inside: a process for each case would take minutes."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    return tmp_path


def fault():
    """The one line with which a command stops."""
    with pytest.raises(SettingsError) as error:
        database_fault(rules_and_url())
    assert "\n" not in error.value.reason
    return error.value.reason


def rules_and_url():
    settings = load_settings()
    rules_of(settings)
    return settings.database_url


@pytest.mark.parametrize(
    "text",
    [KEY_TEXT, "\n" + json.dumps(KEY), base64.b64encode(KEY_TEXT.encode()).decode(), KEY["private_key"]],
    ids=["json", "one line", "base64", "pem"],
)
def test_a_key_is_known_in_every_form_that_people_paste(here, monkeypatch, text):
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_FILE", text)
    assert fault().startswith(ITSELF)


def test_a_key_in_dot_env_over_several_lines_is_not_printed_either(tmp_path, key):
    (tmp_path / ".env").write_text(f"SHEET_ID=abc\nGOOGLE_SERVICE_ACCOUNT_FILE={KEY_TEXT}\n")
    done = bot(tmp_path, "run", **key)
    assert done.returncode == 2
    assert "this holds the key itself" in done.stderr
    assert "TOPSECRET" not in said(done)


TOKEN = "xoxb-11-22-TOPSECRET"
EVERY_PLACE = [
    "ANTHROPIC_BASE_URL", "CLAUDE_MODEL", "CLAUDE_MAX_TOKENS", "PORT", "WEB_HOST", "STATE_DIR", "RULES_FILE",
    "DAILY_BUDGET_USD", "LOG_FORMAT", "WATCH_FOLDER", "FOLDER_BACKLOG", "FOLDER_POLLING", "SLACK_API_URL",
    "SLACK_STREAMING", "SHEET_ID", "SHEET_TAB", "GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_SHEETS_API_URL", "DATABASE_URL",
]  # fmt: skip


@pytest.mark.parametrize("name", EVERY_PLACE)
def test_a_token_in_the_wrong_variable_is_named_and_not_printed(here, monkeypatch, name):
    monkeypatch.setenv(name, TOKEN)
    words = fault()
    assert words.startswith(f"{name} is")
    assert "TOPSECRET" not in words


@pytest.mark.parametrize(
    "url",
    ["postgresql://bot:TOPSECRET@127.0.0.1:1/none", "postgresql://bot:TOP@SECRET@127.0.0.1:1/none"],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_database_that_cannot_be_used_is_said_without_its_password(tmp_path, key, command, url):
    (tmp_path / "inbox").mkdir()
    done = bot(tmp_path, command, **{**key, "WATCH_FOLDER": "inbox", "PORT": free_port(), "DATABASE_URL": url})
    assert done.returncode in ({2} if command == "run" else {1, 2})
    assert "DATABASE_URL" in said(done)
    assert "SECRET" not in said(done)
    assert "Traceback" not in said(done)


RULE = '[[rule]]\nname = "a"\non = "folder"\npath = "inbox"\n'


@pytest.mark.parametrize(
    "line",
    [
        f'max_tokens = "{TOKEN}"',
        f'model = "{TOKEN}"',
        f'reply = "{TOKEN}"',
        f'allow = "{TOKEN}"',
        f'columns = {{ A = "{TOKEN}" }}',
        f"stream = '''{KEY_TEXT}'''",
        f'"{TOKEN}" = 1',
        f'daily_budget_usd = ["{TOKEN}"]',
    ],
    ids=lambda line: line.split()[0],
)
def test_a_secret_in_a_rule_is_not_printed_though_its_key_is_named(here, line):
    (here / "rules.toml").write_text(f"{RULE}{line}\n")
    words = fault()
    assert words.startswith('rules.toml:5: rule "a", key "')
    assert "TOPSECRET" not in hidden(words)  # as the commands print it


def test_a_key_that_was_mounted_with_a_blank_behind_it_works(tmp_path, key):
    done = bot(tmp_path, "ask", "Why?", **{**key, "ANTHROPIC_API_KEY": key["ANTHROPIC_API_KEY"] + "\u00a0\r\n"})
    assert done.returncode == 0, said(done)
