"""The mails that we began to send, in a table of their own: what a crash between sending and noting it is told by."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bot.store.creation import create_tables
from bot.store.schema import GOES_WITH_EVENT, METADATA

_outbox = sa.Table(
    "mail_outbox",
    METADATA,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False, server_default=""),  # "" of what began before this was kept
    sa.Column("first_at", sa.Float, nullable=False),  # seconds since 1970, as all times here
    sa.Column("tries", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("sent_at", sa.Float),
    info={GOES_WITH_EVENT: ("event", "first_at")},
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A mail of ours: when it was first tried (seconds since 1970), how often, and whether it is known as sent."""

    first_at: float
    tries: int
    is_sent: bool


class Outbox:
    """The table; each method is one transaction, and may be called from any thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def begin(self, message_id: str, event_id: str, now_s: float) -> Begun:
        """Note that this mail is about to be sent, before it is. `tries` above 1: it may be there already."""
        ours = _outbox.c.message_id == message_id
        with self._database.begin() as connection:
            again = sa.update(_outbox).where(ours).values(tries=_outbox.c.tries + 1)
            if not connection.execute(again).rowcount:
                row = {"message_id": message_id, "event": event_id, "first_at": now_s, "tries": 1}
                connection.execute(sa.insert(_outbox).values(**row))
            found = connection.execute(sa.select(_outbox).where(ours)).one()
        return Begun(found.first_at, found.tries, found.sent_at is not None)

    def sent(self, message_id: str, now_s: float) -> None:
        """Note that it was sent."""
        with self._database.begin() as connection:
            connection.execute(sa.update(_outbox).where(_outbox.c.message_id == message_id).values(sent_at=now_s))

    def forget(self, message_id: str) -> None:
        """Forget a mail that was refused for good: whoever runs its event again begins anew."""
        with self._database.begin() as connection:
            connection.execute(sa.delete(_outbox).where(_outbox.c.message_id == message_id))
