"""Random secrets of our own, shared by every process of a database: made once, never shown."""

from __future__ import annotations

import secrets
import weakref
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.creation import create_tables
from bot.store.schema import METADATA

BYTES = 32
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_secrets = sa.Table(
    "own_secrets",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
_known: weakref.WeakKeyDictionary[sa.Engine, dict[str, bytes]] = weakref.WeakKeyDictionary()


def own_secret(database: sa.Engine, name: str) -> bytes:
    """The secret of this name, 32 bytes; made by the first process that asks. Blocks the first time."""
    known = _known.setdefault(database, {})
    if name not in known:
        create_tables(database)
        with database.begin() as connection:
            fresh = {"name": name, "value": secrets.token_hex(BYTES)}
            connection.execute(INSERT[connection.dialect.name](_secrets).on_conflict_do_nothing(), fresh)
            chosen = sa.select(_secrets.c.value).where(_secrets.c.name == name)
            known[name] = bytes.fromhex(connection.execute(chosen).scalar_one())
    return known[name]
