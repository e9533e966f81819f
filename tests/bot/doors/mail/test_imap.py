import threading

import pytest

from bot.doors.mail.faults import MailFault
from bot.doors.mail.imap import Imap
from bot.doors.mail.responses import special_folder
from bot.doors.mail.settings import MailSettings
from playground.mail import BOT, MailStandIn, TokenSite, make_certificate
from playground.serving import serve

MAIL = b"From: anna@example.com\nMessage-ID: <1@example.com>\nSubject: Hi\n\nHow much?\n"


def settings_of(post, **given):
    return MailSettings(
        _env_file=None,
        **{"imap_host": "127.0.0.1", "imap_port": post.imap.port, "imap_user": BOT, "imap_tls": "none"} | given,
    )


def imap_of(post, **given):
    return Imap(settings_of(post, **{"imap_password": post.post.accounts[BOT].password} | given), timeout_s=5.0)


@pytest.fixture
def post():
    with MailStandIn().serve() as post:
        yield post


@pytest.fixture
def imap(post):
    imap = imap_of(post)
    imap.open()
    yield imap
    imap.close()


def test_a_folder_is_opened_and_its_mail_read_without_a_trace(post, imap):
    uid = post.deliver(MAIL)
    selected = imap.select("INBOX")
    assert (selected.count, selected.uid_validity, selected.uid_next) == (1, post.folder().uid_validity, 2)
    (mail,) = imap.fetch([uid], "(UID RFC822.SIZE BODY.PEEK[])")
    assert mail.content == MAIL.replace(b"\n", b"\r\n")
    assert imap.with_message_id("<1@example.com>") == [1]
    assert imap.uids_from(2) == []
    assert post.mails()[0].flags == set()


def test_a_folder_that_is_missing_is_named_with_those_that_are_there(post, imap):
    post.post.add_folder(BOT, "Größe")
    with pytest.raises(MailFault, match=r"no folder Grösse .there are: Drafts, Größe, INBOX"):
        imap.select("Grösse")
    assert imap.select("Größe").count == 0


def test_an_answer_is_laid_into_drafts(post, imap):
    drafts = special_folder(imap.folders(), r"\drafts")
    imap.append(drafts, MAIL, (r"\Draft",))
    (draft,) = post.mails("Drafts")
    assert (draft.flags, draft.content) == ({r"\Draft"}, MAIL.replace(b"\n", b"\r\n"))


def test_who_waits_is_woken_by_a_mail_and_by_the_end_of_the_time(post, imap):
    imap.select("INBOX")
    assert imap.wait(0.05, 5.0) is False
    threading.Timer(0.1, post.deliver, [MAIL]).start()
    assert imap.wait(60.0, 5.0) is True
    assert imap.wait(0.05, 5.0) is False


def test_mail_that_was_told_beside_another_answer_ends_the_wait_at_once(post, imap):
    imap.select("INBOX")
    post.deliver(MAIL)
    imap.noop()  # its answer tells of the mail, so that no IDLE will
    assert imap.wait(60.0, 5.0) is True


def test_a_frozen_peer_is_given_up(post, imap):
    imap.select("INBOX")
    threading.Timer(0.1, post.freeze).start()
    with pytest.raises(MailFault, match="the connection was lost"):
        imap.wait(0.5, 0.5)


def test_a_wait_is_cut_from_another_thread(post, imap):
    imap.select("INBOX")
    threading.Timer(0.1, imap.cut).start()
    with pytest.raises(MailFault, match="the connection was lost"):
        imap.wait(60.0, 5.0)


@pytest.mark.parametrize("trouble", ["disconnect", "restart"])
def test_a_lost_connection_is_a_fault_and_can_be_made_again(post, imap, trouble):
    imap.select("INBOX")
    getattr(post, trouble)()
    with pytest.raises(MailFault):
        imap.noop()
    imap.open()
    assert imap.select("INBOX").count == 0
    assert post.wait_for(lambda: post.imap.open_connections == 1)


def test_a_wrong_password_is_told_with_the_way_to_mend_it(post):
    with pytest.raises(MailFault) as caught:
        imap_of(post, imap_password="wrong-one").open()
    assert caught.value.code == "login"
    assert "did not accept the password of bot@example.com" in caught.value.reason
    assert "IMAP_PASSWORD" in caught.value.fix
    assert "wrong-one" not in caught.value.reason + caught.value.fix


def test_passwords_of_any_letters_sign_in():
    for password in ("päß wörd", 'a"b\\c d'):
        with MailStandIn({BOT: password}).serve() as post:
            imap = imap_of(post)
            imap.open()
            imap.close()


def test_a_server_that_is_not_there_is_told(post):
    post.imap.stop()
    with pytest.raises(MailFault, match=r"was not reached .connection refused"):
        imap_of(post).open()


def test_one_signs_in_with_a_token_and_asks_for_another_when_it_is_refused(post):
    site = TokenSite(post.allow_token)
    with serve(site.app) as url:
        oauth = {"token_url": f"{url}/token", "client_id": site.client_id, "client_secret": site.client_secret}
        names = {f"mail_oauth_{name}": value for name, value in oauth.items()}
        imap = Imap(settings_of(post, mail_oauth_refresh_token=site.refresh_token, **names))
        imap.open()
        imap.open()
        assert len(site.asked) == 1
        post.post.accounts[BOT].tokens.clear()
        with pytest.raises(MailFault, match="did not accept the token"):
            imap.open()
        imap.open()
        assert len(site.asked) == 2
        imap.close()


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_tls_is_spoken_with_a_certificate_that_is_trusted_and_with_no_other(tmp_path, monkeypatch, tls):
    context, public = make_certificate(tmp_path, days=30)
    with MailStandIn(tls=tls, certificate=context).serve() as post:
        with pytest.raises(MailFault, match=r"the certificate of the IMAP server .* is not trusted"):
            imap_of(post, imap_tls=tls).open()
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        imap = imap_of(post, imap_tls=tls)
        imap.open()
        assert imap.certificate_ends_at is not None
        assert imap.select("INBOX").count == 0
        imap.close()


def test_the_wrong_kind_of_tls_is_told(post):
    with pytest.raises(MailFault, match="offers no STARTTLS"):
        imap_of(post, imap_tls="starttls").open()
    with pytest.raises(MailFault) as caught:
        imap_of(post, imap_tls="ssl").open()
    assert caught.value.code == "tls"


def test_a_server_without_idle_is_known_as_one():
    with MailStandIn(idle=False).serve() as post:
        imap = imap_of(post)
        imap.open()
        assert not imap.has_idle
        imap.close()
