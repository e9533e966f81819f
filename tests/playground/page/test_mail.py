"""The mailbox in a real browser: what one writes there reaches the real bot, and its answer stands in the thread."""

import urllib.error
import urllib.request

import pytest

from playground.page.mails import earlier_of, mail_data, page_of, text_of, written


@pytest.fixture
def mail(page):
    """The mailbox in front, as Anna, with nothing chosen."""
    page.find("#tab-mail").click()
    page.find('input[value="anna"]').click()
    page.find("#new-mail").click()
    return page


def sent(page):
    page.find("#mail-form .main-button").click()


def test_a_mail_is_answered_in_its_thread_and_its_page_stands_in_a_frame_without_scripts(mail):
    mail.find("#mail-subject").send_keys("Apples")
    mail.find("#mail-text").send_keys("What is 12 * 489?")
    mail.find("#mail-sample").click()
    sent(mail)
    mail.wait(lambda: mail.settled("Apples"))
    frame = mail.wait(lambda: mail.find(".letter.from-bot iframe"))
    assert frame.get_attribute("sandbox") == "allow-same-origin"
    mail.wait(lambda: mail.js("return arguments[0].contentDocument.body.innerText", frame).strip())
    assert "sample-invoice.pdf" in mail.find(".letter .enclosed").text
    mail.find("#mail-text").send_keys("And twice that?")
    sent(mail)
    mail.wait(lambda: len(mail.all(".letter.from-bot")) == 2)
    assert len(mail.all("#threads li")) == 1
    answers = mail.stage.mail.mails("INBOX", "anna@example.com")
    assert [mail_data(one.content)["subject"] for one in answers] == ["Re: Apples", "Re: Apples"]


def test_a_persons_answer_carries_its_thread_and_quotes_what_it_answers():
    first = written("anna", "Trees", "Which are tall?", {}, None)
    second = written("ben", "", "And old?", {"a.csv": b"x,y\n"}, earlier_of(first))
    assert mail_data(second)["thread"] == mail_data(first)["id"]
    assert mail_data(second)["subject"] == "Re: Trees"
    assert mail_data(second)["files"] == [{"name": "a.csv", "size_bytes": 4}]
    assert text_of(second).startswith("And old?\n\nOn ")
    assert text_of(second).endswith("> Which are tall?")
    assert page_of(second) == ""


def test_a_mail_that_is_gone_and_one_of_nobodys_are_not_shown(page):
    for path in ("mail/anna/INBOX/999", "mail/eve/INBOX/1", "mail/anna/Drafts/1"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(page.url + path, timeout=5)
