"""Names in .env that are no settings: those that nearly are one are told, others are somebody else's."""

import pytest

from bot.rules.rule import RuleBook
from bot.settings import load_settings
from bot.spelling import misspelt
from bot.wiring import known, rules_of
from tests.bot.running import bot

MISSPELT = {
    "WATCH_FOLDR": "WATCH_FOLDER",
    "WATCHFOLDER": "WATCH_FOLDER",
    "watch_foldr": "WATCH_FOLDER",
    "DAILY_BUDGET": "DAILY_BUDGET_USD",
    "DALIY_BUDGET_USD": "DAILY_BUDGET_USD",
    "ANTHROPIC_KEY": "ANTHROPIC_API_KEY",
    "ANTROPIC_API_KEY": "ANTHROPIC_API_KEY",
    "SLACK_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_BOT_TOKE": "SLACK_BOT_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT": "GOOGLE_SERVICE_ACCOUNT_FILE",
    "SMTP_PASS": "SMTP_PASSWORD",
}
OTHERS = (
    "OPENAI_API_KEY", "NOTION_API_KEY", "GITHUB_TOKEN", "GITHUB_WEBHOOK_SECRET", "POSTGRES_URL", "POSTGRES_PASSWORD",
    "LOG_LEVEL", "TZ", "PATH", "DEBUG", "HTTPS_PROXY", "NODE_ENV", "AWS_SECRET_ACCESS_KEY", "SLACK_CLIENT_SECRET",
    "SLACK_BOT_TOKEN_OLD", "OLD_WEBHOOK_SECRET", "DATABASE_URL_TEST", "SLACK_APP_ID", "COMPOSE_PROJECT_NAME",
    "WATCH_FOLDER", "watch_folder", "PORT",
)  # fmt: skip


def found(tmp_path, text, rules=RuleBook(())):  # noqa: B008  # frozen
    (tmp_path / ".env").write_text(text)
    return misspelt(load_settings(_env_file=tmp_path / ".env"), known(), rules)


@pytest.mark.parametrize("name", MISSPELT)
def test_a_name_that_is_nearly_a_setting_is_told_with_the_one_that_may_be_meant(name, tmp_path):
    assert found(tmp_path, f"{name}=x\n") == {name: MISSPELT[name]}


@pytest.mark.parametrize("name", OTHERS)
def test_a_setting_and_a_name_that_is_nobodys_but_its_owners_are_left_alone(name, tmp_path):
    assert found(tmp_path, f"{name}=1\n") == {}


def test_what_is_empty_or_whose_setting_is_set_anyway_misleads_nobody(tmp_path, monkeypatch):
    assert found(tmp_path, "WATCH_FOLDR=\n") == {}
    assert found(tmp_path, "WATCH_FOLDER=inbox\nWATCH_FOLDR=inbox\n") == {}
    monkeypatch.setenv("WATCH_FOLDER", "inbox")
    assert found(tmp_path, "WATCH_FOLDR=inbox\n") == {}


def test_the_whole_environment_is_not_looked_through(tmp_path, monkeypatch):
    monkeypatch.setenv("WATCH_FOLDR", "x")
    assert found(tmp_path, "") == {}
    assert misspelt(load_settings(_env_file=None), known(), RuleBook(())) == {}


def test_a_variable_that_a_rule_names_is_known(tmp_path):
    (tmp_path / "rules.toml").write_text(
        '[[rule]]\nname = "a"\non = "webhook"\nhook = "a"\nsecret_env = ["WEBHOOK_SECRETS", "WEBHOOKS_SECRET"]\n'
    )
    text = f"WEBHOOK_SECRETS=x\nWEBHOOKS_SECRET=y\nRULES_FILE={tmp_path / 'rules.toml'}\n"
    (tmp_path / ".env").write_text(text)
    rules = rules_of(load_settings(_env_file=tmp_path / ".env"))
    assert found(tmp_path, text, rules) == {}
    assert set(found(tmp_path, text)) == {"WEBHOOK_SECRETS", "WEBHOOKS_SECRET"}


def test_check_and_a_start_that_is_refused_say_so(tmp_path):
    (tmp_path / ".env").write_text(
        "ANTHROPIC_API_KEY=sk-ant-x\nWATCH_FOLDR=inbox\nANTHROPIC_BASE_URL=http://127.0.0.1:9\n"
    )
    said = bot(tmp_path, "check").stdout
    assert "MEND  settings WATCH_FOLDR: there is no such setting\n               Did you mean WATCH_FOLDER?" in said
    refused = bot(tmp_path, "run")
    assert refused.returncode == 2
    assert refused.stderr.endswith("WATCH_FOLDR in .env is no setting: did you mean WATCH_FOLDER?\n")
    assert refused.stderr.count("\n") == 1
