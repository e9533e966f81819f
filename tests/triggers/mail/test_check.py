import asyncio
import time

import pytest

from bot.doors.mail.faults import login_refused
from bot.rules.rule import Rule
from bot.settings import load_settings
from playground.claude import ClaudeStandIn
from playground.mail import BOT, MailStandIn, make_certificate
from playground.serving import serve
from triggers.mail.check import findings as findings_of

pytestmark = pytest.mark.anyio
DRAFT = (Rule(name="mail", on="mail", reply=("draft",)),)


@pytest.fixture(scope="module")
def claude():
    with serve(ClaudeStandIn().app) as url:
        yield url


@pytest.fixture
def post():
    with MailStandIn().serve() as post:
        yield post


def settings(post, claude, **given):
    own = (
        {name.lower(): value for name, value in post.settings().items()}
        | {"imap_tls": "none", "smtp_tls": "none"}
        | given
    )
    return load_settings(_env_file=None, anthropic_base_url=claude, **own)


async def findings(settings, rules=(), clock=time.time):
    return {finding.subject: finding for finding in await asyncio.to_thread(findings_of, settings, rules, clock)}


async def test_a_mailbox_that_is_fine_is_said_to_be(post, claude):
    post.deliver(b"Subject: Hi\n\nHow much?\n")
    found = await findings(settings(post, claude), DRAFT)
    assert all(finding.ok for finding in found.values()), found
    assert list(found) == [
        "clock",
        "login",
        "IDLE",
        "TLS",
        "Drafts",
        "Sent",
        "folder",
        "sending",
        "sender",
        "sending TLS",
    ]
    assert post.sent == []
    assert found["folder"].words == "INBOX can be read, with 1 mails"
    assert post.mails()[0].flags == set()
    assert post.wait_for(lambda: post.imap.open_connections == 0)


async def test_a_wrong_password_says_where_a_right_one_is_made(post, claude):
    found = await findings(settings(post, claude, imap_password="wrong"))
    assert not found["login"].ok
    assert "IMAP_PASSWORD" in found["login"].fix


async def test_a_password_that_only_the_way_out_refuses_is_told(post, claude):
    found = await findings(settings(post, claude, smtp_password="wrong"))
    assert found["login"].ok
    assert not found["sending"].ok
    assert "SMTP_PASSWORD" in found["sending"].fix


async def test_a_sender_that_may_not_send_is_told_and_no_mail_is_sent(post, claude):
    post.fail_smtp("mail", "550 5.7.60 not permitted to send as this sender")
    found = await findings(settings(post, claude))
    assert not found["sender"].ok
    assert "550 5.7.60" in found["sender"].words
    assert "MAIL_FROM" in found["sender"].fix
    assert post.sent == []


async def test_with_a_way_out_alone_that_is_what_is_tested(post, claude):
    found = await findings(settings(post, claude, imap_host="", mail_from="bot@example.com"))
    assert list(found) == ["clock", "sending", "sender", "sending TLS"]


async def test_a_missing_folder_is_named_with_those_there_are(post, claude):
    found = await findings(settings(post, claude, imap_folder="Inbox/Anfragen"))
    assert "there are: Drafts, INBOX, Sent, Trash" in found["folder"].words


async def test_drafts_are_asked_for_only_where_a_rule_needs_them(post, claude):
    del post.post.accounts[BOT].mailboxes["Drafts"]
    assert (await findings(settings(post, claude)))["Drafts"].ok
    missing = (await findings(settings(post, claude), DRAFT))["Drafts"]
    assert not missing.ok
    assert "Make a folder Drafts" in missing.fix


async def test_a_certificate_that_ends_soon_is_told(tmp_path, monkeypatch, claude):
    context, public = make_certificate(tmp_path, days=5)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with MailStandIn(tls="ssl", certificate=context).serve() as post:
        found = await findings(settings(post, claude, imap_tls="ssl"))
    assert not found["TLS"].ok
    assert "certificate ends on 20" in found["TLS"].words


async def test_a_clock_that_is_off_is_told_and_one_that_cannot_be_compared_is_not(post, claude):
    found = await findings(settings(post, claude), clock=lambda: time.time() + 600)
    assert not found["clock"].ok
    assert "s ahead" in found["clock"].words
    assert (await findings(settings(post, "http://127.0.0.1:1")))["clock"].ok


async def test_a_server_without_idle_is_fine_and_said_to_be_asked(claude):
    with MailStandIn(idle=False).serve() as post:
        found = await findings(settings(post, claude))
    assert found["IDLE"].ok
    assert "every 30 s" in found["IDLE"].words


@pytest.mark.parametrize(
    ("host", "words"),
    [("imap.gmail.com", "apppasswords"), ("outlook.office365.com", "entra.microsoft.com"), ("mail.example.com", "try")],
)
def test_the_way_to_a_password_is_told_click_by_click(host, words):
    assert words in login_refused("IMAP", host, "bot@example.com", by_token=False).fix
