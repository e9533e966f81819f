"""The connection for sending: by password and by token, with TLS from the first byte, after STARTTLS, and without."""

import smtplib

import pytest

from bot.doors.mail.settings import MailSettings
from bot.doors.mail.smtp import certificate_ends_at, connect, leave
from bot.doors.mail.tokens import Tokens
from playground.mail import BOT, MailStandIn, TokenSite, make_certificate
from playground.serving import serve


def settings_of(post, **given):
    own = {name.lower(): value for name, value in post.settings().items()}
    return MailSettings(_env_file=None, **{**own, "imap_tls": "none", "smtp_tls": "none", **given})


def sends(own):
    client = connect(own, Tokens(own), 10.0)
    client.sendmail(BOT, ["anna@example.com"], b"Subject: Hi\r\n\r\nHello\r\n")
    leave(client)


def test_a_password_lets_us_send():
    with MailStandIn().serve() as post:
        sends(settings_of(post))
        assert [envelope.recipients for envelope in post.sent] == [("anna@example.com",)]


@pytest.mark.parametrize("given", [{}, {"smtp_user": "bot", "smtp_password": "x"}])
def test_a_relay_of_this_machine_that_asks_for_no_login_gets_none(given):
    with MailStandIn(auth=False).serve() as post:
        sends(settings_of(post, **given))
        assert len(post.sent) == 1


def test_a_server_that_offers_no_login_where_one_was_said_is_no_relay(tmp_path, monkeypatch):
    context, public = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with MailStandIn(tls="ssl", certificate=context, auth=False).serve() as post:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            sends(settings_of(post, smtp_tls="ssl", smtp_user="bot", smtp_password="x"))
        sends(settings_of(post, smtp_tls="ssl"))


def test_letters_beyond_ascii_in_a_password_are_sent_as_sasl_has_them():
    with MailStandIn({BOT: "größe", "anna@example.com": "anna"}).serve() as post:
        sends(settings_of(post))
        assert len(post.sent) == 1
        with pytest.raises(smtplib.SMTPAuthenticationError):
            sends(settings_of(post, imap_password="größer"))


def test_a_token_lets_us_send_and_one_that_is_refused_is_asked_for_anew():
    with MailStandIn().serve() as post:
        site = TokenSite(post.allow_token)
        with serve(site.app) as url:
            names = {"token_url": f"{url}/token", "client_id": site.client_id, "client_secret": site.client_secret}
            oauth = {f"mail_oauth_{name}": value for name, value in names.items()}
            own = settings_of(post, mail_oauth_refresh_token=site.refresh_token, imap_password="", **oauth)
            tokens = Tokens(own)
            leave(connect(own, tokens, 10.0))
            post.post.accounts[BOT].tokens.clear()
            with pytest.raises(smtplib.SMTPAuthenticationError):
                connect(own, tokens, 10.0)
            leave(connect(own, tokens, 10.0))
        assert len(site.asked) == 2


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_tls_is_used_and_its_certificate_checked(tls, tmp_path, monkeypatch):
    context, public = make_certificate(tmp_path, days=20)
    with MailStandIn(tls=tls, certificate=context).serve() as post:
        own = settings_of(post, smtp_tls=tls)
        with pytest.raises(OSError, match="certificate verify failed"):
            connect(own, Tokens(own), 10.0)
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        client = connect(own, Tokens(own), 10.0)
        assert certificate_ends_at(client)
        leave(client)
