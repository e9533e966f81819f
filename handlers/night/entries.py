"""The rows of the night lane's events: handed in, taken out, answered; every call is one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from bot.store.creation import create_tables
from bot.store.schema import receipts
from handlers.night.tables import entries, pieces

State = Literal["gathered", "sent", "back", "withdrawn"]
MOST_NAMED = 500
"""Rows named in one statement."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be known of a question when its answer comes, so that it need not be built again.

    `notes` are for the reader. `shortens`: it has earlier turns that could be left out. `mends`: what the API said of
    it in earlier batches, each of which changed the question.
    """

    max_tokens: int
    notes: tuple[str, ...] = ()
    shortens: bool = False
    mends: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the night lane, without its request. `result` is what the batch says of it."""

    event_id: str
    state: State
    tries: int
    facts: Facts
    custom_id: str = ""
    result: dict[str, Any] | None = None
    batch_id: str = ""
    since_s: float | None = None
    count: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a batch's results: the entry's `name`, and what the batch says of it, as JSON."""

    name: str
    json: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An entry that came back although nobody wants it any more; it may have cost something."""

    event_id: str
    custom_id: str
    result: dict[str, Any] = field(default_factory=dict)


def name_of(event_id: str, tries: int) -> str:
    """The name of an event's entry in its `tries`-th batch, out of letters that a custom id may have."""
    return f"{hashlib.sha256(event_id.encode()).hexdigest()[:32]}-{tries}"


class Entries:
    """Usable from any thread and process. Makes its tables when they are missing."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        create_tables(database)

    def entry(self, event_id: str) -> Entry | None:
        """What the lane knows of an event."""
        with self._database.connect() as connection:
            row = connection.execute(_ENTRY, {"event_id": event_id}).first()
        if row is None:
            return None
        result = json.loads(row.result) if row.result else None
        of_batch = (row.batch_id or "", row.since, row.size or 0, row.done or 0)
        return Entry(
            row.event_id, row.state, row.tries, _facts(row.facts), f"{row.name}-{row.piece}", result, *of_batch
        )

    def hand_in(self, event_id: str, request: bytes, facts: Facts, now_s: float, *, is_quick: bool = False) -> None:
        """Gather an event's question for the next batch; what an earlier batch said of it is forgotten."""
        with self._database.begin() as connection:
            mine = entries.c.event_id == event_id
            known = connection.execute(sa.select(entries.c.tries).where(mine)).scalar()
            tries = 1 + (known or 0)
            row = {
                "state": "gathered",
                "piece": "",
                "name": name_of(event_id, tries),
                "tries": tries,
                "gathered_at": now_s,
                "is_quick": is_quick,
                "size_bytes": len(request),
                "facts": _facts_json(facts),
                "result": None,
                "request": request,
            }
            if known is None:
                connection.execute(sa.insert(entries).values(event_id=event_id, **row))
            else:
                connection.execute(sa.update(entries).where(mine).values(**row))

    def withdraw(self, event_id: str) -> None:
        """Take an event out: what is not sent yet is never asked, of what is sent the answer is dropped."""
        mine = entries.c.event_id == event_id
        with self._database.begin() as connection:
            connection.execute(sa.delete(entries).where(mine, entries.c.state.in_(("gathered", "back"))))
            connection.execute(sa.update(entries).where(mine, entries.c.state == "sent").values(state="withdrawn"))

    def want_again(self, event_id: str) -> None:
        """An event that was taken out is wanted again, while its answer is still to come."""
        mine = sa.and_(entries.c.event_id == event_id, entries.c.state == "withdrawn")
        with self._database.begin() as connection:
            connection.execute(sa.update(entries).where(mine).values(state="sent"))

    def take(self, piece: str, results: Sequence[Result]) -> list[Withdrawn]:
        """Keep results of a batch; the first that comes for an entry counts. Returns those that nobody wants."""
        unwanted: list[Withdrawn] = []
        with self._database.begin() as connection:
            for result in results:
                mine = sa.and_(entries.c.name == result.name, entries.c.piece == piece)
                back = sa.update(entries).where(mine, entries.c.state == "sent")
                if connection.execute(back.values(state="back", result=result.json)).rowcount:
                    continue
                taken_out = sa.select(entries.c.event_id).where(mine, entries.c.state == "withdrawn")
                event_id = connection.execute(taken_out).scalar()
                if event_id is not None:
                    unwanted.append(Withdrawn(event_id, f"{result.name}-{piece}", json.loads(result.json)))
        return unwanted

    def drop(self, event_ids: Sequence[str]) -> None:
        """Forget entries that came back and are not wanted."""
        gone = sa.and_(entries.c.event_id.in_(event_ids), entries.c.state == "withdrawn")
        with self._database.begin() as connection:
            connection.execute(sa.delete(entries).where(gone))

    def answer_rest(self, piece: str, result: dict[str, Any]) -> int:
        """Say of every entry of a batch that has no result yet what became of it. Returns how many there were."""
        rest = sa.and_(entries.c.piece == piece, entries.c.state == "sent")
        unwanted = sa.and_(entries.c.piece == piece, entries.c.state == "withdrawn")
        with self._database.begin() as connection:
            connection.execute(sa.delete(entries).where(unwanted))
            said = sa.update(entries).where(rest).values(state="back", result=json.dumps(result))
            return connection.execute(said).rowcount

    def missing(self, piece: str) -> int:
        """How many entries of a batch have no result yet."""
        rest = sa.and_(entries.c.piece == piece, entries.c.state.in_(("sent", "withdrawn")))
        with self._database.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(entries).where(rest)).scalar() or 0

    def to_wake(self, waits_for: str, limit: int) -> list[str]:
        """Parked events whose answer is there."""
        parked = sa.and_(receipts.c.state == "waiting", receipts.c.waits_for == waits_for)
        back = sa.select(entries.c.event_id).join(receipts, receipts.c.id == entries.c.event_id)
        with self._database.connect() as connection:
            return list(connection.execute(back.where(entries.c.state == "back", parked).limit(limit)).scalars())

    def of_piece(self, piece: str) -> list[str]:
        """The events of a batch that still wait for it."""
        mine = sa.and_(entries.c.piece == piece, entries.c.state == "sent")
        with self._database.connect() as connection:
            return list(connection.execute(sa.select(entries.c.event_id).where(mine)).scalars())

    def forget_ended(self) -> None:
        """Forget what belongs to events that have ended, or are not known any more."""
        mine = sa.and_(receipts.c.id == entries.c.event_id, receipts.c.finished_at.is_(None))
        is_open = sa.select(receipts.c.id).where(mine).exists()
        ended = sa.and_(entries.c.state.in_(("gathered", "back")), ~is_open)
        unwanted = sa.and_(entries.c.state == "sent", ~is_open)
        with self._database.begin() as connection:
            connection.execute(sa.delete(entries).where(ended))
            connection.execute(sa.update(entries).where(unwanted).values(state="withdrawn"))

    def has_work(self) -> bool:
        """Whether anything is gathered, sent or back."""
        some = sa.select(sa.exists(sa.select(entries.c.event_id)) | sa.exists(_OPEN_PIECES))
        with self._database.connect() as connection:
            return bool(connection.execute(some).scalar())


_OPEN_PIECES = sa.select(pieces.c.id).where(pieces.c.state != "over")
_SHOWN = [entries.c[name] for name in ("event_id", "state", "tries", "facts", "name", "piece", "result")]
_ENTRY = (
    sa.select(*_SHOWN, *(pieces.c[name] for name in ("batch_id", "since", "size", "done")))
    .join(pieces, pieces.c.id == entries.c.piece, isouter=True)
    .where(entries.c.event_id == sa.bindparam("event_id"))
)


def _facts(text: str) -> Facts:
    found = json.loads(text)
    return Facts(found["max_tokens"], tuple(found["notes"]), found["shortens"], tuple(found["mends"]))


def _facts_json(facts: Facts) -> str:
    kept = {"max_tokens": facts.max_tokens, "notes": facts.notes, "shortens": facts.shortens, "mends": facts.mends}
    return json.dumps(kept)
