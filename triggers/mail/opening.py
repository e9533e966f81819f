"""How the mail trigger is opened: the rules as it decides by them, and what is forgotten with old events."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bot.doors.mail.mail_store import MailTexts
from bot.doors.mail.rule import MailRule
from bot.doors.mail.settings import MailSettings
from bot.parts import Parts
from bot.rules.rule import Rule
from triggers.mail.copies import MailCopies
from triggers.mail.deciding import Policy, Taking
from triggers.mail.machines import Own
from triggers.mail.taking import Answers, MailTaking
from triggers.mail.trigger import MailTrigger


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> MailTrigger:
    """The trigger of all mail rules."""
    own = parts.settings.door(MailSettings)
    copies = MailCopies(parts.settings.state_dir / "files" / "mail")
    take = MailTaking(policy_of(own, rules), Answers(parts.database).counts, copies, parts.engine.skip)
    known, texts = parts.engine.receipts.known, MailTexts(parts.database)

    def tidy() -> None:
        copies.sweep(known, time.time())
        kept = texts.event_ids()
        texts.forget(sorted(set(kept) - known(kept)))

    return MailTrigger(parts.settings, parts.database, take, tidy=tidy)


def policy_of(own: MailSettings, rules: Sequence[Rule]) -> Policy:
    """Who we are and whom we answer, as the settings and the rules say."""
    return Policy(Own(own.own_addresses), own.mail_allow, own.mail_authserv or "", tuple(map(_taking, rules)))


def _taking(rule: Rule) -> Taking:
    keys = rule.of(MailRule)
    return Taking(rule.name, _parts(keys.to), _parts(keys.from_), _parts(keys.subject), rule.allow)


def _parts(part: str) -> tuple[str, ...]:
    return (part,) if part else ()
