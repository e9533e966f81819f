"""The mail door as data, and the two ways of answering by mail: to an address, and as a draft in a thread."""

from __future__ import annotations

from dataclasses import replace

from bot.door import Door, Profile, ReplyKind
from bot.doors.mail.addresses import one_mailbox
from bot.doors.mail.rule import MailRule
from bot.doors.mail.settings import MailSettings, missing_for_mail, missing_for_sending
from bot.errors import Refused
from bot.events import Event, MailThread
from bot.rules.rule import Rule

MAIL = (
    "You answer people by mail. Answer in the language of the mail, to the point and in simple Markdown, without a "
    "subject line, a greeting that says nothing or a signature: your answer is sent as it stands, and what was asked "
    "is quoted below it. Attached files are part of the mail. Say so when you do not know or cannot read something."
)
NO_THREAD = "A draft answers a mail, and this did not come by mail."


def _address(place: str, event: Event) -> MailThread:
    """A mail of its own; the event gives no more than its subject."""
    mailbox = event.reply_to.mailbox if isinstance(event.reply_to, MailThread) else ""
    return MailThread(mailbox, message_id="", to=place, subject=event.subject)


def _draft(_place: str, event: Event) -> MailThread:
    if not isinstance(event.reply_to, MailThread):
        raise Refused(NO_THREAD)
    return replace(event.reply_to, is_draft=True)


def _fault(place: str) -> str:
    return "" if one_mailbox(place) else 'expected one address such as "mail:anna@example.com"'


DOOR = Door(
    name="mail",
    settings=MailSettings,
    rule_keys=MailRule,
    missing=lambda settings, _: missing_for_mail(settings.door(MailSettings)),
    derived_rule=lambda _: Rule(name="mail", on="mail"),
    profile=Profile(MAIL, continues=True, is_told=True),
    opened_by={
        "IMAP_HOST": "It is where mail is read: imap.gmail.com, outlook.office365.com, or as your provider's page on "
        "IMAP says.",
        "IMAP_USER": "It is the name that the mailbox is opened with, mostly its address.",
        "IMAP_PASSWORD": "For Gmail make an app password at https://myaccount.google.com/apppasswords; for Microsoft "
        "365 set MAIL_OAUTH_TOKEN_URL and its companions instead.",
        "SMTP_HOST": "It is where mail is sent: smtp.gmail.com, smtp.office365.com, or as your provider's page on SMTP "
        "says.",
        "MAIL_ALLOW": "Say whom Bellhop may answer: addresses and @domains, comma-separated, or * for everybody.",
        "MAIL_FROM": "It is the address that answers come from; IMAP_USER is none.",
        "MAIL_OAUTH_CLIENT_ID": "It is the application's id, where the app was registered.",
    },
    shared=frozenset({"SMTP_HOST", "MAIL_FROM"}),
)

REPLY = ReplyKind(
    "mail", "mail:ADDRESS", lambda settings: missing_for_sending(settings.door(MailSettings)), _address, fault=_fault
)
DRAFT = ReplyKind(
    "draft", "draft", lambda settings: missing_for_mail(settings.door(MailSettings)), _draft, only_on=("mail",)
)
