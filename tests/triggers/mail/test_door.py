"""The mail door from end to end: a mail comes in by IMAP, Claude's stand-in answers, the answer goes out by SMTP."""

import contextlib
from email import message_from_bytes, message_from_string
from email.mime.application import MIMEApplication
from email.mime.image import MIMEImage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from bot.engine.engine import retry
from playground.claude import ClaudeStandIn
from playground.mail import MailStandIn
from playground.serving import serve
from tests.triggers.mail.house import House

pytestmark = pytest.mark.anyio
LATER = "Sun, 29 Nov 2026 10:05:00 +0100"
PNG = Path(__file__).resolve().parents[3] / "docs/pictures/sheet.png"


@pytest.fixture
def claude():
    stand_in = ClaudeStandIn()
    with serve(stand_in.app) as url:
        yield stand_in, url


@pytest.fixture
def post():
    with MailStandIn().serve() as post:
        yield post


def written(body, subject="A question", **headers):
    own = {
        "From": "Anna Berg <anna@example.com>",
        "To": "bot@example.com",
        "Subject": subject,
        "Date": "Sun, 29 Nov 2026 10:00:00 +0100",
        "Message-ID": "<q1@example.com>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return "\n".join([*(f"{name}: {value}" for name, value in own.items()), "", body, ""]).encode()


def texts(message):
    """All text of a message to Claude."""
    return "\n".join(block.get("text", "") for block in message["content"])


@contextlib.asynccontextmanager
async def listening(folder, post, claude, **given):
    async with House(folder, post, claude[1], **given).running() as house:
        await house.until(lambda: any("IDLE" in line for line in post.commands))
        yield house


async def test_a_mail_is_answered_in_its_thread(tmp_path, post, claude):
    async with listening(tmp_path, post, claude) as house:
        post.deliver(written("How much is a box?"))
        await house.until(lambda: post.sent)
        (envelope,) = post.sent
        mail = message_from_bytes(envelope.content)
        assert envelope.recipients == ("anna@example.com",)
        assert (mail["Subject"], mail["In-Reply-To"]) == ("Re: A question", "<q1@example.com>")
        await house.until(lambda: house.receipts.newest("answered"))


async def test_a_short_second_mail_is_understood_by_the_thread(tmp_path, post, claude):
    claude[0].answer_with("A box is 3 pounds.")
    async with listening(tmp_path, post, claude) as house:
        post.deliver(written("How much is a box?"))
        (first,) = await house.until(lambda: post.sent)
        own = message_from_bytes(first.content)["Message-ID"]
        quoted = "On Sun, 29 Nov 2026 at 10:00, Bot <bot@example.com> wrote:\n> A box is 3 pounds."
        headers = {"Message_ID": "<q2@example.com>", "In_Reply_To": own, "References": f"<q1@example.com> {own}"}
        post.deliver(written(f"And for two?\n\n{quoted}", "Re: A question", Date=LATER, **headers))
        await house.until(lambda: len(post.sent) == 2)
        asked = claude[0].requests[-1].body["messages"]
        assert [message["role"] for message in asked] == ["user", "assistant", "user"]
        assert "How much is a box?" in texts(asked[0])
        assert texts(asked[1]) == "A box is 3 pounds."
        assert "And for two?" in texts(asked[2])
        assert "wrote:" not in texts(asked[2])
        again = message_from_bytes(post.sent[1].content)
        assert (again["Subject"], again["References"].split()) == (
            "Re: A question",
            ["<q1@example.com>", own, "<q2@example.com>"],
        )


async def test_of_a_thread_we_took_no_part_in_the_quoted_mails_are_read(tmp_path, post, claude):
    async with listening(tmp_path, post, claude) as house:
        quoted = "On Sat, 28 Nov 2026 at 10:00, Ben <ben@example.com> wrote:\n> The hut has eight beds."
        post.deliver(written(f"Is that enough for nine?\n\n{quoted}", "Re: Hut", References="<x@example.com>"))
        await house.until(lambda: post.sent)
        (asked,) = claude[0].requests[-1].body["messages"]
        assert "The hut has eight beds." in texts(asked)
        assert 'sender="quoted in the mail"' in texts(asked)


async def test_attachments_pictures_and_forwarded_mails_are_read_apart_from_the_text(tmp_path, post, claude):
    mail = MIMEMultipart()
    mail["From"], mail["To"], mail["Subject"] = "anna@example.com", "bot@example.com", "Fwd: Hut"
    mail["Message-ID"] = "<q5@example.com>"
    mail.attach(MIMEText("See below."))
    mail.attach(MIMEApplication(b"name,beds\nEagle,8\n", "csv", name="huts.csv"))
    mail.attach(MIMEImage(PNG.read_bytes(), "png", name="hut.png"))
    mail.attach(MIMEMessage(message_from_string("From: ben@example.com\nSubject: The hut\n\nIt has eight beds.\n")))
    async with listening(tmp_path, post, claude) as house:
        post.deliver(mail.as_bytes())
        await house.until(lambda: post.sent)
        (asked,) = claude[0].requests[-1].body["messages"]
        titles = [block["title"] for block in asked["content"] if block["type"] == "document"]
        assert titles == ["huts.csv", "forwarded mail: The hut"]
        assert [block["type"] for block in asked["content"]].count("image") == 1
        said = [block["source"]["data"] for block in asked["content"] if block["type"] == "document"]
        assert "Eagle,8" in said[0]
        assert "It has eight beds." in said[1]


async def test_strangers_and_machines_get_nothing_but_a_receipt_that_says_why(tmp_path, post, claude):
    async with listening(tmp_path, post, claude, mail_allow="ben@example.com, @example.org") as house:
        post.deliver(written("Hi"))
        post.deliver(written("Hi", From="news@example.org", Precedence="bulk", Message_ID="<2@example.org>"))
        post.deliver(written("Hi", To="sales@example.com", From="ben@example.com", Message_ID="<3@example.com>"))
        post.deliver(written("Hi", From="ben@example.com", Message_ID="<4@example.com>", Date=LATER))
        await house.until(lambda: house.receipts.newest("answered"))
        left = {(one.code, one.reason) for one in house.receipts.newest("skipped")}
        assert left == {
            ("stranger", "skipped: MAIL_ALLOW does not name anna@example.com."),
            ("machine", "skipped: it was sent in bulk (Precedence: bulk)."),
        }
        assert [envelope.recipients for envelope in post.sent] == [("ben@example.com",)]
        assert len(house.receipts.newest()) == 3
        # what was left alone is answered when its owner says so
        stranger = next(one for one in house.receipts.newest("skipped") if one.code == "stranger")
        retry(house.settings.database_url, [stranger.id])
        await house.until(lambda: len(post.sent) == 2)


async def test_the_brakes_count_what_was_answered(tmp_path, post, claude):
    async with listening(tmp_path, post, claude) as house:
        for number in range(7):
            post.deliver(written(f"Question {number}?", Message_ID=f"<b{number}@example.com>"))
        await house.until(lambda: len(house.receipts.newest("skipped")) == 2)
        await house.until(lambda: len(post.sent) == 5)
        assert {one.code for one in house.receipts.newest("skipped")} == {"brake"}


async def test_a_draft_is_laid_among_the_drafts_and_nothing_is_sent(tmp_path, post, claude):
    rules = '[[rule]]\nname = "help"\non = "mail"\nask = "Draft an answer. {text}"\nreply = "draft"\n'
    async with listening(tmp_path, post, claude, rules=rules) as house:
        post.deliver(written("Where is my parcel?"))
        await house.until(lambda: house.receipts.newest("answered"))
        (draft,) = post.mails("Drafts")
        mail = message_from_bytes(draft.content)
        assert (mail["To"], mail["Subject"], mail["In-Reply-To"]) == (
            "anna@example.com",
            "Re: A question",
            "<q1@example.com>",
        )
        assert draft.flags == {r"\Draft"}
        assert mail["Auto-Submitted"] is None
        assert post.sent == []
        (asked,) = claude[0].requests[-1].body["messages"]
        assert "<data-" in texts(asked)


async def test_what_cannot_be_answered_is_said_by_mail(tmp_path, post, claude):
    async with listening(tmp_path, post, claude) as house:
        post.deliver(written("", subject=""))
        await house.until(lambda: post.sent)
        assert b"The mail was empty" in post.sent[0].content
        assert await house.until(lambda: house.receipts.newest("failed"))


async def test_another_doors_answer_goes_out_by_mail(tmp_path, post, claude):
    (tmp_path / "in").mkdir()
    rules = f'[[rule]]\nname = "papers"\non = "folder"\npath = "{tmp_path}/in"\nreply = "mail:anna@example.com"\n'
    given = {"imap_host": "", "folder_quiet_seconds": 0.1, "mail_from": "Bellhop <bot@example.com>"}
    async with House(tmp_path, post, claude[1], rules, **given).running() as house:
        (tmp_path / "in" / "note.txt").write_text("Milk, bread")
        await house.until(lambda: post.sent)
        mail = message_from_bytes(post.sent[0].content)
        assert (mail["From"], mail["Subject"], mail["In-Reply-To"]) == (
            '"Bellhop" <bot@example.com>',
            "note.txt",
            None,
        )
        assert mail["Auto-Submitted"] == "auto-generated"
        await house.until(lambda: house.receipts.newest("answered"))


async def test_a_server_that_takes_no_mail_is_waited_for_and_one_that_refuses_fails_in_its_words(
    tmp_path, post, claude
):
    async with listening(tmp_path, post, claude) as house:
        post.fail_smtp("rcpt", "451 4.7.1 greylisted")
        post.deliver(written("Early?"))
        (waiting,) = await house.until(lambda: house.receipts.newest("waiting"))
        assert "451 4.7.1 greylisted" in waiting.reason
        post.fail_smtp("rcpt", "550 5.1.1 no such user")
        post.deliver(written("Gone?", From="ben@example.com", Message_ID="<q8@example.com>"))
        (failed,) = await house.until(lambda: house.receipts.newest("failed"))
        assert "550 5.1.1 no such user" in failed.reason
        asked = len(claude[0].requests)
        retry(house.settings.database_url, [failed.id, waiting.id])
        await house.until(lambda: len(house.receipts.newest("answered")) == 2)
        assert {envelope.recipients for envelope in post.sent} >= {("anna@example.com",), ("ben@example.com",)}
        assert len(claude[0].requests) == asked


async def test_an_answer_goes_to_several_addresses_and_to_the_drafts(tmp_path, post, claude):
    rules = '[[rule]]\nname = "help"\non = "mail"\nreply = ["draft", "mail:anna@example.com", "mail:ben@example.com"]\n'
    async with listening(tmp_path, post, claude, rules=rules) as house:
        post.deliver(written("Where is my parcel?"))
        await house.until(lambda: house.receipts.newest("answered"))
        assert len(post.mails("Drafts")) == 1
        assert sorted(envelope.recipients for envelope in post.sent) == [("anna@example.com",), ("ben@example.com",)]
