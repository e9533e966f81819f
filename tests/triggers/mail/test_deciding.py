"""Which mails a rule takes, the brakes that trust nobody, and the event that a mail becomes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.events import MailThread
from bot.serial import from_json, to_json
from tests.triggers.mail.kept import BOT, POLICY, mail
from triggers.mail.deciding import BRAKE, STRANGER, Counts, Decision, Taking, decide, event_from_mail
from triggers.mail.reading import read_mail

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "rule",
    [
        Taking("r"),
        Taking("r", to=("BOT@",)),
        Taking("r", sender=("@people.example",)),
        Taking("r", sender=("berg",)),
        Taking("r", subject=("price", "QUESTION")),
        Taking("r", to=("bot@firm",), sender=("anna",), subject=("a",)),
    ],
)
def test_a_rule_takes_what_fits_all_its_keys(rule):
    assert decide(read_mail(mail()), replace(POLICY, rules=(rule,))).rule == "r"


@pytest.mark.parametrize(
    "rule", [Taking("r", to=("orders@",)), Taking("r", sender=("ben",)), Taking("r", subject=("price",))]
)
def test_a_mail_that_no_rule_takes_is_nobodys(rule):
    assert decide(read_mail(mail()), replace(POLICY, rules=(rule,))) == Decision()


def test_the_first_rule_that_fits_takes_the_mail():
    rules = (Taking("one", subject=("price",)), Taking("two"), Taking("three"))
    assert decide(read_mail(mail()), replace(POLICY, rules=rules)).rule == "two"


def test_a_mail_to_others_is_not_ours():
    assert decide(read_mail(mail(To="ben@x.example", Delivered_To="ben@x.example")), POLICY) == Decision()


def test_a_stranger_is_left_alone_with_a_reason():
    decision = decide(read_mail(mail()), replace(POLICY, allow=("@firm.example",)))
    assert (decision.code, decision.rule) == (STRANGER, "mail")
    assert "anna@people.example" in decision.why


@pytest.mark.parametrize(("counts", "stops"), [
    (Counts(4, 19, 9), False), (Counts(hour=5), True), (Counts(day=20), True), (Counts(thread=10), True),
])  # fmt: skip
def test_the_brakes_hold_for_everybody(counts, stops):
    assert (decide(read_mail(mail()), POLICY, counts).code == BRAKE) is stops


def test_two_bots_without_headers_stop_at_ten():
    answers = 0
    while decide(read_mail(mail(f"Turn {answers}")), POLICY, Counts(thread=answers)).is_answered:
        answers += 1
    assert answers == 10


def test_a_mail_becomes_an_event_that_survives_a_crash():
    read = read_mail(mail(References="<a@x> <b@x>"))
    event = event_from_mail(read, "mail", POLICY, mailbox="INBOX", received_at=NOW, copies=())
    assert event.id == read.event_id
    assert event.person == "anna@people.example"
    assert event.reply_to == MailThread(
        "INBOX", "q1@people.example", "anna@people.example", "A question", ("a@x", "b@x")
    )
    assert from_json(type(event), to_json(event)) == event


def test_a_date_to_come_is_not_believed():
    future = (NOW + timedelta(days=400)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    assert (
        event_from_mail(read_mail(mail(Date=future)), "mail", POLICY, mailbox="INBOX", received_at=NOW, copies=()).time
        == NOW
    )


def test_the_senders_reply_to_cannot_turn_the_answer_elsewhere():
    event = event_from_mail(
        read_mail(mail(Reply_To=f"eve@evil.example, {BOT}")),
        "mail",
        POLICY,
        mailbox="INBOX",
        received_at=NOW,
        copies=(),
    )
    assert isinstance(event.reply_to, MailThread)
    assert event.reply_to.to == "anna@people.example"
