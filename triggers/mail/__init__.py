"""The mail door's way in: how its trigger is opened, and its check."""

from triggers.mail.check import check
from triggers.mail.opening import open_trigger
from triggers.mail.trigger import MailTrigger

__all__ = ["MailTrigger", "check", "open_trigger"]
