"""What we began to send is remembered, whatever became of the process."""

from bot.doors.mail.outbox import Begun, Outbox
from bot.store.database import open_database


def test_what_was_begun_is_told_after_a_restart(tmp_path):
    url = f"sqlite:///{tmp_path}/bot.db"
    assert Outbox(open_database(url)).begin("a@x", "mail:1", 1.0) == Begun(1.0, 1, is_sent=False)
    outbox = Outbox(open_database(url))
    assert outbox.begin("a@x", "mail:1", 2.0) == Begun(1.0, 2, is_sent=False)
    outbox.sent("a@x", 3.0)
    assert outbox.begin("a@x", "mail:1", 4.0) == Begun(1.0, 3, is_sent=True)
    assert outbox.begin("c@x", "mail:1", 5.0).tries == 1


def test_what_was_refused_for_good_begins_anew(tmp_path):
    outbox = Outbox(open_database(f"sqlite:///{tmp_path}/bot.db"))
    outbox.begin("a@x", "mail:1", 1.0)
    outbox.forget("a@x")
    assert outbox.begin("a@x", "mail:1", 9.0) == Begun(9.0, 1, is_sent=False)
