import smtplib
import socket
import ssl

import pytest

from playground.mail import BOT, PASSWORD, MailStandIn, make_certificate

MAIL = b"From: bot@example.com\r\nTo: anna@example.com\r\nSubject: Re: Hi\r\n\r\n.5 EUR\r\n"
ANNA = "anna@example.com"


@pytest.fixture
def post():
    with MailStandIn().serve() as post:
        yield post


def client_of(post):
    client = smtplib.SMTP("127.0.0.1", post.smtp.port, timeout=10)
    client.login(BOT, PASSWORD)
    return client


def test_a_mail_is_taken_kept_and_delivered_to_whom_it_knows(post):
    with client_of(post) as client:
        client.sendmail(BOT, [ANNA, "far@example.net"], MAIL)
    (sent,) = post.sent
    assert (sent.sender, sent.recipients, sent.content) == (BOT, (ANNA, "far@example.net"), MAIL)
    (mail,) = post.mails(of=ANNA)
    assert mail.content == b"Return-Path: <bot@example.com>\r\n" + MAIL


def test_the_null_sender_is_taken(post):
    with client_of(post) as client:
        client.sendmail("<>", [ANNA], MAIL)
    assert post.sent[0].sender == ""


def test_who_has_not_signed_in_or_is_somebody_else_may_not_send(post):
    with smtplib.SMTP("127.0.0.1", post.smtp.port, timeout=10) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(BOT, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail(BOT, [ANNA], MAIL)
    with client_of(post) as client, pytest.raises(smtplib.SMTPSenderRefused, match="553"):
        client.sendmail(ANNA, [ANNA], MAIL)
    assert post.sent == []


@pytest.mark.parametrize(
    ("stage", "error"),
    [("mail", smtplib.SMTPSenderRefused), ("rcpt", smtplib.SMTPRecipientsRefused), ("data", smtplib.SMTPDataError),
     ("end", smtplib.SMTPDataError)],
)  # fmt: skip
@pytest.mark.parametrize("words", ["451 4.3.0 later", "550 5.1.1 never"])
def test_a_fault_strikes_once_where_it_was_ordered(post, stage, error, words):
    post.fail_smtp(stage, words)
    with client_of(post) as client, pytest.raises(error):
        client.sendmail(BOT, [ANNA], MAIL)
    assert post.sent == []
    with client_of(post) as client:
        client.sendmail(BOT, [ANNA], MAIL)
    assert len(post.sent) == 1


def test_a_lost_response_after_data_leaves_the_mail_accepted(post):
    post.fail_smtp("end", "cut")
    client = client_of(post)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail(BOT, [ANNA], MAIL)
    assert len(post.sent) == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [("EHLO", b"501"), ("NOPE", b"500"), ("MAIL FROM:<bot@example.com>", b"503"), ("RCPT TO:<a@b>", b"503"),
     ("DATA", b"503"), ("AUTH PLAIN", b"503")],
)  # fmt: skip
def test_what_is_out_of_order_is_refused(post, said, code):
    with socket.create_connection(("127.0.0.1", post.smtp.port), timeout=10) as sock:
        file = sock.makefile("rb")
        assert file.readline().startswith(b"220")
        sock.sendall(said.encode() + b"\r\n")
        assert file.readline().startswith(code)
        file.close()


def test_starttls_comes_before_signing_in_where_it_is_asked_for(tmp_path):
    context, public = make_certificate(tmp_path)
    with MailStandIn(tls="starttls", certificate=context).serve() as post:
        with smtplib.SMTP("127.0.0.1", post.smtp.port, timeout=10) as client:
            client.ehlo()
            assert "auth" not in client.esmtp_features
            client.starttls(context=ssl.create_default_context(cafile=str(public)))
            client.login(BOT, PASSWORD)
            client.sendmail(BOT, [ANNA], MAIL)
        assert len(post.sent) == 1
