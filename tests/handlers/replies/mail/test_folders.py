"""Sent and Drafts on a server: found by their special use, looked through, written into."""

from datetime import UTC, datetime

import pytest

from bot.doors.mail.imap import Imap
from bot.doors.mail.settings import MailSettings
from bot.errors import SETTING, Refused, TryAgain
from handlers.replies.mail.folders import ImapFolders
from playground.mail import BOT, MailStandIn

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
MAIL = b"Message-ID: <bellhop.1@example.com>\r\nSubject: Hi\r\n\r\nHello\r\n"


def folders_of(post):
    own = {name.lower(): value for name, value in post.settings().items()}
    settings = MailSettings(_env_file=None, imap_tls="none", **own)
    return ImapFolders(lambda: Imap(settings, timeout_s=2.0))


@pytest.mark.parametrize(("folder", "name", "flag"), [("sent", "Sent", r"\Seen"), ("drafts", "Drafts", r"\Draft")])
def test_a_mail_is_laid_down_and_found_again(folder, name, flag):
    with MailStandIn().serve() as post:
        folders = folders_of(post)
        assert not folders.holds(folder, "bellhop.1@example.com")
        folders.append(folder, MAIL, NOW)
        assert folders.holds(folder, "bellhop.1@example.com")
        (kept,) = post.mails(name)
        assert kept.flags == {flag}
        assert kept.received_at == NOW
        assert post.wait_for(lambda: post.imap.open_connections == 0)


def test_a_mailbox_without_drafts_says_so():
    with MailStandIn().serve() as post:
        del post.post.accounts[BOT].mailboxes["Drafts"]
        with pytest.raises(Refused, match="no folder for drafts") as refused:
            folders_of(post).append("drafts", MAIL, NOW)
        assert refused.value.code == SETTING


def test_a_server_that_is_away_is_tried_again():
    with MailStandIn().serve() as post:
        folders = folders_of(post)
        post.imap.stop()
        with pytest.raises(TryAgain, match="connection refused"):
            folders.holds("sent", "x@y")
        post.imap.start()
        assert not folders.holds("sent", "x@y")
