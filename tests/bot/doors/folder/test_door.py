"""The tests of what is checked once all rules are known: folders that clash, named by file and line."""

import pytest

from bot.backlog import Backlog, HasBacklog
from bot.doors.folder.rule import FolderRule
from bot.errors import SettingsError
from bot.settings import load_settings
from bot.store.database import open_database
from bot.wiring import rules_of
from triggers.folder.backlog import Backlog as FolderBacklog
from triggers.folder.trigger import FolderTrigger

TWO = """[[rule]]
name = "papers"
on = "folder"
path = "inbox"

[[rule]]
name = "inner"
on = "folder"
path = "{path}"
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    (tmp_path / "inbox" / "sub").mkdir(parents=True)
    (tmp_path / "alias").symlink_to("inbox")
    (tmp_path / "inboxes").mkdir()
    (tmp_path / "note.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules_with(here, path, **more):
    (here / "rules.toml").write_text(TWO.format(path=path))
    return rules_of(load_settings(_env_file=None, **more))


@pytest.mark.parametrize("path", ["inbox/sub", "inbox", ".", "alias/sub", "inbox/not-yet-made"])
def test_folders_inside_each_other_are_named_with_line_key_and_the_other_rule(here, path):
    with pytest.raises(SettingsError) as error:
        rules_with(here, path)
    assert error.value.reason.startswith('rules.toml:9: rule "inner", key "path": expected a folder of its own')
    assert 'rule "papers"' in error.value.reason
    assert "\n" not in error.value.reason


def test_folders_beside_each_other_are_fine(here):
    assert [rule.of(FolderRule).path for rule in rules_with(here, "inboxes").rules] == ["inbox", "inboxes"]


@pytest.mark.parametrize("path", ["state", "state/files", "state/files/folder"])
def test_a_folder_in_our_own_state_is_refused(here, path):
    with pytest.raises(SettingsError, match=r'rules.toml:9: rule "inner", key "path": expected .*STATE_DIR'):
        rules_with(here, path)


def test_a_file_is_no_folder_to_watch(here):
    with pytest.raises(SettingsError, match=r'rules.toml:9: rule "inner", key "path": expected a folder, .* a file'):
        rules_with(here, "note.txt")


@pytest.mark.parametrize(
    ("folder", "words"), [("state", "keeps its own state"), ("note.txt", "expected a folder, .* is a file")]
)
def test_the_folder_of_the_settings_is_held_to_the_same(here, folder, words):
    with pytest.raises(SettingsError, match=f"WATCH_FOLDER is wrong: .*{words}"):
        rules_of(load_settings(watch_folder=folder, _env_file=None))


def test_a_folder_that_no_rule_watches_is_not_looked_at(here):
    assert len(rules_with(here, "inboxes", watch_folder="inbox/sub").rules) == 2


def test_the_state_may_lie_inside_a_watched_folder(here):
    assert rules_with(here, "inboxes", state_dir="inbox/state").rules


def test_the_trigger_tells_the_frame_of_its_backlog_by_the_frames_own_contract(here):
    settings = load_settings(watch_folder="inbox", folder_backlog="skip", _env_file=None, database_url="sqlite:///x.db")
    database = open_database(settings.database_url)
    trigger: HasBacklog = FolderTrigger(settings, rules_of(settings).rules, database, no_skip, lambda _: set())
    assert isinstance(trigger, HasBacklog)
    assert (trigger.backlog_choice, list(trigger.first_start_backlog())) == ("skip", [])
    words: Backlog = FolderBacklog("/inbox", 25, 3_100_000)
    assert words.words == "25 files (3.1 MB) wait in /inbox"
    database.dispose()


async def no_skip(event, reason, record=None, *, code=""):
    raise AssertionError
