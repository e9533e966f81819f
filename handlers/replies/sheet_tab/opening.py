"""The making of replies that add rows: one queue for each spreadsheet, Google's packages only once one is needed."""

from __future__ import annotations

import threading
import time

from bot.doors.sheet.settings import SheetSettings
from bot.errors import Refused, SettingsError
from bot.events import Address, Event, SheetTab
from bot.parts import Parts
from handlers.replies.sheet_tab.added_row import Headers
from handlers.replies.sheet_tab.appender import Appender
from handlers.replies.sheet_tab.journal import Journal
from handlers.replies.sheet_tab.reply import SheetTabReply
from handlers.replies.sheet_tab.tab_writer import TabWriter


class SheetTabReplies:
    """Makes the reply of each event whose answer is added to a tab."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._appenders: dict[str, Appender] = {}

    def reply_for(self, event: Event, *, watched: bool) -> SheetTabReply:
        """The reply; a table does not grow before anybody's eyes."""
        del watched
        assert isinstance(event.reply_to, SheetTab)
        rule = self._parts.rules.named(event.rule) or self._parts.rules.named(event.source)
        return SheetTabReply(event, event.reply_to, rule.columns if rule else {}, self._appender)

    async def note(self, address: Address, words: str) -> None:
        """A table has nobody of its own to tell."""

    async def aclose(self) -> None:
        """End what waits for its turn."""
        self._stopping.set()
        for appender in self._appenders.values():
            await appender.aclose()

    def _appender(self, spreadsheet: str) -> Appender:
        """Blocks. Raises Refused when the account's key cannot be used."""
        with self._lock:
            if spreadsheet not in self._appenders:
                self._appenders[spreadsheet] = self._new(spreadsheet)
            return self._appenders[spreadsheet]

    def _new(self, spreadsheet: str) -> Appender:
        from bot.doors.sheet.client import Api, SheetsClient, credentials_of
        from bot.doors.sheet.quota import Quota
        from bot.doors.sheet.spreadsheet import GoogleCalls

        own = self._parts.settings.door(SheetSettings)
        try:
            credentials = credentials_of(own)
        except SettingsError as error:
            raise Refused(error.reason) from None
        email: str = credentials.service_account_email
        quota = Quota(self._parts.database, email)
        api = Api(own.google_sheets_api_url, own.google_drive_api_url, quota, email, sleep=self._stopping.wait)
        journal = Journal(self._parts.database)
        headers = Headers(own.sheet_answer_column, own.sheet_status_column)
        calls = GoogleCalls(SheetsClient(credentials, api=api), spreadsheet)
        return Appender(TabWriter(calls, journal, headers, email=email, clock=time.time), journal)


def open_replies(parts: Parts) -> SheetTabReplies:
    """Replies that add rows."""
    return SheetTabReplies(parts)
