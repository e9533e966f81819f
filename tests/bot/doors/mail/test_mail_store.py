from dataclasses import replace

import pytest

from bot.doors.mail.mail_store import MailboxState, MailStore, SeenMail, message_key
from bot.store.database import open_database

BOX = "bot@example.com@imap/INBOX"
STATE = MailboxState(BOX, 7, 12, 1000.0)


@pytest.fixture
def database(tmp_path):
    return open_database(f"sqlite:///{tmp_path}/bot.db")


def test_the_first_start_is_kept_once(database):
    store = MailStore(database)
    assert store.state(BOX) is None
    assert store.begin(STATE) == STATE
    assert store.begin(replace(STATE, next_uid=99)) == STATE
    assert MailStore(database).state(BOX) == STATE


def test_a_mail_is_remembered_in_the_transaction_that_is_given_or_not_at_all(database):
    store = MailStore(database)
    mail = SeenMail(7, 12, message_key("<1@x>"), "c")
    with database.connect() as connection:
        store.write(connection, BOX, mail)
        connection.rollback()
    assert store.seen_uids(BOX, 7, [12]) == set()
    with database.begin() as connection:
        store.write(connection, BOX, mail)
        store.write(connection, BOX, mail)
    assert store.seen_uids(BOX, 7, [11, 12]) == {12}
    assert store.seen_uids(BOX, 8, [12]) == set()
    assert store.with_message_keys(BOX, [message_key("<1@x>")]) == [mail]
    assert store.with_message_keys("other", [message_key("<1@x>")]) == []


def test_a_new_state_and_its_mails_are_one_commit(database):
    store = MailStore(database)
    store.begin(STATE)
    anew = store.advance(replace(STATE, uid_validity=8, next_uid=3), [SeenMail(8, uid, "") for uid in range(1, 1200)])
    assert store.state(BOX) == anew
    assert store.seen_uids(BOX, 8, list(range(2000))) == set(range(1, 1200))
