import random
import time

import pytest

from bot.errors import TryAgain
from playground.mail import MailStandIn
from tests.triggers.mail.rig import Rig, mail

pytestmark = pytest.mark.anyio


@pytest.fixture
def post():
    with MailStandIn().serve() as post:
        yield post


@pytest.fixture
def rig(tmp_path, post):
    rig = Rig(tmp_path, post)
    yield rig
    rig.database.dispose()


async def test_a_new_mail_is_handed_on_raw_and_never_marked_as_seen(rig, post):
    async with rig.running():
        await rig.open()
        uid = post.deliver(mail(1))
        await rig.until(rig.kept)
        (taken,) = rig.taken
        assert (taken.uid, taken.message_id, taken.is_whole) == (uid, "<1@example.com>", True)
        assert taken.content == mail(1).replace(b"\n", b"\r\n")
        assert post.mails()[0].flags == set()
        health = rig.trigger.health()
        assert health.ok
        assert health.heard_at is not None
        await rig.until(lambda: rig.trigger.health().last_event_at is not None)


async def test_what_lay_there_before_the_first_start_is_left_alone(rig, post):
    for number in range(5):
        post.deliver(mail(number))
    async with rig.running():
        await rig.open()
        post.deliver(mail(7))
        await rig.until(lambda: rig.numbers() == [7])


async def test_what_came_while_nobody_listened_is_handed_on_in_order(rig, post):
    async with rig.running():
        await rig.open()
    for number in range(60):
        post.deliver(mail(number), flags=[r"\Seen"] if number % 2 else [])
    async with rig.running():
        await rig.until(lambda: len(rig.kept()) == 60)
    assert rig.numbers() == list(range(60))
    async with rig.running():
        await rig.open()
        assert len(rig.taken) == 60


async def test_a_mail_that_was_not_kept_is_handed_over_again_and_holds_up_no_other(rig, post):
    async with rig.running():
        await rig.open()
        rig.faults = [TryAgain("not now")]
        post.deliver(mail(1))
        await rig.until(lambda: not rig.faults)
        post.deliver(mail(2))
        await rig.until(lambda: sorted(rig.numbers()) == [1, 2])


async def test_a_mail_that_our_reading_trips_over_is_left_alone_after_five_times(rig, post):
    async with rig.running():
        await rig.open()
        rig.faults = [RecursionError()] * 5
        post.deliver(mail(1))
        await rig.until(lambda: not rig.faults)
        post.deliver(mail(2))
        await rig.until(lambda: len(rig.kept()) == 1)
        await rig.until(lambda: "1 mail could not be read" in rig.trigger.health().words)
    async with rig.running():
        await rig.open()
        assert rig.numbers() == [2]


async def test_nobodys_mail_is_remembered_without_an_event(rig, post):
    rig.is_nobodys = True
    async with rig.running():
        await rig.open()
        uid = post.deliver(mail(1))
        await rig.until(lambda: rig.is_seen(uid))
    async with rig.running():
        await rig.open()
        post.deliver(mail(2))
        await rig.until(lambda: rig.numbers() == [1, 2])
    assert rig.kept() == set()


@pytest.mark.parametrize("trouble", ["disconnect", "restart", "freeze"])
async def test_trouble_heals_by_itself_with_one_connection_at_a_time(rig, post, trouble):
    async with rig.running():
        await rig.open()
        before = post.imap.connections
        getattr(post, trouble)()
        if trouble == "freeze":
            await rig.until(lambda: not rig.trigger.health().ok)
            post.thaw()
        post.deliver(mail(1))
        await rig.until(rig.kept)
        await rig.open()
        assert post.imap.connections > before
        await rig.until(lambda: post.imap.open_connections == 1)
    await rig.until(lambda: post.imap.open_connections == 0)


async def test_a_server_that_stays_away_is_told_and_heals(rig, post):
    async with rig.running():
        await rig.open()
        post.imap.stop()
        await rig.until(lambda: not rig.trigger.health().ok)
        assert "was not reached" in rig.trigger.health().words
        post.deliver(mail(1))
        post.imap.start()
        await rig.until(rig.kept)
        await rig.open()


async def test_a_wrong_password_is_told_with_what_to_do(rig, post):
    post.post.accounts["bot@example.com"].password = "another"
    async with rig.running():
        await rig.until(lambda: "did not accept the password" in rig.trigger.health().words)
        assert not rig.trigger.health().ok
        assert post.settings()["IMAP_PASSWORD"] not in rig.trigger.health().words


async def test_message_ids_tell_what_is_new_when_the_mailbox_was_made_anew(rig, post):
    for number in (1, 2):
        post.deliver(mail(number))
    async with rig.running():
        await rig.open()
        post.deliver(mail(3))
        post.deliver(mail(4, message_id=""))
        await rig.until(lambda: len(rig.kept()) == 2)
        post.post.remove(post.folder(), [1])
    post.deliver(mail(5))
    post.renumber()
    post.deliver(mail(6))
    async with rig.running():
        await rig.until(lambda: rig.numbers() == [3, 4, 5, 6])
        post.renumber()
        post.deliver(mail(7))
        await rig.until(lambda: rig.numbers() == [3, 4, 5, 6, 7])


async def test_a_mail_that_was_moved_away_and_back_is_known(rig, post):
    post.deliver(mail(1))
    async with rig.running():
        await rig.open()
        post.deliver(mail(2))
        await rig.until(rig.kept)
        post.post.remove(post.folder(), [1, 2])
        post.deliver(mail(1))
        post.deliver(mail(2))
        post.deliver(mail(3))
        await rig.until(lambda: rig.numbers() == [2, 3])


async def test_two_mails_with_one_message_id_are_two_when_they_say_different_things(rig, post):
    async with rig.running():
        await rig.open()
        post.deliver(mail(1))
        post.deliver(b"Received: by another way\n" + mail(1))
        post.deliver(mail(2, "And for two people?", message_id="<1@example.com>"))
        await rig.until(lambda: rig.numbers() == [1, 2])
        assert [each.shares_message_id for each in rig.taken] == [False, True]


async def test_of_a_mail_that_is_too_big_only_the_headers_come(tmp_path, post):
    rig = Rig(tmp_path, post, most_bytes=10_000)
    async with rig.running():
        await rig.open()
        post.deliver(mail(1, "x" * 20_000))
        await rig.until(rig.kept)
        (taken,) = rig.taken
        assert not taken.is_whole
        assert taken.size_bytes > 20_000
        assert len(taken.content) < 1_000


async def test_a_server_without_idle_is_asked_and_says_so(tmp_path):
    with MailStandIn(idle=False).serve() as post:
        rig = Rig(tmp_path, post)
        async with rig.running():
            await rig.open()
            assert "has no IDLE: it is asked every" in rig.trigger.health().words
            post.deliver(mail(1))
            await rig.until(rig.kept)
        assert "IDLE" not in post.commands


async def test_a_storm_of_mails_and_disconnects_loses_and_doubles_none(rig, post):
    chance = random.Random(4711)
    async with rig.running():
        await rig.open()
        for number in range(100):
            post.deliver(mail(number))
            if number % 20 == 10:
                post.disconnect()
            if number == 55:
                post.renumber()
            if number % 40 == 35:
                post.restart()
            time.sleep(chance.random() * 0.02)  # noqa: ASYNC251  # the storm comes from outside the loop
            await rig.until(lambda: True)
        await rig.until(lambda: len(rig.kept()) == 100, 60.0)
    assert sorted(rig.numbers()) == list(range(100))
