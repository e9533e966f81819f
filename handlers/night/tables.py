"""The two tables of the night lane: a row for each event that waits for a batch, a row for each batch."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.schema import METADATA

entries = sa.Table(
    "night_entries",
    METADATA,
    sa.Column("event_id", sa.Text, primary_key=True),
    # gathered: for the next batch. sent: in batch `piece`. back: `result` is there. withdrawn: sent, and not wanted.
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("piece", sa.Text, nullable=False, server_default=""),
    sa.Column("name", sa.Text, nullable=False, unique=True),  # made of the event and its number of tries
    sa.Column("tries", sa.Integer, nullable=False),  # batches that it was gathered for
    sa.Column("gathered_at", sa.Float, nullable=False),  # seconds since 1970
    sa.Column("is_quick", sa.Boolean, nullable=False),  # not gathered for longer than more of them come
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),  # JSON: what must be known of the question when its answer comes
    sa.Column("result", sa.Text),  # JSON: what the batch says of it
    sa.Column("request", sa.LargeBinary, nullable=False),  # JSON: what it puts to Claude
    sa.Index("night_entries_by_state", "state", "gathered_at", "event_id"),
    sa.Index("night_entries_by_piece", "piece", "state"),
)

pieces = sa.Table(
    "night_batches",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),  # ours; every custom id of the batch ends with it
    # prepared: to be sent. sending: perhaps sent. out: with Claude. over: every result is here.
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("size", sa.Integer, nullable=False),  # entries
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("anchor", sa.Text, nullable=False, server_default=""),  # the newest batch there was before it was sent
    sa.Column("batch_id", sa.Text, nullable=False, server_default=""),  # Claude's name for it
    sa.Column("is_sure", sa.Boolean, nullable=False, server_default=sa.false()),  # False: found in a list, not proven
    sa.Column("rejected", sa.Text, nullable=False, server_default="[]"),  # JSON: found in the list, and not ours
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("since", sa.Float),  # when Claude took it, seconds since 1970
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
)
