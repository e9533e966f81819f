"""The mailbox as the trigger reads it: what is new in it, in whatever state it was left. Blocks, on one thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.doors.mail.imap import Imap, Selected
from bot.doors.mail.mail_store import MailboxState, MailStore, SeenMail, message_key
from bot.doors.mail.responses import Fetched
from bot.doors.mail.settings import MailSettings
from triggers.mail.mails import RawMail, content_key_of, is_copy, message_id_of, sort_out

log = structlog.get_logger()

MOST_BYTES = 25 * 1024 * 1024
"""A mail above this is not fetched: its headers are enough to say so."""
HEADER_BYTES = 64 * 1024
BATCH = 500
"""Mails of which the Message-ID is asked in one round trip."""
IDS = "(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"


class Mailbox:
    """One folder of one account; every method raises MailFault and what the database raises."""

    def __init__(
        self, imap: Imap, store: MailStore, settings: MailSettings, clock: Callable[[], float], most_bytes: int
    ) -> None:
        self.imap = imap
        self._store = store
        self._name = settings.mailbox
        self._folder = settings.imap_folder
        self._clock = clock
        self._most_bytes = most_bytes
        self._state: MailboxState | None = None
        self._unnoted = 0

    def connect(self) -> None:
        """Open the mailbox anew, and find out where we were; at the first start, here and now."""
        self.imap.open()
        selected = self.imap.select(self._folder)
        state = self._store.state(self._name)
        if state is None:
            first = MailboxState(self._name, selected.uid_validity, self._uid_next(selected), self._clock())
            state = self._store.begin(first)
            log.info("mailbox begun: what lies in it is left alone", mailbox=self._name, mails=selected.count)
        if state.uid_validity != selected.uid_validity:
            state = self._renumbered(state, selected)
        self._state = state
        self._unnoted = 0 if state.is_old_mail_known else selected.count

    def _uid_next(self, selected: Selected) -> int:
        if selected.uid_next is not None:
            return selected.uid_next
        last = self.imap.fetch_numbers(selected.count, selected.count, "(UID)") if selected.count else []
        return max((mail.uid or 0 for mail in last), default=0) + 1

    def _renumbered(self, state: MailboxState, selected: Selected) -> MailboxState:
        """The UIDs mean other mails than before: Message-IDs tell which are new."""
        log.warning("mailbox was made anew by its server: Message-IDs tell what is new", mailbox=self._name)
        present = [
            mail
            for at in range(0, selected.count, BATCH)
            for mail in self._ids(at + 1, min(at + BATCH, selected.count))
        ]
        keys = sorted({message_key(message_id_of(mail.content or b"")) for mail in present} - {""})
        known = self._store.with_message_keys(self._name, keys)
        old, new = sort_out(present, known, state.first_started_at)
        seen = [SeenMail(selected.uid_validity, uid, key) for uid, key in old]
        next_uid = min(new, default=max((mail.uid or 0 for mail in present), default=0) + 1)
        anew = replace(state, uid_validity=selected.uid_validity, next_uid=next_uid, is_old_mail_known=True)
        return self._store.advance(anew, seen)

    def _ids(self, first: int, last: int) -> list[Fetched]:
        # What a server tells of other mails in between has no header.
        return [mail for mail in self.imap.fetch_numbers(first, last, IDS) if mail.content is not None]

    def note_old_mail(self) -> bool:
        """Note some of the mail from before the first start, so that it is known when it moves; True: there is more.

        From the end to the beginning: a mail that goes meanwhile shifts the others to where they are still read.
        """
        state = self._known_state()
        if state.is_old_mail_known:
            return False
        first = max(1, self._unnoted - BATCH + 1)
        mails = self._ids(first, self._unnoted) if self._unnoted else []
        seen = [self._old(mail, state) for mail in mails if (mail.uid or 0) < state.next_uid]
        self._unnoted = first - 1
        is_over = self._unnoted <= 0
        self._state = self._store.advance(replace(state, is_old_mail_known=is_over), seen)
        return not is_over

    def _old(self, mail: Fetched, state: MailboxState) -> SeenMail:
        return SeenMail(state.uid_validity, mail.uid or 0, message_key(message_id_of(mail.content or b"")))

    def new_uids(self) -> list[int]:
        """What nobody has seen to yet, oldest first."""
        state = self._known_state()
        uids = self.imap.uids_from(state.next_uid)
        seen = self._store.seen_uids(self._name, state.uid_validity, uids)
        if len(seen) == len(uids):
            self._settle(uids)
        return [uid for uid in uids if uid not in seen]

    def _settle(self, uids: list[int]) -> None:
        state = self._known_state()
        if uids and state.is_old_mail_known:  # the notes about old mail go by the first `next_uid`
            self._state = self._store.advance(replace(state, next_uid=uids[-1] + 1))

    def read(self, uid: int) -> RawMail | None:
        """One new mail; None when it is gone, or a copy of one that was seen to."""
        state = self._known_state()
        facts = self._fetch(uid, "(UID RFC822.SIZE INTERNALDATE)", lambda mail: mail.size_bytes is not None)
        if facts is None:
            return None
        is_whole = (facts.size_bytes or 0) <= self._most_bytes
        part = "BODY.PEEK[]" if is_whole else f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
        fetched = self._fetch(uid, f"(UID {part})", lambda mail: mail.content is not None)
        if fetched is None or fetched.content is None:
            return None
        content = fetched.content
        mail = RawMail(
            mailbox=self._name,
            uid_validity=state.uid_validity,
            uid=uid,
            content=content,
            size_bytes=facts.size_bytes or len(content),
            message_id=message_id_of(content[:HEADER_BYTES]),
            content_key=content_key_of(content),
            received_at=facts.received_at or datetime.fromtimestamp(self._clock(), UTC),
            is_whole=is_whole,
        )
        return self._told_apart(mail)

    def _fetch(self, uid: int, items: str, is_it: Callable[[Fetched], bool]) -> Fetched | None:
        """The answer about this mail; a server may tell of others, and of changed flags, in between."""
        return next((mail for mail in self.imap.fetch([uid], items) if mail.uid == uid and is_it(mail)), None)

    def _told_apart(self, mail: RawMail) -> RawMail | None:
        others = self._store.with_message_keys(self._name, [mail.seen.message_key])
        if is_copy(mail.content_key, others if mail.message_id else [each for each in others if each.content_key]):
            self._store.record(self._name, mail.seen)
            return None
        return replace(mail, shares_message_id=bool(mail.message_id and others))

    def _known_state(self) -> MailboxState:
        assert self._state is not None, "connect comes first"
        return self._state
