"""What `bot check` tests of the mail door: login, IDLE, the folders, the certificate, the clock, and the way out."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from bot.door import Finding
from bot.doors.mail.faults import MailFault, provider_of
from bot.doors.mail.imap import Imap
from bot.doors.mail.responses import special_folder
from bot.doors.mail.settings import MailSettings
from bot.doors.mail.tokens import Tokens
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.mail.check_sending import DOOR, certificate_finding, check_sending

CLOCK_S = 120.0
"""A clock that is further off dates answers wrongly, and ends tokens too late."""
FOLDER_FIXES = {
    "gmail": "In Gmail open Settings (the cog), See all settings, Labels, and tick Show in IMAP beside {name}.",
    "microsoft": "Open the mailbox once at https://outlook.office.com: it makes {name} by itself.",
    "other": "Make a folder {name} in your mail program, in this mailbox.",
}


async def check(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    """Findings for the mailbox and the way out; never raises for what it finds, and changes nothing there."""
    return await asyncio.to_thread(findings, settings, rules, time.time)


def findings(settings: Settings, rules: tuple[Rule, ...], clock: Callable[[], float]) -> list[Finding]:
    """The same at the time that `clock` tells, in seconds since 1970. Blocks."""
    own = settings.door(MailSettings)
    tokens, now = Tokens(own), datetime.fromtimestamp(clock(), UTC)
    reading = _check_reading(own, tokens, rules, now) if own.reads_mail else []
    sending = check_sending(own, tokens, now) if own.smtp_host else []
    return [_clock_finding(settings.anthropic_base_url, clock()), *reading, *sending]


def _check_reading(own: MailSettings, tokens: Tokens, rules: tuple[Rule, ...], now: datetime) -> list[Finding]:
    imap = Imap(own, tokens)
    findings = []
    try:
        with contextlib.closing(imap):
            imap.open()
            findings.append(Finding(DOOR, "login", ok=True, words=f"{own.imap_user} at {own.imap_host}"))
            findings += _mailbox_findings(imap, own, rules, now)
    except MailFault as fault:
        findings.append(Finding(DOOR, _subject(fault), ok=False, words=fault.reason, fix=fault.fix))
    return findings


def _subject(fault: MailFault) -> str:
    return {"login": "login", "token": "token", "folder": "folder", "tls": "TLS"}.get(fault.code, "connection")


def _mailbox_findings(imap: Imap, own: MailSettings, rules: tuple[Rule, ...], now: datetime) -> Iterator[Finding]:
    yield _idle_finding(imap)
    yield certificate_finding("TLS", imap.certificate_ends_at, now)
    for use, name, is_needed in (
        (r"\drafts", "Drafts", any("draft" in rule.reply for rule in rules)),
        (r"\sent", "Sent", own.mail_sent == "append"),
    ):
        yield _special_finding(imap, own, use, name, is_needed=is_needed)
    selected = imap.select(own.imap_folder)
    yield Finding(DOOR, "folder", ok=True, words=f"{own.imap_folder} can be read, with {selected.count} mails")


def _idle_finding(imap: Imap) -> Finding:
    words = "the server tells of new mail at once" if imap.has_idle else "the server has none: it is asked every 30 s"
    return Finding(DOOR, "IDLE", ok=True, words=words)


def _special_finding(imap: Imap, own: MailSettings, use: str, name: str, *, is_needed: bool) -> Finding:
    found = special_folder(imap.folders(), use)
    if found is not None:
        return Finding(DOOR, name, ok=True, words=f"the folder is {found}")
    fix = FOLDER_FIXES[provider_of(own.imap_host or "")].format(name=name)
    words = "there is no such folder" + ("" if is_needed else "; nothing here needs it")
    return Finding(DOOR, name, ok=not is_needed, words=words, fix=fix if is_needed else "")


def _clock_finding(url: str, now_s: float) -> Finding:
    """This machine's clock against Claude's server, which every Bellhop reaches anyway."""
    try:
        said = requests.head(url, timeout=5, allow_redirects=False).headers.get("Date", "")
        off_s = now_s - parsedate_to_datetime(said).timestamp()
    except (requests.RequestException, ValueError, TypeError):
        return Finding(DOOR, "clock", ok=True, words="could not be compared: Claude's server did not tell the time")
    words = f"{abs(off_s):.0f} s {'ahead' if off_s > 0 else 'behind'}"
    if abs(off_s) <= CLOCK_S:
        return Finding(DOOR, "clock", ok=True, words="right")
    return Finding(
        DOOR, "clock", ok=False, words=words, fix="Let this machine set its clock (timedatectl set-ntp true)."
    )
