"""The webhook door as data: what opens it, which rules it has, and what they may not say."""

import pytest

from bot.errors import SettingsError
from bot.rules.file import load_rules
from bot.settings import load_settings
from bot.wiring import known

WHSEC = "whsec_" + "a2V5" * 8
HOOK = '[[rule]]\nname = "o"\non = "webhook"\nhook = "orders"\n'


def rules(tmp_path, text, **given):
    (tmp_path / "rules.toml").write_text(text)
    settings = load_settings(_env_file=None, rules_file=tmp_path / "rules.toml", **given)
    return load_rules(settings, known()).rules


def test_the_secret_opens_the_hook_ask_beside_every_written_one(tmp_path):
    both = rules(tmp_path, HOOK, webhook_secret="s")
    assert [(rule.name, rule.options.hook) for rule in both] == [("o", "orders"), ("ask", "ask")]
    own = rules(tmp_path, HOOK.replace("orders", "ask"), webhook_secret="s")
    assert [(rule.name, rule.options.hook) for rule in own] == [("o", "ask")]
    alone = rules(tmp_path, f'{HOOK}secret_env = "MINE"\n', mine="s")
    assert [rule.name for rule in alone] == ["o"]


def test_a_secret_stands_in_env_as_well_as_in_the_environment(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("FROM_FILE=s3cret-in-the-file\nBOTH=file\n")
    monkeypatch.setenv("BOTH", " environment\n")
    settings = load_settings(_env_file=tmp_path / ".env")
    values = {name: settings.variable(name) for name in ("FROM_FILE", "BOTH", "NEITHER")}
    assert {name: value and value.get_secret_value() for name, value in values.items()} == {
        "FROM_FILE": "s3cret-in-the-file",
        "BOTH": "environment",
        "NEITHER": None,
    }
    assert {"s3cret-in-the-file", "environment"} <= set(settings.secrets()), "the logs blot them out"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", 'key "on": webhook needs WEBHOOK_SECRET to be set'),
        ('secret_env = "ORDERS"', 'key "on": webhook needs ORDERS to be set'),
        ('secret_env = ["A", "B", "C"]', 'key "secret_env": expected the name of the variable that holds the secret'),
        ('secret_env = "my secret"', 'key "secret_env": expected the name of the variable'),
        ('verify = "hmac"', 'key "verify": expected one of "bearer"'),
        ("rate_per_minute = 0", 'key "rate_per_minute": expected a whole number, 1 or more'),
        ("wait_s = 61", 'key "wait_s": expected seconds from 0 to 60'),
        ('callback = "ftp://x"', 'key "callback": expected a web address'),
    ],
)
def test_mistakes_are_named_with_file_and_line(tmp_path, more, words):
    with pytest.raises(SettingsError) as mistake:
        rules(tmp_path, f"{HOOK}{more}\n")
    assert words in mistake.value.reason
    assert "my secret" not in mistake.value.reason


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('callback = "https://x.example"', 'key "callback": it needs callback_secret_env'),
        ('callback = "https://x.example"\ncallback_secret_env = "PLAIN"', "expected PLAIN to hold whsec_ and base64"),
        ('verify = "standard"\nsecret_env = ["GOOD", "PLAIN"]', "expected GOOD and PLAIN to hold whsec_ and base64"),
        ("\n" + HOOK.replace('"o"', '"p"'), 'key "hook": another rule has this hook already'),
        ("\n" + HOOK.replace('"o"', '"ask"').replace("orders", "x"), 'key "name": "ask" is what a rule is called'),
    ],
)
def test_what_a_hook_needs_is_said_before_the_start(tmp_path, more, words):
    with pytest.raises(SettingsError) as mistake:
        rules(tmp_path, f"{HOOK}{more}\n", webhook_secret="s", plain="not base64!", good=WHSEC)
    assert words in mistake.value.reason


def test_signing_secrets_that_fit_are_taken(tmp_path):
    own = 'verify = "standard"\nsecret_env = "GOOD"\ncallback = "https://x.example"\ncallback_secret_env = "GOOD"\n'
    assert rules(tmp_path, HOOK + own, good=WHSEC)


FORM = f'{HOOK}fields = {{ "Your name" = "text", Message = "long", "Email?" = "email" }}\n'


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ("Answer {Mesage}", "{Mesage} is no field of this form (did you mean {Message}?)"),
        ("{Your name}: {form.mesage}", "{form.mesage} is no field of this form (did you mean {Message}?)"),
        ("{Your name}: {Body}", "{Body} is no field of this form; expected {Your name}, {Message}, {Email}"),
    ],
)
def test_a_name_in_braces_that_is_no_field_of_the_form_is_refused(tmp_path, ask, words):
    with pytest.raises(SettingsError) as mistake:
        rules(tmp_path, f'{FORM}ask = "{ask}"\n')
    assert mistake.value.reason.endswith(f'rules.toml:6: rule "o", key "ask": {words}.')


@pytest.mark.parametrize(
    "ask",
    [
        "Answer {message}", "{ YOUR  NAME }: {form.Message} {Email?}", "{text} {Subject} {filename}", "In {} and {1}",
        r"As JSON: {\"kind\": \"bug\"}",
    ],
)  # fmt: skip
def test_names_however_they_are_written_and_braces_that_are_none_are_taken(tmp_path, ask):
    assert rules(tmp_path, f'{FORM}ask = "{ask}"\n')[0].ask == ask.replace("\\", "")


def test_where_programs_may_send_too_only_a_slip_is_refused(tmp_path):
    own = f'{FORM}secret_env = "MINE"\nask = "{{customer.name}} wrote {{Message}}"\n'
    assert rules(tmp_path, own, mine="s" * 20)
    with pytest.raises(SettingsError, match="did you mean"):
        rules(tmp_path, own.replace("{Message}", "{Mesage}"), mine="s" * 20)
