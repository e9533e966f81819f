import imaplib
import socket
import ssl
from datetime import UTC, datetime

import pytest

from playground.mail import BOT, PASSWORD, MailStandIn, make_certificate

MAIL = b"From: anna@example.com\nTo: bot@example.com\nSubject: Hi\nMessage-ID: <1@example.com>\n\nHow much?\n"


@pytest.fixture
def post():
    with MailStandIn().serve() as post:
        yield post


class Raw:
    """A client that says exactly what it is told."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.sock.makefile("rb")
        assert self.file.readline().startswith(b"* OK")

    def say(self, data):
        self.sock.sendall(data)

    def ask(self, data):
        self.say(data + b"\r\n")
        return self.until(data.split(b" ")[0] + b" ")

    def until(self, start):
        lines: list[bytes] = []
        while True:
            line = self.file.readline()
            if not line or line.startswith((start, b"* BYE", b"* BAD")):
                return [*lines, line]
            lines.append(line)


@pytest.fixture
def raw(post):
    client = Raw(post.imap.port)
    yield client
    client.file.close()
    client.sock.close()


@pytest.fixture
def client(post):
    with imaplib.IMAP4("127.0.0.1", post.imap.port, timeout=10) as client:
        client.login(BOT, PASSWORD)
        yield client


def test_pythons_client_signs_in_selects_and_fetches(post, client):
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    uid = post.deliver(MAIL, at=at)
    assert client.select("INBOX") == ("OK", [b"1"])
    assert client.response("UIDNEXT") == ("UIDNEXT", [b"2"])
    assert client.response("UIDVALIDITY")[1] == [str(post.folder().uid_validity).encode()]
    _, found = client.uid("FETCH", str(uid), "(UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[])")
    head, content = found[0]
    assert content == MAIL.replace(b"\n", b"\r\n")
    assert head.startswith(b'1 (UID 1 FLAGS () RFC822.SIZE %d INTERNALDATE " 4-Mar-2026 05:06:07 +0000"' % len(content))
    assert post.mails()[0].flags == set()


def test_only_a_fetch_that_does_not_peek_sets_seen(post, client):
    post.deliver(MAIL)
    client.select("INBOX")
    client.fetch("1", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.10>)")
    assert post.mails()[0].flags == set()
    _, found = client.fetch("1", "(BODY[HEADER.FIELDS (MESSAGE-ID)])")
    assert found[0][1] == b"Message-ID: <1@example.com>\r\n\r\n"
    assert post.mails()[0].flags == {r"\Seen"}


def test_a_search_from_beyond_the_end_returns_the_last_mail(post, client):
    for _ in range(3):
        post.deliver(MAIL)
    client.select("INBOX")
    assert client.uid("SEARCH", "UID 40:*") == ("OK", [b"3"])
    assert client.uid("SEARCH", "UNSEEN", "UID", "2:*") == ("OK", [b"2 3"])
    assert client.uid("SEARCH", "HEADER", "Message-ID", '"<1@example.com>"') == ("OK", [b"1 2 3"])
    assert client.uid("SEARCH", "HEADER", "Message-ID", '"<2@"') == ("OK", [b""])


def test_drafts_and_sent_are_named_by_their_special_use(client):
    _, lines = client.list()
    assert rb'(\HasNoChildren \Drafts) "/" "Drafts"' in lines
    assert client.list('""', "Sent*")[1] == [rb'(\HasNoChildren \Sent) "/" "Sent"']


def test_a_mail_is_laid_into_a_folder_and_its_uid_told(post, client):
    when = imaplib.Time2Internaldate(datetime(2026, 1, 2, tzinfo=UTC))
    assert client.append("Drafts", r"(\Draft \Seen)", when, MAIL)[1][0].startswith(b"[APPENDUID ")
    (draft,) = post.mails("Drafts")
    assert draft.flags == {r"\Draft", r"\Seen"}
    assert draft.received_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert client.append("Nowhere", "", None, MAIL)[1] == [b"[TRYCREATE] there is no such folder"]


def test_a_folder_of_another_script_is_named_in_modified_utf7(post, client):
    post.post.add_folder(BOT, "Anfragen & Größe/日本")
    assert client.select('"Anfragen &- Gr&APYA3w-e/&ZeVnLA-"')[0] == "OK"
    with pytest.raises(imaplib.IMAP4.error, match="modified UTF-7"):
        client.select('"Gr&APYA3w"')


def test_who_idles_is_told_of_new_and_of_gone_mail(post, raw):
    raw.ask(b"a LOGIN %s %s" % (BOT.encode(), PASSWORD.encode()))
    raw.ask(b"b SELECT INBOX")
    raw.say(b"c IDLE\r\n")
    assert raw.file.readline().startswith(b"+ ")
    post.deliver(MAIL)
    assert raw.file.readline() == b"* 1 EXISTS\r\n"
    post.post.remove(post.folder(), [1])
    assert raw.file.readline() == b"* 1 EXPUNGE\r\n"
    raw.say(b"DONE\r\n")
    assert raw.file.readline().startswith(b"c OK")


def test_mail_that_came_before_the_idle_is_told_in_it(post, raw):
    raw.ask(b"a LOGIN %s %s" % (BOT.encode(), PASSWORD.encode()))
    raw.ask(b"b SELECT INBOX")
    post.deliver(MAIL)
    raw.say(b"c IDLE\r\n")
    assert [raw.file.readline(), raw.file.readline()] == [b"+ idling\r\n", b"* 1 EXISTS\r\n"]


@pytest.mark.parametrize(
    "command",
    [
        b"b",
        b"b  NOOP",
        b"b NOOP ",
        b"b NOPE",
        b"b LOGIN anna anna",
        b"b SELECT",
        b"b SELECT INBOX INBOX",
        b"b SELECT in(box",
        b"b FETCH 1 FLAGS",
        b"b EXPUNGE",
        b"b STARTTLS",
        b"b LIST",
        b"b APPEND Drafts hello",
        b'b SELECT "INBOX',
    ],
)
def test_what_the_rfc_forbids_is_bad(raw, command):
    raw.ask(b"a LOGIN %s %s" % (BOT.encode(), PASSWORD.encode()))
    assert b" BAD " in raw.ask(command)[-1]


@pytest.mark.parametrize(
    "command",
    [b"FETCH 0 FLAGS", b"FETCH 9 FLAGS", b"FETCH 1 (FLAGS", b"FETCH 1 BODY[", b"UID FETCH x UID", b"UID NOOP",
     b"FETCH 1 NONSENSE", b"SEARCH", b"SEARCH FOO", b"UID SEARCH UID", b"STORE 1 FLAGS x", b"FETCH 1 BODY[]<0.0>"],
)  # fmt: skip
def test_what_is_no_command_about_mails_is_bad(post, raw, command):
    post.deliver(MAIL)
    raw.ask(b"a LOGIN %s %s" % (BOT.encode(), PASSWORD.encode()))
    raw.ask(b"b SELECT INBOX")
    assert b" BAD " in raw.ask(b"c " + command)[-1]


def test_literals_are_asked_for_and_read_to_the_octet(post, raw):
    raw.say(b"a LOGIN {15}\r\n")
    assert raw.file.readline().startswith(b"+ ")
    raw.say(BOT.encode() + b" {%d}\r\n" % len(PASSWORD))
    assert raw.file.readline().startswith(b"+ ")
    raw.say(PASSWORD.encode() + b"\r\n")
    assert raw.file.readline().startswith(b"a OK")


def test_a_line_without_a_carriage_return_ends_the_session(raw):
    raw.say(b"a NOOP\n")
    assert raw.until(b"a ")[-1].startswith(b"* BYE")


def test_a_wrong_password_is_refused_and_named(raw):
    assert raw.ask(b"a LOGIN bot@example.com wrong")[-1].startswith(b"a NO [AUTHENTICATIONFAILED]")


def test_a_token_signs_in_and_a_wrong_one_meets_a_challenge_first(post):
    post.allow_token("good")
    for token, works in (("good", True), ("bad", False)):
        with imaplib.IMAP4("127.0.0.1", post.imap.port, timeout=10) as client:
            answers = iter([f"user={BOT}\x01auth=Bearer {token}\x01\x01".encode(), b""])
            if works:
                assert client.authenticate("XOAUTH2", lambda _: next(answers))[0] == "OK"  # noqa: B023
            else:
                with pytest.raises(imaplib.IMAP4.error, match="Invalid credentials"):
                    client.authenticate("XOAUTH2", lambda _: next(answers))  # noqa: B023


def test_a_server_without_idle_does_not_offer_it():
    with MailStandIn(idle=False).serve() as post:
        raw = Raw(post.imap.port)
        assert b"IDLE" not in raw.ask(b"a CAPABILITY")[0]
        raw.ask(b"a LOGIN %s %s" % (BOT.encode(), PASSWORD.encode()))
        assert b" BAD " in raw.ask(b"b IDLE")[-1]


def test_a_cut_line_ends_and_a_restarted_server_has_the_same_port(post, raw):
    port = post.imap.port
    post.restart()
    assert raw.file.read() == b""
    assert post.imap.port == port
    Raw(port).ask(b"a NOOP")


def test_a_frozen_server_says_nothing_until_it_thaws(post, raw):
    post.freeze()
    raw.say(b"a NOOP\r\n")
    raw.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        raw.sock.recv(1)
    post.thaw()
    raw.sock.settimeout(10)
    assert raw.sock.recv(100).startswith(b"a OK")


def test_a_folder_made_anew_ends_the_session_and_has_other_uids(post, client):
    post.deliver(MAIL)
    post.deliver(MAIL)
    post.post.remove(post.folder(), [1])
    client.select("INBOX")
    before = post.folder().uid_validity
    post.renumber()
    assert post.folder().uid_validity != before
    assert [mail.uid for mail in post.mails()] == [1]
    with pytest.raises(imaplib.IMAP4.abort):
        client.noop()


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_tls_from_the_first_byte_or_after_starttls(tmp_path, tls):
    context, public = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(public))
    with MailStandIn(tls=tls, certificate=context).serve() as post:
        client: imaplib.IMAP4
        if tls == "ssl":
            client = imaplib.IMAP4_SSL("127.0.0.1", post.imap.port, ssl_context=trusting, timeout=10)
        else:
            client = imaplib.IMAP4("127.0.0.1", post.imap.port, timeout=10)
            assert "LOGINDISABLED" in client.capabilities
            client.starttls(trusting)
        with client:
            assert client.login(BOT, PASSWORD)[0] == "OK"
