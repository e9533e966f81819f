"""The reply to a mail is sent once, whatever fails on the way, and waits two days for a server that takes no mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from bot.doors.mail.addresses import Mailbox
from bot.doors.mail.message_ids import is_ours
from bot.doors.mail.outbox import Outbox
from bot.errors import Refused, TryAgain, Waits
from bot.events import Answer, Event, MailThread
from bot.store.database import open_database
from handlers.replies.mail.delivering import Delivery
from handlers.replies.mail.reply import MailReplies
from handlers.replies.mail.sending import UNKNOWN
from tests.handlers.replies.mail.fakes import FakeFolders, FakeServer
from tests.triggers.mail.kept import POLICY, mail
from triggers.mail.deciding import event_from_mail
from triggers.mail.reading import read_mail

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
EVENT = event_from_mail(read_mail(mail()), "mail", POLICY, mailbox="INBOX", received_at=NOW, copies=())
ANSWER = Answer("**Ten** euros.", "claude", "end_turn")
BUSY = TryAgain("The mail server takes no mail now (451 later)")
pytestmark = pytest.mark.anyio


class House:
    """A mailbox that survives each crash of the process around it."""

    def __init__(self, folder, keeping="auto", copies=True):
        self.server, self.refused = FakeServer(), ""
        self.folders = FakeFolders(self.server if copies else None)
        self.url, self.keeping, self.now_s = f"sqlite:///{folder}/bot.db", keeping, NOW.timestamp()

    def reply(self, event: Event = EVENT):
        """As a process makes it that has just started."""
        outbox = Outbox(open_database(self.url))
        delivery = Delivery(self.server, self.folders, outbox, self.keeping, lambda: self.now_s)
        return MailReplies(Mailbox("bot@firm.example", "Bot"), delivery).reply_for(event, watched=False)

    async def waits(self) -> float | None:
        """When the next try is due, in seconds since 1970; None when there is none."""
        try:
            await self.reply().finish(ANSWER)
        except Waits as waits:
            return waits.until.timestamp() if waits.until else None
        except Refused as refusal:
            self.refused = refusal.reason
        return None

    def mails(self):
        return [message_from_bytes(raw, policy=policy.default) for *_, raw in self.server.taken]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


async def test_an_answer_is_sent_into_its_thread(house):
    place = await house.reply().open(None)
    await house.reply().finish(ANSWER)
    (sent,) = house.mails()
    assert sent["Message-ID"] == f"<{place['message_id']}>"
    assert sent["In-Reply-To"] == "<q1@people.example>"
    assert house.server.taken[0][:2] == ("bot@firm.example", "anna@people.example")


async def test_the_answer_to_our_answer_is_the_same_conversation(house):
    await house.reply().finish(ANSWER)
    ours = house.mails()[0]["Message-ID"]
    assert is_ours(ours.strip("<>"), ("firm.example",))
    follow_up = read_mail(mail("And two?", Message_ID="<q2@people.example>", In_Reply_To=ours))
    assert f"mail:{follow_up.conversation}" == EVENT.conversation


async def test_finishing_twice_sends_once(house):
    await house.reply().finish(ANSWER)
    await house.reply().finish(ANSWER)
    assert len(house.mails()) == 1


async def test_a_crash_after_the_server_took_it_is_found_among_the_sent(house):
    house.server.dies_after = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        house.reply()._bring(await house.reply()._letter("answer", "Ten.", ()))
    await house.reply().finish(ANSWER)
    assert len(house.mails()) == 1


async def test_a_connection_that_breaks_after_the_mail_was_taken_is_looked_up_before_the_next_try(house):
    house.server.dies_after = TryAgain("The mail server broke off", code=UNKNOWN)
    with pytest.raises(Waits):
        await house.reply().finish(ANSWER)
    await house.reply().finish(ANSWER)
    assert len(house.mails()) == 1


async def test_without_a_folder_of_sent_mails_a_crash_costs_one_repeat_at_most(tmp_path):
    house = House(tmp_path, "no", copies=False)
    house.folders.fault = Refused("There is no folder for sent mails.")
    house.server.dies_after = TryAgain("broke off", code=UNKNOWN)
    with pytest.raises(Waits):
        await house.reply().finish(ANSWER)
    await house.reply().finish(ANSWER)
    await house.reply().finish(ANSWER)
    assert len(house.mails()) == 2
    assert house.mails()[0]["Message-ID"] == house.mails()[1]["Message-ID"]


async def test_a_mailbox_that_cannot_be_searched_just_now_sends_nothing_twice(house):
    house.server.dies_after = TryAgain("broke off", code=UNKNOWN)
    with pytest.raises(Waits):
        await house.reply().finish(ANSWER)
    house.folders.fault = TryAgain("The mailbox cannot be reached")
    with pytest.raises(Waits):
        await house.reply().finish(ANSWER)
    assert len(house.mails()) == 1


async def test_a_server_that_takes_no_mail_is_tried_for_two_days_with_growing_gaps(house):
    house.server.faults = [BUSY] * 1_000
    gaps = []
    while (waits := await house.waits()) is not None:
        gaps.append(waits - house.now_s)
        house.now_s = waits
    assert "451 later), for two days now" in house.refused
    assert gaps[:5] == [60, 300, 1_500, 7_500, 14_400]
    assert 10 < len(gaps) < 30


async def test_after_giving_up_a_retry_begins_anew(house):
    house.server.faults = [BUSY, Refused("The mail server refused the mail: 550 no.")]
    with pytest.raises(Waits):
        await house.reply().finish(ANSWER)
    with pytest.raises(Refused, match="550 no"):
        await house.reply().finish(ANSWER)
    house.now_s += 10 * 24 * 3_600
    house.server.faults = [BUSY]
    with pytest.raises(Waits):
        await house.reply().finish(ANSWER)


@pytest.mark.parametrize(
    ("keeping", "copies", "kept"), [("auto", True, 0), ("auto", False, 1), ("append", False, 1), ("no", False, 0)]
)
async def test_a_copy_lies_among_the_sent_mails_as_mail_sent_says(tmp_path, keeping, copies, kept):
    house = House(tmp_path, keeping, copies=copies)
    await house.reply().finish(ANSWER)
    assert len(house.folders.kept["sent"]) == kept


async def test_a_copy_that_cannot_be_kept_costs_nothing(tmp_path):
    house = House(tmp_path, copies=False)
    house.folders.fault = TryAgain("The mailbox cannot be reached")
    await house.reply().finish(ANSWER)
    assert len(house.mails()) == 1


async def test_a_draft_is_laid_down_once_and_nothing_is_sent(house):
    assert isinstance(EVENT.reply_to, MailThread)
    event = replace(EVENT, reply_to=replace(EVENT.reply_to, is_draft=True))
    for _ in range(2):
        await house.reply(event).finish(ANSWER)
    await house.reply(event).wait("Claude is busy", None)
    await house.reply(event).fail("No.")
    (draft,) = house.folders.kept["drafts"]
    assert house.server.taken == []
    read = message_from_bytes(draft, policy=policy.default)
    assert (read["Auto-Submitted"], read["In-Reply-To"]) == (None, "<q1@people.example>")


async def test_a_failure_is_said_in_the_thread_and_a_later_answer_still_comes(house):
    await house.reply().fail("The PDF is locked.")
    await house.reply().finish(ANSWER)
    failure, answer = house.mails()
    assert "The PDF is locked." in failure.get_body(("plain",)).get_content()
    assert failure["In-Reply-To"] == answer["In-Reply-To"]
    assert failure["Message-ID"] != answer["Message-ID"]


async def test_a_failure_that_cannot_be_sent_now_is_tried_as_often_as_the_engine_likes(house):
    house.server.faults = [BUSY]
    with pytest.raises(TryAgain, match="451 later"):
        await house.reply().fail("The PDF is locked.")


@pytest.mark.parametrize(
    ("until", "mails"), [(NOW + timedelta(minutes=5), 0), (NOW + timedelta(hours=3), 1), (None, 1)]
)
async def test_only_a_long_wait_is_told_and_only_once(house, until, mails):
    await house.reply().wait("Claude is busy", until)
    await house.reply().wait("Claude is busy", until)
    assert len(house.mails()) == mails


async def test_another_doors_answer_begins_a_thread(house):
    address = MailThread("", "", "ben@people.example", "Row 7")
    event = replace(EVENT, source="sheet", conversation="sheet:1:7", reply_to=address, fields={}, text="")
    await house.reply(event).finish(ANSWER)
    (sent,) = house.mails()
    assert (sent["To"], sent["Subject"], sent["In-Reply-To"]) == ("ben@people.example", "Row 7", None)


async def test_what_a_form_or_a_row_said_is_quoted_below_its_answer(house):
    address = MailThread("", "", "ben@people.example", "Tell us")
    said = {"Name": "Ada", "Message": "It is\nbroken.", "Phone": ""}
    event = replace(
        EVENT,
        source="webhook",
        subject="Tell us",
        conversation="hook:1",
        reply_to=address,
        fields=said,
        text="",
        person="",
    )
    await house.reply(event).finish(ANSWER)
    (sent,) = house.mails()
    plain = sent.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert plain.rstrip().endswith("> Name: Ada\n> Message: It is\n> broken.")
    assert "Tell us, Sun, 29 Nov 2026 at" in plain
    assert "wrote:" not in plain


async def test_an_alert_does_not_quote_itself(house):
    address = MailThread("", "", "ben@people.example", "Bellhop: money")
    event = replace(EVENT, source="alert", reply_to=address, fields={}, text="All is spent.", person="")
    await house.reply(event).finish(replace(ANSWER, text="All is spent."))
    (sent,) = house.mails()
    assert sent.get_body(("plain",)).get_content().strip() == "All is spent."


async def test_nobody_to_write_to_is_refused_before_claude_is_paid(house):
    event = replace(EVENT, reply_to=MailThread("INBOX", "q1@x", "", "A"))
    with pytest.raises(Refused, match="no address"):
        await house.reply(event).open(None)
