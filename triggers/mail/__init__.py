"""The mail door's way in: its trigger, what it hands on, and its check."""

from triggers.mail.check import check
from triggers.mail.mails import RawMail, Take
from triggers.mail.trigger import MailTrigger, Timing

__all__ = ["MailTrigger", "RawMail", "Take", "Timing", "check"]
