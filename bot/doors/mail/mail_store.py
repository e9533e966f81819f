"""What is remembered of mailboxes, in tables of their own: how far each was read, and every mail that was seen to.

It outlives receipts: a mail that comes back after a year, under another UID, is not answered again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import METADATA
from bot.text import whole_text

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
MOST_NAMED = 500
"""Values named in one statement."""

_boxes = sa.Table(
    "mail_boxes",
    METADATA,
    sa.Column("mailbox", sa.Text, primary_key=True),
    sa.Column("uid_validity", sa.BigInteger, nullable=False),
    sa.Column("next_uid", sa.BigInteger, nullable=False),
    sa.Column("first_started_at", sa.Float, nullable=False),
    sa.Column("is_old_mail_known", sa.Boolean, nullable=False),
)
_mails = sa.Table(
    "mail_seen",
    METADATA,
    sa.Column("mailbox", sa.Text, primary_key=True),
    sa.Column("uid_validity", sa.BigInteger, primary_key=True),
    sa.Column("uid", sa.BigInteger, primary_key=True),
    sa.Column("message_key", sa.Text, nullable=False),
    sa.Column("content_key", sa.Text, nullable=False),
    sa.Index("mail_seen_by_message", "mailbox", "message_key"),
)
_texts = sa.Table(
    "mail_texts",
    METADATA,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class MailboxState:
    """How far a mailbox was read: every mail below `next_uid` has been seen to, while `uid_validity` holds.

    `first_started_at` in seconds since 1970. `is_old_mail_known`: the mails that lay there before have been noted.
    """

    mailbox: str
    uid_validity: int
    next_uid: int
    first_started_at: float
    is_old_mail_known: bool = False


@dataclass(frozen=True, slots=True)
class SeenMail:
    """A mail that was seen to. `message_key` stands for its Message-ID ("" without one).

    `content_key` stands for what it says; "" for a mail that was there before the first start: it was never read.
    """

    uid_validity: int
    uid: int
    message_key: str
    content_key: str = ""


def message_key(message_id: str) -> str:
    """What stands for a Message-ID in the tables: 128 bits of it, whatever its length; "" for none."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:32] if message_id else ""


class MailStore:
    """The tables; every method is one transaction, unless it is given one, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def state(self, mailbox: str) -> MailboxState | None:
        """How far this mailbox was read; None before its first start."""
        with self._database.begin() as connection:
            row = connection.execute(sa.select(_boxes).where(_boxes.c.mailbox == mailbox)).mappings().first()
        return MailboxState(**row) if row else None

    def begin(self, state: MailboxState) -> MailboxState:
        """Keep a first start; returns what is kept, which is another process's if that came first."""
        with self._database.begin() as connection:
            connection.execute(INSERT[connection.dialect.name](_boxes).on_conflict_do_nothing(), _box(state))
        return self.state(state.mailbox) or state

    def advance(self, state: MailboxState, seen: Sequence[SeenMail] = ()) -> MailboxState:
        """Keep a new state, and the mails that were seen to with it, in one commit; returns the state."""
        with self._database.begin() as connection:
            for mail in seen:
                self.write(connection, state.mailbox, mail)
            connection.execute(sa.update(_boxes).where(_boxes.c.mailbox == state.mailbox), _box(state))
        return state

    def learn_old_mail(self, state: MailboxState, seen: Sequence[SeenMail]) -> MailboxState:
        """Note what lay in the mailbox before its first start."""
        return self.advance(replace(state, is_old_mail_known=True), seen)

    def write(self, connection: sa.Connection, mailbox: str, mail: SeenMail) -> None:
        """Remember a mail in the caller's transaction; one that is known changes nothing."""
        row = {"mailbox": mailbox, "uid_validity": mail.uid_validity, "uid": mail.uid}
        row |= {"message_key": mail.message_key, "content_key": mail.content_key}
        connection.execute(INSERT[connection.dialect.name](_mails).on_conflict_do_nothing(), row)

    def record(self, mailbox: str, mail: SeenMail) -> None:
        """Remember a mail."""
        with self._database.begin() as connection:
            self.write(connection, mailbox, mail)

    def seen_uids(self, mailbox: str, uid_validity: int, uids: Sequence[int]) -> set[int]:
        """Which of these were seen to."""
        same = (_mails.c.mailbox == mailbox) & (_mails.c.uid_validity == uid_validity)
        return {mail.uid for part in _parts(uids) for mail in self._select(same & _mails.c.uid.in_(part))}

    def with_message_keys(self, mailbox: str, keys: Sequence[str]) -> list[SeenMail]:
        """Every mail that was seen to and has one of these, whatever its UID."""
        same = _mails.c.mailbox == mailbox
        return [mail for part in _parts(keys) for mail in self._select(same & _mails.c.message_key.in_(part))]

    def _select(self, condition: sa.ColumnElement[bool]) -> list[SeenMail]:
        query = sa.select(_mails.c.uid_validity, _mails.c.uid, _mails.c.message_key, _mails.c.content_key)
        with self._database.begin() as connection:
            return [SeenMail(*row) for row in connection.execute(query.where(condition))]


class MailTexts:
    """What the mails of events said, without what they quoted: for the answer's quotation and for later turns.

    Each method is one transaction, and may be called from any thread.
    """

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def keep(self, event_id: str, text: str) -> None:
        """Keep what a mail said; read again, it says the same."""
        with self._database.begin() as connection:
            insert = INSERT[connection.dialect.name](_texts).on_conflict_do_nothing()
            connection.execute(insert, {"event_id": event_id, "text": whole_text(text).replace("\0", "")})

    def of(self, event_id: str) -> str:
        """What it said; "" when that is not known."""
        with self._database.begin() as connection:
            return str(connection.scalar(sa.select(_texts.c.text).where(_texts.c.event_id == event_id)) or "")

    def event_ids(self) -> list[str]:
        """The events whose texts are kept."""
        with self._database.begin() as connection:
            return list(connection.scalars(sa.select(_texts.c.event_id)))

    def forget(self, event_ids: Sequence[str]) -> None:
        """Forget what they said."""
        with self._database.begin() as connection:
            for part in _parts(event_ids):
                connection.execute(sa.delete(_texts).where(_texts.c.event_id.in_(part)))


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[at : at + MOST_NAMED] for at in range(0, len(values), MOST_NAMED))


def _box(state: MailboxState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in (column.name for column in _boxes.c)}
