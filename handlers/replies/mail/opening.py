"""How replies by mail are opened: the way out, the mailbox's folders, and what the mails of events said."""

from __future__ import annotations

import asyncio
import time

from bot.doors.mail.faults import provider_of
from bot.doors.mail.imap import Imap
from bot.doors.mail.mail_store import MailTexts
from bot.doors.mail.outbox import Outbox
from bot.doors.mail.settings import MailSettings
from bot.doors.mail.smtp import connect
from bot.doors.mail.tokens import Tokens
from bot.events import Event
from bot.parts import Parts
from handlers.replies.mail.delivering import Delivery, Keeping, MailFolders, NoFolders
from handlers.replies.mail.folders import ImapFolders
from handlers.replies.mail.reply import MailReplies
from handlers.replies.mail.sending import SmtpOutgoing


def open_replies(parts: Parts) -> MailReplies:
    """Replies by mail, from the address and over the servers that are set up."""
    own = parts.settings.door(MailSettings)
    sender = own.sender
    assert sender is not None  # else MAIL_FROM is missing, and nobody opens this
    tokens = Tokens(own)
    texts = MailTexts(parts.database)
    folders: MailFolders = ImapFolders(lambda: Imap(own, tokens)) if own.reads_mail else NoFolders()
    outbox = Outbox(parts.database)
    delivery = Delivery(SmtpOutgoing(lambda: connect(own, tokens)), folders, outbox, keeping(own), time.time)

    async def question_of(event: Event) -> str:
        return event.text or await asyncio.to_thread(texts.of, event.id)

    return MailReplies(sender, delivery, question_of)


def keeping(own: MailSettings) -> Keeping:
    """Who lays a copy among the sent mails: Gmail and Microsoft do so themselves, some moments later."""
    if not own.reads_mail:
        return "no"
    by_itself = own.mail_sent == "auto" and provider_of(own.smtp_host or "") != "other"
    return "no" if by_itself else own.mail_sent
