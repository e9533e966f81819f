"""Rules are read whole, and every mistake is named with file, line, key and what was expected."""

import pytest

from bot.door import Profile, streams
from bot.doors.folder.rule import FolderRule
from bot.doors.folder.settings import FolderSettings
from bot.doors.sheet.rule import SheetRule
from bot.errors import SettingsError
from bot.rules.file import parse_rules
from bot.rules.lines import Source
from bot.rules.rule import Rule
from bot.settings import load_settings
from bot.wiring import known, rules_of

GOOD = """
[[rule]]
name = "triage"
on = "sheet"
spreadsheet = "abc"
tab = "Bugs"
ask = "Sort this: {Question}"
max_tokens = 500
columns = { Category = ["bug", "wish"], Urgency = "integer" }

[[rule]]
name = "invoices"
on = "folder"
path = "invoices"
daily_budget_usd = 2
reply = "slack:C123"
"""


def test_a_good_file_gives_its_rules_in_order():
    triage, invoices = parse_rules(Source("rules.toml", GOOD), known()).rules
    assert (triage.name, triage.of(SheetRule).tab, triage.max_tokens) == ("triage", "Bugs", 500)
    assert triage.columns == {"Category": ("bug", "wish"), "Urgency": "integer"}
    assert (invoices.daily_budget_usd, invoices.reply) == (2.0, ("slack:C123",))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'tab = "Bugs"',
            'tabb = "Bugs"',
            'rules.toml:6: rule "triage", key "tabb": there is no such key (did you mean "tab"?).',
        ),
        ("max_tokens = 500", 'max_tokens = "500"', 'rules.toml:8: rule "triage", key "max_tokens": expected a whole'),
        ("max_tokens = 500", "max_tokens = true", "rules.toml:8:"),
        ("max_tokens = 500", "max_tokens = 0", "rules.toml:8:"),
        ('"integer"', '"int"', 'rules.toml:9: rule "triage", key "columns": expected a table'),
        ('on = "folder"', 'on = "fold"', 'rules.toml:13: rule "invoices", key "on": expected one of "slack", "sheet"'),
        ('path = "invoices"', "", 'rules.toml:11: rule "invoices", key "path": it is missing; expected the folder'),
        (
            'name = "invoices"',
            'name = "one\\ntwo"',
            'rules.toml:12: rule "one two", key "name": expected a name of one line in quotes, used once',
        ),
        ('name = "invoices"', 'name = "triage"', 'rules.toml:12: key "name": "triage" is used twice'),
        ('reply = "slack:C123"', 'reply = "fax:1"', 'rules.toml:16: rule "invoices", key "reply": expected "slack:'),
        ("daily_budget_usd = 2", "daily_budget_usd = -2", "rules.toml:15:"),
        ('path = "invoices"', 'path = "x"\ntab = "y"', 'key "tab": it belongs to rules with on = "sheet"'),
        (
            'name = "triage"',
            "name = triage",
            'rules.toml:3: key "name": Invalid value; expected text in quotes, a number, true or false.',
        ),
        (
            'on = "sheet"',
            'on = "sheet"\non = "sheet"',
            'rules.toml:5: key "on": Cannot overwrite a value; expected each',
        ),
        ('"triage"', '"triage', 'rules.toml:3: key "name": Illegal character'),
        (
            'tab = "Bugs"',
            "tab: Bugs",
            "rules.toml:6: Expected '=' after a key in a key/value pair; expected KEY = VALUE",
        ),
        ("daily_budget_usd = 2", "daily_budget_usd = inf", 'key "daily_budget_usd": expected an amount'),
        ('reply = "slack:C123"', 'reply = "slak:C123"', 'or "mail:ADDRESS" (did you mean "slack"?), found'),
        ('"integer"', '"int"', 'date, found a table whose "Urgency" is wrong.'),
        (
            "daily_budget_usd = 2",
            'allow = ["U1", 2]',
            "expected a list of names in quotes, found a list of 2 whose item 2",
        ),
        ("[[rule]]", "[rule]", "rules.toml"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(old, new, words):
    with pytest.raises(SettingsError) as error:
        parse_rules(Source("rules.toml", GOOD.replace(old, new, 1)), known())
    assert words in error.value.reason
    assert "\n" not in error.value.reason


@pytest.mark.parametrize(
    "text",
    [
        '[[rule]]\nname = "a"\non = "slack"\n"xoxb-12345-secret" = 1\n',
        '[[rule]]\nname = "a"\non = "slack"\nsystem = "xoxb-12345-secret"\nsystem = "sk-ant-secret"\n',
        '"sk-ant-secret" = 1\n',
        '[[rule]]\nname = "a"\non = "sheet"\ncolumns = { sk-ant-secret = "int" }\n',
        '[[rule]]\nname = "a"\nsystem = { sk-ant-secret = 1, sk-ant-secret = 2 }\n',
        '[[rule]]\nname = "one\\nsk-ant-secret"\nchanels = 1\n',
        '[[rule]]\nname = "a"\n"one\\ntwo" = 1\n',
    ],
)
def test_a_mistake_is_one_line_and_quotes_no_secret_wherever_it_stands(text):
    with pytest.raises(SettingsError) as error:
        parse_rules(Source("rules.toml", text), known())
    assert error.value.reason.startswith("rules.toml:")
    assert "secret" not in error.value.reason.replace("or a secret", "")
    assert len(error.value.reason.splitlines()) == 1


def test_without_a_file_each_open_door_gets_a_rule(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book = rules_of(load_settings(watch_folder="inbox", _env_file=None))
    assert [(rule.name, rule.of(FolderRule).path) for rule in book.rules] == [("folder", "inbox")]


def test_an_open_door_without_a_written_rule_keeps_its_derived_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text('[[rule]]\nname = "chat"\non = "slack"\n')
    settings = load_settings(watch_folder="inbox", slack_bot_token="xoxb-1", slack_app_token="xapp-1", _env_file=None)
    assert [rule.name for rule in rules_of(settings).rules] == ["chat", "folder"]


def test_a_rule_for_a_closed_door_names_the_variables_it_needs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text('[[rule]]\nname = "chat"\non = "slack"\n')
    with pytest.raises(SettingsError, match=r'rules.toml:3: .* key "on": slack needs SLACK_BOT_TOKEN and SLACK_APP'):
        rules_of(load_settings(_env_file=None))


def test_a_mistake_of_form_is_named_with_its_line():
    with pytest.raises(SettingsError, match=r"rules.toml:3: .* not valid TOML"):
        parse_rules(Source("rules.toml", '[[rule]]\nname = "a"\non = folder\n'), known())


def test_a_file_that_begins_with_an_editor_s_mark_is_read(tmp_path):
    (tmp_path / "rules.toml").write_bytes(b"\xef\xbb\xbf" + b'[[rule]]\nname = "a"\non = "folder"\npath = "in"\n')
    book = rules_of(load_settings(rules_file=tmp_path / "rules.toml", _env_file=None))
    assert [rule.name for rule in book.rules] == ["a"]


def test_a_file_in_another_encoding_is_said_with_its_line(tmp_path):
    (tmp_path / "rules.toml").write_bytes('[[rule]]\nname = "Büro"\n'.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"rules.toml:2: expected text in UTF-8"):
        rules_of(load_settings(rules_file=tmp_path / "rules.toml", _env_file=None))


def test_dot_env_may_begin_with_an_editor_s_mark_but_must_be_utf_8(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfWATCH_FOLDER=first\n")
    assert str(load_settings(_env_file=tmp_path / ".env").door(FolderSettings).watch_folder) == "first"
    (tmp_path / ".env").write_bytes("WATCH_FOLDER=Büro\n".encode("latin-1"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(_env_file=tmp_path / ".env")


def test_a_named_rules_file_that_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="there is no such file"):
        rules_of(load_settings(rules_file="gone.toml", _env_file=None))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('reply = "slack:C1"', 'key "reply": to answer by slack, SLACK_BOT_TOKEN must be set, and it is not'),
        ("reply = []", 'key "reply": expected a place in quotes, or a list of up to 5, found'),
        ('reply = ["file:a", "file:a"]', 'key "reply": expected a place in quotes, or a list of up to 5, found'),
        (f"reply = {[f'file:{number}' for number in range(6)]}", 'key "reply": expected a place in quotes, or a list'),
        ('reply = ["file:a", "fax:1"]', 'key "reply": expected "slack:CHANNEL" or "sheet:SPREADSHEET/TAB" or'),
        ('read = ["sheet:abc"]', 'key "read": to read sheet, GOOGLE_SERVICE_ACCOUNT_FILE must be set, and it is not'),
        ('read = ["folders:in"]', 'key "read": expected a list of'),
        ('read = ["events:nobody"]', 'key "read": there is no rule "nobody"'),
        ('read = "folder:in"', 'key "read": expected a list of sources in quotes, found'),
        ('when_nothing = "no"', 'key "when_nothing": expected "ask" or "skip", found'),
        (
            'reply = "fax:1"',
            'key "reply": expected "slack:CHANNEL" or "sheet:SPREADSHEET/TAB" or "file:DIR" or "mail:ADDRESS", found',
        ),
        ('reply = "sheet:/Log"', "key \"reply\": expected a spreadsheet's id or URL, a slash and a tab's name"),
        (
            'reply = "slack:"',
            'key "reply": expected "slack:CHANNEL" or "sheet:SPREADSHEET/TAB" or "file:DIR" or "mail:ADDRESS", found',
        ),
        ('stream = "yes"', 'key "stream": expected true or false, found'),
        ("stream = 1", 'key "stream": expected true or false, found'),
        ("columns = {}", 'key "columns": expected a table'),
        ("columns = { A = [] }", 'key "columns": expected a table'),
        ('lane = "midnight"', 'key "lane": expected "now" or "night", found'),
        ('lane_fallback = "later"', 'key "lane_fallback": expected "now" or "fail", found'),
    ],
)
def test_what_a_rule_cannot_have_is_refused_at_the_start(tmp_path, line, words):
    file = tmp_path / "rules.toml"
    file.write_text(f'[[rule]]\nname = "a"\non = "folder"\npath = "in"\n\n{line}\n')
    with pytest.raises(SettingsError) as error:
        rules_of(load_settings(rules_file=file, _env_file=None))
    assert f'rules.toml:6: rule "a", {words}' in error.value.reason


def test_the_night_lane_is_refused_where_a_person_waits(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\nname = "a"\non = "slack"\n\nlane = "night"\n')
    with pytest.raises(SettingsError, match=r'rules.toml:5: rule "a", key "lane": expected "now" for slack'):
        rules_of(load_settings(rules_file=file, slack_bot_token="xoxb-1", slack_app_token="xapp-1", _env_file=None))


def test_an_answer_of_the_night_lane_never_streams():
    rule = Rule(name="a", on="folder", lane="night", stream=True)
    assert not streams(rule, Profile(streams=True))


def test_the_key_stream_reaches_the_rule():
    text = '[[rule]]\nname = "a"\non = "slack"\nstream = false\n'
    assert parse_rules(Source("rules.toml", text), known()).rules[0].stream is False


def test_words_in_a_long_text_are_taken_for_no_key():
    text = '[[rule]]\nname = "a"\non = "folder"\nask = """\npath = here\n"""\npath = 3\n'
    with pytest.raises(SettingsError, match=r"rules.toml:7: .* key \"path\""):
        parse_rules(Source("rules.toml", text), known())


def test_columns_in_a_table_of_their_own_are_found_by_line():
    text = '[[rule]]\nname = "a"\non = "folder"\npath = "x"\n\n[rule.columns]\nA = "int"\n'
    with pytest.raises(SettingsError, match=r"rules.toml:6: .* key \"columns\""):
        parse_rules(Source("rules.toml", text), known())
