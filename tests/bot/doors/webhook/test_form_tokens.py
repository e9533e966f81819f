"""The token of a form's page: only ours, only for that form, only so long."""

import pytest

from bot.doors.webhook.form_tokens import LIFE_S, FormTokens
from bot.store.database import open_database


@pytest.fixture
def database(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    yield database
    database.dispose()


def test_a_token_names_its_page_in_every_process_until_it_is_too_old(database):
    now = [1_000_000.0]
    token = FormTokens(database, lambda: now[0]).new("bug")
    other = FormTokens(database, lambda: now[0])
    assert len(other.opened("bug", token)) == 24
    assert other.opened("bug", token) != other.opened("bug", other.new("bug"))
    now[0] += LIFE_S
    assert other.opened("bug", token)
    now[0] += 1
    assert other.opened("bug", token) == ""


@pytest.mark.parametrize("made_up", ["", ".", "..", "1.2.3", "é.é.é", "9" * 5_000, "1.a.\ud800"])
def test_what_we_did_not_make_opens_nothing(database, made_up):
    assert FormTokens(database).opened("bug", made_up) == ""


def test_another_forms_token_opens_nothing_nor_does_a_changed_one(database):
    tokens = FormTokens(database)
    token = tokens.new("bug")
    assert tokens.opened("wish", token) == ""
    for at in range(len(token)):
        changed = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1 :]
        assert tokens.opened("bug", changed) == ""
