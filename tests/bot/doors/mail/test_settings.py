import pytest

from bot.doors.mail.addresses import Mailbox
from bot.doors.mail.settings import MailSettings, missing_for_mail, missing_for_sending
from bot.errors import SettingsError


def settings(**given):
    return MailSettings(_env_file=None, **given)


def test_ports_and_logins_fall_back_to_what_is_usual():
    own = settings(imap_host="imap.example.com", imap_user="Bot@example.com", imap_password="x", smtp_host="s")
    assert own.imap_at == ("imap.example.com", 993)
    assert own.smtp_at == ("s", 587)
    assert own.smtp_login == ("Bot@example.com", "x")
    assert own.sender == Mailbox("bot@example.com")
    assert own.mailbox == "bot@example.com@imap.example.com/INBOX"
    assert settings(imap_tls="starttls").imap_at[1] == 143
    assert settings(smtp_tls="ssl").smtp_at[1] == 465


@pytest.mark.parametrize("which", ["imap", "smtp"])
def test_without_tls_only_this_machine_is_spoken_to(which):
    for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1"):
        assert settings(**{f"{which}_host": host, f"{which}_tls": "none"})
    for host in ("mail.example.com", "10.0.0.1", "localhost.example.com"):
        with pytest.raises(SettingsError, match=f"{which.upper()}_TLS is wrong: without TLS"):
            settings(**{f"{which}_host": host, f"{which}_tls": "none"})


@pytest.mark.parametrize(("name", "value"), [("mail_from", "bot"), ("mail_allow", "anna@example.com, example.org")])
def test_what_is_no_address_is_told(name, value):
    with pytest.raises(SettingsError, match=f"{name.upper()} is wrong: expected"):
        settings(**{name: value})


def test_mails_come_from_an_address_with_or_without_a_name():
    assert settings(mail_from="Bell Hop <Bot@example.com>").sender == Mailbox("bot@example.com", "Bell Hop")
    both = settings(mail_from="help@example.com", imap_user="bot@example.com")
    assert both.own_addresses == ("help@example.com", "bot@example.com")


def test_tokens_are_asked_for_over_https_only():
    with pytest.raises(SettingsError, match="MAIL_OAUTH_TOKEN_URL"):
        settings(mail_oauth_token_url="http://login.example.com/token")
    assert settings(mail_oauth_token_url="http://127.0.0.1:9/token").uses_oauth


def test_what_is_missing_is_named():
    assert missing_for_mail(settings())[:2] == ("IMAP_HOST", "IMAP_USER")
    whole = {"imap_host": "h", "imap_user": "u@h", "imap_password": "p", "smtp_host": "s", "mail_allow": "*"}
    assert missing_for_mail(settings(**whole)) == ()
    assert missing_for_mail(settings(**{**whole, "imap_user": "u"})) == ("MAIL_FROM",)
    assert missing_for_mail(settings(**{**whole, "mail_allow": ""})) == ("MAIL_ALLOW",)
    oauth = {"mail_oauth_token_url": "https://t.example.com", "mail_oauth_client_id": "c", "imap_password": ""}
    assert missing_for_mail(settings(**{**whole, **oauth})) == ()


def test_to_send_alone_no_mailbox_is_needed():
    assert missing_for_sending(settings(smtp_host="s", mail_from="bot@example.com")) == ()
    assert missing_for_sending(settings(smtp_host="s")) == ("MAIL_FROM",)


def test_passwords_are_among_the_secrets():
    assert "hush" in settings(imap_password="hush").secrets()
