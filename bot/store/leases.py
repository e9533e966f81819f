"""Leases: what only one process may do at a time, kept by renewing, lost by silence, taken over by whoever waits.

The rule that makes them safe: an owner stops on its own when it could not renew in time, so `HELD_S` after its last
renewal, counted from before it asked, it no longer acts, and `LEASE_S` after it another one may.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.clock import shared_now
from bot.store.database import open_database
from bot.store.schema import leases

LEASE_S = 7.0
HELD_S = 6.0
PATIENCE_MS = 2_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What an attempt gave: the names that are ours now, and the owners of the others."""

    ours: frozenset[str] = frozenset()
    owners: dict[str, str] = field(default_factory=dict)


def open_lease_database(url: str) -> sa.Engine:
    """A database engine for leases alone: nothing else may keep them waiting, and they keep nobody waiting for long.

    A process that froze inside a transaction would otherwise hold its rows for a minute.
    """
    database = open_database(url)
    if database.dialect.name == "postgresql":
        sa.event.listen(database, "connect", _let_nobody_wait)
    return database


def _let_nobody_wait(connection: psycopg.Connection, _record: object) -> None:
    for name in ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"):
        connection.execute(f"SET {name} = {PATIENCE_MS}")
    connection.commit()


class Leases:
    """Usable from any thread. `owner` names this process, and no other one, ever."""

    def __init__(self, database: sa.Engine, owner: str = "") -> None:
        self._database, self.owner = database, owner or new_owner()
        self._insert = (postgresql if database.dialect.name == "postgresql" else sqlite).insert

    def renew(self, connection: sa.Connection, names: Collection[str]) -> frozenset[str]:
        """Go on holding these, within the caller's transaction; returns those that are still ours."""
        mine = sa.and_(leases.c.owner == self.owner, leases.c.name.in_(sorted(names)))
        renewed = sa.update(leases).where(mine).values(until=shared_now(self._database) + LEASE_S)
        if connection.execute(renewed).rowcount == len(names):
            return frozenset(names)
        return frozenset(connection.execute(sa.select(leases.c.name).where(mine)).scalars())

    def take(self, names: Collection[str]) -> Taken:
        """Take those that nobody holds. Writes only when there is one."""
        now = shared_now(self._database)
        left_s = (leases.c.until - now).label("left_s")
        wanted = sa.select(leases.c.name, leases.c.owner, left_s).where(leases.c.name.in_(sorted(names)))
        with self._database.connect() as connection:
            found = {row.name: row for row in connection.execute(wanted)}
        others = {name: str(row.owner) for name, row in found.items() if not self._is_free(str(row.owner), row.left_s)}
        ours = {
            name: str(found[name].owner) if name in found else ""
            for name in sorted(names)
            if name not in others and self._seize(name, str(found[name].owner) if name in found else "")
        }
        return Taken(frozenset(ours), others)

    def release(self) -> None:
        """Let others take over at once whatever is ours."""
        with self._database.begin() as connection:
            connection.execute(sa.delete(leases).where(leases.c.owner == self.owner))

    def _is_free(self, owner: str, left_s: float) -> bool:
        # More is left than a lease lasts: SQLite's clock began anew, with the machine.
        return owner == self.owner or not 0 < left_s <= LEASE_S or is_dead(owner, self.owner)

    def _seize(self, name: str, before: str) -> bool:
        """Take one from its owner of before, unless somebody else was quicker, or that owner is back."""
        now = shared_now(self._database)
        new = self._insert(leases).values(name=name, owner=self.owner, until=now + LEASE_S)
        needs_no_wait = before == self.owner or is_dead(before, self.owner)
        over = sa.or_(leases.c.until <= now, leases.c.until > now + LEASE_S, sa.literal(needs_no_wait))
        taken = new.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": new.excluded.owner, "until": new.excluded.until},
            where=sa.and_(leases.c.owner == before, over),
        )
        with self._database.begin() as connection:
            return connection.execute(taken, execution_options={"preserve_rowcount": True}).rowcount == 1


_born_here: set[str] = set()
"""Every owner with our process number that is none of these had it before us, and has ended."""


def new_owner() -> str:
    """A name for this process: host, process number, machine and chance, so that it is told from any other, ever."""
    host = os.environ.get("DYNO") or socket.gethostname()
    owner = f"{host}:{os.getpid()}:{_machine()}:{secrets.token_hex(4)}"
    _born_here.add(owner)
    return owner


def shown(owner: str) -> str:
    """The owner's host and process number, for people."""
    return ":".join(owner.rsplit(":", 3)[:2])


def is_dead(owner: str, mine: str) -> bool:
    """Whether that owner was a process of this very machine and has ended: then nobody needs to wait for its lease."""
    if os.name != "posix" or owner.count(":") < 3 or owner in _born_here:
        return False
    _, pid, machine, _ = owner.rsplit(":", 3)
    _, my_pid, my_machine, _ = mine.rsplit(":", 3)
    if not machine or machine != my_machine:
        return False
    return pid == my_pid or not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _machine() -> str:
    """What tells apart places whose process numbers mean different things: machines, their starts, containers.

    "" where the system does not say; there everybody waits until a lease has run out.
    """
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        names = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return hashlib.blake2b(f"{started} {names}".encode(), digest_size=4).hexdigest()
