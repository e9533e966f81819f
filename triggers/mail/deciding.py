"""Whether a mail is answered, by which rule, and if not, why: one pure decision over the mail and a few counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.doors.mail.addresses import is_allowed
from bot.doors.mail.message_ids import bounded
from bot.events import Attachment, Event, MailThread
from triggers.mail.machines import Own, why_machine
from triggers.mail.reading import Mail
from triggers.mail.trust import answer_to, why_untrusted

MOST_AN_HOUR, MOST_A_DAY, MOST_IN_THREAD = 5, 20, 10
"""Answers to one sender, and in one conversation; they hold for everybody, whatever a mail says of itself."""
MACHINE, STRANGER, BRAKE = "machine", "stranger", "brake"
"""Codes of why a mail was left alone."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Which mails a rule takes: each of the three is case-blind parts, of which one must fit; () fits every mail.

    `allow` names whom it answers, of those whom MAIL_ALLOW names; () all of them.
    """

    name: str
    to: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Who we are and whom we answer: MAIL_FROM and IMAP_USER, MAIL_ALLOW, MAIL_AUTHSERV, and the rules in order."""

    own: Own
    allow: tuple[str, ...]
    authserv: str
    rules: tuple[Taking, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many answers the sender got within the last hour and day, and this conversation in all its life."""

    hour: int = 0
    day: int = 0
    thread: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` is the rule that takes the mail, "" when none does: then it is not ours, and nothing is kept of it.

    `code` and `why` say why it is left alone all the same: a receipt `skipped`. Both "" when it is answered.
    """

    rule: str = ""
    code: str = ""
    why: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether an answer is due."""
        return bool(self.rule) and not self.code


def decide(mail: Mail, policy: Policy, counts: Counts = Counts()) -> Decision:  # frozen
    """What becomes of a mail."""
    rule = next((rule for rule in policy.rules if _fits(rule, mail, policy.own)), None)
    if rule is None:
        return Decision()
    if why := why_machine(mail, policy.own):
        return Decision(rule.name, MACHINE, f"skipped: {why}.")
    if why := why_untrusted(mail, policy.allow, policy.authserv) or _why_not_by(rule, mail):
        return Decision(rule.name, STRANGER, f"skipped: {why}.")
    if why := brake(counts):
        return Decision(rule.name, BRAKE, f"skipped: {why}.")
    return Decision(rule.name)


def _why_not_by(rule: Taking, mail: Mail) -> str:
    sender = mail.sender.address if mail.sender else ""
    return f"its rule does not allow {sender}" if rule.allow and not is_allowed(sender, rule.allow) else ""


def _fits(rule: Taking, mail: Mail, own: Own) -> bool:
    # A rule that names an address makes it ours; without, the mail must be to our own.
    to = any(_in(part, mail.to) for part in rule.to) if rule.to else any(own.has(address) for address in mail.to)
    sender = (mail.sender.address, mail.sender.name) if mail.sender else (mail.headers.text("from"),)
    return to and _any(rule.sender, sender) and _any(rule.subject, (mail.subject,))


def _any(parts: Sequence[str], texts: Sequence[str]) -> bool:
    return not parts or any(_in(part, texts) for part in parts)


def _in(part: str, texts: Sequence[str]) -> bool:
    return any(part.strip().casefold() in text.casefold() for text in texts)


def brake(counts: Counts) -> str:
    """Why there have been answers enough for now, as a clause; "" when there have not."""
    if counts.hour >= MOST_AN_HOUR:
        return f"its sender had {MOST_AN_HOUR} answers within an hour"
    if counts.day >= MOST_A_DAY:
        return f"its sender had {MOST_A_DAY} answers within a day"
    if counts.thread >= MOST_IN_THREAD:
        return f"its conversation had {MOST_IN_THREAD} answers"
    return ""


def event_from_mail(
    mail: Mail, rule: str, policy: Policy, *, mailbox: str, received_at: datetime, copies: tuple[Attachment, ...]
) -> Event:
    """The event of a mail. `copies` hold the mail itself, as a file; `received_at` is aware, and stands in for a date.

    A mail that says it was sent later than it came is dated by its coming.
    """
    to = answer_to(mail, policy.allow, policy.own.addresses)
    time = min(mail.sent_at, received_at) if mail.sent_at else received_at
    sender = mail.sender
    return Event(
        id=mail.event_id,
        source="mail",
        rule=rule,
        text="",
        subject=mail.subject or "(no subject)",
        time=time,
        conversation=f"mail:{mail.conversation}",
        reply_to=MailThread(mailbox, mail.message_id, to, mail.subject, bounded(mail.references or mail.in_reply_to)),
        attachments=copies,
        fields={
            "From": f"{sender.name} <{sender.address}>".strip() if sender else "",
            "Subject": mail.subject,
            "Date": f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            "To": ", ".join(mail.to[:20]),
        },
        person=sender.address if sender else "",
    )
