"""A running mail trigger for tests: a stand-in, a database, and an emit that keeps event and record in one commit."""

import asyncio
import contextlib
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.doors.mail.mail_store import MailStore
from bot.doors.mail.settings import MailSettings
from bot.events import Event, MailThread, Receipt
from bot.settings import load_settings
from bot.store.database import open_database
from triggers.mail.mails import RawMail
from triggers.mail.trigger import MailTrigger, Timing

QUICK = Timing(beat_s=1.0, answer_s=2.0, sweep_s=5.0, poll_s=0.1, first_retry_s=0.05, slowest_retry_s=0.2)


def mail(number, body="How much?", message_id=None):
    """A mail of Anna's; `message_id` "" leaves the header out."""
    said = f"<{number}@example.com>" if message_id is None else message_id
    head = f"From: anna@example.com\nTo: bot@example.com\nSubject: Question {number}\n"
    return f"{head}{f'Message-ID: {said}' + chr(10) if said else ''}\n{body}\n".encode()


class Rig:
    """`taken` are the mails handed on; of `faults` the next one is raised instead."""

    def __init__(self, folder, post, **given):
        self.post = post
        self.settings = load_settings(
            _env_file=None, imap_tls="none", **{name.lower(): value for name, value in post.settings().items()}
        )
        self.database = open_database(f"sqlite:///{folder}/bot.db")
        self.given = {"timing": QUICK, **given}
        self.taken: list[RawMail] = []
        self.faults: list[Exception] = []
        self.is_nobodys = False
        self.trigger = self._new_trigger()

    def _new_trigger(self):
        return MailTrigger(self.settings, self.database, self.take, **self.given)

    async def take(self, mail, emit, record):
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(mail)
        if self.is_nobodys:
            return False
        await emit(event_from(mail), record)
        return True

    async def emit(self, event, record=None):
        def commit():
            with self.database.begin() as connection:
                connection.execute(sa.text("CREATE TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY)"))
                connection.execute(sa.text("INSERT OR IGNORE INTO kept VALUES (:id)"), {"id": event.id})
                if record is not None:
                    record(connection)

        await asyncio.to_thread(commit)
        return Receipt(event.id, "mail", "mail", "", "", "received", event.time)

    def kept(self):
        """The ids of every event that is durable."""
        with self.database.begin() as connection:
            if not sa.inspect(connection).has_table("kept"):
                return set()
            return {row[0] for row in connection.execute(sa.text("SELECT id FROM kept"))}

    def is_seen(self, uid):
        """Whether this mail's row is durable."""
        name = self.settings.door(MailSettings).mailbox
        return MailStore(self.database).seen_uids(name, self.post.folder().uid_validity, [uid]) == {uid}

    @contextlib.asynccontextmanager
    async def running(self):
        """Run until the block ends, as a process of its own: the trigger is a new one each time."""
        self.trigger = self._new_trigger()
        task = asyncio.create_task(self.trigger.run(self.emit))
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, condition, limit_s=90.0):
        """Wait until it is so."""
        async with asyncio.timeout(limit_s):
            while not condition():  # noqa: ASYNC110  # what is waited for happens in other threads and sockets
                await asyncio.sleep(0.01)

    async def open(self):
        """Wait until the mailbox is open."""
        await self.until(lambda: self.trigger.health().ok)

    def numbers(self):
        """The numbers of the mails that were handed on."""
        return [int(each.content.split(b"Subject: Question ")[1].split()[0]) for each in self.taken]


def event_from(mail):
    place = MailThread(mail.mailbox, mail.message_id, "anna@example.com", "")
    ident = f"mail:{mail.message_id or mail.content_key}"
    ident += f":{mail.content_key}" if mail.shares_message_id else ""
    return Event(ident, "mail", "mail", "", "", datetime.now(UTC), ident, place)
