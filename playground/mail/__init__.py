"""A strict local stand-in of a mail provider: IMAP4rev1 and SMTP on loopback."""

from playground.mail.certificate import make_certificate
from playground.mail.mailboxes import Mailbox, Message
from playground.mail.smtp import Envelope
from playground.mail.stand_in import BOT, PASSWORD, MailStandIn
from playground.mail.token_site import TokenSite

__all__ = ["BOT", "PASSWORD", "Envelope", "MailStandIn", "Mailbox", "Message", "TokenSite", "make_certificate"]
